//! Twenty tasks of an assistant, as people word them. Each needs at most three calls.

use serde_json::{Value, json};
use tackboard::model::scopes::Role;
use tackboard::model::time::Timestamp;

use crate::agent::Agent;
use crate::harness::{App, column};

/// The day that is so many days from now.
fn day(days: i64) -> String {
    Timestamp::now().plus_days(days).to_string()[..10].to_owned()
}

/// The office of a small company: two boards, a few tasks, a card.
fn office(app: &App) -> Agent {
    let workspace = app.workspace("teams");
    app.named_member(&workspace, "Grace", Role::Member);
    app.named_member(&workspace, "Linus", Role::Member);
    let agent = Agent::of(app, &workspace);
    agent.call(
        "manage_board",
        json!({ "changes": [
            { "action": "create", "type": "board", "name": "Website" },
            { "action": "create", "type": "project", "board": "Website", "name": "Launch" },
            { "action": "create", "type": "project", "board": "Website", "name": "Shop" },
            { "action": "create", "type": "lane", "board": "Website", "name": "To do" },
            { "action": "create", "type": "lane", "board": "Website", "name": "Review" },
            { "action": "create", "type": "label", "board": "Website", "name": "Bug", "color": "#ff0000" },
            { "action": "create", "type": "board", "name": "Office" },
            { "action": "create", "type": "project", "board": "Office", "name": "Move" }
        ] }),
    );
    let (late, soon) = (day(-3), day(2));
    agent.call(
        "create_tasks",
        json!({ "tasks": [
            { "project": "Launch", "label": "Press release", "assignees": ["Grace"], "due_on": late },
            { "project": "Launch", "label": "Book a venue", "assignees": ["Linus"], "due_on": late, "status": 1 },
            { "project": "Launch", "label": "Old invoice", "due_on": late, "status": 2 },
            { "project": "Launch", "label": "Old logo", "status": 2 },
            { "project": "Shop", "label": "Login fails", "labels": ["Bug"], "lane": "To do", "due_on": soon },
            { "project": "Shop", "label": "Cart is slow", "labels": ["Bug"], "lane": "Review", "assignees": ["Grace"] },
            { "project": "Move", "label": "Order desks", "description": "Twelve of them, from the shop on Main Street" }
        ] }),
    );
    agent.call(
        "write_card",
        json!({ "title": "Welcome", "message": "Hello {{name}}, your buddy is {{buddy}}." }),
    );
    agent
}

/// Runs a task, which needs at most three calls.
#[track_caller]
fn task(wish: &str, work: impl FnOnce(&Agent)) {
    let agent = office(App::shared());
    let before = agent.calls();
    work(&agent);
    let calls = agent.calls() - before;
    assert!((1..=3).contains(&calls), "{wish:?} needs {calls} calls");
}

fn labels(result: &Value) -> Vec<String> {
    column(result["tasks"].as_array().unwrap(), "label")
}

/// References to the tasks of a list, each with the same change.
fn each(result: &Value, change: &Value) -> Value {
    let tasks = result["tasks"].as_array().unwrap().iter().map(|task| {
        let mut changed = change.clone();
        changed["task"] = task["id"].clone();
        changed
    });
    json!({ "tasks": tasks.collect::<Vec<_>>() })
}

#[test]
fn planning() {
    task("Plan the launch", |agent| {
        let (first, second, third) = (day(7), day(14), day(21));
        let made = agent.call(
            "create_tasks",
            json!({ "tasks": [
                { "project": "Launch", "label": "Draft the announcement", "assignees": ["Grace"], "due_on": first, "lane": "To do" },
                { "project": "Launch", "label": "Record the demo", "assignees": ["Linus"], "due_on": second, "lane": "To do" },
                { "project": "Launch", "label": "Announce", "due_on": third }
            ] }),
        );
        assert_eq!(made["tasks"].as_array().unwrap().len(), 3);
    });
    task(
        "Set up a board for hiring, with the first three tasks",
        |agent| {
            agent.call(
                "manage_board",
                json!({ "changes": [
                { "action": "create", "type": "board", "name": "Hiring" },
                { "action": "create", "type": "lane", "board": "Hiring", "name": "Applied" },
                { "action": "create", "type": "lane", "board": "Hiring", "name": "Interview" },
                { "action": "create", "type": "project", "board": "Hiring", "name": "Engineer" }
            ] }),
            );
            let new =
                |label: &str| json!({ "project": "Engineer", "label": label, "lane": "Applied" });
            let tasks = ["Ann", "Bob", "Cy"].map(new);
            let made = agent.call("create_tasks", json!({ "tasks": tasks }));
            assert_eq!(made["tasks"][2]["lane"], "Applied");
        },
    );
    task(
        "Give the launch a lane for things that wait, and put the venue there",
        |agent| {
            let lane = json!({ "action": "create", "type": "lane", "board": "Website", "name": "Waiting" });
            agent.call("manage_board", json!({ "changes": [lane] }));
            let moved = json!({ "tasks": [{ "task": "Book a venue", "lane": "Waiting" }] });
            assert_eq!(
                agent.call("update_tasks", moved)["tasks"][0]["lane"],
                "Waiting"
            );
        },
    );
    task("File a bug: search finds nothing", |agent| {
        let bug = json!({ "project": "Shop", "label": "Search finds nothing", "labels": ["Bug"], "position": "first" });
        let made = agent.call("create_tasks", json!({ "tasks": [bug] }));
        assert_eq!(made["tasks"][0]["labels"], json!(["Bug"]));
    });
    task("Write down three things we need for the move", |agent| {
        let new = |label: &str| json!({ "project": "Move", "label": label });
        let tasks = ["Boxes", "A van", "New keys"].map(new);
        let made = agent.call("create_tasks", json!({ "tasks": tasks }));
        assert_eq!(labels(&made), ["Boxes", "A van", "New keys"]);
    });
}

#[test]
fn asking() {
    task("What is overdue, and whose is it?", |agent| {
        let overdue = json!({ "due_before": day(0), "status": "0,1" });
        let found = agent.call("list_tasks", overdue);
        assert_eq!(labels(&found), ["Press release", "Book a venue"]);
        assert_eq!(found["tasks"][0]["assignees"], json!(["Grace"]));
        assert_eq!(found["tasks"][1]["assignees"], json!(["Linus"]));
    });
    task("What is due this week?", |agent| {
        let week = json!({ "due_after": day(0), "due_before": day(8), "sort": "due_on" });
        assert_eq!(labels(&agent.call("list_tasks", week)), ["Login fails"]);
    });
    task("What is Grace working on?", |agent| {
        let hers = agent.call(
            "list_tasks",
            json!({ "assignee": "Grace", "status": "0,1" }),
        );
        assert_eq!(labels(&hers), ["Press release", "Cart is slow"]);
    });
    task("How is the launch going?", |agent| {
        let board = agent.call("get_board", json!({ "board": "Website" }));
        assert_eq!(board["projects"][0]["num_tasks_total"], 4);
        assert_eq!(board["projects"][0]["progress"], 0.5);
    });
    task("Where did we write about Main Street?", |agent| {
        let found = agent.call("find", json!({ "query": "main street" }));
        assert_eq!(found["results"][0]["title"], "Order desks");
        assert_eq!(found["results"][0]["project"], "Move");
    });
    task("Which bugs are open, and which is in review?", |agent| {
        let bugs = agent.call(
            "list_tasks",
            json!({ "board": "Website", "label": "Bug", "status": "0,1" }),
        );
        assert_eq!(bugs["tasks"][1]["lane"], "Review");
    });
    task("Who changed the press release today?", |agent| {
        let changes = agent.call("get_activity", json!({ "task": "Press release" }));
        assert_eq!(changes["events"][0]["actor"]["name"], "Owner");
    });
    task("How many cards can we still send this month?", |agent| {
        let usage = agent.call("get_usage", json!({}));
        assert!(usage["card_sends"]["limit"].is_u64(), "{usage}");
    });
}

#[test]
fn changing() {
    task("Archive everything that was done last week", |agent| {
        let done = agent.call(
            "list_tasks",
            json!({ "status": "2", "sort": "-updated_at" }),
        );
        assert_eq!(labels(&done).len(), 2);
        let archived = agent.call("update_tasks", each(&done, &json!({ "archived": true })));
        assert!(archived["tasks"][0]["archived_at"].is_string());
    });
    task(
        "Mark the press release as done and tell people where it is",
        |agent| {
            let done = json!({ "tasks": [{ "task": "press release", "status": 2 }] });
            agent.call("update_tasks", done);
            agent.call(
                "add_comment",
                json!({ "task": "Press release", "text": "It is on the website." }),
            );
        },
    );
    task("Grace is ill: give her tasks to Linus", |agent| {
        let hers = agent.call(
            "list_tasks",
            json!({ "assignee": "Grace", "status": "0,1" }),
        );
        let moved = agent.call(
            "update_tasks",
            each(&hers, &json!({ "assignees": ["Linus"] })),
        );
        assert_eq!(moved["tasks"][1]["assignees"], json!(["Linus"]));
    });
    task("Move everything overdue to next Friday", |agent| {
        let overdue = agent.call(
            "list_tasks",
            json!({ "due_before": day(0), "status": "0,1" }),
        );
        let friday = day(7);
        let moved = agent.call("update_tasks", each(&overdue, &json!({ "due_on": friday })));
        assert_eq!(moved["tasks"][0]["due_on"], json!(friday));
    });
    task("Delete the old logo task", |agent| {
        agent.call("delete_tasks", json!({ "tasks": ["Old logo"] }));
    });
}

#[test]
fn sending_cards() {
    task("Send the welcome card to these three", |agent| {
        let person = |(name, buddy): (&str, &str)| json!({ "name": name, "email": format!("{name}@example.org"), "buddy": buddy });
        let people = [("Ada", "Grace"), ("Bob", "Linus"), ("Cy", "Grace")].map(person);
        let send = json!({ "card": "Welcome", "recipients": people });
        assert_eq!(
            agent.call("send_card", send)["recipients"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
    });
    task(
        "Write a birthday card like the welcome card, and tell me who has opened the welcome card",
        |agent| {
            let welcome = agent.call("get_card", json!({ "card": "Welcome" }));
            assert_eq!(welcome["totals"]["opened"], 0);
            let card =
                json!({ "title": "Happy birthday", "message": "Hello {{name}}, from {{buddy}}." });
            let card = agent.call("write_card", card);
            assert_eq!(card["card"]["merge_tags"], welcome["card"]["merge_tags"]);
        },
    );
}
