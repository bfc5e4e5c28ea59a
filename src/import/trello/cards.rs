//! The cards of a Trello board.

use std::collections::HashMap;

use serde_json::Value;

use super::super::boards::{Checklist, Comment, Task};
use super::super::fields::{Fields, Placed, line, link};
use super::super::options::Target;
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::super::text;
use super::lists::{List, created};
use crate::model::tasks::Status;

/// What cards refer to.
pub(super) struct Context {
    pub(super) people: HashMap<String, Person>,
    pub(super) checklists: HashMap<String, Vec<Checklist>>,
    pub(super) comments: HashMap<String, Vec<Comment>>,
    pub(super) custom_fields: HashMap<String, Value>,
    pub(super) lists: HashMap<String, List>,
}

/// The task that a card becomes.
pub(super) fn task(card: &Placed, context: &mut Context, to: &mut dyn Receiver) -> Task {
    let (path, value) = (&card.path, &card.value);
    let id = value.text("id");
    let list = context.lists.get(&value.text("idList")).copied();
    if list.is_none() {
        Warnings(to).add(
            &format!("{path}.idList"),
            "Its list is not in the file, so the task is in no lane",
        );
    }
    let is_archived = value.flag("closed") || list.is_some_and(|list| list.is_closed);
    let updated = text::time(
        &value.text("dateLastActivity"),
        &format!("{path}.dateLastActivity"),
        &mut Warnings(to),
    );
    let mut task = Task {
        path: path.clone(),
        title: value.text("name"),
        description: value.text("desc"),
        status: status(value, list),
        lane: lane(value, list),
        labels: value.texts("idLabels"),
        assignees: people(value, context),
        due_on: text::day(
            &value.text("due"),
            &format!("{path}.due"),
            &mut Warnings(to),
        ),
        is_archived,
        archived_at: updated.filter(|_| is_archived),
        created_by: context.people.get(&value.text("idMemberCreator")).cloned(),
        created: created(&id, &format!("{path}.id"), to),
        updated,
        checklists: context.checklists.remove(&id).unwrap_or_default(),
        comments: context.comments.remove(&id).unwrap_or_default(),
        id,
        ..Task::default()
    };
    task.notes = notes(value, path, context, to);
    task
}

fn status(card: &Value, list: Option<List>) -> Status {
    match list.map(|list| list.target) {
        _ if card.flag("dueComplete") => Status::Done,
        Some(Target::Status(status)) => status,
        _ => Status::Open,
    }
}

fn lane(card: &Value, list: Option<List>) -> Option<String> {
    let list = list?;
    let is_lane = list.target == Target::Lane && !list.is_closed;
    is_lane.then(|| card.text("idList"))
}

fn people(card: &Value, context: &Context) -> Vec<Person> {
    let person = |id: &String| {
        let known = context.people.get(id).cloned();
        known.unwrap_or_else(|| Person {
            name: format!("member {id}"),
            member: None,
        })
    };
    card.texts("idMembers").iter().map(person).collect()
}

/// What has no place in a task.
fn notes(card: &Value, path: &str, context: &Context, to: &mut dyn Receiver) -> Vec<String> {
    let mut notes = Vec::new();
    let mut keep = |field: &str, message: &str, note: Option<String>| {
        Warnings(to).add(&format!("{path}.{field}"), message);
        notes.extend(note);
    };
    let start = card.text("start");
    if !start.is_empty() {
        keep(
            "start",
            "The start date is kept in the description",
            Some(format!("Start: {}", line(&start))),
        );
    }
    let attachments = card.list("attachments");
    if !attachments.is_empty() {
        let message = format!(
            "{} attachments are kept as links in the description",
            attachments.len()
        );
        let links: Vec<_> = attachments
            .iter()
            .map(|one| link(&one.text("name"), &one.text("url")))
            .collect();
        keep(
            "attachments",
            &message,
            Some(format!("Attachments: {}", links.join(", "))),
        );
    }
    for field in card.list("customFieldItems") {
        let (name, shown) = custom_field(field, context);
        let message = format!("The custom field {name:?} is kept in the description");
        keep(
            "customFieldItems",
            &message,
            Some(format!("{name}: {shown}")),
        );
    }
    let votes = card.list("idMembersVoted").len();
    if votes > 0 {
        keep(
            "idMembersVoted",
            "The votes are kept as a number in the description",
            Some(format!("Votes: {votes}")),
        );
    }
    let place = [card.text("locationName"), card.text("address")]
        .into_iter()
        .find(|text| !text.is_empty());
    if let Some(place) = place {
        keep(
            "address",
            "The location is kept in the description",
            Some(format!("Location: {}", line(&place))),
        );
    }
    if card.flag("isTemplate") {
        keep(
            "isTemplate",
            "The card is a template, and becomes a task",
            Some("This was a template".to_owned()),
        );
    }
    if !card["cover"].text("color").is_empty() || !card["cover"].text("idAttachment").is_empty() {
        keep("cover", "The cover is not kept", None);
    }
    if !card.list("stickers").is_empty() {
        keep("stickers", "Stickers are not kept", None);
    }
    notes
}

/// The name and the value of a custom field.
fn custom_field(item: &Value, context: &Context) -> (String, String) {
    let field = context.custom_fields.get(&item.text("idCustomField"));
    let name = field
        .map(|field| line(&field.text("name")))
        .filter(|name| !name.is_empty());
    let option = |field: &Value| {
        let options = field.list("options").iter();
        let mut chosen = options.filter(|option| option.text("id") == item.text("idValue"));
        chosen.next().map(|option| option["value"].text("text"))
    };
    let value = &item["value"];
    let plain = ["text", "number", "date", "checked"]
        .into_iter()
        .map(|kind| value.text(kind))
        .find(|text| !text.is_empty());
    let shown = plain.or_else(|| field.and_then(option)).unwrap_or_default();
    (
        name.unwrap_or_else(|| "Custom field".to_owned()),
        line(&shown),
    )
}
