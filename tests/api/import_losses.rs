//! What files of other products have and tasks have not: it is kept in the description, or listed in the report.

use serde_json::{Value, json};

use crate::export::export;
use crate::harness::App;
use crate::imports::trello;

/// A file that was imported: the report and the export.
struct Imported {
    report: Value,
    export: Value,
}

impl Imported {
    /// Imports a file into a workspace of its own.
    fn of(query: &str, file: &str) -> Self {
        let client = App::shared().client();
        Self {
            report: client.imported(query, file),
            export: export(&client),
        }
    }

    fn task(&self, label: &str) -> &Value {
        let mut tasks = self.export["tasks"].as_array().unwrap().iter();
        let found = tasks.find(|task| task["label"] == label);
        found.unwrap_or_else(|| panic!("{label}"))
    }

    /// The messages of the warnings with this path.
    fn warnings(&self, path: &str) -> Vec<&str> {
        let all = self.report["warnings"].as_array().unwrap().iter();
        let all = all.filter(|warning| warning["path"] == path);
        all.map(|warning| warning["message"].as_str().unwrap())
            .collect()
    }

    #[track_caller]
    fn assert_warned(&self, path: &str, part: &str) {
        let found = self.warnings(path);
        assert!(
            found.iter().any(|message| message.contains(part)),
            "{path}: {part}: {}",
            self.report["warnings"]
        );
    }

    #[track_caller]
    fn assert_described(&self, label: &str, part: &str) {
        let task = self.task(label);
        let description = task["description"].as_str().unwrap_or_default();
        assert!(description.contains(part), "{part}: {description}");
    }
}

/// The cards of a Trello board with these fields beside those that each card has.
fn cards(fields: &[Value]) -> Value {
    let card = |(at, more): (usize, &Value)| {
        let id = format!("5f00000000000000000{:05}", at + 2);
        let mut card =
            json!({ "id": id, "name": format!("Card {at}"), "idList": "open", "pos": at });
        let fields = card.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        card
    };
    fields.iter().enumerate().map(card).collect()
}

#[test]
fn every_date_is_kept() {
    let days = [
        ("9999-12-31T23:59:59Z", json!("9999-12-31")),
        ("9999-12-31", json!("9999-12-31")),
        ("1815-12-10T00:00:00.000Z", json!("1815-12-10")),
        ("0001-01-01T00:00:00Z", Value::Null),
        ("soon", Value::Null),
    ];
    let due = days.clone().map(|(due, _)| json!({ "due": due }));
    let file = trello(json!([]), cards(&due)).to_string();
    let found = Imported::of("", &file);
    for (at, (due, day)) in days.iter().enumerate() {
        let task = found.task(&format!("Card {at}"));
        assert_eq!(task["due_on"], *day, "{due}");
    }
    let messages: Vec<_> = (0..5)
        .map(|at| found.warnings(&format!("cards[{at}].due")))
        .collect();
    let expected: [&[&str]; 5] = [
        &["Only the date of 9999-12-31T23:59:59Z is kept, in UTC"],
        &[],
        &[],
        &["\"0001-01-01T00:00:00Z\" stands for no date, so it is left out"],
        &["\"soon\" is not a date, so it is left out"],
    ];
    assert_eq!(messages, expected);
    let table = "Title,Due,Created\nOne,9999-12-31,1950-01-01\nTwo,9999-12-31T10:00:00Z,\n";
    let found = Imported::of("", table);
    for label in ["One", "Two"] {
        assert_eq!(found.task(label)["due_on"], "9999-12-31");
    }
    found.assert_warned("rows[0].created_at", "is not a time between 1970 and 9997");
}
