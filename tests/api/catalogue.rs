//! The errors in the contract: all of them are there, and each in the right operations.

use serde_json::json;
use tackboard::contract::inline;
use tackboard::error::Code;

use crate::contract::walk;
use crate::harness::document;
use crate::operations::{self, codes_of};

/// The schema name of a code: `invalid_token` becomes `InvalidToken`.
pub fn pascal(code: Code) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    code.as_str().split('_').map(word).collect()
}

#[test]
fn every_error_code_is_documented_and_none_that_does_not_exist() {
    let components = &document()["components"];
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(components["schemas"]["ErrorCode"]["enum"], json!(codes));
    for code in Code::ALL {
        let name = pascal(*code);
        let schema = inline(document(), &components["schemas"][format!("{name}Error")]);
        assert_eq!(codes_of(&schema), [code.as_str()], "{name}Error");
        let response = inline(document(), &components["responses"][&name]);
        let content = &response["content"]["application/json"];
        assert_eq!(codes_of(&content["schema"]), [code.as_str()], "{name}");
        assert_eq!(content["example"]["error"]["code"], code.as_str());
        // The messages of these two name the limit or the conflict.
        if ![Code::ResourceLimitExceeded, Code::Conflict].contains(code) {
            assert_eq!(content["example"]["error"]["message"], code.message());
        }
    }
    let mut schemas: Vec<_> = Code::ALL
        .iter()
        .map(|code| format!("{}Error", pascal(*code)))
        .collect();
    schemas.sort();
    // The other ones are those of responses with one of several errors.
    let all = components["schemas"].as_object().unwrap().iter();
    let single = all.filter(|(name, schema)| name.ends_with("Error") && schema["anyOf"].is_null());
    let mut named: Vec<_> = single.map(|(name, _)| name.clone()).collect();
    named.sort();
    assert_eq!(named, schemas);
}

#[test]
fn every_error_stands_under_its_own_status() {
    for operation in operations::all() {
        for (status, code) in operation.documented() {
            let known = Code::ALL.iter().find(|one| one.as_str() == code);
            assert_eq!(
                known.map_or(status, |code| code.status()),
                status,
                "{} {code}",
                operation.id
            );
            assert!(known.is_some() || status < 400, "{} {status}", operation.id);
        }
    }
}

#[test]
fn examples_of_several_errors_are_named_by_their_codes() {
    walk(document(), "", &mut |at, object| {
        let Some(mut codes) = object
            .get("schema")
            .map(|schema| codes_of(&inline(document(), schema)))
        else {
            return;
        };
        if let (Some(examples), false) = (object["examples"].as_object(), codes.is_empty()) {
            let mut named: Vec<_> = examples.keys().cloned().collect();
            codes.sort();
            named.sort();
            assert_eq!(named, codes, "{at}");
            for (name, example) in examples {
                assert_eq!(example["value"]["error"]["code"], json!(name), "{at}");
            }
        }
    });
}
