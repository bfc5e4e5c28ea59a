//! The cards of a Wekan board.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::super::boards::{CheckItem, Checklist, Comment, Task};
use super::super::fields::{Fields, Placed, line, link, sort_by_position};
use super::super::options::{Options, Target};
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::super::text;
use super::parts::Parts;
use crate::model::tasks::Status;

/// A list of the source.
#[derive(Clone, Copy)]
struct List {
    order: usize,
    is_archived: bool,
    target: Target,
}

/// What cards refer to.
pub(super) struct Cards {
    lists: HashMap<String, List>,
    people: HashMap<String, Person>,
    checklists: HashMap<String, Vec<Checklist>>,
    comments: HashMap<String, Vec<Comment>>,
    attachments: HashMap<String, Vec<String>>,
    custom_fields: HashMap<String, Value>,
}

impl Cards {
    pub(super) fn new(parts: &mut Parts, options: &Options, to: &mut dyn Receiver) -> Self {
        sort_by_position(&mut parts.lists, "sort", to);
        let list = |(order, list): (usize, &Placed)| {
            let target = options
                .target_of(&list.value.text("title"))
                .unwrap_or(Target::Lane);
            let is_archived = list.value.flag("archived");
            (
                list.value.text("_id"),
                List {
                    order,
                    is_archived,
                    target,
                },
            )
        };
        let known: HashSet<String> = parts
            .cards
            .iter()
            .map(|card| card.value.text("_id"))
            .collect();
        let people = people(&parts.users, options);
        Self {
            lists: parts.lists.iter().enumerate().map(list).collect(),
            checklists: checklists(parts, &known, to),
            comments: comments(parts, &known, &people, to),
            attachments: attachments(parts),
            custom_fields: parts
                .custom_fields
                .iter()
                .map(|field| (field.value.text("_id"), field.value.clone()))
                .collect(),
            people,
        }
    }

    /// Returns the tasks with the ids of their swimlanes, in the order of lists and cards.
    pub(super) fn tasks(
        &mut self,
        cards: &mut Vec<Placed>,
        to: &mut dyn Receiver,
    ) -> Vec<(String, Task)> {
        sort_by_position(cards, "sort", to);
        let last = self.lists.len();
        cards.sort_by_key(|card| {
            self.lists
                .get(&card.value.text("listId"))
                .map_or(last, |list| list.order)
        });
        let cards = std::mem::take(cards);
        cards
            .iter()
            .map(|card| (card.value.text("swimlaneId"), self.task(card, to)))
            .collect()
    }

    fn task(&mut self, card: &Placed, to: &mut dyn Receiver) -> Task {
        let (path, value) = (&card.path, &card.value);
        let id = value.text("_id");
        let list = self.lists.get(&value.text("listId")).copied();
        if list.is_none() {
            Warnings(to).add(
                &format!("{path}.listId"),
                "Its list is not in the file, so the task is in no lane",
            );
        }
        let mut time = |field: &str| {
            text::time(
                &value.text(field),
                &format!("{path}.{field}"),
                &mut Warnings(to),
            )
        };
        let (created, updated, archived) = (
            time("createdAt"),
            time("dateLastActivity"),
            time("archivedAt"),
        );
        let is_archived = value.flag("archived") || list.is_some_and(|list| list.is_archived);
        let is_lane = list.is_some_and(|list| list.target == Target::Lane && !list.is_archived);
        Task {
            path: path.clone(),
            title: value.text("title"),
            description: value.text("description"),
            notes: self.notes(value, path, &id, to),
            status: match list.map(|list| list.target) {
                _ if value.flag("dueComplete") => Status::Done,
                Some(Target::Status(status)) => status,
                _ => Status::Open,
            },
            lane: is_lane.then(|| value.text("listId")),
            labels: value.texts("labelIds"),
            assignees: self.assignees(value),
            due_on: text::day(
                &value.text("dueAt"),
                &format!("{path}.dueAt"),
                &mut Warnings(to),
            ),
            is_archived,
            archived_at: archived.or(updated).filter(|_| is_archived),
            created_by: self.people.get(&value.text("userId")).cloned(),
            created,
            updated,
            checklists: self.checklists.remove(&id).unwrap_or_default(),
            comments: self.comments.remove(&id).unwrap_or_default(),
            id,
        }
    }

    /// Members and assignees, each once.
    fn assignees(&self, card: &Value) -> Vec<Person> {
        let mut ids = card.texts("assignees");
        ids.extend(card.texts("members"));
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        let person = |id: &String| {
            let known = self.people.get(id).cloned();
            known.unwrap_or_else(|| Person {
                name: format!("member {id}"),
                member: None,
            })
        };
        ids.iter().map(person).collect()
    }

    /// What has no place in a task.
    fn notes(&mut self, card: &Value, path: &str, id: &str, to: &mut dyn Receiver) -> Vec<String> {
        let mut notes = Vec::new();
        let mut keep = |field: &str, note: String| {
            Warnings(to).add(&format!("{path}.{field}"), "It is kept in the description");
            notes.push(note);
        };
        for (field, name) in [
            ("receivedAt", "Received"),
            ("startAt", "Start"),
            ("endAt", "End"),
            ("spentTime", "Spent time"),
            ("requestedBy", "Requested by"),
            ("assignedBy", "Assigned by"),
        ] {
            let text = line(&card.text(field));
            if !["", "0"].contains(&text.as_str()) {
                keep(field, format!("{name}: {text}"));
            }
        }
        for field in card.list("customFields") {
            let (name, shown) = self.custom_field(field);
            if !shown.is_empty() {
                keep("customFields", format!("{name}: {shown}"));
            }
        }
        let votes = card["vote"].list("positive").len() + card["vote"].list("negative").len();
        if votes > 0 {
            keep("vote", format!("Votes: {votes}"));
        }
        let parent = card.text("parentId");
        if !parent.is_empty() {
            keep("parentId", format!("Subtask of the card {}", line(&parent)));
        }
        if let Some(attachments) = self.attachments.remove(id) {
            keep(
                "attachments",
                format!("Attachments: {}", attachments.join(", ")),
            );
        }
        notes
    }

    /// The name and the value of a custom field.
    fn custom_field(&self, item: &Value) -> (String, String) {
        let field = self.custom_fields.get(&item.text("_id"));
        let name = field
            .map(|field| line(&field.text("name")))
            .filter(|name| !name.is_empty());
        let value = &item["value"];
        let plain = match value {
            Value::Bool(value) => value.to_string(),
            Value::Array(_) => item.texts("value").join(", "),
            _ => item.text("value"),
        };
        let options = field.map(|field| field["settings"].list("dropdownItems"));
        let chosen = options
            .into_iter()
            .flatten()
            .find(|option| option.text("_id") == plain);
        let shown = chosen.map_or(plain, |option| option.text("name"));
        (
            name.unwrap_or_else(|| "Custom field".to_owned()),
            line(&shown),
        )
    }
}

fn people(users: &[Placed], options: &Options) -> HashMap<String, Person> {
    let person = |user: &Placed| {
        let value = &user.value;
        let names = [value["profile"].text("fullname"), value.text("username")];
        let name = names
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .unwrap_or_default();
        let email = value
            .list("emails")
            .first()
            .map(|email| email.text("address"));
        let email = email.unwrap_or_else(|| value.text("email"));
        (
            value.text("_id"),
            Person::new(&name, Some(&email), &options.members),
        )
    };
    users.iter().map(person).collect()
}

fn checklists(
    parts: &mut Parts,
    cards: &HashSet<String>,
    to: &mut dyn Receiver,
) -> HashMap<String, Vec<Checklist>> {
    sort_by_position(&mut parts.items, "sort", to);
    sort_by_position(&mut parts.checklists, "sort", to);
    let mut items: HashMap<String, Vec<CheckItem>> = HashMap::new();
    let known: HashSet<String> = parts
        .checklists
        .iter()
        .map(|list| list.value.text("_id"))
        .collect();
    for item in std::mem::take(&mut parts.items) {
        let checklist = item.value.text("checklistId");
        if !known.contains(&checklist) {
            Warnings(to).add(
                &item.path,
                "Its checklist is not in the file, so it is left out",
            );
            continue;
        }
        items.entry(checklist).or_default().push(CheckItem {
            id: item.value.text("_id"),
            name: item.value.text("title"),
            is_completed: item.value.flag("isFinished"),
            path: item.path,
        });
    }
    let mut by_card: HashMap<String, Vec<Checklist>> = HashMap::new();
    for checklist in std::mem::take(&mut parts.checklists) {
        let card = checklist.value.text("cardId");
        if !cards.contains(&card) {
            Warnings(to).add(
                &checklist.path,
                "Its card is not in the file, so it is left out",
            );
            continue;
        }
        by_card.entry(card).or_default().push(Checklist {
            name: checklist.value.text("title"),
            items: items
                .remove(&checklist.value.text("_id"))
                .unwrap_or_default(),
            path: checklist.path,
        });
    }
    by_card
}

fn comments(
    parts: &mut Parts,
    cards: &HashSet<String>,
    people: &HashMap<String, Person>,
    to: &mut dyn Receiver,
) -> HashMap<String, Vec<Comment>> {
    let mut by_card: HashMap<String, Vec<Comment>> = HashMap::new();
    for comment in std::mem::take(&mut parts.comments) {
        let value = &comment.value;
        let card = value.text("cardId");
        if !cards.contains(&card) {
            Warnings(to).add(
                &comment.path,
                "Its card is not in the file, so the comment is left out",
            );
            continue;
        }
        let author = people.get(&value.text("userId")).cloned();
        by_card.entry(card).or_default().push(Comment {
            id: value.text("_id"),
            text: value.text("text"),
            author: author.unwrap_or_else(|| Person {
                name: "Unknown".to_owned(),
                member: None,
            }),
            created: text::time(
                &value.text("createdAt"),
                &format!("{}.createdAt", comment.path),
                &mut Warnings(to),
            ),
            path: comment.path,
        });
    }
    for comments in by_card.values_mut() {
        comments.sort_by_key(|comment| comment.created);
    }
    by_card
}

/// The names of attachments by card.
fn attachments(parts: &Parts) -> HashMap<String, Vec<String>> {
    let mut by_card: HashMap<String, Vec<String>> = HashMap::new();
    for attachment in &parts.attachments {
        let value = &attachment.value;
        let card = [value.text("cardId"), value["meta"].text("cardId")]
            .into_iter()
            .find(|id| !id.is_empty());
        let shown = link(&value.text("name"), &value.text("url"));
        by_card
            .entry(card.unwrap_or_default())
            .or_default()
            .push(shown);
    }
    by_card
}
