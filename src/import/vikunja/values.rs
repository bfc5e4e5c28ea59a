//! Values as Vikunja writes them.

use serde_json::Value;

use super::super::fields::Fields;
use super::super::options::Options;
use super::super::persons::Person;

/// An id that is unique among installations: numbers count up in each of them.
pub(super) fn id_of(value: &Value) -> String {
    format!("{}@{}", value.text("id"), value.text("created"))
}

/// A date. The year 1 means that there is none.
pub(super) fn date<'v>(value: &'v Value, field: &str) -> &'v str {
    let text = value[field].as_str().unwrap_or_default();
    match text.starts_with("0001-01-01") {
        true => "",
        false => text,
    }
}

/// The creator of a task, if the file names one.
pub(super) fn creator(task: &Value, options: &Options) -> Option<Person> {
    let user = &task["created_by"];
    let is_named = ["name", "username", "email"]
        .into_iter()
        .any(|field| !user.text(field).trim().is_empty());
    is_named.then(|| person(user, options))
}

pub(super) fn person(user: &Value, options: &Options) -> Person {
    let names = [user.text("name"), user.text("username")];
    let name = names.into_iter().find(|name| !name.trim().is_empty());
    let email = user.text("email");
    Person::new(&name.unwrap_or_default(), Some(&email), &options.members)
}
