//! Pages in the contract. Browsers get the errors of pages and their forms as HTML, so the fragments do not repeat it.

use serde_json::{Value, json};

use super::methods::METHODS;

/// Where the links of people begin.
const PEOPLE: [&str; 2] = ["/sign-in/", "/invitations/"];

/// Adds the HTML page to the errors of the operations that people use with a browser.
pub(super) fn show_errors(mut whole: Value) -> Value {
    let document = whole.clone();
    let paths = whole["paths"].as_object_mut().into_iter().flatten();
    let people = paths.filter(|(path, _)| PEOPLE.iter().any(|start| path.starts_with(start)));
    for (_, item) in people {
        for method in METHODS {
            let responses = item.get_mut(method).map(|one| &mut one["responses"]);
            let responses = responses.and_then(Value::as_object_mut).into_iter();
            for (_, response) in responses.flatten().filter(|(status, _)| is_error(status)) {
                let target = response["$ref"]
                    .as_str()
                    .and_then(|target| target.strip_prefix('#'));
                if let Some(shared) = target.and_then(|target| document.pointer(target)) {
                    *response = shared.clone();
                }
                response["content"]["text/html"] = json!({ "schema": { "type": "string" } });
            }
        }
    }
    whole
}

fn is_error(status: &str) -> bool {
    status.starts_with('4') || status.starts_with('5')
}
