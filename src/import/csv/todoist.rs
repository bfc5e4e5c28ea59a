//! Tables of Todoist: sections, tasks and comments are rows in their order, and the indent makes subtasks.

use csv::StringRecord;

use super::super::boards::{Comment, Task};
use super::super::fields::line;
use super::super::losses::Losses;
use super::super::options::Options;
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::dates;
use super::parents::add_child;
use super::rows::{filled, keep_due, warn_of_cells_beyond};
use super::table::{Record, Table};

/// The columns that are imported, or have no meaning outside of Todoist.
const USED: &[&str] = &[
    "type",
    "content",
    "description",
    "priority",
    "indent",
    "author",
    "responsible",
    "date",
    "deadline",
    "date_lang",
    "deadline_lang",
    "timezone",
    "is_collapsed",
    "meta",
    "view_style",
    "duration_unit",
];

/// Reads the rows.
pub(super) fn read(
    header: &StringRecord,
    records: &[Record],
    table: &mut Table,
    options: &Options,
    to: &mut dyn Receiver,
) {
    let index = |wanted: &str| {
        header
            .iter()
            .position(|title| title.trim().eq_ignore_ascii_case(wanted))
    };
    let (mut lane, mut tasks): (Option<String>, Vec<Task>) = (None, Vec::new());
    for (path, record) in records {
        let cell = |title: &str| {
            index(title)
                .and_then(|at| record.get(at))
                .unwrap_or_default()
                .trim()
        };
        let content = cell("CONTENT");
        match cell("TYPE") {
            "section" => lane = (!content.is_empty()).then(|| table.lane(content, path)),
            "note" => match tasks.last_mut() {
                Some(task) => note(task, path, content, cell("AUTHOR"), options),
                None => Warnings(to).add(path, "A comment on the project is left out"),
            },
            "task" => {
                let is_child = cell("INDENT").parse().is_ok_and(|indent: u32| indent > 1);
                let task = task(table, path, &cell, lane.clone(), options, to);
                match tasks.last_mut().filter(|_| is_child) {
                    Some(parent) => add_child(parent, task, table),
                    None => tasks.push(task),
                }
            }
            "" | "meta" => {}
            other => Warnings(to).add(path, &format!("Rows of the type {other:?} are left out")),
        }
    }
    for task in tasks {
        table.add("", task);
    }
    warn_of_others(header, records, to);
}

/// Lists the columns that are not imported.
fn warn_of_others(header: &StringRecord, records: &[Record], to: &mut dyn Receiver) {
    let mut losses = Losses::default();
    let counts = filled(records, header.len());
    warn_of_cells_beyond(&counts, to);
    for (title, count) in header.iter().zip(counts) {
        let title = title.trim();
        if count > 0 && !USED.contains(&title.to_lowercase().as_str()) {
            losses.add(&format!("header.{title}"), count);
        }
    }
    losses.report(to);
}

fn task<'r>(
    table: &mut Table,
    path: &str,
    cell: &impl Fn(&str) -> &'r str,
    lane: Option<String>,
    options: &Options,
    to: &mut dyn Receiver,
) -> Task {
    let (words, labels): (Vec<&str>, Vec<&str>) = cell("CONTENT")
        .split(' ')
        .partition(|word| !(word.starts_with('@') && word.len() > 1));
    let (column, due) = match cell("DEADLINE") {
        "" => ("DATE", cell("DATE")),
        deadline => ("DEADLINE", deadline),
    };
    let mut task = Task {
        id: table.id(cell("CONTENT")),
        path: path.to_owned(),
        title: words.join(" "),
        description: cell("DESCRIPTION").to_owned(),
        lane,
        labels: labels
            .iter()
            .map(|label| table.label(&label[1..], path))
            .collect(),
        due_on: dates::day(due, &format!("{path}.{column}"), &mut Warnings(to)),
        created_by: person(cell("AUTHOR"), options),
        ..Task::default()
    };
    keep_due(&mut task, due);
    if column == "DEADLINE" && !cell("DATE").is_empty() {
        task.notes.push(format!("Date: {}", line(cell("DATE"))));
        let message = "The date is kept in the description, because the deadline is the due date";
        Warnings(to).add(&format!("{path}.DATE"), message);
    }
    let priority = cell("PRIORITY");
    if !["", "4"].contains(&priority) {
        task.notes.push(format!("Priority: {}", line(priority)));
        let message = "The priority is kept in the description";
        Warnings(to).add(&format!("{path}.PRIORITY"), message);
    }
    task.assignees.extend(person(cell("RESPONSIBLE"), options));
    task
}

fn note(task: &mut Task, path: &str, content: &str, author: &str, options: &Options) {
    task.comments.push(Comment {
        id: format!("{}/{}", task.id, task.comments.len()),
        path: path.to_owned(),
        text: content.to_owned(),
        author: person(author, options).unwrap_or_else(|| Person::new("", None, &options.members)),
        created: None,
    });
}

/// The person in a cell. Todoist writes people as `Ada (12345)`.
fn person(cell: &str, options: &Options) -> Option<Person> {
    let name = cell.rsplit_once(" (").map_or(cell, |(name, _)| name);
    (!name.is_empty()).then(|| Person::new(name, Some(name), &options.members))
}
