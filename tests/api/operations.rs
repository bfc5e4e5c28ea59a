//! Every operation of the contract, with requests made from the contract's own examples. So a test that iterates over
//! them covers new operations too.

use serde_json::{Value, json};
use tackboard::contract::{METHODS, inline};

use crate::harness::{App, Client, Reply, document};
use crate::pictures::PNG;
pub use crate::world::{Ids, kind_of};

/// An operation of the contract, with every `$ref` replaced.
pub struct Operation {
    pub id: String,
    pub method: String,
    /// The path template.
    pub path: String,
    pub spec: Value,
}

/// A file to import, and its media type.
pub const FILE: &str = "Title,Description
One,Text
";
const FILE_KIND: &str = "application/octet-stream";

/// A request for an operation.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
    /// A body that is not JSON. Its media type is among the headers.
    pub bytes: Option<Vec<u8>>,
}

/// Every operation.
pub fn all() -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for method in METHODS.iter().filter(|method| item[**method].is_object()) {
            let spec = inline(document(), &item[*method]);
            all.push(Operation {
                id: spec["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                spec,
            });
        }
    }
    all
}

/// Every operation that requires a credential.
pub fn secured() -> impl Iterator<Item = Operation> {
    all()
        .into_iter()
        .filter(|operation| operation.scope().is_some())
}

impl Operation {
    /// The required scope; `None` if no credential is required.
    pub fn scope(&self) -> Option<&str> {
        self.spec.pointer("/security/0/token/0")?.as_str()
    }

    /// The parameters at a location, such as `path`.
    pub fn parameters(&self, place: &str) -> impl Iterator<Item = &Value> {
        let all = self.spec["parameters"].as_array().into_iter().flatten();
        all.filter(move |parameter| parameter["in"] == place)
    }

    /// Whether only a person who is signed in can call it.
    pub fn needs_session(&self) -> bool {
        self.scope().is_none() && self.spec.pointer("/security/0/session").is_some()
    }

    /// Whether it changes something with the cookie of a person, or signs a person in.
    pub fn checks_origin(&self) -> bool {
        let codes = self.documented();
        codes.iter().any(|(_, code)| code == "cross_origin_refused")
    }

    /// The kind of object that a parameter of the path names.
    pub fn kind_of_path_id(&self, name: &str) -> String {
        match name {
            // Elsewhere, the user is the caller.
            "userId" => "member".to_owned(),
            name => kind_of(name),
        }
    }

    /// The names of the ids in the path.
    pub fn path_ids(&self) -> Vec<String> {
        let names = self.parameters("path");
        names
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The body's schema.
    pub fn body(&self) -> Option<&Value> {
        self.spec
            .pointer("/requestBody/content/application~1json/schema")
    }

    /// Whether the body is an image.
    pub fn takes_picture(&self) -> bool {
        self.spec
            .pointer("/requestBody/content/image~1png")
            .is_some()
    }

    /// Whether the body is a file to import.
    pub fn takes_file(&self) -> bool {
        self.spec
            .pointer("/requestBody/content/application~1zip")
            .is_some()
    }

    /// One of the body's media types.
    pub fn media_type(&self) -> &'static str {
        match (self.takes_picture(), self.takes_file()) {
            (true, _) => PNG.kind,
            (_, true) => FILE_KIND,
            _ => "application/json",
        }
    }

    /// The fields of the body that are ids or lists of ids.
    pub fn body_ids(&self) -> Vec<String> {
        let members = self
            .body()
            .and_then(|schema| schema["properties"].as_object());
        members
            .into_iter()
            .flatten()
            .filter(|(_, schema)| schema["format"] == "uuid" || schema["items"]["format"] == "uuid")
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The body's examples, with these ids.
    pub fn examples(&self, ids: &Ids) -> Vec<Value> {
        let examples = self
            .spec
            .pointer("/requestBody/content/application~1json/examples");
        let examples = examples.and_then(Value::as_object).into_iter().flatten();
        let kind = kind_of(self.path_ids().last().map_or("", String::as_str));
        let fill = |(_, example): (_, &Value)| ids.fill(&example["value"], &kind);
        examples.map(fill).collect()
    }

    /// Valid requests; for updates, one per example.
    pub fn calls(&self, ids: &Ids) -> Vec<Call> {
        let call = self.call(ids);
        match self.method.as_str() {
            "POST" | "DELETE" => vec![call],
            _ if self.takes_picture() => vec![call],
            _ => self
                .examples(ids)
                .into_iter()
                .map(|body| call.clone().with_body(body))
                .collect(),
        }
    }

    /// A valid request, if the ids are those of the client's own world.
    pub fn call(&self, ids: &Ids) -> Call {
        let path = self
            .path_ids()
            .iter()
            .fold(self.path.clone(), |path, name| {
                path.replace(&format!("{{{name}}}"), ids.get(&self.kind_of_path_id(name)))
            });
        let query: Vec<_> = self
            .parameters("query")
            .filter(|p| p["required"] == true)
            .collect();
        let value = |p: &Value, name: &str| match p["schema"]["format"].as_str() {
            Some("uuid") => ids.get(&kind_of(name)).to_owned(),
            _ => "word".to_owned(),
        };
        let query: Vec<_> = query
            .iter()
            .map(|p| {
                let name = p["name"].as_str().unwrap();
                format!("{name}={}", value(p, name))
            })
            .collect();
        let query = if query.is_empty() {
            String::new()
        } else {
            format!("?{}", query.join("&"))
        };
        // The example with the most fields is the most complete.
        let body = self
            .examples(ids)
            .into_iter()
            .max_by_key(|body| body.as_object().unwrap().len());
        assert_eq!(
            body.is_some(),
            self.body().is_some(),
            "{}: a body needs an example",
            self.id
        );
        let call = Call {
            method: self.method.clone(),
            path: path + &query,
            headers: Vec::new(),
            body,
            bytes: None,
        };
        match (self.takes_picture(), self.takes_file()) {
            (true, _) => call.with_bytes(PNG.kind, PNG.bytes()),
            (_, true) => call.with_bytes(FILE_KIND, FILE.as_bytes().to_vec()),
            _ => call,
        }
    }

    /// The field of the body with the object's name or text.
    pub fn text_member(&self) -> &'static str {
        let members = &self.body().unwrap()["properties"];
        let found = ["label", "name", "title", "text"]
            .into_iter()
            .find(|name| members[*name].is_object());
        found.unwrap_or_else(|| panic!("{}: neither label nor name nor title nor text", self.id))
    }

    /// The documented statuses and error codes. A success has no code.
    pub fn documented(&self) -> Vec<(u16, String)> {
        let mut all = Vec::new();
        for (status, response) in self.spec["responses"].as_object().unwrap() {
            let codes = response
                .pointer("/content/application~1json/schema")
                .map(codes_of)
                .unwrap_or_default();
            let status = status.parse().unwrap();
            if codes.is_empty() {
                all.push((status, String::new()));
            }
            all.extend(codes.into_iter().map(|code| (status, code)));
        }
        all
    }
}

/// The error codes that a response's schema allows.
pub fn codes_of(schema: &Value) -> Vec<String> {
    let one = std::slice::from_ref(schema);
    let each = schema["anyOf"].as_array().map_or(one, Vec::as_slice);
    each.iter()
        .filter_map(|one| one.pointer("/properties/error/properties/code/const"))
        .map(|code| code.as_str().unwrap().to_owned())
        .collect()
}

impl Call {
    /// The same request with a header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request, sent by a form.
    pub fn by_form(mut self) -> Self {
        let body = self.body.take().unwrap();
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in body.as_object().unwrap() {
            form.append_pair(name, value.as_str().unwrap());
        }
        let bytes = form.finish().into_bytes();
        self.with_bytes("application/x-www-form-urlencoded", bytes)
    }

    /// The same request with a body that is not JSON.
    pub fn with_bytes(mut self, kind: &str, bytes: Vec<u8>) -> Self {
        self.bytes = Some(bytes);
        self.with("content-type", kind)
    }

    /// The same request with another body.
    pub fn with_body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The same request with a changed field. `a.b` is the field `b` of a new object `a`, and `labelIds` is a list.
    pub fn with_member(mut self, name: &str, value: &str) -> Self {
        let body = self.body.as_mut().unwrap();
        match name.split_once('.') {
            Some((outer, inner)) => body[outer] = json!({ inner: value }),
            None if (name.ends_with("Ids") || name == "delete") => body[name] = json!([value]),
            None => body[name] = json!(value),
        }
        self
    }

    /// Sends the request.
    pub fn send(&self, client: &Client) -> Reply {
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        match &self.body {
            Some(body) => client.json(&self.method, &self.path, &headers, body.clone()),
            None => client.call(&self.method, &self.path, &headers, self.bytes.clone()),
        }
    }
}

/// The password of the owner of a [`world`].
pub const PASSWORD: &str = "correct horse battery";

/// A client that may call the operation, and ids for it.
pub fn world(app: &App, operation: &Operation) -> (Client, Ids) {
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let ids = Ids::new(&client);
    if operation.scope().is_some() {
        return (client, ids);
    }
    let email = app.set_password(&workspace.owner, PASSWORD);
    let code = match operation.id.as_str() {
        "showSignInLink" | "redeemSignInLink" => app.sign_in_code(&workspace.owner),
        _ => client.new_invitation().1,
    };
    let browser = app.browser_of(&workspace);
    let other = app
        .browser_of(&workspace)
        .get("/v1/session")
        .expect(200)
        .id();
    let ids = ids
        .with("code", &code)
        .with("session", &other)
        .with("email", &email);
    let is_public = !operation.needs_session() && !operation.checks_origin();
    (if is_public { client } else { browser }, ids)
}
