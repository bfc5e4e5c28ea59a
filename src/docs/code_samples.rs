//! A request in the words of those who send it: curl, JavaScript, Python. Each runs as it stands, with the token or the
//! cookie in the environment.

use serde::Serialize;
use serde_json::Value;

use super::json::{self, Style};

/// A language that samples are shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Language {
    Curl,
    JavaScript,
    Python,
}

impl Language {
    pub(super) const ALL: [Language; 3] = [Language::Curl, Language::JavaScript, Language::Python];

    /// The name that the colours are chosen by.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Language::Curl => "sh",
            Language::JavaScript => "js",
            Language::Python => "python",
        }
    }

    /// The name for a person.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Language::Curl => "curl",
            Language::JavaScript => "JavaScript",
            Language::Python => "Python",
        }
    }
}

/// What a request carries.
pub(super) enum Payload<'v> {
    Nothing,
    /// A value and its schema.
    Json(&'v Value, &'v Value),
    /// A file of this media type.
    File(&'v str),
}

impl Payload<'_> {
    fn media_type(&self) -> Option<&str> {
        match self {
            Payload::Nothing => None,
            Payload::Json(..) => Some("application/json"),
            Payload::File(kind) => Some(kind),
        }
    }

    /// A file's name, such as `cover.png`.
    fn file(kind: &str) -> String {
        if kind == "application/octet-stream" {
            return "board.json".to_owned();
        }
        format!("cover.{}", kind.rsplit('/').next().unwrap_or_default())
    }
}

/// What comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Json,
    Text,
    Bytes,
    /// Text that does not end.
    Stream,
}

/// Who sends a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    None,
    /// An API token, in `TACKBOARD_TOKEN`.
    Token,
    /// The cookie of a session, in `TACKBOARD_COOKIE`.
    Session,
}

/// A request to show.
pub(super) struct Request<'v> {
    pub method: &'v str,
    pub url: String,
    pub credential: Credential,
    /// The value of the header `Origin`, for requests that must come from a page of this server.
    pub origin: Option<&'v str>,
    pub payload: Payload<'v>,
    pub outcome: Outcome,
}

/// The request as code.
pub(super) fn code(request: &Request<'_>, language: Language) -> String {
    match language {
        Language::Curl => curl(request),
        Language::JavaScript => javascript(request),
        Language::Python => python(request),
    }
}

fn curl(request: &Request<'_>) -> String {
    let plain = match request.payload {
        Payload::Nothing => "GET",
        _ => "POST",
    };
    let mut parts = Vec::new();
    parts.push(match request.method == plain {
        true if request.outcome == Outcome::Stream => format!("curl -N {}", quoted(&request.url)),
        true => format!("curl {}", quoted(&request.url)),
        false => format!("curl -X {} {}", request.method, quoted(&request.url)),
    });
    match request.credential {
        Credential::None => {}
        Credential::Token => {
            parts.push(r#"-H "Authorization: Bearer $TACKBOARD_TOKEN""#.to_owned());
        }
        Credential::Session => parts.push(r#"-H "Cookie: $TACKBOARD_COOKIE""#.to_owned()),
    }
    if let Some(origin) = request.origin {
        parts.push(format!("-H 'Origin: {origin}'"));
    }
    if let Some(kind) = request.payload.media_type() {
        parts.push(format!("-H 'Content-Type: {kind}'"));
    }
    match request.payload {
        Payload::Nothing => {}
        Payload::Json(body, schema) => {
            parts.push(format!("-d {}", quoted(&json::pretty(body, schema))))
        }
        Payload::File(kind) => parts.push(format!("--data-binary @{}", Payload::file(kind))),
    }
    if request.outcome == Outcome::Bytes {
        parts.push("-o picture".to_owned());
    }
    parts.join(" \\\n  ")
}

/// A word of the shell, in single quotes where it needs any.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/".contains(c);
    match text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

fn javascript(request: &Request<'_>) -> String {
    let style = Style {
        indent: 2,
        words: ["true", "false", "null"],
        comma_last: true,
    };
    let mut options = Vec::new();
    if request.method != "GET" {
        options.push(format!("  method: \"{}\",", request.method));
    }
    let mut headers = Vec::new();
    match request.credential {
        Credential::None => {}
        Credential::Token => {
            headers.push("    Authorization: `Bearer ${process.env.TACKBOARD_TOKEN}`,".to_owned());
        }
        Credential::Session => {
            headers.push("    Cookie: process.env.TACKBOARD_COOKIE,".to_owned());
        }
    }
    if let Some(origin) = request.origin {
        headers.push(format!("    Origin: \"{origin}\","));
    }
    if let Some(kind) = request.payload.media_type() {
        headers.push(format!("    \"Content-Type\": \"{kind}\","));
    }
    if !headers.is_empty() {
        options.push(format!("  headers: {{\n{}\n  }},", headers.join("\n")));
    }
    let mut import = "";
    match request.payload {
        Payload::Nothing => {}
        Payload::Json(body, schema) => {
            let body = json::styled(body, schema, style).replace('\n', "\n  ");
            options.push(format!("  body: JSON.stringify({body}),"));
        }
        Payload::File(kind) => {
            import = "import { readFile } from \"node:fs/promises\";\n\n";
            options.push(format!(
                "  body: await readFile(\"{}\"),",
                Payload::file(kind)
            ));
        }
    }
    let options = match options.is_empty() {
        true => String::new(),
        false => format!(", {{\n{}\n}}", options.join("\n")),
    };
    let url = Value::from(request.url.as_str());
    let show = match request.outcome {
        Outcome::Json => {
            "const data = await response.json();\n\
             if (!response.ok) throw new Error(`${data.error.code}: ${data.error.message}`);\n\
             console.log(data);"
        }
        Outcome::Text => {
            "if (!response.ok) throw new Error(`status ${response.status}`);\n\
             console.log(await response.text());"
        }
        Outcome::Bytes => {
            "if (!response.ok) throw new Error(`status ${response.status}`);\n\
             console.log((await response.arrayBuffer()).byteLength);"
        }
        Outcome::Stream => {
            "if (!response.ok) throw new Error(`status ${response.status}`);\n\
             for await (const bytes of response.body) process.stdout.write(bytes);"
        }
    };
    format!("{import}const response = await fetch({url}{options});\n{show}")
}

fn python(request: &Request<'_>) -> String {
    let style = Style {
        indent: 4,
        words: ["True", "False", "None"],
        comma_last: true,
    };
    let mut imports = vec!["import urllib.request"];
    let mut arguments = vec![format!("    {},", Value::from(request.url.as_str()))];
    if request.method != "GET" {
        arguments.push(format!("    method=\"{}\",", request.method));
    }
    let mut headers = Vec::new();
    if request.credential != Credential::None {
        imports.push("import os");
    }
    match request.credential {
        Credential::None => {}
        Credential::Token => {
            let token = r#"        "Authorization": f"Bearer {os.environ['TACKBOARD_TOKEN']}","#;
            headers.push(token.to_owned());
        }
        Credential::Session => {
            headers.push(r#"        "Cookie": os.environ["TACKBOARD_COOKIE"],"#.to_owned());
        }
    }
    if let Some(origin) = request.origin {
        headers.push(format!("        \"Origin\": \"{origin}\","));
    }
    if let Some(kind) = request.payload.media_type() {
        headers.push(format!("        \"Content-Type\": \"{kind}\","));
    }
    if !headers.is_empty() {
        arguments.push(format!("    headers={{\n{}\n    }},", headers.join("\n")));
    }
    match request.payload {
        Payload::Nothing => {}
        Payload::Json(body, schema) => {
            imports.push("import json");
            let body = json::styled(body, schema, style).replace('\n', "\n    ");
            arguments.push(format!("    data=json.dumps({body}).encode(),"));
        }
        Payload::File(kind) => {
            imports.push("import pathlib");
            let file = Payload::file(kind);
            arguments.push(format!("    data=pathlib.Path(\"{file}\").read_bytes(),"));
        }
    }
    let show = match request.outcome {
        Outcome::Json => {
            imports.push("import json");
            "print(json.load(response))"
        }
        Outcome::Text => "print(response.read().decode())",
        Outcome::Bytes => "print(len(response.read()))",
        Outcome::Stream => {
            "for line in response:\n        print(line.decode(), end=\"\", flush=True)"
        }
    };
    imports.sort_unstable();
    imports.dedup();
    format!(
        "{}\n\nrequest = urllib.request.Request(\n{}\n)\nwith urllib.request.urlopen(request) as response:\n    {show}",
        imports.join("\n"),
        arguments.join("\n"),
    )
}

#[cfg(test)]
mod tests {
    use super::{Credential, Language, Outcome, Payload, Request, code};
    use serde_json::{Value, json};

    #[test]
    fn a_quote_in_a_body_ends_no_word_of_the_shell() {
        let body = json!({ "name": "It's" });
        let request = Request {
            method: "POST",
            url: "http://127.0.0.1:8080/v1/boards".to_owned(),
            credential: Credential::Token,
            origin: None,
            payload: Payload::Json(&body, &Value::Null),
            outcome: Outcome::Json,
        };
        let curl = code(&request, Language::Curl);
        assert!(
            curl.ends_with("-d '{\n  \"name\": \"It'\\''s\"\n}'"),
            "{curl}"
        );
        assert!(!curl.contains("-X"));
    }
}
