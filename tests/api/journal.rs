//! The journal and the rows agree after any changes: replaying the events produces the rows.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tackboard::app::{
    boards, cards, comments, integration, labels, lanes, mails, members, projects, recipients,
    subtasks, tasks, users, webhooks, workspaces,
};
use tackboard::error::Result;
use tackboard::model::addresses::AllowList;
use tackboard::model::context::{Actor, ActorKind, Ctx};
use tackboard::model::credentials::{Caller, Credential};
use tackboard::model::events::EventType;
use tackboard::model::ids::{TokenId, WorkspaceId};
use tackboard::model::recipients::{Address, Reads};
use tackboard::model::scopes::{Role, Scopes};
use tackboard::model::time::Timestamp;
use tackboard::model::users::User;
use tackboard::store::{self, Db, Durability, Tx, doctor, migrate};
use tempfile::TempDir;

use crate::replay::{Event, Object, Replay};

const ORIGIN: &str = "https://cards.example.org";

/// The kinds of objects that this test changes.
const REPLAYED: [&str; 12] = [
    "member",
    "board",
    "project",
    "lane",
    "label",
    "task",
    "subtask",
    "comment",
    "card",
    "recipient",
    "integration",
    "webhook",
];

/// A workspace that changes, and a client that follows its journal.
struct World {
    db: Db,
    conn: Connection,
    replay: Replay,
    caller: Caller,
    /// Users who join and leave the workspace.
    users: Vec<User>,
    _folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tackboard.db");
        migrate::migrate(&path).unwrap();
        let db = Db::open(&path, Durability::Normal, 1).unwrap();
        let made = db.write_and_wait(|tx| {
            let workspace = workspaces::create(tx, "Test", None, "teams")?;
            let user = users::create(tx, "ada@example.org", "Ada")?;
            members::join(tx, &Ctx::command(workspace.id), &user, Role::Owner)?;
            let caller = caller(workspace.id, user);
            fill(tx, &caller, &ctx(&caller))?;
            let email = |n| format!("member{n}@example.org");
            let others = (0..3).map(|n| users::create(tx, &email(n), "Other"));
            Ok((caller, others.collect::<Result<Vec<_>>>()?))
        });
        let (caller, users) = made.unwrap();
        let conn = Connection::open(&path).unwrap();
        let mut replay = Replay::new(caller.workspace_id.uuid().as_bytes());
        replay.catch_up(&conn);
        Self {
            db,
            conn,
            replay,
            caller,
            users,
            _folder: folder,
        }
    }

    /// Makes a change and returns its events. A change that fails records none.
    fn make(&mut self, change: &Change) -> Vec<Event> {
        let (work, caller) = (change.work, self.caller.clone());
        let fields = change.fields.clone();
        let made = self
            .db
            .write_and_wait(move |tx| work(tx, &caller, &ctx(&caller), &fields));
        let events = self.replay.catch_up(&self.conn);
        if made.is_err() {
            assert!(events.is_empty(), "{change:?} failed: {events:?}");
        }
        for event in &events {
            assert_eq!(event.actor_kind, change.actor, "{event:?}");
        }
        events
    }

    /// The id of one of the oldest few objects of a kind, so that many changes concern the same object; an unknown id
    /// if there is none.
    fn pick(&self, noun: &str, index: Index) -> String {
        let objects = self.replay.objects(noun);
        match &objects[..objects.len().min(3)] {
            [] => uuid::Uuid::now_v7().to_string(),
            oldest => index.get(oldest).0.to_owned(),
        }
    }
}

/// The context of a change by the caller's token.
fn ctx(caller: &Caller) -> Ctx {
    Ctx {
        actor: Actor {
            kind: ActorKind::Token,
            user_id: Some(caller.user_id),
            name: Some("Ada".to_owned()),
            credential: Some("Test".to_owned()),
        },
        workspace: caller.workspace_id,
        request_id: None,
    }
}

fn caller(workspace_id: WorkspaceId, user: User) -> Caller {
    let credential = Credential::Token {
        id: TokenId::new(),
        expires_at: Timestamp::NEVER,
        last_used_at: None,
    };
    Caller {
        credential,
        workspace_id,
        user_id: user.id,
        scopes: Scopes::ALL,
        api_calls: None,
    }
}

/// Creates three cards that can be sent, and a board with lists of three rows without room between them.
fn fill(tx: &Tx<'_>, caller: &Caller, ctx: &Ctx) -> Result<()> {
    for _ in 0..3 {
        let card = cards::create(tx, ctx, parse(&json!({ "title": "Hello" })), ORIGIN)?.id;
        let new = json!({ "userId": caller.user_id, "workspaceId": ctx.workspace, "cardId": card });
        integration::create(tx, caller, ctx, parse(&new))?;
    }
    let board = boards::create(tx, ctx, parse(&json!({ "name": "Board" })))?.id;
    let place = json!({ "position": "a" });
    let new = json!({ "name": "New", "label": "New", "boardId": board });
    for _ in 0..3 {
        let lane = lanes::create(tx, ctx, board, parse(&new))?.id;
        lanes::update(tx, ctx, lane, parse(&place))?;
        let project = projects::create(tx, ctx, parse(&new))?.id;
        projects::update(tx, ctx, project, parse(&place))?;
        let mut new = new.clone();
        new["projectId"] = json!(project);
        for _ in 0..3 {
            let task = tasks::create(tx, ctx, parse(&new))?.id;
            tasks::update(tx, ctx, task, parse(&place))?;
            for _ in 0..3 {
                let subtask = subtasks::create(tx, ctx, task, parse(&new))?.id;
                subtasks::update(tx, ctx, subtask, parse(&place))?;
            }
        }
    }
    Ok(())
}

type Work = fn(&Tx<'_>, &Caller, &Ctx, &Value) -> Result<()>;

/// A change with its data.
#[derive(Debug)]
struct Change {
    work: Work,
    fields: Value,
    actor: &'static str,
    /// Whether repeating the change changes nothing.
    is_idempotent: bool,
}

/// Random numbers and texts for a change.
#[derive(Clone, Debug)]
struct Dice {
    what: usize,
    one: Index,
    other: Index,
    bits: u16,
    place: u8,
    length: usize,
}

fn dice() -> impl Strategy<Value = Dice> {
    // Longer than the texts that `changes` keeps, and longer than those that `data` keeps.
    let length = prop_oneof![8 => 1..3_usize, 1 => Just(1025), 1 => Just(4097)];
    let parts = (
        0..CHANGES.len(),
        any::<Index>(),
        any::<Index>(),
        any::<u16>(),
        0..6_u8,
        length,
    );
    parts.prop_map(|(what, one, other, bits, place, length)| Dice {
        what,
        one,
        other,
        bits,
        place,
        length,
    })
}

impl Dice {
    fn bit(&self, at: u8) -> bool {
        self.bits >> at & 1 == 1
    }

    fn text(&self) -> String {
        "é".repeat(self.length)
    }

    /// A text or null.
    fn maybe(&self, at: u8) -> Option<String> {
        self.bit(at).then(|| self.text())
    }

    /// The body of a PATCH with some of these fields.
    fn some_of<const N: usize>(&self, fields: [(&str, Value); N]) -> Value {
        let fields = fields.into_iter().zip(0..);
        let given = fields.filter(|(_, at)| self.bit(*at));
        Value::Object(
            given
                .map(|((name, value), _)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// Some of the users, who may not be members.
    fn people(&self, world: &World) -> Value {
        let chosen = world.users.iter().zip(7..).filter(|(_, at)| self.bit(*at));
        chosen.map(|(user, _)| json!(user.id)).collect()
    }

    /// A position next to another row of the list. Equal keys, without room between them, are common.
    fn place(&self, world: &World, noun: &str) -> Value {
        let parent = match noun {
            "task" => "project_id",
            "subtask" => "task_id",
            _ => "board_id",
        };
        let row = world.pick(noun, self.one);
        let rows = world.replay.objects(noun);
        let list = rows.iter().find(|(id, _)| *id == row);
        let list = list.map(|(_, row)| &row.fields[parent]);
        let is_beside = |object: &Object| Some(&object.fields[parent]) == list;
        let beside: Vec<_> = rows.iter().filter(|(_, row)| is_beside(row)).collect();
        let neighbor = match beside.as_slice() {
            [] => row,
            beside => self.other.get(beside).0.to_owned(),
        };
        match self.place {
            0 => json!("first"),
            1 => json!("last"),
            2 => json!({ "after": neighbor }),
            3 => json!({ "before": neighbor }),
            4 => json!("0"),
            _ => json!("a"),
        }
    }
}

fn parse<T: DeserializeOwned>(fields: &Value) -> T {
    serde_json::from_value(fields.clone()).unwrap()
}

fn id<Id: std::str::FromStr>(fields: &Value, name: &str) -> Id {
    let text = fields[name].as_str().unwrap();
    text.parse().unwrap_or_else(|_| panic!("{text} is no id"))
}

/// Makes the body of a change.
type Body = fn(&World, &Dice) -> Value;

/// Every way to change what clients see: the kind of actor, the fields, and the change. Entries that are listed twice
/// are chosen more often.
const CHANGES: [(&str, Body, Work); 55] = [
    ("token", new_board, |tx, _, ctx, new| {
        boards::create(tx, ctx, parse(new)).map(drop)
    }),
    ("token", board_change, |tx, _, ctx, change| {
        boards::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    (
        "token",
        |world, dice| json!({ "id": world.pick("board", dice.one), "rarely": dice.bits }),
        |tx, _, ctx, what| match what["rarely"].as_u64() {
            Some(bits) if bits % 256 < 64 => boards::delete(tx, ctx, id(what, "id")),
            _ => Ok(()),
        },
    ),
    ("token", new_project, |tx, _, ctx, new| {
        projects::create(tx, ctx, parse(new)).map(drop)
    }),
    ("token", new_project, |tx, _, ctx, new| {
        projects::create(tx, ctx, parse(new)).map(drop)
    }),
    ("token", project_change, |tx, _, ctx, change| {
        projects::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    ("token", project_change, |tx, _, ctx, change| {
        projects::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    (
        "token",
        |world, dice| any_of(world, dice, "project"),
        |tx, _, ctx, what| projects::delete(tx, ctx, id(what, "id")),
    ),
    ("token", new_lane, |tx, _, ctx, new| {
        lanes::create(tx, ctx, id(new, "board"), parse(new)).map(drop)
    }),
    ("token", lane_change, |tx, _, ctx, change| {
        lanes::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    ("token", lane_change, |tx, _, ctx, change| {
        lanes::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    (
        "token",
        |world, dice| any_of(world, dice, "lane"),
        |tx, _, ctx, what| lanes::delete(tx, ctx, id(what, "id")),
    ),
    ("token", new_label, |tx, _, ctx, new| {
        labels::create(tx, ctx, id(new, "board"), parse(new)).map(drop)
    }),
    ("token", new_label, |tx, _, ctx, new| {
        labels::create(tx, ctx, id(new, "board"), parse(new)).map(drop)
    }),
    ("token", label_change, |tx, _, ctx, change| {
        labels::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    ("token", task_labels, |tx, _, ctx, change| {
        tasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    (
        "token",
        |world, dice| any_of(world, dice, "label"),
        |tx, _, ctx, what| labels::delete(tx, ctx, id(what, "id")),
    ),
    ("token", new_task, |tx, _, ctx, new| {
        tasks::create(tx, ctx, parse(new)).map(drop)
    }),
    ("token", new_task, |tx, _, ctx, new| {
        tasks::create(tx, ctx, parse(new)).map(drop)
    }),
    ("token", task_change, |tx, _, ctx, change| {
        tasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    ("token", task_change, |tx, _, ctx, change| {
        tasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    ("token", task_change, |tx, _, ctx, change| {
        tasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    ("token", task_change, |tx, _, ctx, change| {
        tasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    (
        "token",
        |world, dice| any_of(world, dice, "task"),
        |tx, _, ctx, what| tasks::delete(tx, ctx, id(what, "id")),
    ),
    (
        "token",
        |world, dice| json!({ "id": world.pick("task", dice.one), "isArchived": dice.bit(0) }),
        |tx, _, ctx, change| tasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop),
    ),
    ("command", membership, |tx, _, ctx, what| {
        let user = store::users::find(tx, what["user"].as_str().unwrap())?.unwrap();
        match serde_json::from_value::<Role>(what["role"].clone()) {
            Ok(role) => members::join(tx, &command(ctx), &user, role),
            Err(_) => members::remove(tx, &command(ctx), user.id),
        }
    }),
    ("command", membership, |tx, _, ctx, what| {
        let user = store::users::find(tx, what["user"].as_str().unwrap())?.unwrap();
        members::join(
            tx,
            &command(ctx),
            &user,
            if what["role"].is_null() {
                Role::Viewer
            } else {
                Role::Member
            },
        )
    }),
    ("token", new_subtask, |tx, _, ctx, new| {
        subtasks::create(tx, ctx, id(new, "task"), parse(new)).map(drop)
    }),
    ("token", new_subtask, |tx, _, ctx, new| {
        subtasks::create(tx, ctx, id(new, "task"), parse(new)).map(drop)
    }),
    ("token", subtask_change, |tx, _, ctx, change| {
        subtasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    ("token", subtask_change, |tx, _, ctx, change| {
        subtasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    ("token", subtask_change, |tx, _, ctx, change| {
        subtasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    ("token", subtask_change, |tx, _, ctx, change| {
        subtasks::update(tx, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    (
        "token",
        |world, dice| any_of(world, dice, "subtask"),
        |tx, _, ctx, what| subtasks::delete(tx, ctx, id(what, "id")),
    ),
    ("token", new_comment, |tx, _, ctx, new| {
        comments::create(tx, ctx, id(new, "task"), parse(new)).map(drop)
    }),
    ("token", comment_change, |tx, caller, ctx, change| {
        comments::update(tx, caller, ctx, id(change, "id"), parse(change)).map(drop)
    }),
    (
        "token",
        |world, dice| any_of(world, dice, "comment"),
        |tx, caller, ctx, what| comments::delete(tx, caller, ctx, id(what, "id")),
    ),
    ("token", new_card, |tx, _, ctx, new| {
        cards::create(tx, ctx, parse(new), ORIGIN).map(drop)
    }),
    ("token", card_change, |tx, _, ctx, change| {
        cards::update(tx, ctx, id(change, "id"), parse(change), ORIGIN).map(drop)
    }),
    (
        "token",
        |world, dice| any_of(world, dice, "card"),
        |tx, _, ctx, what| cards::delete(tx, ctx, id(what, "id"), ORIGIN),
    ),
    ("token", new_integration, |tx, caller, ctx, new| {
        integration::create(tx, caller, ctx, parse(new)).map(drop)
    }),
    (
        "token",
        |world, dice| any_of(world, dice, "integration"),
        |tx, caller, ctx, what| integration::delete(tx, caller, ctx, id(what, "id")),
    ),
    ("token", order, |tx, caller, ctx, order| {
        let way = match order["mailed"] == json!(true) {
            true => integration::SendMethod::Mail,
            false => integration::SendMethod::Link,
        };
        integration::send(tx, caller, ctx, &parse(order), false, way).map(drop)
    }),
    ("token", new_webhook, |tx, _, ctx, new| {
        webhooks::create(tx, ctx, parse(new), &AllowList::default()).map(drop)
    }),
    ("token", webhook_change, |tx, _, ctx, change| {
        let allowed = AllowList::default();
        webhooks::update(tx, ctx, id(change, "id"), parse(change), &allowed).map(drop)
    }),
    (
        "token",
        |world, dice| json!({ "webhook": world.pick("webhook", dice.one) }),
        |tx, _, ctx, what| webhooks::rotate_secret(tx, ctx, id(what, "webhook"), None).map(drop),
    ),
    (
        "token",
        |world, dice| any_of(world, dice, "webhook"),
        |tx, _, ctx, what| webhooks::delete(tx, ctx, id(what, "id")),
    ),
    (
        "system",
        |world, dice| any_of(world, dice, "webhook"),
        |tx, _, ctx, what| webhooks::switch_off(tx, ctx.workspace, id(what, "id"), "It fails"),
    ),
    ("system", delivery, deliver),
    ("system", delivery, deliver),
    (
        "recipient",
        |world, dice| any_of(world, dice, "recipient"),
        |tx, _, _, what| recipients::unsubscribe(tx, id(what, "id"), None).map(drop),
    ),
    (
        "recipient",
        |world, dice| any_of(world, dice, "recipient"),
        |tx, _, _, what| recipients::resubscribe(tx, id(what, "id"), None).map(drop),
    ),
    (
        "command",
        |_, dice| json!({ "email": email(dice) }),
        |tx, _, ctx, what| {
            let email = Address::of(what["email"].as_str().unwrap());
            recipients::allow(tx, ctx.workspace, &email).map(drop)
        },
    ),
    ("recipient", reads, |tx, _, _, what| {
        recipients::count(tx, &[(id(what, "id"), reads_of(what))])
    }),
    (
        "command",
        |_, dice| json!({ "email": email(dice) }),
        |tx, _, ctx, what| {
            let email = Address::of(what["email"].as_str().unwrap());
            recipients::erase(tx, Some(ctx.workspace), &email).map(drop)
        },
    ),
];

fn any_of(world: &World, dice: &Dice, noun: &str) -> Value {
    json!({ "id": world.pick(noun, dice.one) })
}

/// A change of the object `id`, with these fields.
fn change_of(world: &World, dice: &Dice, noun: &str, mut fields: Value) -> Value {
    fields["id"] = json!(world.pick(noun, dice.one));
    fields
}

fn new_board(_: &World, dice: &Dice) -> Value {
    json!({ "name": dice.text(), "description": dice.maybe(0) })
}

fn board_change(world: &World, dice: &Dice) -> Value {
    let fields = [
        ("name", json!(dice.text())),
        ("description", json!(dice.maybe(5))),
        ("accentColor", json!("#aabbcc")),
        ("layoutPreference", json!("simple")),
    ];
    change_of(world, dice, "board", dice.some_of(fields))
}

fn new_project(world: &World, dice: &Dice) -> Value {
    json!({ "name": dice.text(), "boardId": world.pick("board", dice.one) })
}

fn project_change(world: &World, dice: &Dice) -> Value {
    let fields = [
        ("name", json!(dice.text())),
        ("description", json!(dice.maybe(5))),
        ("boardId", json!(world.pick("board", dice.other))),
        ("position", dice.place(world, "project")),
    ];
    change_of(world, dice, "project", dice.some_of(fields))
}

fn new_lane(world: &World, dice: &Dice) -> Value {
    json!({ "name": dice.text(), "board": world.pick("board", dice.one) })
}

fn lane_change(world: &World, dice: &Dice) -> Value {
    let fields = [
        ("name", json!(dice.text())),
        ("position", dice.place(world, "lane")),
        ("wipLimit", json!(dice.bit(6).then_some(dice.bits))),
        ("color", json!(dice.bit(7).then_some("#aabbcc"))),
    ];
    change_of(world, dice, "lane", dice.some_of(fields))
}

/// One of a few names, so that labels of several boards have the same.
fn label_name(dice: &Dice) -> String {
    let name = ["é", "b", "c"][usize::from(dice.place % 3)];
    match dice.bit(7) {
        true => name.to_uppercase(),
        false => name.to_owned(),
    }
}

fn new_label(world: &World, dice: &Dice) -> Value {
    json!({ "name": label_name(dice), "color": "#aabbcc", "board": world.pick("board", dice.one) })
}

fn label_change(world: &World, dice: &Dice) -> Value {
    let fields = [
        ("name", json!(label_name(dice))),
        ("color", json!("#112233")),
    ];
    change_of(world, dice, "label", dice.some_of(fields))
}

/// Some labels of the board of a project.
fn labels_for(world: &World, dice: &Dice, project: &str) -> Vec<String> {
    let projects = world.replay.objects("project");
    let project = projects.iter().find(|(id, _)| *id == project);
    let board = project.and_then(|(_, project)| project.text("board_id"));
    let labels = world.replay.objects("label").into_iter();
    let there = labels.filter(|(_, label)| label.text("board_id") == board);
    let chosen = there.zip(0..8).filter(|(_, at)| dice.bit(*at));
    chosen.map(|((id, _), _)| id.to_owned()).collect()
}

fn task_labels(world: &World, dice: &Dice) -> Value {
    let id = world.pick("task", dice.one);
    let tasks = world.replay.objects("task");
    let task = tasks.iter().find(|(other, _)| *other == id);
    let project = task.map_or("", |(_, task)| task.text("project_id").unwrap());
    json!({ "id": id, "labelIds": labels_for(world, dice, project) })
}

fn new_task(world: &World, dice: &Dice) -> Value {
    let project = world.pick("project", dice.one);
    json!({
        "projectId": project, "label": dice.text(), "description": dice.maybe(0), "status": dice.bits % 3,
        "labelIds": labels_for(world, dice, &project),
        "workflowLaneId": dice.bit(1).then(|| world.pick("lane", dice.other)),
        "position": dice.bit(2).then(|| dice.place(world, "task")),
        "assigneeIds": dice.people(world), "dueOn": dice.bit(3).then_some("2024-02-29"),
        "isArchived": dice.bit(4),
    })
}

/// A user who joins with a role, or leaves.
fn membership(world: &World, dice: &Dice) -> Value {
    let user = dice.one.get(&world.users);
    json!({ "user": user.id, "role": dice.bit(0).then_some("viewer") })
}

fn command(ctx: &Ctx) -> Ctx {
    Ctx::command(ctx.workspace)
}

fn task_change(world: &World, dice: &Dice) -> Value {
    let lane = dice.bit(7).then(|| world.pick("lane", dice.other));
    let fields = [
        ("label", json!(dice.text())),
        ("description", json!(dice.maybe(6))),
        ("status", json!(dice.bits / 4 % 3)),
        ("workflowLaneId", json!(lane)),
        ("projectId", json!(world.pick("project", dice.other))),
        ("position", dice.place(world, "task")),
        (
            "labelIds",
            json!(labels_for(world, dice, &world.pick("project", dice.other))),
        ),
        ("assigneeIds", dice.people(world)),
        ("dueOn", json!(dice.bit(6).then_some("2024-03-01"))),
        ("isArchived", json!(dice.bit(11))),
    ];
    change_of(world, dice, "task", dice.some_of(fields))
}

fn new_subtask(world: &World, dice: &Dice) -> Value {
    json!({ "task": world.pick("task", dice.one), "label": dice.text(), "isCompleted": dice.bit(0) })
}

fn subtask_change(world: &World, dice: &Dice) -> Value {
    let fields = [
        ("label", json!(dice.text())),
        ("isCompleted", json!(dice.bit(6))),
        ("position", dice.place(world, "subtask")),
    ];
    change_of(world, dice, "subtask", dice.some_of(fields))
}

fn new_comment(world: &World, dice: &Dice) -> Value {
    json!({ "task": world.pick("task", dice.one), "text": dice.text() })
}

fn comment_change(world: &World, dice: &Dice) -> Value {
    change_of(world, dice, "comment", json!({ "text": dice.text() }))
}

fn new_card(_: &World, dice: &Dice) -> Value {
    json!({ "title": "Hello {{name}}", "message": dice.text(), "subject": dice.maybe(0) })
}

fn card_change(world: &World, dice: &Dice) -> Value {
    let fields = [
        ("title", json!("Hello {{name}} of {{company}}")),
        ("message", json!(dice.text())),
        ("subject", json!(dice.maybe(5))),
        ("coverUrl", json!("https://example.org/cover.png")),
    ];
    change_of(world, dice, "card", dice.some_of(fields))
}

fn new_integration(world: &World, dice: &Dice) -> Value {
    let Caller {
        user_id,
        workspace_id,
        ..
    } = &world.caller;
    json!({ "userId": user_id, "workspaceId": workspace_id, "cardId": world.pick("card", dice.one) })
}

fn new_webhook(_: &World, dice: &Dice) -> Value {
    json!({ "name": dice.text(), "url": "https://a.example/hook", "events": ["task.*"], "isActive": dice.bit(0) })
}

fn webhook_change(world: &World, dice: &Dice) -> Value {
    let board = dice.bit(7).then(|| world.pick("board", dice.other));
    let fields = [
        ("name", json!(dice.text())),
        ("events", json!(["*", "card.sent"])),
        ("boardId", json!(board)),
        ("isActive", json!(dice.bit(6))),
        ("payload", json!("thin")),
    ];
    change_of(world, dice, "webhook", dice.some_of(fields))
}

/// One of a few addresses, all of which unsubscribe sooner or later.
fn email(dice: &Dice) -> String {
    format!("p{}@example.org", dice.bits % 8)
}

fn order(world: &World, dice: &Dice) -> Value {
    let id = world.pick("integration", dice.one);
    let integrations = world.replay.objects("integration");
    let card = match integrations.iter().find(|(other, _)| *other == id) {
        Some((_, integration)) => integration.fields["card_id"].clone(),
        None => json!(id),
    };
    let person = json!({ "name": "P", "email": email(dice) });
    json!({ "card": card, "integrationId": id, "mergeTags": [person, person], "mailed": dice.bits % 256 < 192 })
}

fn delivery(world: &World, dice: &Dice) -> Value {
    let recipients = world.replay.objects("recipient").into_iter();
    let mut queued = recipients.filter(|(_, recipient)| recipient.text("status") == Some("queued"));
    let id = match queued.next() {
        Some((id, _)) => id.to_owned(),
        None => world.pick("recipient", dice.one),
    };
    json!({ "id": id, "how": dice.bits % 3 })
}

fn deliver(tx: &Tx<'_>, _: &Caller, ctx: &Ctx, what: &Value) -> Result<()> {
    let (workspace, recipient): (WorkspaceId, _) = (ctx.workspace, id(what, "id"));
    match what["how"].as_u64().unwrap() {
        0 => mails::sent(tx, workspace, recipient, Timestamp::now()),
        1 => mails::failed(tx, workspace, recipient, "550 no"),
        _ => mails::retry_later(tx, workspace, recipient, Timestamp::now(), "450 later"),
    }
}

fn reads(world: &World, dice: &Dice) -> Value {
    let id = world.pick("recipient", dice.one);
    json!({ "id": id, "opened": dice.bit(0), "viewed": dice.bit(1) })
}

fn reads_of(what: &Value) -> Reads {
    let mut reads = Reads::default();
    if what["opened"] == json!(true) {
        reads.open(Timestamp::now());
    }
    if what["viewed"] == json!(true) {
        reads.view(Timestamp::now());
    }
    reads
}

impl Dice {
    fn throw(&self, world: &World) -> Change {
        let (actor, fields, work) = CHANGES[self.what];
        let fields = fields(world, self);
        let is_update = fields["id"].is_string() && actor == "token";
        Change {
            work,
            is_idempotent: is_update && fields["position"].is_null(),
            fields,
            actor,
        }
    }
}

#[test]
fn replaying_the_journal_gives_the_rows() {
    let config = Config {
        cases: 40,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let seen = RefCell::new(BTreeSet::new());
    let run = TestRunner::new_with_rng(config, rng).run(&vec(dice(), 40..160), |throws| {
        let mut world = World::new();
        for dice in &throws {
            let change = dice.throw(&world);
            let events = world.make(&change);
            let kinds = events.iter().map(|event| event.kind.clone());
            seen.borrow_mut().extend(kinds);
            if change.is_idempotent && !events.is_empty() {
                // A deleted object cannot be deleted again, and a change to the same values records no event.
                let again = world.make(&change);
                assert!(again.is_empty(), "{change:?}: {again:?}");
            }
        }
        let problems = world
            .db
            .read(|conn| doctor::rows(conn, &|_, _| {}))
            .unwrap();
        assert_eq!(problems, Vec::<String>::new());
        Ok(())
    });
    run.unwrap();
    let seen = seen.into_inner();
    for kind in EventType::ALL {
        let is_replayed = REPLAYED.contains(&kind.noun());
        assert_eq!(
            seen.contains(kind.as_str()),
            is_replayed,
            "{kind:?}: {seen:?}"
        );
    }
}
