//! The projects of a Vikunja export.

use std::collections::HashMap;

use serde_json::Value;

use super::super::boards::{Board, Project, Task};
use super::super::fields::{Fields, Placed};
use super::super::losses::Losses;
use super::super::options::Options;
use super::super::receiver::{Receiver, Warnings};
use super::super::text;
use super::buckets::Buckets;
use super::html::to_markdown;
use super::labels::Labels;
use super::tasks::Reading;
use super::values::id_of;

/// The fields of projects that are imported, or have no meaning outside of Vikunja.
const PROJECT: &[&str] = &[
    "id",
    "title",
    "description",
    "parent_project_id",
    "namespace_id",
    "is_archived",
    "created",
    "updated",
    "tasks",
    "buckets",
    "views",
    "task_buckets",
    "positions",
    "position",
    "default_bucket_id",
    "done_bucket_id",
    "subscription",
    "max_permission",
    "max_right",
];

/// All projects, in the order of the file.
#[derive(Default)]
pub(super) struct Projects {
    pub(super) all: Vec<Placed>,
    /// The titles of projects, by their numbers.
    titles: HashMap<String, String>,
}

impl Projects {
    /// Adds a project and its children, which older versions nest.
    pub(super) fn add(&mut self, mut project: Placed) {
        let mut children = project.children("child_projects");
        children.extend(project.children("lists"));
        if let Value::Object(members) = &mut project.value {
            members.remove("child_projects");
            members.remove("lists");
        }
        let value = &project.value;
        self.titles.insert(value.text("id"), value.text("title"));
        self.all.push(project);
        for child in children.into_iter().filter(|child| child.value.is_object()) {
            self.add(child);
        }
    }
}

/// The board that a project becomes.
pub(super) fn board(
    project: &Placed,
    projects: &Projects,
    options: &Options,
    to: &mut dyn Receiver,
) -> Board {
    let (path, value) = (&project.path, &project.value);
    let id = id_of(value);
    warn_of_parent(project, projects, to);
    let mut reading = Reading {
        board: &id,
        buckets: Buckets::new(project, &id, options, to),
        options,
        labels: Labels::default(),
        losses: Losses::default(),
    };
    reading.losses.look("projects[]", value, PROJECT);
    let tasks = tasks(project, &mut reading, to);
    let created_path = format!("{path}.created");
    let created = text::time(&value.text("created"), &created_path, &mut Warnings(to));
    Board {
        path: path.clone(),
        name: value.text("title"),
        description: to_markdown(&value.text("description")),
        created,
        labels: reading.labels.all,
        creators: "tasks[].created_by",
        lanes: reading.buckets.lists.lanes,
        projects: vec![Project {
            id: id.clone(),
            path: path.clone(),
            name: value.text("title"),
            created,
            tasks,
            ..Project::default()
        }],
        id,
    }
}

/// The tasks of a project. Those of an archived project are archived.
fn tasks(project: &Placed, reading: &mut Reading<'_>, to: &mut dyn Receiver) -> Vec<Task> {
    let mut tasks = reading.tasks(project, to);
    std::mem::take(&mut reading.losses).report(to);
    if project.value.flag("is_archived") {
        let message = "The project is archived, so its tasks are archived";
        Warnings(to).add(&format!("{}.is_archived", project.path), message);
        tasks.iter_mut().for_each(|task| task.is_archived = true);
    }
    tasks
}

fn warn_of_parent(project: &Placed, projects: &Projects, to: &mut dyn Receiver) {
    let parent = project.value.text("parent_project_id");
    if ["", "0"].contains(&parent.as_str()) {
        return;
    }
    let title = projects.titles.get(&parent);
    let name = title.map_or(parent, |title| format!("{title:?}"));
    let message = format!("It belongs to the project {name}; boards are not nested");
    Warnings(to).add(&format!("{}.parent_project_id", project.path), &message);
}
