//! `tackboard user erase`

use rusqlite::types::ValueRef;
use serde_json::{Value, json};
use tackboard::model::recipients::Address;

use crate::harness::{Folder, Server};

/// Parts of every name and address that the person has had. Nothing else contains them.
const PARTS: [&str; 2] = ["benedict", "cumberlake"];

/// Returns the places in the database that contain a part of the name.
fn traces(folder: &Folder) -> Vec<String> {
    let conn = folder.open();
    let mut tables = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
        .unwrap();
    let tables = tables.query_map((), |row| row.get::<_, String>(0)).unwrap();
    let mut found = Vec::new();
    for table in tables.map(Result::unwrap) {
        let mut rows = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns: Vec<_> = rows.column_names().map(str::to_owned).collect();
        let mut rows = rows.query(()).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (index, column) in columns.iter().enumerate() {
                if let ValueRef::Text(value) | ValueRef::Blob(value) = row.get_ref(index).unwrap() {
                    let value = String::from_utf8_lossy(value).to_lowercase();
                    if PARTS.iter().any(|part| value.contains(part)) {
                        found.push(format!("{table}.{column}: {value}"));
                    }
                }
            }
        }
    }
    found
}

/// Returns how often the files of the database contain a part of the name, also where no row is.
fn bytes(folder: &Folder) -> usize {
    let files = ["tackboard.db", "tackboard.db-wal"];
    let count = |name: &&str| {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        PARTS
            .iter()
            .map(|part| text.matches(part).count())
            .sum::<usize>()
    };
    files.iter().map(count).sum()
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

/// A person who accepts an invitation, changes name and address, and leaves traces wherever a member can.
fn lead_a_life(folder: &Folder, server: &Server) {
    let invite = "user invite --email benedict@old.example.org --workspace demo --role owner";
    let link = folder.run(invite).ok();
    let path = link.trim().strip_prefix(server.origin()).unwrap();
    let origin = [("Origin", server.origin())];
    let person = json!({ "name": "Benedictus", "password": "correct horse battery" });
    let joined = server.call("POST", path, &origin, &person);
    let cookie = joined.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let agent = ("User-Agent", "Benedict's browser");
    let headers = [("Origin", server.origin()), ("Cookie", cookie), agent];
    let change = json!({
        "name": "Ben Cumberlake", "email": "cumberlake@example.org", "currentPassword": "correct horse battery",
    });
    assert_eq!(
        server.call("PATCH", "/v1/me", &headers, &change).status(),
        200
    );
    let sign_in = json!({ "email": "cumberlake@example.org", "password": "correct horse battery" });
    assert_eq!(
        server
            .call("POST", "/v1/session", &headers, &sign_in)
            .status(),
        200
    );

    let keyed = [&headers[..], &[("Idempotency-Key", "1")]].concat();
    let post = |path: &str, body: Value| {
        let mut response = server.call("POST", path, &keyed, &body);
        assert!(response.status().is_success(), "{path}: {response:?}");
        let body: Value =
            serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
        body.as_object().unwrap().values().next().unwrap().clone()
    };
    let board = post("/v1/boards", json!({ "name": "B" }));
    let project = post(
        "/v1/projects",
        json!({ "name": "P", "boardId": id(&board) }),
    );
    let me = folder.json("user list");
    let me = me
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["name"] == "Ben Cumberlake");
    let task = post(
        "/v1/tasks",
        json!({ "label": "T", "projectId": id(&project), "assigneeIds": [id(me.unwrap())] }),
    );
    post(
        &format!("/v1/tasks/{}/comments", id(&task)),
        json!({ "text": "C" }),
    );
    let file = json!({
        "id": "5f0000000000000000000001", "name": "Imported", "lists": [],
        "cards": [{ "id": "5f0000000000000000000002", "name": "Card" }],
        "members": [{ "id": "m", "fullName": "Benedict", "email": "cumberlake@example.org" }],
        "actions": [{
            "id": "a", "type": "commentCard", "idMemberCreator": "m",
            "data": { "text": "Hi", "card": { "id": "5f0000000000000000000002" } },
        }],
    });
    post("/v1/imports?format=trello", file);
    post(
        "/v1/invitations",
        json!({ "email": "eve@example.org", "role": "member" }),
    );
    let webhook = post(
        "/v1/webhooks",
        json!({ "name": "W", "url": "https://example.org/hook", "events": ["board.deleted"] }),
    );
    for line in [
        "token create --workspace demo --user cumberlake@example.org --name Laptop --scopes admin",
        "key create --user cumberlake@example.org",
        "user set-role --user cumberlake@example.org --workspace demo --role admin",
        "user invite --email benedict@old.example.org --workspace demo",
    ] {
        folder.run(line).ok();
    }
    // What only a mail server and an endpoint could cause.
    let address = Address::of("cumberlake@example.org");
    folder
        .open()
        .execute_batch(&format!(
            "INSERT INTO mail (workspace_id, notice_id, notice_to, notice_name, notice_subject, notice_text, due_at, created_at)
               SELECT id, randomblob(16), 'cumberlake@example.org', 'Ben Cumberlake', 'S', 'T', 0, 0 FROM workspace;
             INSERT INTO webhook_delivery (workspace_id, id, webhook_id, event_id, event, sequence, cause, status, response_excerpt, created_at)
               SELECT workspace_id, randomblob(16), id, randomblob(16), 'member.updated', 1, 'event', 'failed', 'Hi Ben Cumberlake', 0 FROM webhook;
             INSERT INTO card (workspace_id, id, title, message, accent_color, created_at, updated_at)
               SELECT id, id, 'Hello', '', '#2563eb', 0, 0 FROM workspace;
             INSERT INTO edition (workspace_id, card_id, revision, title, message, accent_color)
               SELECT workspace_id, id, 1, title, message, accent_color FROM card;
             INSERT INTO recipient (workspace_id, id, card_id, revision, email, email_digest, name, merge_tags, status, created_at)
               SELECT id, randomblob(16), id, 1, '{}', x'{}', 'Ben Cumberlake', '{{}}', 'sent', 0 FROM workspace;",
            address.as_str(),
            address.digest().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        ))
        .unwrap();
    assert!(!id(&webhook).is_empty());
}

#[test]
fn nothing_is_left_of_an_erased_person() {
    let folder = Folder::with_demo();
    folder.run("workspace set-plan demo teams").ok();
    let server = Server::start(&folder);
    lead_a_life(&folder, &server);
    let before = traces(&folder);
    for place in [
        "user.name",
        "user.email",
        "session.user_agent",
        "comment.imported_author",
        "event.actor_name",
        "event.data",
        "event.changes",
        "invitation.email",
        "idempotency.body",
        "mail.notice_to",
        "mail.notice_name",
        "recipient.email",
        "webhook_delivery.response_excerpt",
    ] {
        assert!(
            before.iter().any(|trace| trace.starts_with(place)),
            "{place}: {before:#?}"
        );
    }
    let gone = folder.json("user erase cumberlake@example.org");
    assert_eq!(gone["deleted"], true);
    assert_eq!(traces(&folder), Vec::<String>::new());
    server.stop();
    assert_eq!(bytes(&folder), 0);
    folder.run("doctor").ok();
    let why = folder.run("user erase cumberlake@example.org").refused();
    assert!(why.contains("no user has"), "{why}");
}

#[test]
fn the_credentials_of_an_erased_person_end() {
    let folder = Folder::with_demo();
    let server = Server::start(&folder);
    folder
        .run("user create --email ben@example.org --name Ben --workspace demo")
        .ok();
    let token = folder
        .run("token create --workspace demo --user ben@example.org --name T --scopes read")
        .ok();
    assert_eq!(server.get("/v1/boards", token.trim()).status(), 200);
    folder.run("user erase ben@example.org").ok();
    assert_eq!(server.get("/v1/boards", token.trim()).status(), 401);
}

#[test]
fn the_last_owner_is_not_erased_nor_the_journal_changed() {
    let folder = Folder::with_demo();
    let why = folder.run("user erase ann@example.org").refused();
    assert!(
        why.contains("ann@example.org is the last owner of demo"),
        "{why}"
    );
    let named: i64 = folder
        .open()
        .query_row(
            "SELECT count(*) FROM event WHERE type = 'member.added' AND data ->> '$.name' = 'Ann'",
            (),
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(named, 1);
}
