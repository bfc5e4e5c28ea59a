//! Pages in the contract. Browsers get the errors of pages and their forms as HTML, so the fragments do not repeat it.

use serde_json::{Value, json};

use super::methods::METHODS;

/// Where the links of people begin.
const PEOPLE: [&str; 2] = ["/sign-in/", "/invitations/"];

/// Adds the HTML page to the errors of the operations that people use with a browser. `inline` replaces each `$ref`.
pub(super) fn show_errors(mut whole: Value, inline: fn(&Value, &Value) -> Value) -> Value {
    let document = whole.clone();
    let paths = whole["paths"].as_object_mut().into_iter().flatten();
    let people = paths.filter(|(path, _)| PEOPLE.iter().any(|start| path.starts_with(start)));
    for (_, item) in people {
        let operations = METHODS.iter().filter_map(|method| {
            let operation = item.get(*method)?;
            Some((*method, operation["responses"].as_object()?.clone()))
        });
        for (method, responses) in operations.collect::<Vec<_>>() {
            for (status, response) in responses.iter().filter(|(status, _)| is_error(status)) {
                let mut response = inline(&document, response);
                response["content"]["text/html"] = json!({ "schema": { "type": "string" } });
                item[method]["responses"][status] = response;
            }
        }
    }
    whole
}

fn is_error(status: &str) -> bool {
    status.starts_with('4') || status.starts_with('5')
}
