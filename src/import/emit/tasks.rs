//! Passes the tasks of a board on, with their subtasks and comments. What has no place in a task goes to the end of its
//! description.

use std::collections::HashSet;

use super::super::boards::{CheckItem, Comment, Task};
use super::super::entry::{CommentEntry, Entry, Item, SubtaskEntry, TaskEntry, Times};
use super::super::fields::line;
use super::super::losses::Losses;
use super::super::persons::Person;
use super::super::problem::Failed;
use super::super::receiver::{Receiver, Warnings};
use super::super::text::{self, COMMENT, DESCRIPTION, NAME};
use crate::model::ids::UserId;

/// Maximum number of labels and of assignees of a task.
const MAX_REFERENCES: usize = 20;

/// What the tasks of a board have in common.
pub(super) struct Tasks<'t> {
    /// The ids of the board's labels.
    pub(super) labels: HashSet<String>,
    pub(super) product: &'t str,
    /// Where the creators of tasks are in the file.
    pub(super) creators: &'static str,
    pub(super) losses: Losses,
}

impl Tasks<'_> {
    pub(super) fn emit(
        &mut self,
        project: &str,
        mut task: Task,
        to: &mut dyn Receiver,
    ) -> Result<(), Failed> {
        let creator = task.created_by.as_ref();
        let stranger = creator.filter(|creator| creator.member.is_none());
        let note = stranger.map(|creator| self.creator(creator));
        task.notes.extend(note);
        // A subtask has no creator.
        for item in task.checklists.iter_mut().flat_map(|list| &mut list.items) {
            let note = item
                .created_by
                .as_ref()
                .map(|creator| self.creator(creator));
            item.listed.extend(note);
        }
        emit_task(project, task, self, to)
    }

    /// A creator who is named in the description.
    fn creator(&mut self, creator: &Person) -> String {
        self.losses.describe(self.creators);
        format!("Created by: {}", line(&creator.name))
    }
}

fn emit_task(
    project: &str,
    mut task: Task,
    all: &Tasks<'_>,
    to: &mut dyn Receiver,
) -> Result<(), Failed> {
    let label = title(&mut task, to);
    let assignees = assignees(&mut task, to);
    let task_labels = labels_of(&mut task, &all.labels, to);
    let subtasks = subtasks(&mut task, to);
    let description = described(&task, all.product, to);
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
        times: Times::new(task.created, task.updated),
    };
    to.entry(Entry::new(
        task.id.clone(),
        task.path,
        Item::Task(Box::new(entry)),
    ))?;
    for (id, path, entry) in subtasks {
        to.entry(Entry::new(id, path, Item::Subtask(entry)))?;
    }
    for comment in task.comments {
        emit_comment(&task.id, comment, to)?;
    }
    Ok(())
}

/// The label of a task. A title that is too long is kept in the description.
fn title(task: &mut Task, to: &mut dyn Receiver) -> String {
    let path = format!("{}.name", task.path);
    let (title, whole) = cut_title(&task.title, &path, to);
    if let Some(whole) = whole {
        task.notes.insert(0, format!("Full title: {whole}"));
    }
    title
}

/// A title of at most 255 characters, and the whole one if it is longer.
fn cut_title(title: &str, path: &str, to: &mut dyn Receiver) -> (String, Option<String>) {
    let title = text::clean(title);
    match text::cut(&title, NAME) {
        Some(start) => {
            let message = "The title is cut to 255 characters, and kept whole in the description";
            Warnings(to).add(path, message);
            (start.to_owned(), Some(line(&title)))
        }
        None => (text::name(&title, NAME, path, &mut Warnings(to)), None),
    }
}

/// The assignees who are members. The others are named in the description.
fn assignees(task: &mut Task, to: &mut dyn Receiver) -> Vec<UserId> {
    let mut members = Vec::new();
    let mut others = Vec::new();
    for person in &task.assignees {
        match person.member {
            Some(id) if members.contains(&id) => {}
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
    let all = labels.len();
    labels.retain(|label| known.contains(label));
    let absent = all - labels.len();
    if absent > 0 {
        let message = format!("{absent} labels are not among those of the board");
        Warnings(to).add(&path, &message);
    }
    if labels.len() > MAX_REFERENCES {
        let lost = labels.len() - MAX_REFERENCES;
        let message = format!("A task has at most {MAX_REFERENCES} labels; {lost} are lost");
        Warnings(to).add(&path, &message);
        labels.truncate(MAX_REFERENCES);
    }
    labels
}

/// The items of all checklists. If there are several, each item begins with the name of its checklist.
fn subtasks(task: &mut Task, to: &mut dyn Receiver) -> Vec<(String, String, SubtaskEntry)> {
    let mut all = Vec::new();
    let checklists = std::mem::take(&mut task.checklists);
    let is_one = checklists.len() == 1;
    for checklist in checklists {
        let name = line(&checklist.name);
        if is_one && !["", "Checklist"].contains(&name.as_str()) {
            let message = "The name of the only checklist is kept in the description";
            Warnings(to).add(&format!("{}.name", checklist.path), message);
            task.notes.push(format!("Checklist: {name}"));
        }
        for item in checklist.items {
            let prefix = if is_one { "" } else { &name };
            all.push(subtask(task, item, prefix, to));
        }
    }
    all
}

fn subtask(
    task: &mut Task,
    item: CheckItem,
    checklist: &str,
    to: &mut dyn Receiver,
) -> (String, String, SubtaskEntry) {
    let title = match checklist.is_empty() {
        true => item.name,
        false => format!("{checklist}: {}", text::clean(&item.name)),
    };
    let (label, whole) = cut_title(&title, &format!("{}.name", item.path), to);
    if !item.details.is_empty() {
        let message =
            "It becomes a subtask; what else it has is kept in the description of the task";
        Warnings(to).add(&item.path, message);
    }
    let mut details = item.details;
    details.splice(0..0, whole.map(|whole| format!("Full title: {whole}")));
    details.extend(item.listed);
    if !details.is_empty() {
        let note = format!("Subtask \"{}\": {}", line(&label), details.join("; "));
        task.notes.push(note);
    }
    let entry = SubtaskEntry {
        task: task.id.clone(),
        label,
        is_completed: item.is_completed,
        position: None,
        times: Times::created(task.created),
    };
    (item.id, item.path, entry)
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
        author_name: Some(comment.author.name),
        edited_at: None,
        times: Times::created(comment.created),
    };
    to.entry(Entry::new(comment.id, comment.path, Item::Comment(entry)))
}
