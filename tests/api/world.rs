//! A workspace with two objects of every kind, for requests about them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tackboard::model::time::Timestamp;
use uuid::Uuid;

use crate::harness::{CLOSED_PORT, Client};
use crate::operations::PASSWORD;

/// Ids by kind: `board`, `project`, …. A second object of a kind, in the same place, is `other board`, ….
#[derive(Clone)]
pub struct Ids(BTreeMap<String, String>);

impl Ids {
    /// Ids that do not exist.
    pub fn random() -> Self {
        let kinds = [
            "board",
            "project",
            "lane",
            "label",
            "task",
            "subtask",
            "comment",
            "token",
            "card",
            "bare card",
            "cover",
            "account",
            "recipient",
            "integration",
            "webhook",
            "delivery",
            "workspace",
            "user",
            "member",
            "invitation",
            "import",
            "session",
        ];
        let both = kinds
            .into_iter()
            .flat_map(|kind| [kind.to_owned(), format!("other {kind}")]);
        let mut ids: BTreeMap<_, _> = both
            .map(|kind| (kind, Uuid::now_v7().to_string()))
            .collect();
        ids.insert("code".to_owned(), "x".repeat(43));
        Self(ids)
    }

    /// Creates two objects of every kind. They belong together: the task is in the project, and so on.
    pub fn new(client: &Client) -> Self {
        let project = client.new_project();
        let task = client.new_task(&project.id, "word");
        let token = json!({ "name": "Its end is part of the test", "scopes": ["read"], "expiresInDays": 1 });
        let token = |_| {
            let made = client.post("/v1/tokens", token.clone()).expect(201);
            made.json()["token"]["id"].as_str().unwrap().to_owned()
        };
        let webhooks = [(); 2].map(|()| client.new_webhook());
        let pairs = [
            ("board", [project.board.clone(), client.new_board()]),
            (
                "project",
                [project.id.clone(), client.new_project_on(&project.board)],
            ),
            (
                "lane",
                [
                    client.new_lane(&project.board),
                    client.new_lane(&project.board),
                ],
            ),
            (
                "label",
                [
                    client.new_label(&project.board, "One"),
                    client.new_label(&project.board, "Two"),
                ],
            ),
            (
                "task",
                [task.clone(), client.new_task(&project.id, "other")],
            ),
            (
                "subtask",
                [
                    client.new_subtask(&task, "one"),
                    client.new_subtask(&task, "two"),
                ],
            ),
            (
                "comment",
                [
                    client.new_comment(&task, "one"),
                    client.new_comment(&task, "two"),
                ],
            ),
            ("token", [(); 2].map(token)),
            ("account", [(); 2].map(|()| client.new_account())),
            (
                "delivery",
                [(); 2].map(|()| client.new_delivery(&webhooks[0])),
            ),
            ("webhook", webhooks),
            ("member", [(); 2].map(|()| client.new_member())),
            ("invitation", [(); 2].map(|()| client.new_invitation().0)),
            ("import", [(); 2].map(|()| client.new_import())),
        ];
        let pairs = pairs.into_iter().chain(integration(client));
        let mut ids = BTreeMap::from([("code".to_owned(), client.new_invitation().1)]);
        for (kind, [one, other]) in pairs {
            ids.insert(kind.to_owned(), one);
            ids.insert(format!("other {kind}"), other);
        }
        Self(ids)
    }

    /// The id of an object of this kind.
    pub fn get(&self, kind: &str) -> &str {
        self.0
            .get(kind)
            .unwrap_or_else(|| panic!("tests/api/operations.rs makes no {kind} yet"))
    }

    /// The same ids, except that of one kind.
    pub fn with(mut self, kind: &str, id: &str) -> Self {
        self.0.insert(kind.to_owned(), id.to_owned());
        self
    }

    /// Swaps the first objects for the second ones.
    pub fn others(&self) -> Self {
        let kinds = self.0.keys().filter(|kind| !kind.starts_with("other "));
        // There is only one code.
        let other = |kind: &String| self.0.get(&format!("other {kind}")).or(self.0.get(kind));
        Self(
            kinds
                .filter_map(|kind| Some((kind.clone(), other(kind)?.clone())))
                .collect(),
        )
    }

    /// An example with these ids, and with times in the future.
    pub fn fill(&self, example: &Value, kind: &str) -> Value {
        let members = match example {
            Value::Object(members) => members,
            Value::Array(items) => return items.iter().map(|item| self.fill(item, kind)).collect(),
            other => return other.clone(),
        };
        let fill = |(name, value): (&String, &Value)| {
            let value = match name.as_str() {
                "after" | "before" => json!(self.get(&format!("other {kind}"))),
                "expiresAt" => json!(Timestamp::now().plus_days(1)),
                // In a batch.
                "id" => json!(self.get("task")),
                "delete" => json!([self.get("other task")]),
                "cardId" => json!(self.get("bare card")),
                "card" => json!(self.get("card")),
                // The address of the person who signs in, where that is known.
                "email" if self.0.contains_key("email") => json!(self.get("email")),
                "currentPassword" => json!(PASSWORD),
                name if name.ends_with("Ids") => json!([self.get(&kind_of(name))]),
                "url" => json!(CLOSED_PORT),
                name if name.ends_with("Id") && value.is_string() => {
                    json!(self.get(&kind_of(name)))
                }
                name if name.ends_with("Ids") => json!([self.get(&kind_of(name))]),
                _ => self.fill(value, kind),
            };
            (name.clone(), value)
        };
        members.iter().map(fill).collect()
    }
}

/// Two cards with a configuration and a recipient each, and two with covers but without configurations.
fn integration(client: &Client) -> [(&'static str, [String; 2]); 7] {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let workspaces = client.get("/api/integration/workspaces").expect(200).json();
    let workspace = text(&workspaces[0]["choices"][0]["id"]);
    let valid = client.get("/api/integration/auth/validate").expect(200);
    let user = text(&valid.json()["user_id"]);
    let cards = [(); 2].map(|()| client.new_card());
    let config = |card: &String| {
        let body = json!({ "userId": user, "workspaceId": workspace, "cardId": card });
        let made = client.post("/api/integration/config", body).expect(201);
        text(&made.json()["_id"])
    };
    let configs = cards.each_ref().map(config);
    let recipient = |at: usize| {
        client.new_recipient(
            &cards[at],
            &configs[at],
            json!({ "name": "Ada", "email": "ada@example.org" }),
        )
    };
    let bare = [(); 2].map(|()| client.new_card());
    [
        ("recipient", [recipient(0), recipient(1)]),
        ("integration", configs),
        ("card", cards),
        ("cover", bare.each_ref().map(|card| client.new_cover(card))),
        ("bare card", bare),
        ("workspace", [workspace.clone(), workspace.clone()]),
        ("user", [user.clone(), user]),
    ]
}

/// The kind of object in a field's name: a `workflowLaneId` is the id of a `lane`, and `assigneeIds` are ids of members.
pub fn kind_of(name: &str) -> String {
    let name = name.trim_end_matches("Ids").trim_end_matches("Id");
    let word = name.rfind(char::is_uppercase).unwrap_or(0);
    match &name[word..] {
        "assignee" => "member".to_owned(),
        "delete" => "task".to_owned(),
        word => word.to_lowercase(),
    }
}
