//! The rows of a table.

use std::collections::HashMap;

use csv::StringRecord;

use super::super::boards::{CheckItem, Checklist, Comment, Task};
use super::super::fields::line;
use super::super::options::{Options, Target};
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::columns::Columns;
use super::dates;
use super::table::{Record, Table};
use crate::model::tasks::Status;

/// Reads the rows of a table with these columns.
pub(super) struct Rows<'r> {
    columns: &'r Columns,
    options: &'r Options,
}

/// A task, and the row that is its parent.
struct Row {
    task: Task,
    project: String,
    own_id: String,
    parent: String,
}

impl<'r> Rows<'r> {
    pub(super) const fn new(columns: &'r Columns, options: &'r Options) -> Self {
        Self { columns, options }
    }

    pub(super) fn read(&self, records: &[Record], table: &mut Table, to: &mut dyn Receiver) {
        let rows: Vec<Row> = records
            .iter()
            .map(|(path, record)| self.row(path, record, table, to))
            .collect();
        self.warn_of_others(records, to);
        let parents: HashMap<String, usize> = rows
            .iter()
            .enumerate()
            .rev()
            .flat_map(|(at, row)| [(row.task.title.clone(), at), (row.own_id.clone(), at)])
            .collect();
        let parent_of = |at: usize, row: &Row| {
            let found = parents.get(&row.parent).copied();
            // A row with a parent of its own is no parent, so that no row is its own ancestor.
            found.filter(|parent| {
                !row.parent.is_empty() && *parent != at && rows[*parent].parent.is_empty()
            })
        };
        let parents: Vec<Option<usize>> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| parent_of(at, row))
            .collect();
        let mut tasks: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
        for (at, parent) in parents.into_iter().enumerate() {
            if let Some(parent) = parent
                && let Some(child) = tasks[at].take()
                && let Some(parent) = &mut tasks[parent]
            {
                add_child(&mut parent.task, child.task, to);
            }
        }
        for row in tasks.into_iter().flatten() {
            if !row.parent.is_empty() {
                Warnings(to).add(
                    &format!("{}.parent", row.task.path),
                    "Its parent is not in the file, so it is a task",
                );
            }
            table.add(&row.project, row.task);
        }
    }

    fn row(
        &self,
        path: &str,
        record: &StringRecord,
        table: &mut Table,
        to: &mut dyn Receiver,
    ) -> Row {
        let columns = self.columns;
        let one = |field: &str| columns.one(record, field);
        let own_id = one("id").to_owned();
        let key = if own_id.is_empty() {
            one("label")
        } else {
            &own_id
        };
        let mut task = Task {
            id: table.id(key),
            path: path.to_owned(),
            title: one("label").to_owned(),
            description: one("description").to_owned(),
            created: dates::time(
                one("created_at"),
                &format!("{path}.created_at"),
                &mut Warnings(to),
            ),
            due_on: dates::day(one("due_on"), &format!("{path}.due_on"), &mut Warnings(to)),
            assignees: self.assignees(record),
            ..Task::default()
        };
        if task.due_on.is_none() && !one("due_on").is_empty() {
            task.notes.push(format!("Due: {}", line(one("due_on"))));
        }
        self.place(record, &mut task, table, to);
        task.labels = columns
            .all(record, "labels")
            .into_iter()
            .flat_map(|cell| cell.split([',', ';', '\n']))
            .filter(|name| !name.trim().is_empty())
            .map(|name| table.label(name, path))
            .collect();
        task.comments = self.comments(record, &task.id, path);
        for (column, title) in &columns.others {
            let cell = record.get(*column).unwrap_or_default().trim();
            if !cell.is_empty() && !title.is_empty() {
                task.notes.push(format!("{}: {}", line(title), line(cell)));
            }
        }
        Row {
            task,
            project: one("project").to_owned(),
            own_id,
            parent: one("parent").to_owned(),
        }
    }

    /// Sets the lane and the status. A status that is not a common one becomes a lane.
    fn place(
        &self,
        record: &StringRecord,
        task: &mut Task,
        table: &mut Table,
        to: &mut dyn Receiver,
    ) {
        for field in ["lane", "status"] {
            let name = self.columns.one(record, field);
            if name.is_empty() {
                continue;
            }
            match (self.options.target_of(name), common_status(name)) {
                (Some(Target::Status(status)), _) => task.status = status,
                (None, Some(status)) if field == "status" => task.status = status,
                _ => {
                    if field == "status" && task.lane.is_some() {
                        task.notes.push(format!("Status: {}", line(name)));
                        Warnings(to).add(
                            &format!("{}.status", task.path),
                            "The status is kept in the description",
                        );
                    } else {
                        task.lane = Some(table.lane(name, &task.path));
                    }
                }
            }
        }
        let completed = self.columns.one(record, "completed").to_lowercase();
        if !["", "false", "no", "0", "open"].contains(&completed.as_str()) {
            task.status = Status::Done;
        }
    }

    /// The people in the columns. Addresses take precedence over names, because both can name the same people.
    fn assignees(&self, record: &StringRecord) -> Vec<Person> {
        let cells = self.columns.all(record, "assignees");
        let names = cells
            .iter()
            .flat_map(|cell| cell.split([',', ';']))
            .map(str::trim);
        let (emails, names): (Vec<_>, Vec<_>) = names
            .filter(|name| !name.is_empty())
            .partition(|name| name.contains('@'));
        match emails.is_empty() {
            true => names
                .iter()
                .map(|name| Person::new(name, None, &self.options.members))
                .collect(),
            false => emails
                .iter()
                .map(|email| Person::new("", Some(email), &self.options.members))
                .collect(),
        }
    }

    /// Comments. Jira writes `date;author;text` into a cell.
    fn comments(&self, record: &StringRecord, task: &str, path: &str) -> Vec<Comment> {
        let cells = self.columns.all(record, "comments").into_iter().enumerate();
        let comment = |(at, cell): (usize, &str)| {
            let mut parts = cell.splitn(3, ';');
            let (date, author, text) = (parts.next(), parts.next(), parts.next());
            let is_jira =
                date.is_some_and(|date| date.contains(':') && date.len() < 30) && text.is_some();
            Comment {
                id: format!("{task}/{at}"),
                path: format!("{path}.comments[{at}]"),
                text: if is_jira {
                    text.unwrap_or_default()
                } else {
                    cell
                }
                .to_owned(),
                author: match (is_jira, author) {
                    (true, Some(author)) => {
                        Person::new(author, Some(author), &self.options.members)
                    }
                    _ => Person::default(),
                },
                created: None,
            }
        };
        cells.map(comment).collect()
    }

    /// Lists the columns whose contents are kept only in descriptions.
    fn warn_of_others(&self, records: &[Record], to: &mut dyn Receiver) {
        for (column, title) in &self.columns.others {
            let cells = records.iter().filter_map(|(_, record)| record.get(*column));
            let count = cells.filter(|cell| !cell.trim().is_empty()).count();
            if count > 0 {
                let what = if title.is_empty() {
                    "lost: the column has no title"
                } else {
                    "kept in the description"
                };
                Warnings(to).add(
                    &format!("header.{title}"),
                    &format!("In {count} rows, it is {what}"),
                );
            }
        }
    }
}

/// Makes a row a subtask of another.
fn add_child(parent: &mut Task, child: Task, to: &mut dyn Receiver) {
    let lists = [
        child.assignees.len(),
        child.labels.len(),
        child.comments.len(),
        child.notes.len(),
    ];
    let has_more = !child.description.trim().is_empty()
        || lists.into_iter().any(|count| count > 0)
        || child.due_on.is_some();
    if has_more {
        Warnings(to).add(
            &child.path,
            "It becomes a subtask, so only its title and whether it is done are kept",
        );
    }
    if parent.checklists.is_empty() {
        parent.checklists.push(Checklist {
            path: parent.path.clone(),
            ..Checklist::default()
        });
    }
    if let Some(checklist) = parent.checklists.first_mut() {
        checklist.items.push(CheckItem {
            id: child.id,
            path: child.path,
            name: child.title,
            is_completed: child.status == Status::Done,
        });
    }
}

/// The status that a word commonly means.
fn common_status(word: &str) -> Option<Status> {
    Some(
        match word.trim().to_lowercase().replace(['_', '-'], " ").as_str() {
            "open" | "todo" | "to do" | "new" | "backlog" | "not started" | "pending" => {
                Status::Open
            }
            "in progress" | "doing" | "started" | "active" | "wip" => Status::InProgress,
            "done" | "complete" | "completed" | "closed" | "resolved" | "finished" => Status::Done,
            _ => return None,
        },
    )
}
