//! The contract itself: it is complete, its examples are valid, and the server matches it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tackboard::contract::{METHODS, inline};
use tackboard::error::Code;
use tackboard::http::routes;
use tackboard::model::events::EventType;
use tackboard::model::scopes::{Scope, Scopes};

use crate::catalogue::pascal;
use crate::harness::{App, check_schema, document};
use crate::operations::{self, Ids};

/// Calls `visit` with every object in a value, and the object's path.
pub fn walk(value: &Value, at: &str, visit: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            visit(at, value);
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(member, &format!("{at}/{name}"), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{at}/{index}"), visit);
            }
        }
        _ => {}
    }
}

/// Collects the targets of every `$ref` in a value, recursively.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    let mut here = Vec::new();
    walk(value, "", &mut |_, object| {
        here.extend(object["$ref"].as_str().map(str::to_owned));
    });
    for target in here {
        if found.insert(target.clone()) {
            references(document().pointer(&target[1..]).unwrap(), found);
        }
    }
}

#[test]
fn the_document_is_openapi_3_1() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    for member in ["title", "version", "description"] {
        assert!(document["info"][member].is_string(), "info.{member}");
    }
    let known = [
        "openapi",
        "jsonSchemaDialect",
        "info",
        "servers",
        "tags",
        "paths",
        "webhooks",
        "components",
    ];
    for member in document.as_object().unwrap().keys() {
        assert!(known.contains(&member.as_str()), "{member}");
    }
    let tags = document["tags"].as_array().unwrap();
    for operation in operations::all() {
        let tag = &operation.spec["tags"][0];
        assert!(
            tags.iter().any(|one| one["name"] == *tag),
            "{}: tag {tag}",
            operation.id
        );
    }
    for tag in tags {
        assert!(tag["description"].is_string(), "{tag}");
    }
}

#[test]
fn every_operation_is_described() {
    let mut ids = BTreeSet::new();
    for operation in operations::all() {
        assert!(
            ids.insert(operation.id.clone()),
            "{} stands twice",
            operation.id
        );
        for member in ["summary", "description"] {
            assert!(
                operation.spec[member].is_string(),
                "{}: {member}",
                operation.id
            );
        }
        assert!(operation.spec["security"].is_array(), "{}", operation.id);
        for (status, response) in operation.spec["responses"].as_object().unwrap() {
            assert!(
                response["description"].is_string(),
                "{} {status}",
                operation.id
            );
            assert_eq!(
                response["headers"]["X-Request-Id"]["required"], true,
                "{} {status}",
                operation.id
            );
        }
        for parameter in operation.spec["parameters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            assert!(
                parameter["description"].is_string() && parameter["schema"].is_object(),
                "{parameter}"
            );
        }
        let named: Vec<_> = operation
            .path_ids()
            .iter()
            .map(|name| format!("{{{name}}}"))
            .collect();
        assert_eq!(
            operation.path.matches('{').count(),
            named.len(),
            "{}",
            operation.id
        );
        assert!(
            named.iter().all(|name| operation.path.contains(name)),
            "{}",
            operation.id
        );
    }
}

#[test]
fn every_example_satisfies_its_schema() {
    let mut checked = 0;
    walk(document(), "", &mut |at, object| {
        let Some(schema) = object.get("schema") else {
            return;
        };
        let named = object["examples"].as_object().into_iter().flatten();
        let examples = named
            .map(|(_, example)| &example["value"])
            .chain(object.get("example"));
        for example in examples {
            check_schema(schema, example, at);
            checked += 1;
        }
    });
    assert!(checked > 100, "{checked} examples");
    for operation in operations::all() {
        for (status, response) in operation.spec["responses"].as_object().unwrap() {
            let content = &response["content"]["application/json"];
            let shown = content["example"].is_null() != content["examples"].is_null();
            assert!(
                shown || content.is_null(),
                "{} {status} has no example",
                operation.id
            );
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let mut used = BTreeSet::new();
    references(&document()["paths"], &mut used);
    references(&document()["webhooks"], &mut used);
    // The error catalog is complete, even if no operation returns an error yet.
    for code in Code::ALL {
        for part in [
            format!("responses/{}", pascal(*code)),
            format!("schemas/{}Error", pascal(*code)),
        ] {
            let target = format!("#/components/{part}");
            references(&json!({ "$ref": target }), &mut used);
        }
    }
    references(
        &json!({ "$ref": "#/components/schemas/ErrorResponse" }),
        &mut used,
    );
    let mut unused = Vec::new();
    for kind in ["parameters", "headers", "responses", "schemas"] {
        for name in document()["components"][kind].as_object().unwrap().keys() {
            let target = format!("#/components/{kind}/{name}");
            if !used.contains(&target) {
                unused.push(target);
            }
        }
    }
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn every_event_type_has_the_request_of_a_webhook() {
    let types = &document()["components"]["schemas"]["EventType"]["enum"];
    let all: Vec<_> = EventType::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(*types, json!(all));
    let webhooks = document()["webhooks"].as_object().unwrap();
    let described: BTreeSet<_> = webhooks.keys().map(String::as_str).collect();
    assert_eq!(described, all.into_iter().collect());
    for (name, webhook) in webhooks {
        assert!(webhook["post"]["summary"].is_string(), "{name}");
    }
}

#[test]
fn the_routes_are_the_paths_of_the_contract() {
    let routed: BTreeSet<_> = routes::api()
        .iter()
        .flat_map(|resource| {
            resource
                .methods()
                .iter()
                .map(|method| (resource.path().to_owned(), (*method).to_owned()))
        })
        .collect();
    let described: BTreeSet<_> = operations::all()
        .into_iter()
        .map(|operation| (operation.path, operation.method))
        .collect();
    assert_eq!(routed, described);
    for (path, item) in document()["paths"].as_object().unwrap() {
        for member in item.as_object().unwrap().keys() {
            assert!(METHODS.contains(&member.as_str()), "{path}: {member}");
        }
    }
}

#[test]
fn choices_in_requests_have_a_message() {
    // "None of the alternatives matches" would help no client.
    for operation in operations::all() {
        for schema in operation
            .body()
            .into_iter()
            .chain(operation.parameters("query"))
        {
            let schema = inline(document(), schema);
            walk(&schema, "", &mut |at, object| {
                for keyword in ["anyOf", "oneOf", "allOf"] {
                    assert!(
                        object.get(keyword).is_none() || object["x-message"].is_string(),
                        "{}{at}: {keyword} without x-message",
                        operation.id
                    );
                }
            });
        }
        if let Some(body) = operation.body() {
            assert_eq!(body["additionalProperties"], false, "{}", operation.id);
        }
    }
}

#[test]
fn the_server_asks_for_the_documented_scope() {
    let app = App::shared();
    let workspace = app.workspace("teams");
    let ids = Ids::random();
    for scope in Scope::ALL {
        let client = app.client_with(Some(&app.token(&workspace, &[scope])));
        let has = Scopes::from(vec![scope]);
        for operation in operations::secured() {
            let required = Scope::ALL
                .into_iter()
                .find(|one| operation.scope() == Some(one.as_str()));
            let mut call = operation.call(&ids);
            if operation.id == "batchTasks" {
                // Deletions need a scope of their own.
                call = call.with_body(json!({}));
            }
            let reply = call.send(&client);
            if has.allow(required.unwrap()) {
                assert_ne!(
                    reply.status,
                    403,
                    "{} with {}: {}",
                    operation.id,
                    scope.as_str(),
                    reply.text
                );
            } else {
                let reply = reply.expect_error(403, "insufficient_scope");
                assert_eq!(
                    reply.details(),
                    json!({ "required": operation.scope(), "provided": [scope.as_str()] })
                );
            }
        }
    }
}

#[test]
fn operations_without_security_answer_anybody() {
    let app = App::shared();
    for operation in operations::all()
        .iter()
        .filter(|operation| operation.scope().is_none())
    {
        if operation.needs_session() {
            continue;
        }
        assert_eq!(operation.spec["security"], json!([]), "{}", operation.id);
        let (mut client, ids) = operations::world(app, operation);
        (client.token, client.cookie) = (None, None);
        let reply = operation.call(&ids).send(&client);
        assert!(reply.status < 300, "{}: {}", operation.id, reply.text);
    }
}

#[test]
fn every_list_and_free_object_in_a_body_has_a_limit() {
    let mut lists = 0;
    for operation in operations::all() {
        let Some(schema) = operation.body() else {
            continue;
        };
        walk(
            &inline(document(), schema),
            &operation.id,
            &mut |at, node| {
                let is = |name: &str| {
                    let kinds = &node["type"];
                    kinds == name
                        || kinds
                            .as_array()
                            .is_some_and(|all| all.contains(&json!(name)))
                };
                if is("array") {
                    lists += 1;
                    assert!(node["maxItems"].is_u64(), "{at}");
                }
                if is("object") && node["additionalProperties"] != false {
                    assert!(node["maxProperties"].is_u64(), "{at}");
                }
            },
        );
    }
    assert!(lists >= 3, "{lists}");
}
