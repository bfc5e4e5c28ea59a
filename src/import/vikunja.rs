//! The zip file of a Vikunja export. Each project becomes a board with one project; buckets become lanes.

mod archive;
mod buckets;
mod html;
mod labels;
mod notes;
mod projects;
mod tasks;
mod united;
mod values;

use std::cell::RefCell;
use std::io::Read as _;

use serde_json::Value;

use self::projects::{Projects, board};
use self::united::united;
use super::emit::emit;
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
    let nuls = match is_zip {
        true => archive::with_data(input, to, |data| json::each_member(data, visit))?,
        false => json::each_member(input.open_text()?, visit)?,
    };
    nuls.report(to);
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
            for array in ["tasks", "buckets", "views"] {
                let is_array = value
                    .get(array)
                    .is_none_or(|value| value.is_array() || value.is_null());
                if !is_array {
                    return Err(Failed::at(format!("{path}.{array}"), "It is not an array"));
                }
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
