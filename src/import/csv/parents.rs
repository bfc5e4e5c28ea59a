//! Rows that are subtasks of other rows.

use std::collections::HashMap;

use super::super::boards::{CheckItem, Checklist, Task};
use super::super::fields::line;
use super::super::receiver::{Receiver, Warnings};
use super::table::Table;
use crate::model::tasks::Status;

/// A task, and the row that it belongs to.
pub(super) struct Row {
    pub(super) task: Task,
    pub(super) project: String,
    /// The ids of the row in the file, and its title.
    pub(super) names: Vec<String>,
    /// The id or title of its parent; empty without one.
    pub(super) parent: String,
    /// Whether it becomes a subtask of its parent, or stays a task.
    pub(super) is_subtask: bool,
}

/// Makes rows the subtasks of their parents. A subtask of a subtask belongs to the first task above it.
pub(super) fn nest(rows: Vec<Row>, table: &Table, to: &mut dyn Receiver) -> Vec<Row> {
    let parents = parents(&rows);
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    for at in 0..rows.len() {
        let Some(row) = &mut rows[at] else { continue };
        if row.parent.is_empty() {
            continue;
        }
        let root = parents[at].and_then(|_| root(&parents, at));
        match root {
            Some(root) if row.is_subtask => {
                if let Some(child) = rows[at].take()
                    && let Some(parent) = &mut rows[root]
                {
                    add_child(&mut parent.task, child.task, table);
                }
            }
            Some(_) => row
                .task
                .notes
                .push(format!("Parent: {}", line(&row.parent))),
            None => {
                row.task
                    .notes
                    .push(format!("Parent: {}", line(&row.parent)));
                let path = format!("{}.parent", row.task.path);
                Warnings(to).add(&path, "Its parent is not in the file, so it is a task");
            }
        }
    }
    rows.into_iter().flatten().collect()
}

/// The parents of rows. A title can be that of several rows; the nearest one above is meant.
fn parents(rows: &[Row]) -> Vec<Option<usize>> {
    let mut all: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        for name in row.names.iter().filter(|name| !name.is_empty()) {
            all.entry(name).or_default().push(at);
        }
    }
    let parent_of = |(at, row): (usize, &Row)| {
        let found = all
            .get(row.parent.as_str())
            .filter(|_| !row.parent.is_empty())?;
        let above = found.partition_point(|one| *one < at);
        let nearest = above.checked_sub(1).map(|last| found[last]);
        nearest.or_else(|| found.iter().copied().find(|one| *one != at))
    };
    rows.iter().enumerate().map(parent_of).collect()
}

/// The most rows above a row that are looked at. Rows that are their own ancestors are in no tree.
const MAX_DEPTH: usize = 32;

/// The first row above all of a row's ancestors; `None` if it is its own ancestor.
fn root(parents: &[Option<usize>], row: usize) -> Option<usize> {
    let mut at = row;
    for _ in 0..MAX_DEPTH {
        match parents[at] {
            Some(parent) => at = parent,
            None => return Some(at).filter(|root| *root != row),
        }
    }
    None
}

/// Makes a task a subtask of another. What has no place in a subtask is kept in the description of the other.
pub(super) fn add_child(parent: &mut Task, child: Task, table: &Table) {
    let people: Vec<_> = child.assignees.iter().map(|one| line(&one.name)).collect();
    let comments: Vec<_> = child.comments.iter().map(|one| line(&one.text)).collect();
    let due = child.due_on.map(|day| day.to_string());
    let details = [
        ("Description", line(&child.description)),
        ("Due", due.unwrap_or_default()),
        ("Assigned to", people.join(", ")),
        ("Labels", table.label_names(&child).join(", ")),
        ("Comments", comments.join(" / ")),
    ];
    let details = details.into_iter().filter(|(_, text)| !text.is_empty());
    let details = details.map(|(name, text)| format!("{name}: {text}"));
    let details = details.chain(child.notes).collect();
    add_item(
        parent,
        CheckItem {
            id: child.id,
            path: child.path,
            name: child.title,
            is_completed: child.status == Status::Done,
            details,
            created_by: child.created_by,
            ..CheckItem::default()
        },
    );
}

/// Adds an item to the only checklist of a task.
fn add_item(task: &mut Task, item: CheckItem) {
    match task.checklists.first_mut() {
        Some(checklist) => checklist.items.push(item),
        None => task.checklists.push(Checklist {
            path: task.path.clone(),
            name: String::new(),
            items: vec![item],
        }),
    }
}
