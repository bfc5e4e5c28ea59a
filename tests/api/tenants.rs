//! Objects of other workspaces do not exist for a client. Every id in a request is replaced once by an id of another
//! workspace and once by an unknown one, and the responses must not differ.

use serde_json::{Value, json};

use crate::harness::{App, Client, Reply};
use crate::operations::{self, Call, Ids, Operation, kind_of};

/// The operations of the board API. `integration.rs` tests those of the card integration API.
fn of_the_board_api() -> impl Iterator<Item = Operation> {
    operations::secured().filter(|operation| operation.path.starts_with("/v1/"))
}

/// The places in a request that can contain an id: its path, a field of its body, a query parameter.
fn places(operation: &Operation) -> Vec<String> {
    let mut places = operation.body_ids();
    let body = operation.body().map(|schema| &schema["properties"]);
    if body.is_some_and(|members| members["position"].is_object()) {
        places.extend(["position.after".to_owned(), "position.before".to_owned()]);
    }
    let in_path = operation.path_ids().into_iter();
    places.extend(in_path.map(|name| format!("path.{name}")));
    let queries = operation
        .parameters("query")
        .map(|parameter| parameter["name"].as_str().unwrap());
    places.extend(
        queries
            .filter(|name| ["assignee", "board", "label", "lane", "project"].contains(name))
            // The filters of the journal are tested there, and the board of an import is a name.
            .filter(|_| !["listEvents", "createImport"].contains(&operation.id.as_str()))
            .map(|name| format!("?{name}")),
    );
    places
}

/// A request within the client's own workspace, except that `place` has an id from `foreign`.
fn call(operation: &Operation, own: &Ids, foreign: &Ids, place: &str) -> (Call, String) {
    let path_kind = kind_of(operation.path_ids().last().map_or("", String::as_str));
    let mut call = operation.call(own);
    // Without a neighbor, because a neighbor in the wrong list would be reported first.
    if let Some(Value::Object(body)) = &mut call.body {
        body.remove("position");
    }
    match place {
        place if place.starts_with("path.") => {
            let kind = operation.kind_of_path_id(&place["path.".len()..]);
            let id = foreign.get(&kind).to_owned();
            let path = operation.call(&own.clone().with(&kind, &id)).path;
            (Call { path, ..call }, id)
        }
        place if place.starts_with("position.") => {
            if call.method == "POST" {
                let id = foreign.get("task").to_owned();
                return (call.with_member(place, &id), id);
            }
            let id = foreign.get(&path_kind).to_owned();
            // The only field, because another field could move the object away from its neighbor.
            (call.with_body(json!({})).with_member(place, &id), id)
        }
        place => match place.strip_prefix('?') {
            Some(name) => {
                let id = foreign.get(&kind_of(name)).to_owned();
                (
                    Call {
                        path: format!("{}?{name}={id}", call.path),
                        ..call
                    },
                    id,
                )
            }
            None => {
                let id = foreign.get(&kind_of(place)).to_owned();
                (call.with_member(place, &id), id)
            }
        },
    }
}

/// The parts of a response that must not depend on whose id it was.
fn visible(reply: &Reply, id: &str) -> (u16, Vec<String>, String) {
    let differs = ["date", "x-request-id", "x-ratelimit-remaining"];
    let headers = reply
        .headers
        .iter()
        .filter(|(name, _)| !differs.contains(&name.as_str()));
    let mut headers: Vec<_> = headers
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    (reply.status, headers, reply.text.replace(id, "ID"))
}

/// Everything that a workspace shows to its clients.
fn everything(client: &Client, ids: &Ids) -> Vec<Value> {
    let paths = [
        "/v1/boards?include=projects".to_owned(),
        format!("/v1/boards/{}", ids.get("board")),
        format!("/v1/boards/{}/lanes", ids.get("board")),
        format!("/v1/boards/{}/labels", ids.get("board")),
        format!("/v1/projects/{}/tasks", ids.get("project")),
        format!("/v1/tasks/{}", ids.get("task")),
        format!("/v1/tasks/{}/subtasks", ids.get("task")),
        format!("/v1/tasks/{}/comments", ids.get("task")),
        "/v1/cards".to_owned(),
        format!("/v1/cards/{}", ids.get("card")),
        "/v1/email-accounts".to_owned(),
        "/v1/webhooks".to_owned(),
        format!("/v1/webhooks/{}/deliveries", ids.get("webhook")),
    ];
    paths
        .iter()
        .map(|path| client.get(path).expect(200).json())
        .collect()
}

#[test]
fn the_id_of_another_workspace_is_like_one_of_nothing() {
    let app = App::shared();
    let owner = app.client();
    let theirs = Ids::new(&owner);
    let before = everything(&owner, &theirs);
    let mut tried = 0;
    for operation in of_the_board_api() {
        for place in places(&operation) {
            let client = app.client();
            let own = Ids::new(&client);
            let [foreign, nothing] = [&theirs, &Ids::random()].map(|ids| {
                let (call, id) = call(&operation, &own, ids, &place);
                visible(&call.send(&client), &id)
            });
            assert_eq!(foreign, nothing, "{} {place}", operation.id);
            let expected = if place.starts_with('?') { 200 } else { 404 };
            assert_eq!(
                foreign.0, expected,
                "{} {place}: {}",
                operation.id, foreign.2
            );
            tried += 1;
        }
    }
    assert!(tried >= 30, "only {tried} places were found");
    assert_eq!(everything(&owner, &theirs), before);
}

#[test]
fn an_id_of_the_own_workspace_is_found_in_every_place() {
    // Without this check, the test above would also pass if no id were ever found.
    let app = App::shared();
    for operation in of_the_board_api() {
        for place in places(&operation) {
            let client = app.client();
            let own = Ids::new(&client);
            let others = if place.starts_with("path.") {
                own.clone()
            } else {
                own.others()
            };
            let (call, _) = call(&operation, &own, &others, &place);
            let reply = call.send(&client);
            assert!(
                reply.status < 300,
                "{} {place}: {}",
                operation.id,
                reply.text
            );
        }
    }
}

#[test]
fn lists_and_searches_show_the_own_workspace_alone() {
    let app = App::shared();
    let (one, other) = (app.client(), app.client());
    Ids::new(&one);
    for path in [
        "/v1/boards",
        "/v1/boards?include=projects&limit=10",
        "/v1/tasks",
        "/v1/search?q=word",
        "/v1/cards",
        "/v1/email-accounts",
        "/v1/webhooks",
    ] {
        let shown = other.get(path).expect(200).json();
        let list = shown
            .as_object()
            .unwrap()
            .values()
            .find_map(Value::as_array);
        assert!(list.unwrap().is_empty(), "{path}: {shown}");
        assert!(one.get(path).expect(200).text.contains("\"id\""), "{path}");
    }
    assert_eq!(
        other.get("/v1/tokens").expect(200).json()["tokens"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let resources = other.get("/v1/usage").expect(200).json()["usage"]["resources"].clone();
    assert_eq!(resources["tasks"]["current"], 0);
}

#[test]
fn a_cursor_of_another_workspace_leads_nowhere_but_in_the_own() {
    let app = App::shared();
    let (one, other) = (app.client(), app.client());
    one.new_board();
    one.new_board();
    let own = other.new_board();
    let page = one.get("/v1/boards?limit=1").expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = other
        .get(&format!("/v1/boards?cursor={cursor}"))
        .expect(200)
        .json();
    let ids: Vec<_> = next["boards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|board| board["id"].clone())
        .collect();
    assert_eq!(ids, [json!(own)]);
}
