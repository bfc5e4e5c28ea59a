//! The validators of every operation, compiled from the OpenAPI document.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value, json};

use super::fields::Invalid;
use super::messages::{self, MOST_FIELDS};
use super::methods::METHODS;
use super::openapi::{document, inline};
use super::sessions;
use super::shape::Shape;
use super::webhooks;
use crate::error::Fields;

/// The query parameter that names the workspace of a call.
const WORKSPACE: &str = "workspace";

/// The schema of a body or a query, compiled.
pub struct Input {
    validator: jsonschema::Validator,
    schema: Value,
    shape: Shape,
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
    pub fn check(&self, value: &mut Value) -> Result<(), Invalid> {
        self.check_after(value, Fields::new())
    }

    fn check_after(&self, value: &mut Value, mut failed: Fields) -> Result<(), Invalid> {
        self.shape.normalize(value, "", &mut failed);
        if failed.is_empty() && self.validator.is_valid(value) {
            return Ok(());
        }
        Err(messages::explain(
            &self.schema,
            self.validator.iter_errors(value),
            failed,
        ))
    }
}

/// The query parameters of an operation.
pub struct Query {
    input: Input,
    /// Whether unknown parameters are refused. A misspelled filter must not return everything.
    is_strict: bool,
    /// Whether `workspace` names the workspace of the call. It is read with the credential.
    names_workspace: bool,
}

impl Query {
    /// Reads and checks a query string. The last of a repeated parameter counts, unless it is an
    /// array. Names that begin with `_` are ignored.
    ///
    /// # Errors
    /// Every failing parameter at once.
    pub fn read(&self, query: &str) -> Result<Value, Invalid> {
        let mut members = Map::new();
        let mut unknown = Fields::new();
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            if self.names_workspace && name == WORKSPACE {
                continue;
            }
            let Some(schema) = self.input.schema["properties"].get(&*name) else {
                if self.is_strict && !name.starts_with('_') && unknown.len() < MOST_FIELDS {
                    let message = format!("{name} is not a known query parameter");
                    unknown.insert(name.into_owned(), message);
                }
                continue;
            };
            // Forms send fields that nobody has filled in: no id is none.
            if text.is_empty() && schema["format"] == "uuid" {
                continue;
            }
            if schema["type"] == "array" {
                let all = members.entry(name).or_insert_with(|| json!([]));
                if let Value::Array(all) = all {
                    all.push(Value::from(text));
                }
                continue;
            }
            let number = schema.get("type").and_then(Value::as_str) == Some("integer");
            let value = text
                .parse::<i64>()
                .ok()
                .filter(|_| number)
                .map_or_else(|| Value::from(text), Value::from);
            members.insert(name.into_owned(), value);
        }
        let mut value = Value::Object(members);
        self.input.check_after(&mut value, unknown)?;
        Ok(value)
    }

    /// Whether the operation has no parameters.
    pub fn is_empty(&self) -> bool {
        self.input.schema["properties"]
            .as_object()
            .is_none_or(Map::is_empty)
    }
}

/// One operation's inputs.
pub struct Operation {
    /// Its body, where it takes one.
    pub body: Option<Input>,
    /// Whether it is not carried out without a body.
    pub needs_body: bool,
    /// Its query parameters.
    pub query: Query,
}

/// The operations of one path by method, in lower case.
pub type PathContract = HashMap<&'static str, Operation>;

/// The contract, compiled.
pub struct Contract {
    paths: HashMap<String, Arc<PathContract>>,
    document: Value,
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
                let compiled = compile(&document, operation, path.starts_with("/v1/"))
                    .map_err(|why| format!("{method} {path}: {why}"))?;
                operations.insert(method, compiled);
            }
            paths.insert(path.clone(), Arc::new(operations));
        }
        Ok(Self { paths, document })
    }

    /// The document of the server at an origin, as JSON text. Generated clients take their default address from it.
    pub fn text(&self, origin: &str) -> String {
        let mut document = self.document.clone();
        document["servers"] = json!([{ "url": origin }]);
        document["info"]["contact"]["url"] = json!(format!("{origin}/docs"));
        document.to_string()
    }

    /// The body that the document shows for a webhook's request about an event.
    pub fn webhook_example(&self, event: &str) -> Option<&Value> {
        webhooks::example(&self.document, event)
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

fn compile(document: &Value, operation: &Value, is_strict: bool) -> Result<Operation, String> {
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    let body = body
        .map(|schema| Input::new(inline(document, schema)))
        .transpose()?;
    let parameters = operation
        .get("parameters")
        .map(|list| inline(document, list))
        .unwrap_or_default();
    let names_workspace = sessions::names_workspace(operation);
    Ok(Operation {
        body,
        needs_body: operation.pointer("/requestBody/required") == Some(&Value::Bool(true)),
        query: Query {
            input: Input::new(query_schema(&parameters, names_workspace))?,
            is_strict,
            names_workspace,
        },
    })
}

/// The query parameters as members of one object, without the one that names the workspace.
fn query_schema(parameters: &Value, names_workspace: bool) -> Value {
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
        if names_workspace && name == WORKSPACE {
            continue;
        }
        properties.insert(name.to_owned(), parameter["schema"].clone());
        if parameter["required"] == true {
            required.push(name.to_owned());
        }
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

#[cfg(test)]
mod tests {
    use super::Contract;

    #[test]
    fn the_contract_compiles() {
        let contract = Contract::load().map_err(|why| why.to_string());
        assert!(contract.is_ok_and(|contract| contract.path("/v1/tasks").is_some()));
    }
}
