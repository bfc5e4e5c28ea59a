//! The JSON export of a Trello board. Lists become lanes; the cards become tasks of one project.

mod cards;
mod checklists;
mod colors;
mod comments;
mod ids;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::cards::{Context, task};
use self::checklists::checklists;
use self::colors::{hex, labels};
use self::comments::{comments, is_comment};
use self::ids::created;
use super::boards::{Board, Lane, Project, Task};
use super::emit::emit;
use super::fields::{Fields, Placed, sort_by_position};
use super::json;
use super::lists::{Lists, wip_limit};
use super::losses::Losses;
use super::options::Options;
use super::persons::Person;
use super::problem::Failed;
use super::reader::Input;
use super::receiver::{Receiver, Warnings};

/// The fields of lists that are imported, or have no meaning outside of Trello.
const LIST: &[&str] = &[
    "id",
    "name",
    "closed",
    "color",
    "idBoard",
    "pos",
    "subscribed",
    "softLimit",
    "creationMethod",
    "idOrganization",
    "limits",
    "nodeId",
    "datasource",
    "type",
];

/// The fields of the file that are arrays.
const ARRAYS: &[&str] = &[
    "lists",
    "cards",
    "checklists",
    "labels",
    "members",
    "customFields",
    "actions",
];

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
    let nuls = json::each_member(input.open_text()?, &mut |name, at, value| {
        file.add(name, at, value)
    })?;
    nuls.report(to);
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
    fn add(&mut self, name: &str, at: Option<usize>, value: Value) -> Result<(), Failed> {
        let Some(at) = at else {
            if ["id", "name", "desc", "closed", "prefs"].contains(&name) {
                self.board[name] = value;
            } else if ARRAYS.contains(&name) && !value.is_null() {
                return Err(Failed::at(name, "It is not an array"));
            }
            return Ok(());
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
            "actions" if is_comment(&value) => self.comments.push(placed(value)),
            "actions" => self.history += 1,
            "pluginData" => self.plugins += 1,
            _ => {}
        }
        Ok(())
    }
}

fn board(mut file: File, options: &Options, to: &mut dyn Receiver) -> Board {
    lost(&file, to);
    let mut losses = Losses::default();
    let id = file.board.text("id");
    let cards = file.cards.iter().map(|card| card.value.text("id"));
    let cards: HashSet<String> = cards.collect();
    let fields = file.custom_fields.iter();
    let fields = fields.map(|field| (field.value.text("id"), field.value.clone()));
    let people = people(&file.members, options);
    let mut context = Context {
        lists: lists(&mut file.lists, &mut losses, options, to),
        checklists: checklists(file.checklists, &cards, &people, &mut losses, to),
        comments: comments(file.comments, &cards, &people, options, to),
        custom_fields: fields.collect(),
        people,
        losses,
    };
    let name = options.board.clone();
    let name = name.unwrap_or_else(|| file.board.text("name"));
    let tasks = tasks(file.cards, &mut context, to);
    context.losses.report(to);
    Board {
        path: "board".to_owned(),
        description: file.board.text("desc"),
        created: created(&id, "id", to),
        labels: labels(&file.labels, to),
        creators: "cards[].idMemberCreator",
        lanes: context.lists.lanes,
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
    let mut warnings = Warnings(to);
    if file.history > 0 {
        let message = format!(
            "Entries of the history that are not imported: {}. Comments are imported",
            file.history
        );
        warnings.add("actions", &message);
    }
    if file.plugins > 0 {
        let message = format!(
            "Entries of power-ups that are not imported: {}",
            file.plugins
        );
        warnings.add("pluginData", &message);
    }
    if file.board.flag("closed") {
        warnings.add("closed", "The board is closed, and becomes an open one");
    }
    if !file.board["prefs"].text("background").is_empty() {
        let message = "The background and the settings of the board are not kept";
        warnings.add("prefs", message);
    }
}

fn lists(
    lists: &mut [Placed],
    losses: &mut Losses,
    options: &Options,
    to: &mut dyn Receiver,
) -> Lists {
    sort_by_position(lists, "pos", to);
    let mut all = Lists::default();
    for Placed { path, value } in &*lists {
        losses.look("lists[]", value, LIST);
        let color = value.text("color");
        let lane = Lane {
            id: value.text("id"),
            path: path.clone(),
            name: value.text("name"),
            wip_limit: wip_limit(value.number("softLimit")),
            color: (!color.is_empty()).then(|| hex(&color, path, to).to_owned()),
        };
        all.add(lane, value.flag("closed"), options, to);
    }
    all
}

fn people(members: &[Placed], options: &Options) -> HashMap<String, Person> {
    let person = |member: &Placed| {
        let value = &member.value;
        let names = [value.text("fullName"), value.text("username")];
        let name = names.into_iter().find(|name| !name.is_empty());
        let email = value.text("email");
        let person = Person::new(&name.unwrap_or_default(), Some(&email), &options.members);
        (value.text("id"), person)
    };
    members.iter().map(person).collect()
}

/// Returns the tasks in the order of their lists, and within a list in the order of the cards.
fn tasks(mut cards: Vec<Placed>, context: &mut Context, to: &mut dyn Receiver) -> Vec<Task> {
    sort_by_position(&mut cards, "pos", to);
    cards.sort_by_key(|card| context.lists.order(&card.value.text("idList")));
    cards.iter().map(|card| task(card, context, to)).collect()
}
