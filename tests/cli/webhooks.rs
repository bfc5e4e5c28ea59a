//! `tackboard webhook …`

use serde_json::{Value, json};

use crate::harness::{Folder, run};

const CREATE: &str =
    "webhook create --workspace demo --name Chat --url https://hooks.example.org/x --events";

fn create(folder: &Folder) -> Value {
    folder.json(&format!("{CREATE} task.*,card.sent"))
}

#[test]
fn a_webhook_is_created_listed_and_switched() {
    let folder = Folder::with_demo();
    let empty = folder.run("webhook list").ok();
    assert!(empty.contains("tackboard webhook create"), "{empty}");
    let workspace = folder.json("workspace list")[0]["id"].clone();
    let made = create(&folder);
    let expected = json!({
        "id": made["id"], "name": "Chat", "url": "https://hooks.example.org/x", "events": ["task.*", "card.sent"],
        "board_id": null, "payload": "full", "is_active": true, "disabled_reason": null, "disabled_at": null,
        "created_at": made["created_at"], "updated_at": made["created_at"], "workspace_id": workspace,
        "secret": made["secret"]
    });
    assert_eq!(made, expected);
    // Only the secret, so that it can be piped.
    let secret = folder.run(&format!("{CREATE} *")).ok();
    assert!(
        secret.starts_with("whsec_") && secret.trim().len() == 50,
        "{secret}"
    );
    let listed = folder.json("webhook list --workspace demo");
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("secret");
    shown["failing_since"] = Value::Null;
    assert_eq!(listed[0], shown);
    let id = made["id"].as_str().unwrap();
    let off = folder.json(&format!("webhook disable {id}"));
    assert_eq!(
        (&off["is_active"], &off["disabled_reason"]),
        (&json!(false), &Value::Null)
    );
    let table = folder.run("webhook list").ok();
    assert!(
        table.contains("  off  ") && table.contains("  on  "),
        "{table}"
    );
    assert!(!table.contains("whsec_"), "{table}");
    let told = folder.run(&format!("webhook enable {id}")).ok();
    assert!(told.contains("tackboard webhook recover"), "{told}");
    let thin = folder.json(&format!("{CREATE} * --thin"));
    assert_eq!(thin["payload"], "thin");
    let events = folder.open();
    let count = "SELECT count(*) FROM event WHERE type LIKE 'webhook.%' AND actor_kind = 'command'";
    let count: i64 = events.query_row(count, (), |row| row.get(0)).unwrap();
    assert_eq!(count, 5);
}

#[test]
fn deliveries_are_shown_and_recovered() {
    let folder = Folder::with_demo();
    let id = create(&folder)["id"].as_str().unwrap().to_owned();
    let none = folder.run(&format!("webhook deliveries {id}")).ok();
    assert_eq!(none, "No deliveries.\n");
    let hex = id.replace('-', "");
    folder
        .open()
        .execute_batch(&format!(
            "INSERT INTO webhook_delivery (workspace_id, id, webhook_id, event_id, sequence, event, cause, status, attempts,
                                           error, created_at)
             SELECT workspace_id, randomblob(16), id, randomblob(16), 1, 'task.created', 'event', 'failed', 3,
                    'The receiver responded with status 500', 1000 FROM webhook WHERE id = x'{hex}'"
        ))
        .unwrap();
    let table = folder
        .run(&format!("webhook deliveries {id} --status failed"))
        .ok();
    assert!(
        table.contains("task.created") && table.contains("status 500"),
        "{table}"
    );
    assert_eq!(
        folder.json(&format!("webhook deliveries {id}"))[0]["attempts"],
        3
    );
    assert_eq!(
        folder.json(&format!("webhook deliveries {id} --status skipped")),
        json!([])
    );
    folder
        .run(&format!("webhook deliveries {id} --status lost"))
        .misused();
    let recovery = folder.json(&format!("webhook recover {id} --since 1"));
    assert_eq!(
        (&recovery["id"], &recovery["since"], &recovery["only"]),
        (&json!(id), &json!(1), &json!("failed"))
    );
    let recovery = folder.json(&format!(
        "webhook recover {id} --since 2024-01-15T10:30:00Z --all"
    ));
    assert_eq!(
        (&recovery["since"], &recovery["only"]),
        (&json!(0), &json!("all"))
    );
    folder
        .run(&format!("webhook recover {id} --since yesterday"))
        .misused();
    folder.run(&format!("webhook disable {id}")).ok();
    let why = folder
        .run(&format!("webhook recover {id} --since 1"))
        .refused();
    assert!(why.contains("switched off"), "{why}");
}

#[test]
fn what_cannot_be_done_is_said_in_a_line() {
    let folder = Folder::with_demo();
    let private =
        "webhook create --workspace demo --name Chat --events * --url https://192.168.1.20/x";
    let why = folder.run(private).refused();
    assert!(
        why.contains("allow it with --webhook-allow 192.168.1.20"),
        "{why}"
    );
    folder
        .run(&format!("{private} --webhook-allow 192.168.1.0/24"))
        .ok();
    let data = folder.path().to_str().unwrap();
    let args: Vec<_> = private.split(' ').chain(["--data", data]).collect();
    run(&args, &[("TACKBOARD_WEBHOOK_ALLOW", "192.168.1.20")]).ok();
    std::fs::write(
        folder.path().join("tackboard.toml"),
        "webhook_allow = [\"192.168.1.20\"]",
    )
    .unwrap();
    folder.run(private).ok();
    for (action, id) in [
        ("enable", "00000000-0000-7000-8000-000000000000"),
        ("deliveries", "00000000-0000-7000-8000-000000000000"),
    ] {
        let why = folder.run(&format!("webhook {action} {id}")).refused();
        assert!(why.contains("tackboard webhook list"), "{why}");
    }
    let why = folder.run(&format!("{CREATE} * --board x")).refused();
    assert!(why.contains("is not the id of a board"), "{why}");
    let unknown = format!("{CREATE} * --board 00000000-0000-7000-8000-000000000000");
    let why = folder.run(&unknown).refused();
    assert!(why.contains("Board not found"), "{why}");
    folder.run(&format!("{CREATE} task.made")).misused();
    folder.run("webhook enable x").misused();
    folder.run("workspace set-plan demo personal").ok();
    let why = folder.run(&format!("{CREATE} *")).refused();
    assert!(why.contains("Webhook limit reached"), "{why}");
}

#[test]
fn doctor_names_webhooks_that_fail_or_are_switched_off() {
    let folder = Folder::with_demo();
    let problem = || {
        let run = folder.run("doctor");
        assert_eq!(run.status, Some(1), "{run:?}");
        run.one_line()
    };
    assert!(folder.run("doctor").ok().contains("there are none"));
    let id = create(&folder)["id"].as_str().unwrap().to_owned();
    let out = folder.run("doctor").ok();
    assert!(out.contains("1 webhook, and it does not fail"), "{out}");
    let sql = |sql: &str| folder.open().execute_batch(sql).unwrap();
    sql("UPDATE webhook_progress SET failing_since = 1705314600000");
    let why = problem();
    assert!(why.starts_with("webhooks: deliveries to Chat"), "{why}");
    assert!(
        why.contains(&id) && why.contains("have failed since 2024-01-15T10:30:00Z"),
        "{why}"
    );
    sql(
        "UPDATE webhook SET is_active = 0, disabled_reason = 'No success for 5 days', disabled_at = 1705314600000",
    );
    let why = problem();
    assert!(
        why.contains("was switched off at 2024-01-15T10:30:00Z: No success for 5 days"),
        "{why}"
    );
    assert!(
        why.contains(&format!("tackboard webhook enable {id}")),
        "{why}"
    );
    assert!(!folder.run("doctor --json").out.contains("whsec_"));
    folder.run(&format!("webhook enable {id}")).ok();
    folder.run("doctor").ok();
    // Off because somebody wanted it so.
    folder.run(&format!("webhook disable {id}")).ok();
    folder.run("doctor").ok();
}
