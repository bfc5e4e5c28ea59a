//! Boards of other products: what all their formats have in common.

use std::collections::HashSet;

use super::entry::{
    BoardEntry, CommentEntry, Entry, Item, LabelEntry, LaneEntry, ProjectEntry, SubtaskEntry,
    TaskEntry, Times,
};
use super::fields::line;
use super::persons::Person;
use super::problem::Failed;
use super::receiver::{Receiver, Warnings};
use super::text::{self, COMMENT, DESCRIPTION, LABEL, NAME};
use crate::model::date::Date;
use crate::model::labels::folded_name;
use crate::model::tasks::Status;
use crate::model::time::Timestamp;

/// Maximum number of labels and of assignees of a task.
const MAX_REFERENCES: usize = 20;

/// A board with everything on it.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) created: Option<Timestamp>,
    pub(super) labels: Vec<Label>,
    pub(super) lanes: Vec<Lane>,
    pub(super) projects: Vec<Project>,
}

#[derive(Debug)]
pub(super) struct Label {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) color: String,
}

#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) wip_limit: Option<u32>,
    pub(super) color: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) created: Option<Timestamp>,
    pub(super) tasks: Vec<Task>,
}

#[derive(Debug, Default)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) title: String,
    pub(super) description: String,
    /// What has no place in a task: lines of Markdown for the end of the description.
    pub(super) notes: Vec<String>,
    pub(super) status: Status,
    pub(super) lane: Option<String>,
    pub(super) labels: Vec<String>,
    pub(super) assignees: Vec<Person>,
    pub(super) due_on: Option<Date>,
    pub(super) is_archived: bool,
    pub(super) archived_at: Option<Timestamp>,
    pub(super) created_by: Option<Person>,
    pub(super) created: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) checklists: Vec<Checklist>,
    pub(super) comments: Vec<Comment>,
}

#[derive(Debug, Default)]
pub(super) struct Checklist {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) items: Vec<CheckItem>,
}

#[derive(Debug, Default)]
pub(super) struct CheckItem {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) is_completed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Comment {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) text: String,
    pub(super) author: Person,
    pub(super) created: Option<Timestamp>,
}

/// Passes a board and everything on it on, within the limits of the API.
///
/// # Errors
/// Those of the receiver.
pub(super) fn emit(board: Board, product: &str, to: &mut dyn Receiver) -> Result<(), Failed> {
    let names = board.path.clone() + ".name";
    let entry = BoardEntry {
        name: text::name(&board.name, NAME, &names, &mut Warnings(to)),
        description: text::long(&board.description, DESCRIPTION, &names, &mut Warnings(to)),
        icon: None,
        accent_color: None,
        background_color: None,
        is_simple: false,
        times: created(board.created),
    };
    pass(to, board.id.clone(), board.path, Item::Board(entry))?;
    let known = emit_labels(&board.id, board.labels, to)?;
    for lane in board.lanes {
        let entry = LaneEntry {
            board: board.id.clone(),
            name: text::name(&lane.name, NAME, &lane.path, &mut Warnings(to)),
            position: None,
            wip_limit: lane.wip_limit,
            color: lane.color,
            times: Times::default(),
        };
        pass(to, lane.id, lane.path, Item::Lane(entry))?;
    }
    for project in board.projects {
        let entry = ProjectEntry {
            board: board.id.clone(),
            name: text::name(&project.name, NAME, &project.path, &mut Warnings(to)),
            description: text::long(
                &project.description,
                DESCRIPTION,
                &project.path,
                &mut Warnings(to),
            ),
            position: None,
            times: created(project.created),
        };
        pass(to, project.id.clone(), project.path, Item::Project(entry))?;
        for task in project.tasks {
            emit_task(&project.id, task, &known, product, to)?;
        }
    }
    Ok(())
}

fn created(created: Option<Timestamp>) -> Times {
    Times {
        created,
        updated: None,
    }
}

fn pass(to: &mut dyn Receiver, id: String, path: String, item: Item) -> Result<(), Failed> {
    to.entry(Entry { id, path, item })
}

/// Passes labels on. Names are unique on a board, so a second label of a name gets a number. Returns the ids.
fn emit_labels(
    board: &str,
    labels: Vec<Label>,
    to: &mut dyn Receiver,
) -> Result<HashSet<String>, Failed> {
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    for label in labels {
        let mut name = text::name(&label.name, LABEL, &label.path, &mut Warnings(to));
        let base = text::cut(&name, LABEL - 6).unwrap_or(&name).to_owned();
        let mut number = 2;
        while !names.insert(folded_name(&name)) {
            name = format!("{base} ({number})");
            number += 1;
        }
        if number > 2 {
            let message =
                format!("Another label has the same name, so this one is called {name:?}");
            Warnings(to).add(&label.path, &message);
        }
        let entry = LabelEntry {
            board: board.to_owned(),
            name,
            color: label.color,
            times: Times::default(),
        };
        ids.insert(label.id.clone());
        pass(to, label.id, label.path, Item::Label(entry))?;
    }
    Ok(ids)
}

fn emit_task(
    project: &str,
    mut task: Task,
    labels: &HashSet<String>,
    product: &str,
    to: &mut dyn Receiver,
) -> Result<(), Failed> {
    let label = title(&mut task, to);
    let assignees = assignees(&mut task, to);
    let task_labels = labels_of(&mut task, labels, to);
    let subtasks = subtasks(&task, to);
    let description = described(&task, product, to);
    let entry = TaskEntry {
        project: project.to_owned(),
        lane: task.lane,
        label,
        description,
        status: task.status,
        position: None,
        labels: task_labels,
        assignees,
        due_on: task.due_on,
        is_archived: task.is_archived,
        archived_at: task.archived_at,
        created_by: task.created_by.and_then(|person| person.member),
        times: Times {
            created: task.created,
            updated: task.updated,
        },
    };
    pass(to, task.id.clone(), task.path, Item::Task(Box::new(entry)))?;
    for (id, path, entry) in subtasks {
        pass(to, id, path, Item::Subtask(entry))?;
    }
    for comment in task.comments {
        emit_comment(&task.id, comment, to)?;
    }
    Ok(())
}

/// The label of a task. A title that is too long is kept in the description.
fn title(task: &mut Task, to: &mut dyn Receiver) -> String {
    let title = text::clean(&task.title);
    match text::cut(&title, NAME) {
        Some(start) => {
            Warnings(to).add(
                &format!("{}.name", task.path),
                "The title is cut to 255 characters, and kept whole in the description",
            );
            task.notes
                .insert(0, format!("Full title: {}", line(&title)));
            start.to_owned()
        }
        None => text::name(
            &title,
            NAME,
            &format!("{}.name", task.path),
            &mut Warnings(to),
        ),
    }
}

/// The assignees who are members. The others are named in the description.
fn assignees(task: &mut Task, to: &mut dyn Receiver) -> Vec<crate::model::ids::UserId> {
    let mut members = Vec::new();
    let mut others = Vec::new();
    for person in &task.assignees {
        match person.member {
            Some(id) if members.len() < MAX_REFERENCES => members.push(id),
            _ => others.push(line(&person.name)),
        }
    }
    if !others.is_empty() {
        let message = format!(
            "{} cannot be assigned, because no member has the address; named in the description",
            others.join(", ")
        );
        Warnings(to).add(&format!("{}.members", task.path), &message);
        task.notes
            .push(format!("Assigned to: {}", others.join(", ")));
    }
    members
}

fn labels_of(task: &mut Task, known: &HashSet<String>, to: &mut dyn Receiver) -> Vec<String> {
    let path = format!("{}.labels", task.path);
    let mut seen = HashSet::new();
    let mut labels = std::mem::take(&mut task.labels);
    labels.retain(|label| seen.insert(label.clone()));
    let absent = labels
        .iter()
        .filter(|label| !known.contains(*label))
        .count();
    if absent > 0 {
        Warnings(to).add(
            &path,
            &format!("{absent} labels are not among those of the board"),
        );
        labels.retain(|label| known.contains(label));
    }
    if labels.len() > MAX_REFERENCES {
        let lost = labels.len() - MAX_REFERENCES;
        Warnings(to).add(
            &path,
            &format!("A task has at most 20 labels; {lost} are lost"),
        );
        labels.truncate(MAX_REFERENCES);
    }
    labels
}

/// The items of all checklists. If there are several, each item begins with the name of its checklist.
fn subtasks(task: &Task, to: &mut dyn Receiver) -> Vec<(String, String, SubtaskEntry)> {
    let mut all = Vec::new();
    let is_one = task.checklists.len() == 1;
    for checklist in &task.checklists {
        let name = line(&checklist.name);
        if is_one && !["", "Checklist"].contains(&name.as_str()) {
            let message = format!("The name of the only checklist, {name:?}, is not kept");
            Warnings(to).add(&format!("{}.name", checklist.path), &message);
        }
        for item in &checklist.items {
            let label = match is_one || name.is_empty() {
                true => item.name.clone(),
                false => format!("{name}: {}", text::clean(&item.name)),
            };
            let entry = SubtaskEntry {
                task: task.id.clone(),
                label: text::name(&label, NAME, &item.path, &mut Warnings(to)),
                is_completed: item.is_completed,
                position: None,
                times: created(task.created),
            };
            all.push((item.id.clone(), item.path.clone(), entry));
        }
    }
    all
}

/// The description of a task, with its notes at the end.
fn described(task: &Task, product: &str, to: &mut dyn Receiver) -> Option<String> {
    let path = format!("{}.description", task.path);
    let mut notes = String::new();
    if !task.notes.is_empty() {
        let lines: Vec<_> = task.notes.iter().map(|note| format!("- {note}")).collect();
        notes = format!("**Imported from {product}**\n\n{}", lines.join("\n"));
    }
    let notes = text::long(&notes, DESCRIPTION / 2, &path, &mut Warnings(to));
    let room = DESCRIPTION - notes.as_ref().map_or(0, |notes| notes.chars().count() + 7);
    let description = text::long(&task.description, room, &path, &mut Warnings(to));
    match (description, notes) {
        (Some(description), Some(notes)) => Some(format!("{description}\n\n---\n\n{notes}")),
        (description, notes) => description.or(notes),
    }
}

fn emit_comment(task: &str, comment: Comment, to: &mut dyn Receiver) -> Result<(), Failed> {
    let Some(text) = text::long(&comment.text, COMMENT, &comment.path, &mut Warnings(to)) else {
        Warnings(to).add(&comment.path, "An empty comment is left out");
        return Ok(());
    };
    let entry = CommentEntry {
        task: task.to_owned(),
        text,
        author: comment.author.member,
        author_name: Some(comment.author.name).filter(|_| comment.author.member.is_none()),
        edited_at: None,
        times: created(comment.created),
    };
    pass(to, comment.id, comment.path, Item::Comment(entry))
}
