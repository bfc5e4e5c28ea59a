//! Imports of tables: exports of Todoist, Asana, GitHub Projects and Jira, as these products write them.

use serde_json::{Value, json};

use crate::export::export;
use crate::harness::{App, column};

const TODOIST: &str = include_str!("../data/todoist.csv");

const ASANA: &str = include_str!("../data/asana.csv");

const GITHUB: &str = include_str!("../data/github.tsv");

const JIRA: &str = include_str!("../data/jira.csv");

/// Imports a table into a workspace of its own, and returns the report and the export.
fn imported(query: &str, table: &str) -> (Value, Value) {
    let app = App::shared();
    let client = app.client();
    let report = client.imported(query, table);
    assert_eq!(report["format"], "csv");
    (report, export(&client))
}

fn names(export: &Value, list: &str, field: &str) -> Vec<String> {
    column(export[list].as_array().unwrap(), field)
}

fn task<'e>(export: &'e Value, label: &str) -> &'e Value {
    let mut tasks = export["tasks"].as_array().unwrap().iter();
    tasks
        .find(|task| task["label"] == label)
        .unwrap_or_else(|| panic!("{label}"))
}

/// The name of a task's lane, or nothing.
fn lane(export: &Value, label: &str) -> Value {
    let id = &task(export, label)["workflow_lane_id"];
    let mut lanes = export["lanes"].as_array().unwrap().iter();
    lanes
        .find(|lane| lane["id"] == *id)
        .map_or(Value::Null, |lane| lane["name"].clone())
}

#[track_caller]
fn assert_described(task: &Value, parts: &[&str]) {
    let description = task["description"].as_str().unwrap_or_default();
    for part in parts {
        assert!(description.contains(part), "{part}: {description}");
    }
}

#[track_caller]
fn assert_warned(report: &Value, paths: &[&str]) {
    let warned = column(report["warnings"].as_array().unwrap(), "path");
    for path in paths {
        assert!(warned.contains(&(*path).to_owned()), "{path}: {warned:?}");
    }
}

#[test]
fn a_template_of_todoist_keeps_sections_subtasks_and_comments() {
    let (report, export) = imported("?file_name=Home.csv", TODOIST);
    assert_eq!(names(&export, "boards", "name"), ["Home"]);
    assert_eq!(names(&export, "lanes", "name"), ["Kitchen", "Garden"]);
    let labels = ["Without a section", "Buy paint", "Water plants"];
    assert_eq!(names(&export, "tasks", "label"), labels);
    assert_eq!(names(&export, "subtasks", "label"), ["White", "Primer"]);
    assert_eq!(names(&export, "labels", "name"), ["shop", "home"]);
    let paint = task(&export, "Buy paint");
    assert_eq!(
        (&paint["due_on"], lane(&export, "Buy paint")),
        (&json!("2024-02-01"), json!("Kitchen"))
    );
    assert_eq!(paint["label_ids"].as_array().unwrap().len(), 2);
    assert_described(
        paint,
        &[
            "Two cans",
            "Imported from Todoist",
            "Priority: 1",
            "Assigned to: Grace Hopper",
            "Subtask \"White\": Description: Matt",
        ],
    );
    let plants = task(&export, "Water plants");
    assert_eq!(plants["due_on"], "2024-03-01");
    let comment = &export["comments"][0];
    assert_eq!(
        (&comment["text"], &comment["author_name"]),
        (&json!("Ask, then buy"), &json!("Ada"))
    );
    assert_warned(&report, &["header.DURATION", "rows[5]"]);
}

#[test]
fn a_project_of_asana_keeps_sections_dates_and_nested_subtasks() {
    let (report, export) = imported("", ASANA);
    assert_eq!(names(&export, "projects", "name"), ["Launch"]);
    assert_eq!(names(&export, "lanes", "name"), ["To do", "Doing"]);
    assert_eq!(
        names(&export, "tasks", "label"),
        ["Plan launch", "Write copy"]
    );
    let plan = task(&export, "Plan launch");
    assert_eq!(
        (&plan["status"], &plan["due_on"]),
        (&json!(0), &json!("2024-02-01"))
    );
    assert_eq!(
        (&plan["created_at"], &plan["updated_at"]),
        (
            &json!("2024-01-10T00:00:00Z"),
            &json!("2024-01-12T00:00:00Z")
        )
    );
    assert_described(
        plan,
        &[
            "First line\nsecond line",
            "Assigned to: ada@nowhere.example",
            "Start Date: 2024-01-11",
            "Blocking (Dependencies): Write copy",
            "Effort: High",
            "Also in: Other",
            "Subtask \"Book room\": Description: Room, 2nd floor; Due: 2024-01-30",
        ],
    );
    assert_eq!(task(&export, "Write copy")["status"], 2);
    let done = export["subtasks"].as_array().unwrap().iter();
    let done: Vec<_> = done
        .map(|subtask| subtask["is_completed"].clone())
        .collect();
    assert_eq!(
        names(&export, "subtasks", "label"),
        ["Book room", "Ask caterer"]
    );
    assert_eq!(done, [true, false]);
    assert_eq!(names(&export, "labels", "name"), ["marketing", "Q1"]);
    assert_warned(
        &report,
        &["header.Effort", "rows[0].project", "rows[0].members"],
    );
}

#[test]
fn a_view_of_github_projects_keeps_status_labels_and_fields() {
    let (report, export) = imported("?board=Plans", GITHUB);
    assert_eq!(names(&export, "boards", "name"), ["Plans"]);
    let status = |label: &str| task(&export, label)["status"].clone();
    let statuses = ["Fix login", "Write docs", "Review PR", "Release"].map(status);
    assert_eq!(statuses, [json!(1), json!(0), json!(0), json!(2)]);
    assert_eq!(lane(&export, "Review PR"), "In review");
    let fix = task(&export, "Fix login");
    assert_eq!(fix["due_on"], "2024-01-31");
    assert_eq!(names(&export, "labels", "name"), ["bug", "p1"]);
    assert_described(
        fix,
        &[
            "Imported from GitHub Projects",
            "Milestone: v1",
            "Estimate: 3",
            "Assigned to: ada, grace",
        ],
    );
    assert_warned(&report, &["header.Milestone", "rows[0].members"]);
}

#[test]
fn a_search_of_jira_keeps_statuses_comments_and_parents() {
    let (report, export) = imported("", JIRA);
    assert_eq!(names(&export, "projects", "name"), ["Website"]);
    assert_eq!(names(&export, "lanes", "name"), ["In Review"]);
    let labels = ["Login", "Fix \"remember me\"", "Ship it"];
    assert_eq!(names(&export, "tasks", "label"), labels);
    assert_eq!(names(&export, "subtasks", "label"), ["Write test"]);
    assert_eq!(export["subtasks"][0]["is_completed"], true);
    let bug = task(&export, labels[1]);
    assert_eq!(
        (&bug["status"], lane(&export, labels[1])),
        (&json!(1), json!("In Review"))
    );
    assert_eq!(
        (&bug["due_on"], &bug["created_at"], &bug["updated_at"]),
        (
            &json!("2024-02-01"),
            &json!("2024-01-15T00:05:00Z"),
            &json!("2024-01-16T13:05:00Z")
        )
    );
    assert_eq!(task(&export, "Ship it")["status"], 2);
    assert_described(
        bug,
        &[
            "It forgets.\nAlways.",
            "Parent: WEB-1",
            "Priority: Medium",
            "Custom field (Story Points): 3.0",
            "shot.png",
            "Assigned to: Grace Hopper",
        ],
    );
    let description = bug["description"].as_str().unwrap();
    assert!(
        !description.contains("557058:b;") && !description.contains("Project lead"),
        "{description}"
    );
    let comments = export["comments"].as_array().unwrap();
    assert_eq!(names(&export, "comments", "text"), ["Please; fix", "Done"]);
    assert_eq!(comments[0]["created_at"], "2024-01-15T23:00:00Z");
    assert_eq!(comments[1]["created_at"], "2024-01-16T09:00:00Z");
    assert_warned(
        &report,
        &[
            "header.Project lead",
            "header.Assignee Id",
            "header.Priority",
            "rows[2]",
        ],
    );
}

#[test]
fn a_preset_can_be_forced_and_is_checked() {
    let app = App::shared();
    let client = app.client();
    let plain = "Name,Notes,Due\nOne,Text,2024-01-01\n";
    let reply = client
        .import("?preset=jira", plain)
        .expect_error(422, "import_failed");
    let problem = &reply.details()["problems"][0];
    assert_eq!(problem["path"], "header");
    assert!(
        problem["message"]
            .as_str()
            .unwrap()
            .contains("no column \"Summary\""),
        "{problem}"
    );
    client
        .import("?preset=trello", plain)
        .expect_error(400, "invalid_request");
    let reply = client.import("?preset=jira&format=trello", plain);
    reply.expect_error(422, "import_failed");
    // Only the columns of the product count, but a person can name others.
    let table = "Title,URL,Assignees,Status,Due on\nOne,u,,Todo,2024-01-01\n";
    client.imported("?preset=github", table);
    assert_eq!(task(&export(&client), "One")["due_on"], Value::Null);
    let other = app.client();
    other.imported("?preset=github&format=csv&column=due_on%3DDue%20on", table);
    assert_eq!(task(&export(&other), "One")["due_on"], "2024-01-01");
}

#[test]
fn rows_of_a_table_without_a_known_product_are_tasks() {
    let table = "\u{feff}Name;Status;Parent;Tags;Color\nOne;Waiting;;a;red\nTwo;done;One;;\nThree;;Nobody;A, b;\nLoop;;Loop;;\n";
    let (report, export) = imported("", table);
    assert_eq!(names(&export, "tasks", "label"), ["One", "Three", "Loop"]);
    assert_eq!(lane(&export, "One"), "Waiting");
    assert_eq!(names(&export, "labels", "name"), ["a", "b"]);
    assert_described(task(&export, "One"), &["Color: red"]);
    assert_described(task(&export, "Three"), &["Parent: Nobody"]);
    assert_warned(
        &report,
        &["header.Color", "rows[2].parent", "rows[3].parent"],
    );
    let (long, _) = imported("", "Title,Notes\nOne,a,b,c\nTwo\n");
    let shown = json!({ "path": "header", "message": "Cells after the last column are lost: 2" });
    assert!(
        long["warnings"].as_array().unwrap().contains(&shown),
        "{long}"
    );
    // One column has no separator, so the name of the file counts.
    let (_, one) = imported("?file_name=List.CSV", "Title\nMilk\nBread\n");
    assert_eq!(names(&one, "tasks", "label"), ["Milk", "Bread"]);
    let columns = vec!["x"; 1_001].join(",");
    let app = App::shared();
    let reply = app
        .client()
        .import("?format=csv", format!("{columns}\n1\n"));
    assert!(
        reply
            .expect_error(422, "import_failed")
            .text
            .contains("1000 columns")
    );
}
