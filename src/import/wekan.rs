//! The JSON export of a Wekan board. Swimlanes become projects, lists become lanes.

mod cards;
mod parts;

use serde_json::Value;

use self::cards::Cards;
use self::parts::Parts;
use super::boards::{Board, Label, Lane, Project, emit};
use super::fields::{Fields, Placed, sort_by_position};
use super::json;
use super::options::{Options, Target};
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
    if parts.board.text("_id").is_empty() || !parts.has_lists {
        return Err(Failed::at(
            "_id",
            "The file is not the export of a Wekan board: it has no _id or no lists",
        ));
    }
    let board = board(parts, options, to);
    emit(board, "Wekan", to)
}

fn board(mut parts: Parts, options: &Options, to: &mut dyn Receiver) -> Board {
    for (name, count) in &parts.lost {
        Warnings(to).add(name, &format!("{count} entries are not imported"));
    }
    let name = options
        .board
        .clone()
        .unwrap_or_else(|| parts.board.text("title"));
    let mut projects = projects(&mut parts, &name, to);
    let mut cards = Cards::new(&mut parts, options, to);
    let lanes = lanes(&parts.lists, options, to);
    for (swimlane, task) in cards.tasks(&mut parts.cards, to) {
        let found = projects.iter().position(|project| project.id == swimlane);
        if found.is_none() && !swimlane.is_empty() {
            let message = "Its swimlane is not in the file, so it is in the first project";
            Warnings(to).add(&format!("{}.swimlaneId", task.path), message);
        }
        projects[found.unwrap_or(0)].tasks.push(task);
    }
    Board {
        id: parts.board.text("_id"),
        path: "board".to_owned(),
        description: parts.board.text("description"),
        created: text::time(
            &parts.board.text("createdAt"),
            "createdAt",
            &mut Warnings(to),
        ),
        labels: parts.labels.iter().map(label).collect(),
        lanes,
        projects,
        name,
    }
}

fn label(label: &Placed) -> Label {
    let color = label.value.text("color");
    let name = label.value.text("name");
    Label {
        id: label.value.text("_id"),
        path: label.path.clone(),
        name: match name.trim().is_empty() {
            true if color.is_empty() => "Label".to_owned(),
            true => color.clone(),
            false => name,
        },
        color: hex(&color).to_owned(),
    }
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

fn lanes(lists: &[Placed], options: &Options, to: &mut dyn Receiver) -> Vec<Lane> {
    let mut lanes = Vec::new();
    for list in lists.iter() {
        let name = list.value.text("title");
        if list.value.flag("archived") {
            let message = format!(
                "The list {name:?} is archived: it becomes no lane, and its cards are archived"
            );
            Warnings(to).add(&list.path, &message);
        } else if options.target_of(&name).unwrap_or(Target::Lane) == Target::Lane {
            lanes.push(Lane {
                id: list.value.text("_id"),
                path: list.path.clone(),
                name,
                wip_limit: wip_limit(&list.value["wipLimit"]),
                color: Some(list.value.text("color")).filter(|color| text::is_color(color)),
            });
        }
    }
    lanes
}

fn wip_limit(limit: &Value) -> Option<u32> {
    let value = limit.number("value").filter(|_| limit.flag("enabled"))?;
    (1.0..=100_000.0).contains(&value).then_some(value as u32)
}
