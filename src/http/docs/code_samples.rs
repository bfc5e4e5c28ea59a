//! A request in the words of those who send it: curl, JavaScript, Python. Each runs as it stands, with the token in the
//! environment.

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

/// A request to show.
pub(super) struct Request<'v> {
    pub method: &'v str,
    pub url: String,
    pub has_token: bool,
    /// The body and its schema.
    pub body: Option<(&'v Value, &'v Value)>,
    /// Whether the answer is JSON.
    pub answers_json: bool,
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
    let mut parts = Vec::new();
    let plain = match request.body {
        Some(_) => "POST",
        None => "GET",
    };
    parts.push(match request.method == plain {
        true => format!("curl {}", quoted(&request.url)),
        false => format!("curl -X {} {}", request.method, quoted(&request.url)),
    });
    if request.has_token {
        parts.push(r#"-H "Authorization: Bearer $TACKBOARD_TOKEN""#.to_owned());
    }
    if let Some((body, schema)) = request.body {
        parts.push("-H 'Content-Type: application/json'".to_owned());
        parts.push(format!("-d {}", quoted(&json::pretty(body, schema))));
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
    if request.has_token {
        headers.push("    Authorization: `Bearer ${process.env.TACKBOARD_TOKEN}`,");
    }
    if request.body.is_some() {
        headers.push("    \"Content-Type\": \"application/json\",");
    }
    if !headers.is_empty() {
        options.push(format!("  headers: {{\n{}\n  }},", headers.join("\n")));
    }
    if let Some((body, schema)) = request.body {
        let body = json::styled(body, schema, style).replace('\n', "\n  ");
        options.push(format!("  body: JSON.stringify({body}),"));
    }
    let options = match options.is_empty() {
        true => String::new(),
        false => format!(", {{\n{}\n}}", options.join("\n")),
    };
    let fetch = format!(
        "const response = await fetch({}{options});\n",
        Value::from(request.url.as_str())
    );
    fetch
        + match request.answers_json {
            true => {
                "const data = await response.json();\n\
                 if (!response.ok) throw new Error(`${data.error.code}: ${data.error.message}`);\n\
                 console.log(data);"
            }
            false => {
                "if (!response.ok) throw new Error(`status ${response.status}`);\n\
                 console.log(await response.text());"
            }
        }
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
    if request.has_token {
        imports.insert(0, "import os");
        headers.push(r#"        "Authorization": f"Bearer {os.environ['TACKBOARD_TOKEN']}","#);
    }
    if request.body.is_some() {
        headers.push(r#"        "Content-Type": "application/json","#);
    }
    if !headers.is_empty() {
        arguments.push(format!("    headers={{\n{}\n    }},", headers.join("\n")));
    }
    if let Some((body, schema)) = request.body {
        let body = json::styled(body, schema, style).replace('\n', "\n    ");
        arguments.push(format!("    data=json.dumps({body}).encode(),"));
    }
    if request.answers_json || request.body.is_some() {
        imports.insert(0, "import json");
    }
    let show = match request.answers_json {
        true => "print(json.load(response))",
        false => "print(response.read())",
    };
    format!(
        "{}\n\nrequest = urllib.request.Request(\n{}\n)\nwith urllib.request.urlopen(request) as response:\n    {show}",
        imports.join("\n"),
        arguments.join("\n"),
    )
}

#[cfg(test)]
mod tests {
    use super::{Language, Request, code};
    use serde_json::{Value, json};

    #[test]
    fn a_quote_in_a_body_ends_no_word_of_the_shell() {
        let body = json!({ "name": "It's" });
        let request = Request {
            method: "POST",
            url: "http://127.0.0.1:8080/v1/boards".to_owned(),
            has_token: true,
            body: Some((&body, &Value::Null)),
            answers_json: true,
        };
        let curl = code(&request, Language::Curl);
        assert!(
            curl.ends_with("-d '{\n  \"name\": \"It'\\''s\"\n}'"),
            "{curl}"
        );
        assert!(!curl.contains("-X"));
    }
}
