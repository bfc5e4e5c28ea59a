//! Produces every response that the contract documents: each operation, each of its statuses, each error code of the
//! status. Newly documented responses fail here until the server sends them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tackboard::model::scopes::Scope;
use tackboard::model::time::Timestamp;
use tackboard::store::Durability;

use crate::harness::{App, Client, Reply, Seen, at_once, in_parallel};
use crate::operations::{self, Call, Ids, Operation, PASSWORD, kind_of, world};
use crate::raw::Raw;

/// Servers in the states that the failures need.
struct Servers {
    normal: App,
    /// Allows one call per second and token.
    limited: (App, Client),
    /// Requires the body within 200 ms.
    short_timeout: (App, Client),
    /// Its tables are renamed.
    broken: (App, Client),
    stopping: (App, Client),
}

impl Servers {
    fn start() -> Self {
        let with_client = |app: App| {
            let client = app.client();
            (app, client)
        };
        let servers = Self {
            // The test writes much and needs no protection from power failures.
            normal: App::with(|settings| settings.durability = Durability::Normal),
            limited: with_client(App::with(|settings| {
                settings.burst_per_second = Some(1);
                settings.session_burst_per_second = 1;
            })),
            short_timeout: with_client(App::with(|settings| {
                settings.request_timeout = Duration::from_millis(200);
            })),
            broken: with_client(App::start()),
            stopping: with_client(App::start()),
        };
        servers
            .broken
            .0
            .sql("ALTER TABLE token RENAME TO lost; ALTER TABLE plan RENAME TO mislaid; ALTER TABLE cover RENAME TO hidden; ALTER TABLE recipient RENAME TO nobody; ALTER TABLE session RENAME TO forgotten; ALTER TABLE password RENAME TO unknown; ALTER TABLE sign_in_link RENAME TO unlinked; ALTER TABLE invitation RENAME TO uninvited;");
        servers.stopping.0.begin_stop();
        servers
    }

    fn seen(&self) -> BTreeSet<Seen> {
        let others = [
            &self.limited,
            &self.short_timeout,
            &self.broken,
            &self.stopping,
        ];
        let all = [&self.normal].into_iter().chain(others.map(|(app, _)| app));
        all.flat_map(App::seen).collect()
    }
}

#[test]
fn every_documented_answer_is_given() {
    let servers = Servers::start();
    let operations = operations::all();
    let cases: Vec<_> = operations
        .iter()
        .flat_map(|operation| {
            let documented = operation.documented().into_iter();
            documented.map(move |(status, code)| (operation, status, code))
        })
        .collect();
    in_parallel(&cases, |(operation, status, code)| {
        produce(&servers, operation, *status, code);
    });
    let documented = cases
        .into_iter()
        .map(|(operation, status, code)| (operation.id.clone(), status, code))
        .collect::<BTreeSet<_>>();
    time_out(&servers.short_timeout.0, &servers.short_timeout.1);
    let seen = servers.seen();
    let missing: Vec<_> = documented.difference(&seen).collect();
    assert!(
        missing.is_empty(),
        "documented and not seen, so the server does not do it or this test does not know how to make it: {missing:#?}"
    );
    let surprising: Vec<_> = seen.difference(&documented).collect();
    assert!(
        surprising.is_empty(),
        "seen and not documented: {surprising:#?}"
    );
}

/// Makes an operation return a certain response. The end of the test checks that it did.
fn produce(servers: &Servers, operation: &Operation, status: u16, code: &str) {
    let app = &servers.normal;
    let nothing = operation.call(&Ids::random());
    match code {
        "" => succeed(app, operation, status),
        "invalid_token" => drop(nothing.send(&app.client_with(None))),
        "session_expired" => drop(nothing.send(&signed_out(app))),
        "cross_origin_refused" => drop(nothing.send(&foreign(app))),
        "invalid_credentials" => drop(with_wrong_password(app, operation)),
        "sign_in_link_invalid" => drop(nothing.send(&app.browser())),
        "last_owner" => drop(end_last_owner(app, operation)),
        "workspace_not_found" if operation.path.starts_with("/v1/") => {
            let call = nothing.with("x-workspace", "elsewhere");
            drop(call.send(&app.client()));
        }
        // On the card integration API, only a session reads the name of a workspace.
        "workspace_not_found" if !names_workspace(operation) => {
            let call = nothing.with("x-workspace", "elsewhere");
            drop(call.send(&app.browser_of(&app.workspace("teams"))));
        }
        "token_expired" => drop(nothing.send(&expired(app))),
        "insufficient_scope" => drop(nothing.send(&too_weak(app, operation))),
        "quota_exceeded" => drop(nothing.send(&used_up(app))),
        "rate_limited" => exceed_limit(&servers.limited, operation),
        "resource_limit_exceeded" => drop(in_a_full_workspace(app, operation)),
        "not_found" => drop(
            nothing
                .with("x-forwarded-for", "192.0.2.1")
                .send(&app.client()),
        ),
        "internal_error" => drop(nothing.send(&sender(&servers.broken, operation))),
        "service_unavailable" => drop(nothing.send(&sender(&servers.stopping, operation))),
        // All of them at once, at the end.
        "request_timeout" => {}
        "precondition_failed" => {
            let (client, ids) = world(app, operation);
            drop(
                operation
                    .call(&ids)
                    .with("if-match", "\"old\"")
                    .send(&client),
            );
        }
        "card_expired" => {
            let (client, ids) = world(app, operation);
            let card = format!("/v1/cards/{}", ids.get("card"));
            client.delete(&card).expect(200);
            drop(operation.call(&ids).send(&client));
        }
        "events_expired" => expire(app, operation),
        "idempotency_key_reused" => reuse_key(app, operation),
        "integration_config_exists"
        | "integration_config_missing"
        | "recipient_unsubscribed"
        | "conflict" => clash(app, operation, code),
        code if code.ends_with("_not_found") => drop(miss(app, operation, code)),
        _ => {
            let (client, ids) = match operation.scope() {
                Some(_) => (app.client(), Ids::random()),
                None => world(app, operation),
            };
            drop(send_nonsense(&client, operation, &ids, code));
        }
    }
}

/// Asks for events that are no longer in the journal.
fn expire(app: &App, operation: &Operation) {
    let (client, ids) = world(app, operation);
    match operation.id.as_str() {
        "listEvents" => drop(client.get("/v1/events?since=9999")),
        "redeliver" => {
            let hex = ids.get("workspace").replace('-', "");
            app.sql(&format!(
                "DELETE FROM event WHERE workspace_id = x'{hex}' AND sequence = 1"
            ));
            drop(operation.call(&ids).send(&client));
        }
        _ => {
            let body = json!({ "since": 9999 });
            drop(operation.call(&ids).with_body(body).send(&client));
        }
    }
}

/// A client that the operation accepts, without ids.
fn sender((app, client): &(App, Client), operation: &Operation) -> Client {
    match operation.scope() {
        None if operation.needs_session() || operation.checks_origin() => signed_out(app),
        _ => client.clone(),
    }
}

/// A browser with the cookie of a session that has ended.
fn signed_out(app: &App) -> Client {
    app.browser_with(Some(&format!("{}={}", app.cookie_name(), "x".repeat(43))))
}

/// Whether the body or the query of an operation names a workspace.
fn names_workspace(operation: &Operation) -> bool {
    operation.id == "listCardChoices"
        || operation
            .body_ids()
            .iter()
            .any(|name| name == "workspaceId")
}

/// A page of another site in the browser of a person who is signed in.
fn foreign(app: &App) -> Client {
    let mut client = app.browser_of(&app.workspace("teams"));
    client.is_browser = false;
    client
}

fn succeed(app: &App, operation: &Operation, status: u16) {
    let (client, ids) = world(app, operation);
    let call = operation.call(&ids);
    let call = match status {
        303 => call.by_form(),
        304 => call.with("if-none-match", "*"),
        200 if operation.id == "createImport" => Call {
            path: format!("{}?dry_run=true", call.path),
            ..call
        },
        _ => call,
    };
    call.send(&client).expect(status);
}

/// Signs in, or changes an account, with a wrong password.
fn with_wrong_password(app: &App, operation: &Operation) -> Reply {
    let (client, ids) = world(app, operation);
    let member = match operation.id.as_str() {
        "signIn" => "password",
        _ => "currentPassword",
    };
    let call = operation.call(&ids);
    call.with_member(member, "a wrong password").send(&client)
}

/// Removes or demotes the only owner of a workspace.
fn end_last_owner(app: &App, operation: &Operation) -> Reply {
    let workspace = app.workspace("teams");
    let ids = Ids::random().with("member", &workspace.owner);
    operation.call(&ids).send(&app.client_of(&workspace))
}

/// Exceeds the burst limit of the credential, or the limit of failed sign-ins. The first call of a session may end it.
fn exceed_limit((app, _): &(App, Client), operation: &Operation) {
    let call = operation.call(&Ids::random());
    let refused = (0..100).any(|_| {
        let client = match operation.scope() {
            Some(_) => app.client(),
            None => app.browser_of(&app.workspace("teams")),
        };
        let statuses = at_once(4, |_| call.send(&client).status);
        statuses.contains(&429)
    });
    assert!(refused, "four hundred calls were not too many: {call:?}");
}

fn expired(app: &App) -> Client {
    let ends = Timestamp::now().plus_days(-1);
    app.client_with(Some(&app.token_until(
        &app.workspace("teams"),
        &Scope::ALL,
        ends,
    )))
}

/// A client whose scopes are not enough for the operation.
fn too_weak(app: &App, operation: &Operation) -> Client {
    let scope = if operation.scope() == Some("read") {
        Scope::Write
    } else {
        Scope::Read
    };
    app.client_with(Some(&app.token(&app.workspace("teams"), &[scope])))
}

fn used_up(app: &App) -> Client {
    app.sql("INSERT OR IGNORE INTO plan (name, api_calls) VALUES ('none', 0)");
    app.client_of(&app.workspace("none"))
}

fn in_a_full_workspace(app: &App, operation: &Operation) -> Reply {
    app.sql("INSERT OR IGNORE INTO plan (name, boards, projects, tasks, cards, tokens, webhooks, members) VALUES ('full', 0, 0, 0, 0, 0, 0, 0)");
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let (ids, code) = (Ids::new(&client), client.new_invitation().1);
    let hex = workspace.id.replace('-', "");
    app.sql(&format!(
        "UPDATE workspace SET plan = 'full' WHERE id = x'{hex}'"
    ));
    match operation.id.as_str() {
        "createLane" => fill_board(app, &ids, "lane", 98, "position", "'x'"),
        "createLabel" => fill_board(
            app,
            &ids,
            "label",
            198,
            "color, folded_name",
            "'#000000', n",
        ),
        "createComment" => {
            let task = ids.get("task").replace('-', "");
            app.sql(&format!(
                "UPDATE task SET comments_total = 5000 WHERE id = x'{task}'"
            ));
        }
        _ => {}
    }
    if operation.id == "acceptInvitation" {
        return operation
            .call(&ids.with("code", &code))
            .send(&app.browser());
    }
    operation.call(&ids).send(&client)
}

/// Adds rows to a table of the first board: `count` of them, with these values in further columns.
fn fill_board(app: &App, ids: &Ids, table: &str, count: u32, columns: &str, values: &str) {
    let board = ids.get("board").replace('-', "");
    app.sql(&format!(
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count})
         INSERT INTO {table} (workspace_id, id, board_id, name, created_at, updated_at, {columns})
         SELECT workspace_id, randomblob(16), id, 'One of many', 1, 1, {values} FROM board, number
          WHERE id = x'{board}'"
    ));
}

fn reuse_key(app: &App, operation: &Operation) {
    let (client, ids) = world(app, operation);
    let call = operation.call(&ids).with("idempotency-key", "one");
    call.send(&client);
    let other = match operation.id.as_str() {
        "batchTasks" => call.with_body(json!({})),
        "createImport" => call.with_bytes("text/csv", b"Title,Notes\nOther,\n".to_vec()),
        "createInvitation" => call.with_member("email", "another@example.org"),
        "createIntegrationConfig" => call.with_member("cardId", ids.get("other bare card")),
        "sendCard" | "getCardUrl" => {
            let mut body = call.body.clone().unwrap();
            body["mergeTags"][0]["name"] = json!("Another");
            call.with_body(body)
        }
        "recoverWebhook" => call.with_body(json!({ "since": 1 })),
        "testWebhook" => call.with_body(json!({ "event": "card.sent" })),
        "rotateWebhookSecret" => call.with_body(json!({})),
        _ => call.with_member(operation.text_member(), "Another"),
    };
    other.send(&client);
}

/// Conflicts with something that exists, or refers to something that does not.
fn clash(app: &App, operation: &Operation, code: &str) {
    let (client, ids) = world(app, operation);
    let call = operation.call(&ids);
    match code {
        "conflict" if operation.id == "updateLabel" => {
            drop(call.with_body(json!({ "name": "TWO" })).send(&client));
        }
        "conflict" if operation.path.contains("{webhookId}") => {
            let path = format!("/v1/webhooks/{}", ids.get("webhook"));
            client
                .patch(&path, json!({ "isActive": false }))
                .expect(200);
            drop(call.send(&client));
        }
        "conflict" if operation.id == "updateAccount" => {
            let other = app.browser_of(&app.workspace("teams"));
            let me = other.get("/v1/session").expect(200).object();
            let taken = me["user"]["email"].as_str().unwrap();
            drop(
                call.with_body(json!({ "email": taken, "currentPassword": PASSWORD }))
                    .send(&client),
            );
        }
        "conflict" if operation.id == "acceptInvitation" => {
            let body = json!({ "email": "taken@example.org", "role": "member" });
            let host = app.client();
            let made = host.post("/v1/invitations", body).expect(201).object();
            let code = made["link"].as_str().unwrap().rsplit('/').next().unwrap();
            app.sql("INSERT INTO user VALUES (randomblob(16), 'taken@example.org', 'Taken', 0, 0)");
            drop(operation.call(&ids.with("code", code)).send(&client));
        }
        "conflict" if operation.id == "createInvitation" => {
            let me = app.browser_with(Some(&app.cookie(ids.get("user"))));
            let me = me.get("/v1/session").expect(200).object();
            let email = me["user"]["email"].as_str().unwrap();
            drop(call.with_member("email", email).send(&client));
        }
        "conflict" if operation.id == "undoImport" => {
            call.send(&client).expect(200);
            drop(call.send(&client));
        }
        "integration_config_exists" | "conflict" => {
            call.send(&client).expect(201);
            drop(call.send(&client));
        }
        "recipient_unsubscribed" => {
            let hex = ids.get("workspace").replace('-', "");
            let sent = call.send(&client).expect(201).text;
            assert!(!sent.is_empty());
            app.sql(&format!("INSERT INTO suppression SELECT workspace_id, email_digest, 0 FROM recipient WHERE workspace_id = x'{hex}' GROUP BY 1, 2"));
            drop(call.send(&client));
        }
        _ if operation.id == "getIntegrationConfigByCard" => {
            let bare = ids.get("bare card");
            let path = format!("{}?cardId={bare}", operation.path);
            drop(client.get(&path));
        }
        _ if call.body.is_some() => {
            let nothing = Ids::random();
            let call = call.with_member("integrationId", nothing.get("integration"));
            drop(call.send(&client));
        }
        _ => drop(operation.call(&Ids::random()).send(&client)),
    }
}

/// The kind of object in a code: an `email_account` is an account.
fn kind_of_code(code: &str) -> &str {
    let noun = code.trim_end_matches("_not_found");
    noun.rsplit('_').next().unwrap()
}

/// Uses an unknown id: in the path, otherwise in the body.
fn miss(app: &App, operation: &Operation, code: &str) -> Reply {
    let (client, ids) = world(app, operation);
    let kind = kind_of_code(code);
    let names = |ids: Vec<String>| ids.into_iter().find(|name| kind_of(name) == kind);
    let in_path = |name: &String| operation.kind_of_path_id(name) == kind;
    if operation.path_ids().iter().any(in_path) {
        let unknown = ids.with(kind, Ids::random().get(kind));
        return operation.call(&unknown).send(&client);
    }
    if code == "email_account_not_found" {
        let call = operation.call(&ids);
        let nothing = uuid::Uuid::now_v7().to_string();
        return call.with_member("emailAccount", &nothing).send(&client);
    }
    let queries: Vec<_> = operation.parameters("query").collect();
    if operation.body_ids().is_empty() && queries.iter().any(|one| one["required"] == true) {
        return operation.call(&Ids::random()).send(&client);
    }
    let random = Ids::random();
    if operation.id == "batchTasks" {
        let mut new = json!({ "projectId": ids.get("project"), "label": "New" });
        let (field, value) = match kind {
            "project" => ("projectId", json!(random.get(kind))),
            "lane" => ("workflowLaneId", json!(random.get(kind))),
            "label" => ("labelIds", json!([random.get(kind)])),
            "member" => ("assigneeIds", json!([random.get(kind)])),
            _ => ("position", json!({ "after": random.get(kind) })),
        };
        new[field] = value;
        let call = operation.call(&ids);
        return call.with_body(json!({ "create": [new] })).send(&client);
    }
    if code == "task_not_found" {
        let call = operation.call(&ids);
        return call
            .with_member("position.after", random.get("task"))
            .send(&client);
    }
    let member = names(operation.body_ids())
        .unwrap_or_else(|| panic!("{}: what can be the {code}?", operation.id));
    operation
        .call(&ids)
        .with_member(&member, random.get(kind))
        .send(&client)
}

/// Sends an invalid request.
fn send_nonsense(client: &Client, operation: &Operation, ids: &Ids, code: &str) -> Reply {
    let mut call = operation.call(ids);
    let json = [("content-type", operation.media_type())];
    let bytes = |headers: &[(&str, &str)], body: &str| {
        client.call(&call.method, &call.path, headers, Some(body.into()))
    };
    match code {
        "invalid_json" => return bytes(&json, "{"),
        "unsupported_media_type" => return bytes(&[("content-type", "text/plain")], "{}"),
        "payload_too_large" => {
            let length = [json[0], ("content-length", "999999999")];
            return Raw::head(client, &call.method, &call.path, &length).reply(client);
        }
        "invalid_uuid" => match operation.path_ids().last() {
            Some(_) => call.path = bad_path(operation),
            None if operation.id == "getIntegrationConfigByCard" => {
                call.path = format!("{}?cardId=x", operation.path);
            }
            None => call = call.with_member(&operation.body_ids()[0], "x"),
        },
        "import_failed" => return bytes(&json, "no table"),
        "invalid_request" if operation.takes_picture() => return bytes(&json, "no picture"),
        "invalid_request" if call.body.is_some() => call = call.with_body(json!([])),
        "invalid_request"
            if operation
                .parameters("query")
                .any(|one| one["required"] == true) =>
        {
            call.path = operation.path.clone();
        }
        "invalid_request" if operation.parameters("query").next().is_some() => {
            call.path += if call.path.contains('?') { "&" } else { "?" };
            call.path += match operation
                .parameters("query")
                .any(|one| one["name"] == "limit")
            {
                true => "limit=0",
                false => "tasks=x",
            };
        }
        "invalid_request" => call.path += "?unknown=1",
        _ => return client.get("/v1/usage"),
    }
    call.send(client)
}

fn bad_path(operation: &Operation) -> String {
    let ids = operation.path_ids();
    ids.iter().fold(operation.path.clone(), |path, name| {
        path.replace(&format!("{{{name}}}"), "x")
    })
}

/// Starts every request with a body at once, and never completes one.
fn time_out(app: &App, client: &Client) {
    let workspace = app.workspace("teams");
    let (host, browser) = (app.client_of(&workspace), app.browser_of(&workspace));
    let (link, invitation) = (app.sign_in_code(&workspace.owner), host.new_invitation().1);
    let with_body = operations::all().into_iter().filter(|operation| {
        operation.body().is_some() || operation.takes_picture() || operation.takes_file()
    });
    let started: Vec<_> = with_body
        .map(|operation| {
            let code = if operation.id == "redeemSignInLink" {
                &link
            } else {
                &invitation
            };
            let call = operation.call(&Ids::random().with("code", code));
            let headers = [
                ("content-type", operation.media_type()),
                ("content-length", "100"),
            ];
            let client = match operation.scope() {
                Some(_) => client,
                None => &browser,
            };
            let mut raw = Raw::head(client, &call.method, &call.path, &headers);
            raw.send("{");
            raw
        })
        .collect();
    for raw in started {
        raw.reply(client).expect_error(408, "request_timeout");
    }
}
