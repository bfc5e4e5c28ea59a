//! `tackboard plan …`

use serde_json::{Value, json};

use crate::harness::Folder;

const FIGURES: [&str; 10] = [
    "boards",
    "projects",
    "tasks",
    "cards",
    "tokens",
    "webhooks",
    "members",
    "api_calls",
    "webhook_deliveries",
    "card_sends",
];

fn plan(folder: &Folder, name: &str) -> Value {
    let all = folder.json("plan list");
    let found = all
        .as_array()
        .unwrap()
        .iter()
        .find(|plan| plan["name"] == name);
    found.unwrap().clone()
}

#[test]
fn plans_are_listed() {
    let folder = Folder::new();
    let all = folder.json("plan list");
    let names: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| &plan["id"])
        .collect();
    assert_eq!(names, ["personal", "pro", "teams"]);
    assert_eq!(
        (&all[0]["tasks"], &all[0]["name"]),
        (&json!(500), &json!("personal"))
    );
    folder.run("plan set pro --api-calls none").ok();
    let table = folder.run("plan list").ok();
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(
        table.lines().last().unwrap().starts_with("pro "),
        "no limit is the largest: {table}"
    );
    assert!(table.contains(" none "), "{table}");
    let headings = table.lines().next().unwrap();
    for figure in FIGURES {
        let heading = match figure {
            "webhook_deliveries" => "DELIVERIES".to_owned(),
            other => other.to_uppercase().replace('_', " "),
        };
        assert!(headings.contains(&heading), "{heading}: {headings}");
    }
    let personal = table.lines().find(|line| line.starts_with("personal"));
    let cells: Vec<_> = personal.unwrap().split_whitespace().collect();
    assert_eq!(cells[7], "1", "members: {table}");
}

#[test]
fn figures_are_changed_one_by_one() {
    let folder = Folder::new();
    let before = plan(&folder, "pro");
    let changed = folder.json("plan set pro --tasks 5000 --api-calls none");
    assert_eq!(
        (&changed["tasks"], &changed["api_calls"]),
        (&json!(5000), &json!(null))
    );
    for figure in FIGURES
        .iter()
        .filter(|figure| !["tasks", "api_calls"].contains(figure))
    {
        assert_eq!(changed[figure], before[figure], "{figure}");
    }
    for (at, figure) in FIGURES.iter().enumerate() {
        let text = folder
            .run(&format!("plan set pro --{} {at}", figure.replace('_', "-")))
            .ok();
        assert!(text.starts_with("Changed plan pro."), "{text}");
        assert_eq!(plan(&folder, "pro")[figure], at, "{figure}");
    }
}

#[test]
fn a_plan_is_added_without_limits_but_those_given() {
    let folder = Folder::with_demo();
    assert!(
        folder
            .run("plan set huge --boards 7")
            .ok()
            .contains("Added plan huge.")
    );
    let huge = plan(&folder, "huge");
    assert_eq!(huge["boards"], 7);
    assert!(
        FIGURES[1..].iter().all(|figure| huge[figure].is_null()),
        "{huge}"
    );
    let free = folder.json("plan set free");
    assert!(
        FIGURES.iter().all(|figure| free[figure].is_null()),
        "{free}"
    );
    assert_eq!(folder.json("workspace set-plan demo huge")["plan"], "huge");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = Folder::new();
    assert!(
        folder
            .run("plan set pro")
            .refused()
            .contains("give a limit")
    );
    for bad in [
        "many",
        "-1",
        "1.5",
        "",
        "99999999999999999999",
        "1000000000001",
    ] {
        folder
            .run_args(&["plan", "set", "pro", "--tasks", bad])
            .misused();
    }
    for bad in ["Two Words", "", "GOLD"] {
        folder
            .run_args(&["plan", "set", bad, "--tasks", "1"])
            .misused();
    }
    assert_eq!(plan(&folder, "pro")["tasks"], 2500);
}
