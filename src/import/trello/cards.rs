//! The cards of a Trello board.

use std::collections::HashMap;

use serde_json::Value;

use super::super::boards::{Checklist, Comment, Task};
use super::super::fields::{Fields, Placed, line, link, linked};
use super::super::lists::{List, Lists};
use super::super::losses::Losses;
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::super::text;
use super::ids::created;
use crate::model::tasks::Status;

/// The fields of cards that are imported, or have no meaning outside of Trello.
const CARD: &[&str] = &[
    "id",
    "name",
    "desc",
    "descData",
    "idList",
    "pos",
    "closed",
    "due",
    "dueComplete",
    "start",
    "idLabels",
    "labels",
    "idMembers",
    "members",
    "idMemberCreator",
    "dateLastActivity",
    "attachments",
    "customFieldItems",
    "idMembersVoted",
    "locationName",
    "address",
    "coordinates",
    "isTemplate",
    "cover",
    "stickers",
    "badges",
    "checkItemStates",
    "idChecklists",
    "checklists",
    "creationMethod",
    "creationMethodError",
    "creationMethodLoadingStartedAt",
    "dateClosed",
    "dateCompleted",
    "dateViewedByCreator",
    "dueReminder",
    "email",
    "faviconUrl",
    "idAttachmentCover",
    "idBoard",
    "idOrganization",
    "idShort",
    "limits",
    "manualCoverAttachment",
    "nodeId",
    "originalDesc",
    "originalName",
    "shortLink",
    "shortUrl",
    "singleInstrumentationId",
    "staticMapUrl",
    "subscribed",
    "url",
    "agent",
    "pluginData",
];

/// What cards refer to.
pub(super) struct Context {
    pub(super) people: HashMap<String, Person>,
    pub(super) checklists: HashMap<String, Vec<Checklist>>,
    pub(super) comments: HashMap<String, Vec<Comment>>,
    pub(super) custom_fields: HashMap<String, Value>,
    pub(super) lists: Lists,
    pub(super) losses: Losses,
}

/// The task that a card becomes.
pub(super) fn task(card: &Placed, context: &mut Context, to: &mut dyn Receiver) -> Task {
    let (path, value) = (&card.path, &card.value);
    context.losses.look("cards[]", value, CARD);
    let url = value.text("url");
    let url = (!url.is_empty()).then(|| {
        context.losses.describe("cards[].url");
        format!("Trello: {}", linked(&url))
    });
    let (id, list_id) = (value.text("id"), value.text("idList"));
    let list = context
        .lists
        .of_card(&list_id, &format!("{path}.idList"), to);
    let is_archived = value.flag("closed") || list.is_some_and(|list| list.is_closed);
    let updated_path = format!("{path}.dateLastActivity");
    let updated = value.text("dateLastActivity");
    let updated = text::time(&updated, &updated_path, &mut Warnings(to));
    let due_path = format!("{path}.due");
    let comments = context.comments.remove(&id).unwrap_or_default();
    warn_of_older_comments(value, path, comments.len(), to);
    Task {
        path: path.clone(),
        title: value.text("name"),
        description: value.text("desc"),
        notes: url
            .into_iter()
            .chain(notes(value, path, context, to))
            .collect(),
        status: match value.flag("dueComplete") {
            true => Status::Done,
            false => list.map(List::status).unwrap_or_default(),
        },
        lane: list.filter(|list| list.is_lane()).map(|_| list_id),
        labels: value.texts("idLabels"),
        assignees: people(value, context),
        due_on: text::day(&value.text("due"), &due_path, &mut Warnings(to)),
        is_archived,
        archived_at: updated.filter(|_| is_archived),
        created_by: Some(value.text("idMemberCreator"))
            .filter(|id| !id.is_empty())
            .map(|id| person(&id, context)),
        created: created(&id, &format!("{path}.id"), to),
        updated,
        checklists: context.checklists.remove(&id).unwrap_or_default(),
        comments,
        id,
    }
}

/// Trello exports only the newest 1,000 entries of the history, so comments may be absent.
fn warn_of_older_comments(card: &Value, path: &str, here: usize, to: &mut dyn Receiver) {
    let all = card["badges"].number("comments").unwrap_or_default() as usize;
    if all > here {
        let message = format!(
            "Comments that are not in the file: {}. Trello exports only the newest 1,000 entries of the history",
            all - here
        );
        Warnings(to).add(&format!("{path}.badges.comments"), &message);
    }
}

fn people(card: &Value, context: &Context) -> Vec<Person> {
    let ids = card.texts("idMembers");
    ids.iter().map(|id| person(id, context)).collect()
}

fn person(id: &str, context: &Context) -> Person {
    let known = context.people.get(id).cloned();
    known.unwrap_or_else(|| Person::with_id(id))
}

/// What has no place in a task.
fn notes(card: &Value, path: &str, context: &Context, to: &mut dyn Receiver) -> Vec<String> {
    let mut notes = Vec::new();
    let mut keep = |field: &str, message: &str, note: String| {
        Warnings(to).add(&format!("{path}.{field}"), message);
        notes.push(note);
    };
    let start = card.text("start");
    if !start.is_empty() {
        let message = "The start date is kept in the description";
        keep("start", message, format!("Start: {}", line(&start)));
    }
    let attachments = card.list("attachments");
    if !attachments.is_empty() {
        let count = attachments.len();
        let message = match count {
            1 => "1 attachment is kept as a link in the description".to_owned(),
            count => format!("{count} attachments are kept as links in the description"),
        };
        let links = attachments
            .iter()
            .map(|one| link(&one.text("name"), &one.text("url")));
        let links: Vec<_> = links.collect();
        keep(
            "attachments",
            &message,
            format!("Attachments: {}", links.join(", ")),
        );
    }
    for field in card.list("customFieldItems") {
        let (name, shown) = custom_field(field, context);
        let message = format!("The custom field {name:?} is kept in the description");
        keep("customFieldItems", &message, format!("{name}: {shown}"));
    }
    let votes = card.list("idMembersVoted").len();
    if votes > 0 {
        let message = "The votes are kept as a number in the description";
        keep("idMembersVoted", message, format!("Votes: {votes}"));
    }
    notes.extend(rare_notes(card, path, to));
    notes
}

/// What few cards have.
fn rare_notes(card: &Value, path: &str, to: &mut dyn Receiver) -> Vec<String> {
    let mut notes = Vec::new();
    let mut keep = |field: &str, message: &str, note: Option<String>| {
        Warnings(to).add(&format!("{path}.{field}"), message);
        notes.extend(note);
    };
    let place = place(card);
    if !place.is_empty() {
        let message = "The location is kept in the description";
        keep("address", message, Some(format!("Location: {place}")));
    }
    if card.flag("isTemplate") {
        let message = "The card is a template, and becomes a task";
        keep(
            "isTemplate",
            message,
            Some("This was a template".to_owned()),
        );
    }
    if !card["cover"].text("color").is_empty() || !card["cover"].text("idAttachment").is_empty() {
        keep("cover", "The cover is not kept", None);
    }
    if !card.list("stickers").is_empty() {
        keep("stickers", "Stickers are not kept", None);
    }
    if card
        .number("dueReminder")
        .is_some_and(|minutes| minutes > 0.0)
    {
        keep("dueReminder", "The reminder is not kept", None);
    }
    notes
}

/// The name of a location, its address, and where it is.
fn place(card: &Value) -> String {
    let coordinates = &card["coordinates"];
    let coordinates = [coordinates.text("latitude"), coordinates.text("longitude")];
    let parts = [card.text("locationName"), card.text("address")];
    let parts = parts.into_iter().chain(coordinates);
    let parts: Vec<_> = parts
        .map(|part| line(&part))
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
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
