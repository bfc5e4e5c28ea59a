//! The JSON export of a Trello board. Lists become lanes; the cards become tasks of one project.

mod cards;
mod lists;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::cards::{Context, task};
use self::lists::{created, lists};
use super::boards::{Board, CheckItem, Checklist, Comment, Label, Project, emit};
use super::fields::{Fields, Placed, sort_by_position};
use super::json;
use super::options::Options;
use super::persons::Person;
use super::problem::Failed;
use super::reader::Input;
use super::receiver::{Receiver, Warnings};
use super::text;

/// The parts of the file that are used.
#[derive(Default)]
struct File {
    board: Value,
    lists: Vec<Placed>,
    cards: Vec<Placed>,
    checklists: Vec<Placed>,
    labels: Vec<Placed>,
    members: Vec<Placed>,
    comments: Vec<Placed>,
    custom_fields: Vec<Placed>,
    /// The number of other actions.
    history: usize,
    /// The number of entries of power-ups.
    plugins: usize,
}

/// Reads a file.
///
/// # Errors
/// If it is not the export of a Trello board.
pub(super) fn read(
    input: Input<'_>,
    options: &Options,
    to: &mut dyn Receiver,
) -> Result<(), Failed> {
    let mut file = File {
        board: Value::Object(Default::default()),
        ..File::default()
    };
    json::each_member(input.open_text()?, &mut |name, at, value| {
        file.add(name, at, value);
        Ok(())
    })?;
    if file.board.text("id").is_empty() || file.board.text("name").is_empty() {
        return Err(Failed::at(
            "name",
            "The file is not the export of a Trello board: it has no id and name",
        ));
    }
    let board = board(file, options, to);
    emit(board, "Trello", to)
}

impl File {
    fn add(&mut self, name: &str, at: Option<usize>, value: Value) {
        let Some(at) = at else {
            if ["id", "name", "desc", "shortLink"].contains(&name) {
                self.board[name] = value;
            }
            return;
        };
        let path = format!("{name}[{at}]");
        let placed = |value| Placed { path, value };
        match name {
            "lists" => self.lists.push(placed(value)),
            "cards" => self.cards.push(placed(value)),
            "checklists" => self.checklists.push(placed(value)),
            "labels" => self.labels.push(placed(value)),
            "members" => self.members.push(placed(value)),
            "customFields" => self.custom_fields.push(placed(value)),
            "actions" if ["commentCard", "copyCommentCard"].contains(&&*value.text("type")) => {
                self.comments.push(placed(value));
            }
            "actions" => self.history += 1,
            "pluginData" => self.plugins += 1,
            _ => {}
        }
    }
}

fn board(mut file: File, options: &Options, to: &mut dyn Receiver) -> Board {
    lost(&file, to);
    let id = file.board.text("id");
    let (lanes, lists) = lists(&mut file.lists, options, to);
    let mut context = Context {
        people: people(&file.members, options),
        checklists: checklists(&mut file, to),
        comments: HashMap::new(),
        custom_fields: file
            .custom_fields
            .iter()
            .map(|field| (field.value.text("id"), field.value.clone()))
            .collect(),
        lists,
    };
    context.comments = comments(&mut file, &context.people, options, to);
    let name = options
        .board
        .clone()
        .unwrap_or_else(|| file.board.text("name"));
    let tasks = tasks(&mut file.cards, &mut context, to);
    Board {
        path: "board".to_owned(),
        description: file.board.text("desc"),
        created: created(&id, "id", to),
        labels: labels(&file.labels),
        lanes,
        projects: vec![Project {
            id: id.clone(),
            path: "board".to_owned(),
            name: name.clone(),
            tasks,
            ..Project::default()
        }],
        name,
        id,
    }
}

/// What of a board is never imported.
fn lost(file: &File, to: &mut dyn Receiver) {
    if file.history > 0 {
        let message = format!(
            "{} entries of the history are not imported; comments are",
            file.history
        );
        Warnings(to).add("actions", &message);
    }
    if file.plugins > 0 {
        Warnings(to).add(
            "pluginData",
            &format!("{} entries of power-ups are not imported", file.plugins),
        );
    }
}

fn people(members: &[Placed], options: &Options) -> HashMap<String, Person> {
    let person = |member: &Placed| {
        let value = &member.value;
        let name = [value.text("fullName"), value.text("username")]
            .into_iter()
            .find(|name| !name.is_empty());
        let name = name.unwrap_or_default();
        (
            value.text("id"),
            Person::new(&name, Some(&value.text("email")), &options.members),
        )
    };
    members.iter().map(person).collect()
}

/// Returns the checklists by card.
fn checklists(file: &mut File, to: &mut dyn Receiver) -> HashMap<String, Vec<Checklist>> {
    let cards: HashSet<String> = file
        .cards
        .iter()
        .map(|card| card.value.text("id"))
        .collect();
    sort_by_position(&mut file.checklists, "pos", to);
    let mut by_card: HashMap<String, Vec<Checklist>> = HashMap::new();
    for checklist in std::mem::take(&mut file.checklists) {
        let card = checklist.value.text("idCard");
        if !cards.contains(&card) {
            Warnings(to).add(
                &checklist.path,
                "Its card is not in the file, so it is left out",
            );
            continue;
        }
        let items = items(&checklist, to);
        by_card.entry(card).or_default().push(Checklist {
            name: checklist.value.text("name"),
            path: checklist.path,
            items,
        });
    }
    by_card
}

fn items(checklist: &Placed, to: &mut dyn Receiver) -> Vec<CheckItem> {
    let items = checklist.value.list("checkItems").iter().enumerate();
    let items = items.map(|(at, item)| Placed {
        path: format!("{}.checkItems[{at}]", checklist.path),
        value: item.clone(),
    });
    let mut items: Vec<_> = items.collect();
    sort_by_position(&mut items, "pos", to);
    for item in &items {
        for (field, what) in [("due", "due date"), ("idMember", "member")] {
            if !item.value.text(field).is_empty() {
                let message = format!("The {what} of a checklist item is not kept");
                Warnings(to).add(&format!("{}.{field}", item.path), &message);
            }
        }
    }
    let item = |item: Placed| CheckItem {
        id: item.value.text("id"),
        name: item.value.text("name"),
        is_completed: item.value.text("state") == "complete",
        path: item.path,
    };
    items.into_iter().map(item).collect()
}

/// Returns the comments by card, oldest first.
fn comments(
    file: &mut File,
    people: &HashMap<String, Person>,
    options: &Options,
    to: &mut dyn Receiver,
) -> HashMap<String, Vec<Comment>> {
    let cards: HashSet<String> = file
        .cards
        .iter()
        .map(|card| card.value.text("id"))
        .collect();
    let mut by_card: HashMap<String, Vec<Comment>> = HashMap::new();
    // The newest action comes first.
    for comment in std::mem::take(&mut file.comments).into_iter().rev() {
        let value = &comment.value;
        let card = value["data"]["card"].text("id");
        if !cards.contains(&card) {
            Warnings(to).add(
                &comment.path,
                "Its card is not in the file, so the comment is left out",
            );
            continue;
        }
        let creator = &value["memberCreator"];
        let named = || {
            Person::new(
                &creator.text("fullName"),
                Some(&creator.text("email")),
                &options.members,
            )
        };
        let author = people.get(&value.text("idMemberCreator")).cloned();
        by_card.entry(card).or_default().push(Comment {
            id: value.text("id"),
            text: value["data"].text("text"),
            author: author.unwrap_or_else(named),
            created: text::time(
                &value.text("date"),
                &format!("{}.date", comment.path),
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

fn labels(labels: &[Placed]) -> Vec<Label> {
    let label = |label: &Placed| {
        let color = label.value.text("color");
        let name = label.value.text("name");
        Label {
            id: label.value.text("id"),
            path: label.path.clone(),
            name: match name.trim().is_empty() {
                true if color.is_empty() => "Label".to_owned(),
                true => color.clone(),
                false => name,
            },
            color: hex(&color).to_owned(),
        }
    };
    labels.iter().map(label).collect()
}

/// Trello's colors, which can end in `_light` and `_dark`.
fn hex(color: &str) -> &'static str {
    match color.split('_').next().unwrap_or_default() {
        "green" => "#4bce97",
        "yellow" => "#e2b203",
        "orange" => "#faa53d",
        "red" => "#f87462",
        "purple" => "#9f8fef",
        "blue" => "#579dff",
        "sky" => "#6cc3e0",
        "lime" => "#94c748",
        "pink" => "#e774bb",
        "black" => "#626f86",
        _ => "#8590a2",
    }
}

/// Returns the tasks in the order of their lists, and within a list in the order of the cards.
fn tasks(
    cards: &mut Vec<Placed>,
    context: &mut Context,
    to: &mut dyn Receiver,
) -> Vec<super::boards::Task> {
    sort_by_position(cards, "pos", to);
    let last = context.lists.len();
    cards.sort_by_key(|card| {
        let list = context.lists.get(&card.value.text("idList"));
        list.map_or(last, |list| list.order)
    });
    let cards = std::mem::take(cards);
    cards
        .into_iter()
        .map(|card| task(&card, context, to))
        .collect()
}
