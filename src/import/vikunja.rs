//! The zip file of a Vikunja export. Each project becomes a board with one project; buckets become lanes.

mod archive;
mod html;
mod ids;
mod projects;
mod tasks;

use std::cell::RefCell;
use std::io::Read as _;

use serde_json::Value;

use self::projects::{Projects, board};
use super::boards::{Board, emit};
use super::fields::{Fields, Placed};
use super::json;
use super::options::Options;
use super::problem::Failed;
use super::reader::Input;
use super::receiver::Receiver;

/// Reads a file: a zip file with `data.json`, or that file alone.
///
/// # Errors
/// If it is not the export of Vikunja.
pub(super) fn read(
    input: Input<'_>,
    options: &Options,
    to: &mut dyn Receiver,
) -> Result<(), Failed> {
    let found = RefCell::new(Projects::default());
    let visit = &mut |name: &str, at: Option<usize>, value: Value| {
        add(&mut found.borrow_mut(), name, at, value)
    };
    let mut head = [0; 2];
    let is_zip = input.open()?.read_exact(&mut head).is_ok() && head == *b"PK";
    match is_zip {
        true => archive::with_data(input, |data| json::each_member(data, visit))?,
        false => json::each_member(input.open_text()?, visit)?,
    }
    let projects = found.into_inner();
    emit_all(projects, options, to)
}

fn add(projects: &mut Projects, name: &str, at: Option<usize>, value: Value) -> Result<(), Failed> {
    match at {
        Some(at) if name.is_empty() => {
            let path = format!("[{at}]");
            if !value.is_object() || value.text("title").is_empty() && value.get("tasks").is_none()
            {
                return Err(Failed::at(
                    path,
                    "It is not a project of Vikunja: it has no title and no tasks",
                ));
            }
            projects.add(Placed { path, value });
            Ok(())
        }
        _ => Err(Failed::at(
            name,
            "The file is not the export of Vikunja: it is not a list of projects",
        )),
    }
}

/// Passes on a board per project, or one board of a chosen name with all projects.
fn emit_all(projects: Projects, options: &Options, to: &mut dyn Receiver) -> Result<(), Failed> {
    let mut boards = Vec::new();
    for project in &projects.all {
        boards.push(board(project, &projects, options, to));
    }
    match &options.board {
        None => boards
            .into_iter()
            .try_for_each(|board| emit(board, "Vikunja", to)),
        Some(name) => emit(united(boards, name), "Vikunja", to),
    }
}

/// One board with the projects of all. Lanes and labels of the same name become one.
fn united(boards: Vec<Board>, name: &str) -> Board {
    let mut all = Board {
        id: format!("all/{name}"),
        path: "board".to_owned(),
        name: name.to_owned(),
        ..Board::default()
    };
    for mut board in boards {
        let mut lanes = std::collections::HashMap::new();
        for lane in board.lanes {
            let same = all
                .lanes
                .iter()
                .find(|one| one.name.to_lowercase() == lane.name.to_lowercase());
            lanes.insert(
                lane.id.clone(),
                same.map_or(lane.id.clone(), |same| same.id.clone()),
            );
            if same.is_none() {
                all.lanes.push(lane);
            }
        }
        let mut labels = std::collections::HashMap::new();
        for label in board.labels {
            let same = all
                .labels
                .iter()
                .find(|one| one.name.to_lowercase() == label.name.to_lowercase());
            labels.insert(
                label.id.clone(),
                same.map_or(label.id.clone(), |same| same.id.clone()),
            );
            if same.is_none() {
                all.labels.push(label);
            }
        }
        for project in &mut board.projects {
            project.description = std::mem::take(&mut board.description);
            for task in &mut project.tasks {
                task.lane = task.lane.as_ref().and_then(|lane| lanes.get(lane)).cloned();
                task.labels = task
                    .labels
                    .iter()
                    .filter_map(|label| labels.get(label))
                    .cloned()
                    .collect();
            }
        }
        all.projects.append(&mut board.projects);
    }
    all
}
