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
                match tasks.last_mut().filter(|_| is_child) {
                    Some(parent) => {
                        let task = task(table, path, &cell, None, options, to);
                        add_child(parent, task);
                    }
                    None => {
                        let task = task(table, path, &cell, lane.clone(), options, to);
                        tasks.push(task);
                    }
                }
            }
            "" | "meta" => {}
            other => Warnings(to).add(path, &format!("Rows of the type {other:?} are left out")),
        }
    }
    for task in tasks {
        table.add("", task);
    }
    let mut losses = Losses::default();
    for (at, title) in header.iter().enumerate() {
        let title = title.trim();
        let cells = records.iter().filter_map(|(_, record)| record.get(at));
        let filled = cells
            .filter(|cell| !["", "None"].contains(&cell.trim()))
            .count();
        if filled > 0 && !USED.contains(&title.to_lowercase().as_str()) {
            losses.add(&format!("header.{title}"), filled as u64);
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
    let due = [cell("DEADLINE"), cell("DATE")]
        .into_iter()
        .find(|date| !date.is_empty());
    let due = due.unwrap_or_default();
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
        due_on: dates::day(due, &format!("{path}.DATE"), &mut Warnings(to)),
        ..Task::default()
    };
    if !due.is_empty() && task.due_on.is_none() {
        task.notes.push(format!("Due: {}", line(due)));
    }
    if !["", "4"].contains(&cell("PRIORITY")) {
        task.notes
            .push(format!("Priority: {}", line(cell("PRIORITY"))));
        Warnings(to).add(
            &format!("{path}.PRIORITY"),
            "The priority is kept in the description",
        );
    }
    if !cell("RESPONSIBLE").is_empty() {
        let person = without_id(cell("RESPONSIBLE"));
        task.assignees
            .push(Person::new(person, Some(person), &options.members));
    }
    task
}

fn note(task: &mut Task, path: &str, content: &str, author: &str, options: &Options) {
    let author = without_id(author);
    task.comments.push(Comment {
        id: format!("{}/{}", task.id, task.comments.len()),
        path: path.to_owned(),
        text: content.to_owned(),
        author: Person::new(author, Some(author), &options.members),
        created: None,
    });
}

/// Todoist writes people as `Ada (12345)`.
fn without_id(person: &str) -> &str {
    person.rsplit_once(" (").map_or(person, |(name, _)| name)
}
