//! The tasks of a Vikunja project.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::super::boards::{CheckItem, Checklist, Comment, Label, Task};
use super::super::fields::{Fields, Placed, line, sort_by_position};
use super::super::options::{Options, Target};
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::super::text;
use super::html::to_markdown;
use super::ids::id_of;
use crate::model::tasks::Status;

/// The buckets of a project, and the tasks in them, by their numbers.
#[derive(Default)]
pub(super) struct Buckets {
    pub(super) targets: HashMap<String, (String, Target)>,
    pub(super) of_tasks: HashMap<String, String>,
    pub(super) positions: HashMap<String, f64>,
}

/// The labels that were found, with their order.
type Labels = HashMap<String, (usize, Label)>;

/// Returns the tasks of a project. A task that is a subtask of another one in the project becomes its subtask.
pub(super) fn project_tasks(
    project: &Placed,
    board: &str,
    buckets: &Buckets,
    options: &Options,
    labels: &mut Labels,
    to: &mut dyn Receiver,
) -> Vec<Task> {
    let mut all: Vec<Placed> = project
        .value
        .list("tasks")
        .iter()
        .enumerate()
        .map(|(at, value)| place(project, at, value, buckets))
        .collect();
    sort_by_position(&mut all, "position", to);
    let children = children(&all);
    let mut tasks = Vec::new();
    let mut of_parents: HashMap<String, Vec<CheckItem>> = HashMap::new();
    for task in &all {
        let number = task.value.text("id");
        match children.get(&number) {
            Some(parent) => {
                let item = child(task, to);
                of_parents.entry(parent.clone()).or_default().push(item);
            }
            None => {
                let made = make(task, board, buckets, options, labels, to);
                tasks.push((number, made));
            }
        }
    }
    let with_items = |(number, mut task): (String, Task)| {
        if let Some(items) = of_parents.remove(&number) {
            let path = task.path.clone();
            task.checklists.push(Checklist {
                path,
                name: String::new(),
                items,
            });
        }
        task
    };
    tasks.into_iter().map(with_items).collect()
}

fn place(project: &Placed, at: usize, value: &Value, buckets: &Buckets) -> Placed {
    let mut value = value.clone();
    if let Some(position) = buckets.positions.get(&value.text("id"))
        && value.is_object()
    {
        value["position"] = json!(position);
    }
    Placed {
        path: format!("{}.tasks[{at}]", project.path),
        value,
    }
}

/// The parents of tasks that are subtasks, by the numbers of the tasks. A task with a parent is no parent.
fn children(tasks: &[Placed]) -> HashMap<String, String> {
    let numbers: HashSet<String> = tasks.iter().map(|task| task.value.text("id")).collect();
    let mut parents = HashMap::new();
    for task in tasks {
        let number = task.value.text("id");
        let found = task.value["related_tasks"]
            .list("parenttask")
            .iter()
            .map(|parent| parent.text("id"));
        let found = found
            .into_iter()
            .find(|parent| numbers.contains(parent) && *parent != number);
        parents.extend(found.map(|parent| (number, parent)));
    }
    let with_parents: HashSet<String> = parents.keys().cloned().collect();
    parents.retain(|_, parent| !with_parents.contains(parent));
    parents
}

fn child(task: &Placed, to: &mut dyn Receiver) -> CheckItem {
    let value = &task.value;
    let has_more = !value.text("description").trim().is_empty()
        || ["labels", "assignees", "comments", "attachments"]
            .iter()
            .any(|name| !value.list(name).is_empty());
    if has_more {
        Warnings(to).add(
            &task.path,
            "It becomes a subtask, so only its title and whether it is done are kept",
        );
    }
    CheckItem {
        id: id_of(value),
        path: task.path.clone(),
        name: value.text("title"),
        is_completed: value.flag("done"),
    }
}

fn make(
    task: &Placed,
    board: &str,
    buckets: &Buckets,
    options: &Options,
    labels: &mut Labels,
    to: &mut dyn Receiver,
) -> Task {
    let (path, value) = (&task.path, &task.value);
    let id = id_of(value);
    let number = value.text("id");
    let bucket = buckets
        .of_tasks
        .get(&number)
        .cloned()
        .unwrap_or_else(|| value.text("bucket_id"));
    let target = buckets.targets.get(&bucket);
    if target.is_none() && !["", "0"].contains(&bucket.as_str()) {
        Warnings(to).add(
            &format!("{path}.bucket_id"),
            "Its bucket is not in the file, so the task is in no lane",
        );
    }
    let mut time = |field: &str| {
        text::time(
            date(value, field),
            &format!("{path}.{field}"),
            &mut Warnings(to),
        )
    };
    let (created, updated) = (time("created"), time("updated"));
    Task {
        path: path.clone(),
        title: value.text("title"),
        description: to_markdown(&value.text("description")),
        notes: notes(value, path, to),
        status: match target {
            _ if value.flag("done") => Status::Done,
            Some((_, Target::Status(status))) => *status,
            _ => Status::Open,
        },
        lane: target
            .filter(|(_, target)| *target == Target::Lane)
            .map(|(lane, _)| lane.clone()),
        labels: labels_of(value, path, board, labels),
        assignees: value
            .list("assignees")
            .iter()
            .map(|user| person(user, options))
            .collect(),
        due_on: text::day(
            date(value, "due_date"),
            &format!("{path}.due_date"),
            &mut Warnings(to),
        ),
        created_by: value.get("created_by").map(|user| person(user, options)),
        created,
        updated,
        comments: comments(value, path, &id, options, to),
        id,
        ..Task::default()
    }
}

/// A date. The year 1 means that there is none.
fn date<'v>(value: &'v Value, field: &str) -> &'v str {
    let text = value[field].as_str().unwrap_or_default();
    if text.starts_with("0001-01-01") {
        ""
    } else {
        text
    }
}

fn person(user: &Value, options: &Options) -> Person {
    let names = [user.text("name"), user.text("username")];
    let name = names
        .into_iter()
        .find(|name| !name.trim().is_empty())
        .unwrap_or_default();
    Person::new(&name, Some(&user.text("email")), &options.members)
}

fn labels_of(task: &Value, path: &str, board: &str, labels: &mut Labels) -> Vec<String> {
    let mut ids = Vec::new();
    for (at, label) in task.list("labels").iter().enumerate() {
        let id = format!("{board}/{}", label.text("id"));
        let color = format!("#{}", label.text("hex_color").trim_start_matches('#'));
        let order = labels.len();
        labels.entry(id.clone()).or_insert_with(|| {
            let label = Label {
                id: id.clone(),
                path: format!("{path}.labels[{at}]"),
                name: label.text("title"),
                color: if text::is_color(&color) {
                    color
                } else {
                    "#8590a2".to_owned()
                },
            };
            (order, label)
        });
        ids.push(id);
    }
    ids
}

fn comments(
    task: &Value,
    path: &str,
    id: &str,
    options: &Options,
    to: &mut dyn Receiver,
) -> Vec<Comment> {
    let comment = |(at, comment): (usize, &Value)| {
        let path = format!("{path}.comments[{at}]");
        Comment {
            id: format!("{id}/{}", comment.text("id")),
            text: to_markdown(&comment.text("comment")),
            author: person(&comment["author"], options),
            created: text::time(
                date(comment, "created"),
                &format!("{path}.created"),
                &mut Warnings(to),
            ),
            path,
        }
    };
    let mut comments: Vec<_> = task
        .list("comments")
        .iter()
        .enumerate()
        .map(comment)
        .collect();
    comments.sort_by_key(|comment| comment.created);
    comments
}

/// What has no place in a task.
fn notes(task: &Value, path: &str, to: &mut dyn Receiver) -> Vec<String> {
    let mut notes = Vec::new();
    let mut keep = |field: &str, note: String| {
        Warnings(to).add(&format!("{path}.{field}"), "It is kept in the description");
        notes.push(note);
    };
    for (field, name) in [("start_date", "Start"), ("end_date", "End")] {
        let text = line(date(task, field));
        if !text.is_empty() {
            keep(field, format!("{name}: {text}"));
        }
    }
    for (field, name) in [
        ("priority", "Priority"),
        ("percent_done", "Percent done"),
        ("repeat_after", "Repeat after seconds"),
    ] {
        if let Some(number) = task.number(field).filter(|number| *number != 0.0) {
            keep(field, format!("{name}: {number}"));
        }
    }
    let attachments = task
        .list("attachments")
        .iter()
        .map(|one| line(&one["file"].text("name")));
    let attachments: Vec<_> = attachments.collect();
    if !attachments.is_empty() {
        keep(
            "attachments",
            format!("Attachments: {}", attachments.join(", ")),
        );
    }
    if !task.list("reminders").is_empty() {
        keep(
            "reminders",
            format!("Reminders: {}", task.list("reminders").len()),
        );
    }
    for (kind, related) in task["related_tasks"].as_object().into_iter().flatten() {
        let titles = related
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| line(&one.text("title")));
        let titles: Vec<_> = titles.collect();
        if !titles.is_empty() && !["subtask", "parenttask"].contains(&kind.as_str()) {
            keep(
                "related_tasks",
                format!("Related ({}): {}", line(kind), titles.join(", ")),
            );
        }
    }
    notes
}
