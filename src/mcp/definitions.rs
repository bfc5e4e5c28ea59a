//! The definitions of the tools, made from `schema/mcp.json` and the API contract.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::schemas;
use crate::contract::{Input, document};
use crate::error::{Error, Result};

const TEXT: &str = include_str!("../../schema/mcp.json");

/// The definition of a tool.
pub(super) struct Definition {
    name: String,
    /// The definition as agents get it.
    pub(super) shown: Value,
    /// Checks arguments, with every constraint of the API.
    pub(super) input: Input,
}

impl Definition {
    fn new(document: &Value, tool: &Value) -> Result<Self, String> {
        let name = tool["name"].as_str().ok_or("a tool without a name")?;
        let mut input = schemas::derive(document, &tool["inputSchema"]);
        schemas::close(&mut input);
        let output = schemas::derive(document, &tool["outputSchema"]);
        for schema in [&input, &output] {
            if let Some(target) = schemas::first_dangling(schema) {
                return Err(format!("{name}: $ref to {target}, which does not exist"));
            }
        }
        let shown = json!({
            "name": name,
            "description": tool["description"],
            "inputSchema": schemas::published(&input),
            "outputSchema": schemas::names_and_types(&output),
            "annotations": tool["annotations"],
        });
        Ok(Self {
            name: name.to_owned(),
            shown,
            input: Input::new(&input),
        })
    }

    /// Keeps only the fields of a result that the definition names.
    pub(super) fn project(&self, result: &mut Value) {
        schemas::project(result, &self.shown["outputSchema"]);
    }
}

/// Returns the definition of a tool. All are made once per process.
///
/// # Errors
/// An internal error if `schema/mcp.json` is broken or lacks the tool.
pub(super) fn of(name: &str) -> Result<&'static Definition> {
    static ALL: OnceLock<Result<Vec<Definition>, String>> = OnceLock::new();
    let all = ALL.get_or_init(load).as_ref();
    let all = all.map_err(|why| Error::bug(format!("schema/mcp.json: {why}")))?;
    all.iter()
        .find(|definition| definition.name == name)
        .ok_or_else(|| Error::bug(format!("schema/mcp.json lacks the tool {name}")))
}

fn load() -> Result<Vec<Definition>, String> {
    let own: Value = serde_json::from_str(TEXT).map_err(|cause| cause.to_string())?;
    let mut document = document()?;
    document["mcp"] = own["definitions"].clone();
    let tools = own["tools"].as_array().into_iter().flatten();
    tools.map(|tool| Definition::new(&document, tool)).collect()
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::mcp::tools::TOOLS;

    #[test]
    fn every_tool_has_a_definition_that_compiles() {
        for tool in TOOLS {
            let definition = of(tool.name).unwrap_or_else(|why| unreachable!("{why}"));
            assert_eq!(definition.input.compile(), Ok(()), "{}", tool.name);
        }
    }
}
