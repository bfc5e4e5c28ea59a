//! The validators of every operation, made from the OpenAPI document.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::fields::{Invalid, MOST_FIELDS};
use super::messages;
use super::methods::METHODS;
use super::openapi::{document, inline};
use super::sessions;
use super::shape::Shape;
use super::webhooks;
use crate::error::Fields;

/// The query parameter that names the workspace of a call.
const WORKSPACE: &str = "workspace";

/// The schema of a body or a query. It is compiled when it is first used: a program that just started is ready sooner, and
/// holds memory only for the operations that are used.
pub struct Input {
    /// As text, which takes a tenth of the memory. It is parsed only to explain what is wrong with an input.
    schema: Box<str>,
    compiled: OnceLock<Result<Compiled, String>>,
}

struct Compiled {
    validator: jsonschema::Validator,
    shape: Shape,
}

impl Compiled {
    fn new(schema: &Value) -> Result<Self, String> {
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .with_format("date", is_date)
            .build(schema)
            .map_err(|cause| cause.to_string())?;
        Ok(Self {
            validator,
            shape: Shape::of(schema),
        })
    }
}

/// Whether a text is a day of the calendar. The library also accepts years with a sign.
fn is_date(text: &str) -> bool {
    let date = text.parse::<jiff::civil::Date>();
    date.is_ok_and(|date| date.to_string() == text)
}

impl Input {
    /// The input of a schema that has no `$ref` in it.
    pub fn new(schema: &Value) -> Self {
        Self {
            schema: schema.to_string().into(),
            compiled: OnceLock::new(),
        }
    }

    /// Brings a value into its normal form (camelCase names, whole numbers, trimmed text) and checks it.
    ///
    /// # Errors
    /// Every failing field at once.
    pub fn check(&self, value: &mut Value) -> Result<(), Invalid> {
        self.check_after(value, Fields::new())
    }

    /// Compiles the schema, if it is not compiled yet.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn compile(&self) -> Result<(), &str> {
        self.compiled().map(drop)
    }

    fn compiled(&self) -> Result<&Compiled, &str> {
        let compiled = self.compiled.get_or_init(|| Compiled::new(&self.schema()));
        compiled.as_ref().map_err(String::as_str)
    }

    fn schema(&self) -> Value {
        serde_json::from_str(&self.schema).unwrap_or_default()
    }

    fn check_after(&self, value: &mut Value, mut failed: Fields) -> Result<(), Invalid> {
        let Compiled { validator, shape } = self
            .compiled()
            .map_err(|why| Invalid::Schema(why.to_owned()))?;
        shape.normalize(value, "", &mut failed);
        if failed.is_empty() && validator.is_valid(value) {
            return Ok(());
        }
        Err(messages::explain(
            &self.schema(),
            validator.iter_errors(value),
            failed,
        ))
    }
}

/// The query parameters of an operation.
pub struct Query {
    input: Input,
    parameters: HashMap<String, Form>,
    /// Whether unknown parameters are refused. A misspelled filter must not return everything.
    is_strict: bool,
    /// Whether `workspace` names the workspace of the call. It is read with the credential.
    names_workspace: bool,
}

/// How the text of a query parameter is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Integer,
    Id,
    Array,
}

impl Form {
    fn of(schema: &Value) -> Self {
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("array"), _) => Self::Array,
            (Some("integer"), _) => Self::Integer,
            (_, Some("uuid")) => Self::Id,
            _ => Self::Text,
        }
    }
}

impl Query {
    fn new(parameters: &Value, is_strict: bool, names_workspace: bool) -> Self {
        let schema = query_schema(parameters, names_workspace);
        let properties = schema["properties"].as_object().into_iter().flatten();
        let parameters = properties.map(|(name, schema)| (name.clone(), Form::of(schema)));
        Self {
            parameters: parameters.collect(),
            input: Input::new(&schema),
            is_strict,
            names_workspace,
        }
    }

    /// Reads and checks a query string. Returns the valid parameters, and a message for each of the others. The last of a
    /// repeated parameter counts, unless it is an array. Names that begin with `_` are ignored.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn read(&self, query: &str) -> Result<(Value, Fields), String> {
        let mut members = Map::new();
        let mut unknown = Fields::new();
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            if self.names_workspace && name == WORKSPACE {
                continue;
            }
            let Some(form) = self.parameters.get(&*name) else {
                if self.is_strict && !name.starts_with('_') && unknown.len() < MOST_FIELDS {
                    let message = format!("{name} is not a known query parameter");
                    unknown.insert(name.into_owned(), message);
                }
                continue;
            };
            let value = match form {
                // Forms of other products send fields that nobody has filled in: no id is none. An empty filter must not
                // return everything.
                Form::Id if text.is_empty() && !self.is_strict => continue,
                Form::Array => {
                    let all = members.entry(name).or_insert_with(|| json!([]));
                    if let Value::Array(all) = all {
                        all.push(Value::from(text));
                    }
                    continue;
                }
                Form::Integer => match text.parse::<i64>() {
                    Ok(number) => Value::from(number),
                    Err(_) => Value::from(text),
                },
                Form::Text | Form::Id => Value::from(text),
            };
            members.insert(name.into_owned(), value);
        }
        let mut value = Value::Object(members);
        let Err(invalid) = self.input.check_after(&mut value, unknown) else {
            return Ok((value, Fields::new()));
        };
        let failed = invalid.into_fields()?;
        if let Value::Object(members) = &mut value {
            for name in failed.keys() {
                // An entry of a list fails as `map[1]`.
                members.remove(name.split('[').next().unwrap_or_default());
            }
        }
        Ok((value, failed))
    }

    /// Whether the operation has no parameters.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
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

/// The contract: the inputs of every operation.
pub struct Contract {
    paths: HashMap<String, PathContract>,
    /// JSON texts.
    webhook_examples: HashMap<String, Box<str>>,
}

impl Contract {
    /// The contract. It is the same for every server of the process, so the first call makes it for all.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn get() -> Result<&'static Self, &'static str> {
        static CONTRACT: OnceLock<Result<Contract, String>> = OnceLock::new();
        let contract = CONTRACT.get_or_init(|| Self::of(&document()?));
        contract.as_ref().map_err(String::as_str)
    }

    fn of(document: &Value) -> Result<Self, String> {
        let paths = document["paths"].as_object().into_iter().flatten();
        let paths = paths.map(|(path, item)| (path.clone(), operations(document, path, item)));
        Ok(Self {
            paths: paths.collect(),
            webhook_examples: webhooks::examples(document),
        })
    }

    /// The body that the document shows for a webhook's request about an event.
    pub fn webhook_example(&self, event: &str) -> Option<Value> {
        serde_json::from_str(self.webhook_examples.get(event)?).ok()
    }

    /// A path's operations.
    pub fn path(&self, path: &str) -> Option<&PathContract> {
        self.paths.get(path)
    }

    /// Every path that it describes.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.keys().map(String::as_str)
    }
}

/// The document of the server at an origin, as JSON text. Generated clients take their default address from it.
///
/// # Errors
/// A sentence that says what is wrong with the document.
pub fn text(origin: &str) -> Result<String, String> {
    let mut document = document()?;
    document["servers"] = json!([{ "url": origin }]);
    document["info"]["contact"]["url"] = json!(format!("{origin}/docs"));
    let mut text = document.to_string();
    text.shrink_to_fit();
    Ok(text)
}

fn operations(document: &Value, path: &str, item: &Value) -> PathContract {
    let of = |method| {
        let operation = item.get(method)?;
        Some((
            method,
            inputs(document, operation, path.starts_with("/v1/")),
        ))
    };
    METHODS.into_iter().filter_map(of).collect()
}

fn inputs(document: &Value, operation: &Value, is_strict: bool) -> Operation {
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    let parameters = operation.get("parameters");
    let parameters = parameters.map(|list| inline(document, list));
    Operation {
        body: body.map(|schema| Input::new(&inline(document, schema))),
        needs_body: operation.pointer("/requestBody/required") == Some(&Value::Bool(true)),
        query: Query::new(
            &parameters.unwrap_or_default(),
            is_strict,
            sessions::names_workspace(operation),
        ),
    }
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
    fn every_schema_of_the_contract_compiles() {
        let contract = Contract::get().unwrap_or_else(|why| unreachable!("{why}"));
        let all = contract.paths.iter().flat_map(|(path, operations)| {
            let of = move |(method, operation)| (format!("{method} {path}"), operation);
            operations.iter().map(of)
        });
        for (name, operation) in all {
            let inputs = operation.body.iter().chain([&operation.query.input]);
            for input in inputs {
                assert_eq!(input.compile(), Ok(()), "{name}");
            }
        }
        assert!(contract.path("/v1/tasks").is_some());
    }
}
