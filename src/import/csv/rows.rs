//! The rows of a table.

use csv::StringRecord;

use super::super::boards::{Comment, Task};
use super::super::fields::{line, linked};
use super::super::options::{Options, Target};
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::columns::Columns;
use super::dates;
use super::parents::{Row, nest};
use super::table::{Record, Table};
use crate::model::imports::Preset;
use crate::model::tasks::Status;

/// Reads the rows of a table with these columns.
pub(super) struct Rows<'r> {
    columns: &'r Columns,
    options: &'r Options,
    preset: Option<Preset>,
}

impl<'r> Rows<'r> {
    pub(super) const fn new(
        columns: &'r Columns,
        options: &'r Options,
        preset: Option<Preset>,
    ) -> Self {
        Self {
            columns,
            options,
            preset,
        }
    }

    pub(super) fn read(&self, records: &[Record], table: &mut Table, to: &mut dyn Receiver) {
        let rows = records
            .iter()
            .map(|(path, record)| self.row(path, record, table, to));
        let rows = rows.collect();
        self.warn_of_others(records, to);
        let rows = nest(rows, table, to);
        for row in rows {
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
        let one = |field: &str| self.columns.one(record, field);
        let (id, title) = (one("id"), one("label"));
        let task_id = table.id(if id.is_empty() { title } else { id });
        let mut time = |field: &str| {
            let path = format!("{path}.{field}");
            dates::time(one(field), &path, &mut Warnings(to))
        };
        let (created, updated) = (time("created_at"), time("updated_at"));
        let due_path = format!("{path}.due_on");
        let mut task = Task {
            path: path.to_owned(),
            title: title.to_owned(),
            description: one("description").to_owned(),
            created,
            updated,
            due_on: dates::day(one("due_on"), &due_path, &mut Warnings(to)),
            assignees: self.assignees(record),
            labels: self.labels(record, path, table),
            comments: self.comments(record, &task_id, path, to),
            id: task_id,
            ..Task::default()
        };
        keep_due(&mut task, one("due_on"));
        self.place(record, &mut task, table, to);
        self.keep_others(record, &mut task);
        let kind = one("type").to_lowercase();
        Row {
            project: self.project(record, &mut task, to),
            names: [id, one("other_id"), title].map(str::to_owned).into(),
            parent: one("parent").to_owned(),
            // In Jira, an epic or another task can be a parent too.
            is_subtask: self.preset != Some(Preset::Jira) || kind.replace('-', "") == "subtask",
            task,
        }
    }

    /// The project of a task. In Asana, a task can be in several.
    fn project(&self, record: &StringRecord, task: &mut Task, to: &mut dyn Receiver) -> String {
        let project = self.columns.one(record, "project");
        match project.split_once(',') {
            Some((first, others)) if self.preset == Some(Preset::Asana) => {
                task.notes.push(format!("Also in: {}", line(others)));
                let message =
                    "The task is in several projects, so the others are named in the description";
                Warnings(to).add(&format!("{}.project", task.path), message);
                first.trim().to_owned()
            }
            _ => project.to_owned(),
        }
    }

    fn labels(&self, record: &StringRecord, path: &str, table: &mut Table) -> Vec<String> {
        let cells = self.columns.all(record, "labels").into_iter();
        let names = cells.flat_map(|cell| cell.split([',', ';', '\n']));
        let names = names.filter(|name| !name.trim().is_empty());
        names.map(|name| table.label(name, path)).collect()
    }

    /// Keeps the contents of other columns in the description.
    fn keep_others(&self, record: &StringRecord, task: &mut Task) {
        let others = self.columns.others.iter();
        for other in others.take_while(|other| other.index < record.len()) {
            let cell = record.get(other.index).unwrap_or_default().trim();
            if !cell.is_empty() && !other.title.is_empty() && !other.is_left_out {
                let note = format!("{}: {}", line(&other.title), linked(cell));
                task.notes.push(note);
            }
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
        let category = common_status(self.columns.one(record, "category"));
        task.status = category.unwrap_or_default();
        for field in ["lane", "status"] {
            let name = self.columns.one(record, field);
            let is_status = field == "status";
            let common = common_status(name).filter(|_| is_status);
            match self.options.target_of(name) {
                _ if name.is_empty() => {}
                Some(Target::Status(status)) => task.status = status,
                None if common.is_some() => task.status = common.unwrap_or_default(),
                _ if is_status && task.lane.is_some() => {
                    task.notes.push(format!("Status: {}", line(name)));
                    let message = "The status is kept in the description";
                    Warnings(to).add(&format!("{}.status", task.path), message);
                }
                _ => task.lane = Some(table.lane(name, &task.path)),
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
    fn comments(
        &self,
        record: &StringRecord,
        task: &str,
        path: &str,
        to: &mut dyn Receiver,
    ) -> Vec<Comment> {
        let cells = self.columns.all(record, "comments").into_iter().enumerate();
        let comment = |(at, cell): (usize, &str)| {
            let path = format!("{path}.comments[{at}]");
            let mut parts = cell.splitn(3, ';');
            let (date, author) = (parts.next().unwrap_or_default(), parts.next());
            let is_jira = date.contains(':') && date.len() < 30;
            let (text, author, created) = match (author, parts.next()) {
                (Some(author), Some(text)) if is_jira => {
                    let created = dates::time(date.trim(), &path, &mut Warnings(to));
                    let author = Person::new(author, Some(author), &self.options.members);
                    (text, author, created)
                }
                _ => (cell, Person::new("", None, &self.options.members), None),
            };
            Comment {
                id: format!("{task}/{at}"),
                path,
                text: text.to_owned(),
                author,
                created,
            }
        };
        cells.map(comment).collect()
    }

    /// Lists the columns whose contents are kept only in descriptions, or not at all.
    fn warn_of_others(&self, records: &[Record], to: &mut dyn Receiver) {
        let counts = filled(records, self.columns.count);
        warn_of_cells_beyond(&counts, to);
        for other in &self.columns.others {
            let what = match other.title.is_empty() {
                true => "lost: the column has no title",
                false if other.is_left_out => "not kept",
                false => "kept in the description",
            };
            let count = counts.get(other.index).copied().unwrap_or(0);
            if count > 0 {
                let message = format!("It is {what}. Rows: {count}");
                Warnings(to).add(&format!("header.{}", other.title), &message);
            }
        }
    }
}

/// The number of rows in which each of so many columns has a content, and at last the number of cells after them.
pub(super) fn filled(records: &[Record], columns: usize) -> Vec<u64> {
    let mut counts = vec![0; columns + 1];
    // By the cells that are there: a table can have many columns, and many rows with few cells.
    for (_, record) in records {
        for (at, cell) in record.iter().enumerate() {
            counts[at.min(columns)] += u64::from(!cell.trim().is_empty());
        }
    }
    counts
}

/// Lists the cells of rows that are longer than the header.
pub(super) fn warn_of_cells_beyond(counts: &[u64], to: &mut dyn Receiver) {
    if let Some(count) = counts.last().filter(|count| **count > 0) {
        let message = format!("Cells after the last column are lost: {count}");
        Warnings(to).add("header", &message);
    }
}

/// Keeps a due date that is not clear in the description.
pub(super) fn keep_due(task: &mut Task, due: &str) {
    if task.due_on.is_none() && !due.is_empty() {
        task.notes.push(format!("Due: {}", line(due)));
    }
}

/// The status that a word commonly means.
fn common_status(word: &str) -> Option<Status> {
    Some(
        match word.trim().to_lowercase().replace(['_', '-'], " ").as_str() {
            "open" | "todo" | "to do" | "new" | "backlog" | "not started" | "pending"
            | "reopened" => Status::Open,
            "in progress" | "doing" | "started" | "active" | "wip" => Status::InProgress,
            "done" | "complete" | "completed" | "closed" | "resolved" | "finished" => Status::Done,
            _ => return None,
        },
    )
}
