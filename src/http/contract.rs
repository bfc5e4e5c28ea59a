//! The wire contract: the fragments of `schema/api/` merged into one OpenAPI document, and from it the validators of
//! every operation. Requests are checked by this document alone.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value, json};

use super::shape::Shape;
use crate::error::Fields;

/// The fragments, one a noun.
const FRAGMENTS: &[(&str, &str)] = &[
    ("common.json", include_str!("../../schema/api/common.json")),
    ("errors.json", include_str!("../../schema/api/errors.json")),
    ("boards.json", include_str!("../../schema/api/boards.json")),
    (
        "projects.json",
        include_str!("../../schema/api/projects.json"),
    ),
    ("lanes.json", include_str!("../../schema/api/lanes.json")),
    ("tasks.json", include_str!("../../schema/api/tasks.json")),
    (
        "subtasks.json",
        include_str!("../../schema/api/subtasks.json"),
    ),
    ("cards.json", include_str!("../../schema/api/cards.json")),
    ("covers.json", include_str!("../../schema/api/covers.json")),
    (
        "recipients.json",
        include_str!("../../schema/api/recipients.json"),
    ),
    (
        "email_accounts.json",
        include_str!("../../schema/api/email_accounts.json"),
    ),
    ("search.json", include_str!("../../schema/api/search.json")),
    ("usage.json", include_str!("../../schema/api/usage.json")),
    ("tokens.json", include_str!("../../schema/api/tokens.json")),
    (
        "integration.json",
        include_str!("../../schema/api/integration.json"),
    ),
    ("system.json", include_str!("../../schema/api/system.json")),
];

/// The methods that a path of the document can have.
pub const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The merged document.
///
/// # Errors
/// A sentence that names the fragment and what is wrong with it: no JSON, a key that another fragment defines too, a
/// `$ref` to nothing.
pub fn document() -> Result<Value, String> {
    let mut parsed = Vec::new();
    for (name, text) in FRAGMENTS {
        let fragment =
            serde_json::from_str(text).map_err(|cause| format!("schema/api/{name}: {cause}"))?;
        parsed.push((*name, fragment));
    }
    merge(parsed)
}

fn merge(fragments: Vec<(&str, Value)>) -> Result<Value, String> {
    let mut whole = Map::new();
    for (name, fragment) in fragments {
        let Value::Object(fragment) = fragment else {
            return Err(format!("schema/api/{name}: not an object"));
        };
        join(&mut whole, fragment, 0)
            .map_err(|key| format!("schema/api/{name}: {key} is defined twice"))?;
    }
    let whole = Value::Object(whole);
    match first_dangling(&whole, &whole) {
        Some(target) => Err(format!(
            "schema/api: $ref to {target}, which does not exist"
        )),
        None => Ok(whole),
    }
}

/// Joins two objects: `tags` one after the other, `components` (and what is in it) and `paths` by key. Every other key may
/// stand in one fragment only.
fn join(
    into: &mut Map<String, Value>,
    from: Map<String, Value>,
    depth: usize,
) -> Result<(), String> {
    for (key, value) in from {
        let joinable = match depth {
            0 => key == "components" || key == "paths" || key == "tags",
            1 => into.get(&key).is_some_and(Value::is_object) && !key.starts_with('/'),
            _ => false,
        };
        match (into.get_mut(&key), value) {
            (None, value) => drop(into.insert(key, value)),
            (Some(Value::Object(old)), Value::Object(new)) if joinable => {
                join(old, new, depth + 1).map_err(|inner| format!("{key}/{inner}"))?;
            }
            (Some(Value::Array(old)), Value::Array(new)) if joinable => old.extend(new),
            _ => return Err(key),
        }
    }
    Ok(())
}

fn first_dangling<'v>(whole: &Value, part: &'v Value) -> Option<&'v str> {
    match part {
        Value::Object(members) => {
            let own = members
                .get("$ref")
                .and_then(Value::as_str)
                .filter(|target| resolve(whole, target).is_none());
            own.or_else(|| {
                members
                    .values()
                    .find_map(|member| first_dangling(whole, member))
            })
        }
        Value::Array(items) => items.iter().find_map(|item| first_dangling(whole, item)),
        _ => None,
    }
}

fn resolve<'v>(whole: &'v Value, target: &str) -> Option<&'v Value> {
    whole.pointer(target.strip_prefix('#')?)
}

/// A part of the document with every `$ref` replaced by what it names; members beside a `$ref` win over the target's.
pub fn inline(whole: &Value, part: &Value) -> Value {
    match part {
        Value::Object(members) => {
            let target = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|target| resolve(whole, target));
            let mut merged = match target.map(|target| inline(whole, target)) {
                Some(Value::Object(merged)) => merged,
                _ => Map::new(),
            };
            let own = members
                .iter()
                .filter(|(key, _)| target.is_none() || *key != "$ref");
            merged.extend(own.map(|(key, value)| (key.clone(), inline(whole, value))));
            Value::Object(merged)
        }
        Value::Array(items) => items.iter().map(|item| inline(whole, item)).collect(),
        other => other.clone(),
    }
}

/// What goes into one place of a request, ready to check: a body, or the query.
pub struct Input {
    validator: jsonschema::Validator,
    schema: Value,
    shape: Shape,
}

/// Why an input was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The only thing wrong is an id that is no UUID.
    InvalidUuid {
        /// The member.
        field: String,
        /// What was given.
        value: String,
    },
    /// Failing fields, all of them.
    Fields(Fields),
}

impl Input {
    /// Compiles a schema that has no `$ref` in it.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn new(schema: Value) -> Result<Self, String> {
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .build(&schema)
            .map_err(|cause| cause.to_string())?;
        Ok(Self {
            validator,
            shape: Shape::of(&schema),
            schema,
        })
    }

    /// Brings a value into its normal form (camelCase names, whole numbers, trimmed text) and checks it.
    ///
    /// # Errors
    /// Every failing field at once.
    pub fn check(&self, value: &mut Value) -> Result<(), Refusal> {
        let mut twice = Fields::new();
        self.shape.normalize(value, "", &mut twice);
        if twice.is_empty() && self.validator.is_valid(value) {
            return Ok(());
        }
        Err(super::messages::explain(
            &self.schema,
            self.validator.iter_errors(value),
            twice,
        ))
    }

    /// Reads a query string into a value of this schema's members. Unknown parameters are left out; of a repeated one the
    /// last counts.
    pub fn read_query(&self, query: &str) -> Value {
        let mut members = Map::new();
        for (name, text) in url_pairs(query) {
            let Some(schema) = self
                .schema
                .pointer("/properties")
                .and_then(|all| all.get(&name))
            else {
                continue;
            };
            // Forms send fields that nobody has filled in: no id is none.
            if text.is_empty() && schema["format"] == "uuid" {
                continue;
            }
            let number = schema.get("type").and_then(Value::as_str) == Some("integer");
            let value = text
                .parse::<i64>()
                .ok()
                .filter(|_| number)
                .map_or_else(|| Value::from(text), Value::from);
            members.insert(name, value);
        }
        Value::Object(members)
    }
}

fn url_pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    serde_urlencoded::from_str::<Vec<(String, String)>>(query)
        .unwrap_or_default()
        .into_iter()
}

/// One operation's inputs.
pub struct Operation {
    /// Its body, where it takes one.
    pub body: Option<Input>,
    /// Whether it is not carried out without a body.
    pub needs_body: bool,
    /// Its query parameters.
    pub query: Input,
}

/// The operations of one path by method, in lower case.
pub type PathContract = HashMap<&'static str, Operation>;

/// The contract, compiled.
pub struct Contract {
    paths: HashMap<String, Arc<PathContract>>,
    text: String,
}

impl Contract {
    /// The compiled contract. It is the same for every server of the process, so the first call compiles it for all.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn load() -> Result<Arc<Self>, String> {
        static CONTRACT: OnceLock<Result<Arc<Contract>, String>> = OnceLock::new();
        let contract = CONTRACT.get_or_init(|| Self::new().map(Arc::new));
        contract.clone()
    }

    fn new() -> Result<Self, String> {
        let document = document()?;
        let mut paths = HashMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            let mut operations = PathContract::new();
            for method in METHODS {
                let Some(operation) = item.get(method) else {
                    continue;
                };
                let compiled = compile(&document, operation)
                    .map_err(|why| format!("{method} {path}: {why}"))?;
                operations.insert(method, compiled);
            }
            paths.insert(path.clone(), Arc::new(operations));
        }
        Ok(Self {
            paths,
            text: document.to_string(),
        })
    }

    /// The document as JSON text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A path's operations.
    pub fn path(&self, path: &str) -> Option<Arc<PathContract>> {
        self.paths.get(path).cloned()
    }

    /// Every path that it describes.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.keys().map(String::as_str)
    }
}

fn compile(document: &Value, operation: &Value) -> Result<Operation, String> {
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    let body = body
        .map(|schema| Input::new(inline(document, schema)))
        .transpose()?;
    let parameters = operation
        .get("parameters")
        .map(|list| inline(document, list))
        .unwrap_or_default();
    Ok(Operation {
        body,
        needs_body: operation.pointer("/requestBody/required") == Some(&Value::Bool(true)),
        query: Input::new(query_schema(&parameters))?,
    })
}

/// The query parameters as members of one object.
fn query_schema(parameters: &Value) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in parameters
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "query")
    {
        let Some(name) = parameter["name"].as_str() else {
            continue;
        };
        properties.insert(name.to_owned(), parameter["schema"].clone());
        if parameter["required"] == true {
            required.push(name.to_owned());
        }
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

#[cfg(test)]
mod tests {
    use super::{Contract, inline, merge};
    use serde_json::json;

    #[test]
    fn the_contract_compiles() {
        let contract = Contract::load().map_err(|why| why.to_string());
        assert!(contract.is_ok_and(|contract| contract.text().starts_with('{')));
    }

    #[test]
    fn a_key_that_two_fragments_define_is_refused() {
        let one =
            json!({ "paths": { "/a": {} }, "components": { "schemas": { "A": {} } }, "tags": [1] });
        let two =
            json!({ "paths": { "/b": {} }, "components": { "schemas": { "B": {} } }, "tags": [2] });
        let merged = merge(vec![("one.json", one.clone()), ("two.json", two)]).unwrap_or_default();
        assert_eq!(merged["tags"], json!([1, 2]));
        assert!(
            merged["components"]["schemas"]["A"].is_object() && merged["paths"]["/b"].is_object()
        );
        for (clash, key) in [
            (json!({ "paths": { "/a": { "get": {} } } }), "paths//a"),
            (
                json!({ "components": { "schemas": { "A": {} } } }),
                "components/schemas/A",
            ),
        ] {
            let refused = merge(vec![("one.json", one.clone()), ("two.json", clash)]);
            assert_eq!(
                refused,
                Err(format!("schema/api/two.json: {key} is defined twice"))
            );
        }
    }

    #[test]
    fn a_reference_to_nothing_is_refused() {
        let fragment = json!({ "paths": { "/a": { "$ref": "#/components/nothing" } } });
        let refused = merge(vec![("one.json", fragment)]);
        assert_eq!(
            refused,
            Err("schema/api: $ref to #/components/nothing, which does not exist".to_owned())
        );
    }

    #[test]
    fn members_beside_a_reference_win() {
        let whole = json!({ "Id": { "type": "string", "title": "ID" } });
        let part = json!({ "a": { "$ref": "#/Id", "title": "Project ID" } });
        assert_eq!(
            inline(&whole, &part),
            json!({ "a": { "type": "string", "title": "Project ID" } })
        );
    }
}
