//! Passes a board on, within the limits of the API.

mod tasks;

use std::collections::{HashMap, HashSet};

use self::tasks::Tasks;
use super::boards::{Board, Label, Lane, Project};
use super::entry::{BoardEntry, Entry, Item, LabelEntry, LaneEntry, ProjectEntry, Times};
use super::losses::Losses;
use super::problem::Failed;
use super::receiver::{Receiver, Warnings};
use super::text::{self, DESCRIPTION, LABEL, NAME};
use crate::model::labels::folded_name;

/// Passes a board and everything on it on, within the limits of the API.
///
/// # Errors
/// Those of the receiver.
pub(super) fn emit(board: Board, product: &str, to: &mut dyn Receiver) -> Result<(), Failed> {
    let entry = BoardEntry {
        name: name(&board.name, &board.path, to),
        description: description(&board.description, &board.path, to),
        icon: None,
        accent_color: None,
        background_color: None,
        is_simple: false,
        times: Times::created(board.created),
    };
    to.entry(Entry::new(board.id.clone(), board.path, Item::Board(entry)))?;
    let mut tasks = Tasks {
        labels: emit_labels(&board.id, board.labels, to)?,
        product,
        creators: board.creators,
        losses: Losses::default(),
    };
    for lane in board.lanes {
        emit_lane(&board.id, lane, to)?;
    }
    for project in board.projects {
        emit_project(&board.id, project, &mut tasks, to)?;
    }
    tasks.losses.report(to);
    Ok(())
}

fn name(name: &str, path: &str, to: &mut dyn Receiver) -> String {
    text::name(name, NAME, &format!("{path}.name"), &mut Warnings(to))
}

fn description(text: &str, path: &str, to: &mut dyn Receiver) -> Option<String> {
    let path = format!("{path}.description");
    text::long(text, DESCRIPTION, &path, &mut Warnings(to))
}

/// Passes labels on. Names are unique on a board, so a second label of a name gets a number. Returns the ids.
fn emit_labels(
    board: &str,
    labels: Vec<Label>,
    to: &mut dyn Receiver,
) -> Result<HashSet<String>, Failed> {
    let (mut names, mut ids) = (Names::default(), HashSet::new());
    for label in labels {
        let name = text::name(&label.name, LABEL, &label.path, &mut Warnings(to));
        let unique = names.unique(name.clone());
        if unique != name {
            let message =
                format!("Another label has the same name, so this one is called {unique:?}");
            Warnings(to).add(&label.path, &message);
        }
        let entry = LabelEntry {
            board: board.to_owned(),
            name: unique,
            color: label.color,
            times: Times::default(),
        };
        ids.insert(label.id.clone());
        to.entry(Entry::new(label.id, label.path, Item::Label(entry)))?;
    }
    Ok(ids)
}

/// Names that are unique without case.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
    /// The number that a name was last given, so that many equal names do not take long.
    numbers: HashMap<String, u32>,
}

impl Names {
    /// The name, with a number if it is taken.
    fn unique(&mut self, name: String) -> String {
        let folded = folded_name(&name);
        if self.taken.insert(folded.clone()) {
            return name;
        }
        let base = text::cut(&name, LABEL - 10).unwrap_or(&name).to_owned();
        let number = self.numbers.entry(folded).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{base} ({number})");
            if self.taken.insert(folded_name(&numbered)) {
                return numbered;
            }
        }
    }
}

fn emit_lane(board: &str, lane: Lane, to: &mut dyn Receiver) -> Result<(), Failed> {
    let entry = LaneEntry {
        board: board.to_owned(),
        name: name(&lane.name, &lane.path, to),
        position: None,
        wip_limit: lane.wip_limit,
        color: lane.color,
        times: Times::default(),
    };
    to.entry(Entry::new(lane.id, lane.path, Item::Lane(entry)))
}

fn emit_project(
    board: &str,
    project: Project,
    all: &mut Tasks<'_>,
    to: &mut dyn Receiver,
) -> Result<(), Failed> {
    let entry = ProjectEntry {
        board: board.to_owned(),
        name: name(&project.name, &project.path, to),
        description: description(&project.description, &project.path, to),
        position: None,
        times: Times::created(project.created),
    };
    to.entry(Entry::new(
        project.id.clone(),
        project.path,
        Item::Project(entry),
    ))?;
    let mut tasks = project.tasks.into_iter();
    tasks.try_for_each(|task| all.emit(&project.id, task, to))
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn equal_names_get_numbers() {
        let mut names = Names::default();
        let long = "x".repeat(50);
        let found = ["Bug", "bug", "Bug (2)", "BUG", &long, &long]
            .map(|name| names.unique(name.to_owned()));
        let cut = format!("{} (2)", "x".repeat(40));
        assert_eq!(
            found,
            ["Bug", "bug (2)", "Bug (2) (2)", "BUG (3)", &long, &cut]
        );
    }
}
