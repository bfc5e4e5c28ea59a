//! The JSON export of a Wekan board. Swimlanes become projects, lists become lanes.

mod cards;
mod contents;
mod notes;
mod parts;

use std::collections::{HashMap, HashSet};

use self::cards::Cards;
use self::parts::Parts;
use super::boards::{Board, Label, Project, Task};
use super::emit::emit;
use super::fields::{Fields, Placed, sort_by_position};
use super::json;
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
    json::each_member(input.open_text()?, &mut |name, at, value| {
        parts.add(name, at, value);
        Ok(())
    })?;
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
        labels: parts.labels.iter().map(label).collect(),
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

fn label(Placed { path, value }: &Placed) -> Label {
    let color = value.text("color");
    let hex = hex(&color).to_owned();
    Label::of(value.text("_id"), path, value.text("name"), color, &hex)
}

/// Wekan's colors.
fn hex(color: &str) -> &str {
    match color {
        "white" => "#d5d5d5",
        "green" | "paleturquoise" => "#3cb500",
        "yellow" | "gold" => "#fad900",
        "orange" => "#ff9f19",
        "red" | "crimson" => "#eb4646",
        "purple" | "plum" | "indigo" | "slateblue" | "magenta" => "#a632db",
        "blue" | "navy" => "#0079bf",
        "sky" => "#00c2e0",
        "lime" | "darkgreen" => "#51e898",
        "pink" | "peachpuff" | "mistyrose" => "#ff78cb",
        "black" | "saddlebrown" => "#4d4d4d",
        color if text::is_color(color) => color,
        _ => "#8590a2",
    }
}

/// The swimlanes; one project of the board's name, if there is only one or none.
fn projects(parts: &mut Parts, board: &str, to: &mut dyn Receiver) -> Vec<Project> {
    sort_by_position(&mut parts.swimlanes, "sort", to);
    let is_one = parts.swimlanes.len() <= 1;
    let project = |swimlane: &Placed| Project {
        id: swimlane.value.text("_id"),
        path: swimlane.path.clone(),
        name: match is_one {
            true => board.to_owned(),
            false => swimlane.value.text("title"),
        },
        ..Project::default()
    };
    let mut projects: Vec<Project> = parts.swimlanes.iter().map(project).collect();
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
