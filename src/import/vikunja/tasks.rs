//! The tasks of a Vikunja project.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::super::boards::{CheckItem, Checklist, Comment, Task};
use super::super::fields::{Fields, Placed, line, sort_by_position};
use super::super::lists::List;
use super::super::losses::Losses;
use super::super::options::Options;
use super::super::receiver::{Receiver, Warnings};
use super::super::text;
use super::buckets::Buckets;
use super::html::to_markdown;
use super::labels::Labels;
use super::notes::notes;
use super::values::{creator, date, id_of, person};
use crate::model::tasks::Status;

/// The fields of tasks that are imported, or have no meaning outside of Vikunja.
const TASK: &[&str] = &[
    "id",
    "title",
    "description",
    "done",
    "due_date",
    "start_date",
    "end_date",
    "priority",
    "percent_done",
    "repeat_after",
    "repeat_mode",
    "labels",
    "assignees",
    "created",
    "updated",
    "created_by",
    "comments",
    "comment_count",
    "attachments",
    "reminders",
    "related_tasks",
    "bucket_id",
    "position",
    "kanban_position",
    "project_id",
    "list_id",
    "index",
    "identifier",
    "reactions",
    "uid",
    "subscription",
    "is_unread",
    "buckets",
];

/// Those of comments.
const COMMENT: &[&str] = &["id", "comment", "author", "created", "updated"];

/// A project whose tasks are being read.
pub(super) struct Reading<'r> {
    /// The id of the board.
    pub(super) board: &'r str,
    pub(super) buckets: Buckets,
    pub(super) options: &'r Options,
    pub(super) labels: Labels,
    pub(super) losses: Losses,
}

impl Reading<'_> {
    /// Returns the tasks of a project. A task that is a subtask of another one in the project becomes its subtask.
    pub(super) fn tasks(&mut self, project: &Placed, to: &mut dyn Receiver) -> Vec<Task> {
        let mut all = project.children("tasks");
        for task in &mut all {
            if let Some(position) = self.buckets.position(&task.value.text("id"))
                && task.value.is_object()
            {
                task.value["position"] = json!(position);
            }
        }
        sort_by_position(&mut all, "position", to);
        let parents = parents(&all);
        let mut tasks = Vec::new();
        let mut of_parents: HashMap<String, Vec<CheckItem>> = HashMap::new();
        for task in &all {
            self.losses.look("tasks[]", &task.value, TASK);
            let number = task.value.text("id");
            match parents.get(&number) {
                Some(parent) => {
                    let item = self.child(task, to);
                    of_parents.entry(parent.clone()).or_default().push(item);
                }
                None => tasks.push((number, self.task(task, to))),
            }
        }
        let with_items = |(number, mut task): (String, Task)| {
            task.checklists
                .extend(of_parents.remove(&number).map(|items| Checklist {
                    path: task.path.clone(),
                    name: String::new(),
                    items,
                }));
            task
        };
        tasks.into_iter().map(with_items).collect()
    }

    fn child(&mut self, task: &Placed, to: &mut dyn Receiver) -> CheckItem {
        let (path, value) = (&task.path, &task.value);
        self.labels.look(value, &mut self.losses);
        self.look_at_comments(task);
        let markdown = |text: &str| line(&to_markdown(text));
        let people = value.list("assignees").iter();
        let people: Vec<_> = people.map(|user| person(user, self.options).name).collect();
        let labels = value.list("labels").iter();
        let labels: Vec<_> = labels.map(|label| line(&label.text("title"))).collect();
        let comments = value.list("comments").iter();
        let comments: Vec<_> = comments
            .map(|comment| markdown(&comment.text("comment")))
            .collect();
        let details = [
            ("Description", markdown(&value.text("description"))),
            ("Due", line(date(value, "due_date"))),
            ("Assigned to", people.join(", ")),
            ("Labels", labels.join(", ")),
            ("Comments", comments.join(" / ")),
        ];
        let details = details.into_iter().filter(|(_, text)| !text.is_empty());
        let details = details.map(|(name, text)| format!("{name}: {text}"));
        CheckItem {
            id: id_of(value),
            path: path.clone(),
            name: value.text("title"),
            is_completed: value.flag("done"),
            details: details.chain(notes(value, path, true, to)).collect(),
            listed: self.identifier(value).into_iter().collect(),
            created_by: creator(value, self.options),
        }
    }

    fn task(&mut self, task: &Placed, to: &mut dyn Receiver) -> Task {
        let (path, value) = (&task.path, &task.value);
        self.labels.look(value, &mut self.losses);
        self.look_at_comments(task);
        let bucket = self.buckets.of_task(task, to);
        let list = bucket.as_ref().map(|(list, _)| *list);
        let mut time = |field: &str| {
            let path = format!("{path}.{field}");
            text::time(date(value, field), &path, &mut Warnings(to))
        };
        let (created, updated) = (time("created"), time("updated"));
        let due_path = format!("{path}.due_date");
        Task {
            path: path.clone(),
            title: value.text("title"),
            description: to_markdown(&value.text("description")),
            notes: self
                .identifier(value)
                .into_iter()
                .chain(notes(value, path, false, to))
                .collect(),
            status: match value.flag("done") {
                true => Status::Done,
                false => list.map(List::status).unwrap_or_default(),
            },
            lane: bucket
                .filter(|(list, _)| list.is_lane())
                .map(|(_, lane)| lane),
            labels: self.labels.of_task(value, path, self.board),
            assignees: value
                .list("assignees")
                .iter()
                .map(|user| person(user, self.options))
                .collect(),
            due_on: text::day(date(value, "due_date"), &due_path, &mut Warnings(to)),
            created_by: creator(value, self.options),
            created,
            updated,
            comments: self.comments(task, to),
            id: id_of(value),
            ..Task::default()
        }
    }

    /// What people call a task, such as `HOME-12`.
    fn identifier(&mut self, task: &Value) -> Option<String> {
        let identifier = line(&task.text("identifier"));
        if identifier.is_empty() {
            return None;
        }
        self.losses.describe("tasks[].identifier");
        Some(format!("Identifier: {identifier}"))
    }

    fn look_at_comments(&mut self, task: &Placed) {
        for comment in task.value.list("comments") {
            self.losses.look("comments[]", comment, COMMENT);
        }
    }

    fn comments(&self, task: &Placed, to: &mut dyn Receiver) -> Vec<Comment> {
        let id = id_of(&task.value);
        let comment = |comment: Placed| {
            let (path, value) = (comment.path, comment.value);
            let created = format!("{path}.created");
            Comment {
                id: format!("{id}/{}", value.text("id")),
                text: to_markdown(&value.text("comment")),
                author: person(&value["author"], self.options),
                created: text::time(date(&value, "created"), &created, &mut Warnings(to)),
                path,
            }
        };
        let mut comments: Vec<_> = task.children("comments").into_iter().map(comment).collect();
        comments.sort_by_key(|comment| comment.created);
        comments
    }
}

/// The parents of tasks that are subtasks, by the numbers of the tasks. A task with a parent is no parent.
fn parents(tasks: &[Placed]) -> HashMap<String, String> {
    let numbers: HashSet<String> = tasks.iter().map(|task| task.value.text("id")).collect();
    let mut parents = HashMap::new();
    for task in tasks {
        let number = task.value.text("id");
        let related = task.value["related_tasks"].list("parenttask").iter();
        let found = related
            .map(|parent| parent.text("id"))
            .find(|parent| numbers.contains(parent) && *parent != number);
        parents.extend(found.map(|parent| (number, parent)));
    }
    let with_parents: HashSet<String> = parents.keys().cloned().collect();
    parents.retain(|_, parent| !with_parents.contains(parent));
    parents
}
