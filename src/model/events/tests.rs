//! Tests of what events record.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::{Value, json};

use super::{Changes, EventType, NewEvent};

#[test]
fn changes_name_the_members_that_differ() {
    let old = json!({ "label": "a", "status": 0, "updated_at": "x", "subtasks_total": 1 });
    let new = json!({ "label": "b", "status": 0, "updated_at": "y", "subtasks_total": 2 });
    let changes = Changes::between(&old, &new).unwrap();
    assert_eq!(
        Value::from(changes),
        json!({ "label": { "from": "a", "to": "b" } })
    );
    assert!(Changes::between(&old, &old).unwrap().is_empty());
}

#[test]
fn long_texts_change_by_their_length() {
    let of = |text: Option<String>| json!({ "description": text });
    let changes = |from, to| Value::from(Changes::between(&of(from), &of(to)).unwrap());
    let (limit, beyond) = ("é".repeat(1024), "é".repeat(1025));
    assert_eq!(
        changes(None, Some(limit.clone())),
        json!({ "description": { "from": null, "to": limit } })
    );
    assert_eq!(
        changes(Some(beyond), None),
        json!({ "description": { "from_length": 1025, "to_length": 0 } })
    );
}

#[test]
fn long_texts_in_data_are_cut_and_named() {
    let of = |length| {
        let data = json!({ "id": 1, "description": "é".repeat(length) });
        NewEvent::new(EventType::TaskCreated, &data).unwrap()
    };
    assert_eq!(of(4096).truncated, None);
    let event = of(4097);
    assert_eq!(event.truncated.as_deref(), Some("[\"description\"]"));
    let data: Value = serde_json::from_str(&event.data).unwrap();
    assert_eq!(data["description"].as_str().unwrap().chars().count(), 4096);
}

#[test]
fn a_type_has_a_noun_and_is_found_by_its_name() {
    for kind in EventType::ALL {
        assert_eq!(EventType::parse(kind.as_str()), Some(*kind));
        assert!(kind.as_str().starts_with(kind.noun()));
    }
    assert!(EventType::TokenCreated.needs_admin());
    assert!(!EventType::TaskCreated.needs_admin());
    assert_eq!(EventType::parse("task.exploded"), None);
}
