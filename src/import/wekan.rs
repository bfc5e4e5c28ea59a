//! The JSON export of a Wekan board. Swimlanes become projects, lists become lanes.

mod cards;
mod colors;
mod contents;
mod notes;
mod parts;

use std::collections::{HashMap, HashSet};

use self::cards::Cards;
use self::colors::label;
use self::parts::Parts;
use super::boards::{Board, Project, Task};
use super::emit::emit;
use super::fields::{Fields, Placed, sort_by_position};
use super::json;
use super::losses::Losses;
use super::options::Options;
use super::problem::Failed;
use super::reader::Input;
use super::receiver::{Receiver, Warnings};
use super::text;

/// Reads a file.
///
/// # Errors
/// If it is not the export of a Wekan board.
pub(super) fn read(
    input: Input<'_>,
    options: &Options,
    to: &mut dyn Receiver,
) -> Result<(), Failed> {
    let mut parts = Parts::default();
    let nuls = json::each_member(input.open_text()?, &mut |name, at, value| {
        parts.add(name, at, value)
    })?;
    nuls.report(to);
    if parts.board.text("_id").is_empty() || parts.board.get("title").is_none() {
        return Err(Failed::at(
            "_id",
            "The file is not the export of a Wekan board: it has no _id or no title",
        ));
    }
    let board = board(parts, options, to);
    emit(board, "Wekan", to)
}

fn board(mut parts: Parts, options: &Options, to: &mut dyn Receiver) -> Board {
    std::mem::take(&mut parts.losses).report(to);
    if parts.board.flag("archived") {
        Warnings(to).add("archived", "The board is archived, and becomes an open one");
    }
    let name = options
        .board
        .clone()
        .unwrap_or_else(|| parts.board.text("title"));
    let mut projects = projects(&mut parts, &name, to);
    let mut cards = Cards::new(&mut parts, options, to);
    let all = std::mem::take(&mut parts.cards);
    distribute(cards.tasks(all, to), &parts.swimlanes, &mut projects, to);
    let created = parts.board.text("createdAt");
    Board {
        id: parts.board.text("_id"),
        path: "board".to_owned(),
        description: parts.board.text("description"),
        created: text::time(&created, "createdAt", &mut Warnings(to)),
        labels: parts.labels.iter().map(|one| label(one, to)).collect(),
        creators: "cards[].userId",
        lanes: cards.lists.lanes,
        projects,
        name,
    }
}

/// Puts tasks into the projects of their swimlanes. Those of an archived swimlane are archived.
fn distribute(
    tasks: Vec<(String, Task)>,
    swimlanes: &[Placed],
    projects: &mut [Project],
    to: &mut dyn Receiver,
) {
    let archived = swimlanes
        .iter()
        .filter(|swimlane| swimlane.value.flag("archived"));
    let archived: HashSet<String> = archived
        .map(|swimlane| {
            let message = "The swimlane is archived, so its cards are archived";
            Warnings(to).add(&swimlane.path, message);
            swimlane.value.text("_id")
        })
        .collect();
    let by_id = projects.iter().enumerate().rev();
    let by_id: HashMap<String, usize> = by_id
        .map(|(index, project)| (project.id.clone(), index))
        .collect();
    for (swimlane, mut task) in tasks {
        task.is_archived |= archived.contains(&swimlane);
        let found = by_id.get(&swimlane).copied();
        if found.is_none() && !swimlane.is_empty() {
            let message = "Its swimlane is not in the file, so it is in the first project";
            Warnings(to).add(&format!("{}.swimlaneId", task.path), message);
        }
        if let Some(project) = projects.get_mut(found.unwrap_or(0)) {
            project.tasks.push(task);
        }
    }
}

/// The fields of swimlanes that are imported, or have no meaning outside of Wekan.
const SWIMLANE: &[&str] = &[
    "_id",
    "title",
    "boardId",
    "sort",
    "archived",
    "archivedAt",
    "createdAt",
    "modifiedAt",
    "updatedAt",
    "type",
    "height",
    "collapsed",
];

/// The name that Wekan gives to the first swimlane of a board.
const DEFAULT: &str = "Default";

/// The swimlanes; one project of the board's name, if there is none, or only the one that each board has.
fn projects(parts: &mut Parts, board: &str, to: &mut dyn Receiver) -> Vec<Project> {
    sort_by_position(&mut parts.swimlanes, "sort", to);
    let is_one = parts.swimlanes.len() == 1;
    let mut losses = Losses::default();
    let mut project = |swimlane: &Placed| {
        losses.look("swimlanes[]", &swimlane.value, SWIMLANE);
        let title = swimlane.value.text("title");
        let is_default = is_one && ["", DEFAULT].contains(&title.trim());
        if is_default && !title.is_empty() {
            let message = format!(
                "The only swimlane is called {title:?}, so its project has the name of the board"
            );
            Warnings(to).add(&format!("{}.title", swimlane.path), &message);
        }
        Project {
            id: swimlane.value.text("_id"),
            path: swimlane.path.clone(),
            name: if is_default { board.to_owned() } else { title },
            ..Project::default()
        }
    };
    let mut projects: Vec<Project> = parts.swimlanes.iter().map(&mut project).collect();
    losses.report(to);
    if projects.is_empty() {
        projects.push(Project {
            id: parts.board.text("_id"),
            path: "board".to_owned(),
            name: board.to_owned(),
            ..Project::default()
        });
    }
    projects
}
