//! The projects of a Vikunja export.

use std::collections::HashMap;

use serde_json::Value;

use super::super::boards::{Board, Label, Lane, Project};
use super::super::fields::{Fields, Placed, sort_by_position};
use super::super::options::{Options, Target};
use super::super::receiver::{Receiver, Warnings};
use super::super::text;
use super::html::to_markdown;
use super::ids::id_of;
use super::tasks::{Buckets, project_tasks};

/// All projects, in the order of the file.
#[derive(Default)]
pub(super) struct Projects {
    pub(super) all: Vec<Placed>,
}

impl Projects {
    /// Adds a project and its children, which older versions nest.
    pub(super) fn add(&mut self, mut project: Placed) {
        let children: Vec<Placed> = ["child_projects", "lists"]
            .into_iter()
            .flat_map(|name| {
                let children = project.value[name].as_array().cloned().unwrap_or_default();
                let path = project.path.clone();
                children
                    .into_iter()
                    .enumerate()
                    .map(move |(at, value)| Placed {
                        path: format!("{path}.{name}[{at}]"),
                        value,
                    })
            })
            .collect();
        if let Value::Object(members) = &mut project.value {
            members.remove("child_projects");
            members.remove("lists");
        }
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
    let (lanes, buckets) = buckets(project, &id, options, to);
    let created = text::time(
        &value.text("created"),
        &format!("{path}.created"),
        &mut Warnings(to),
    );
    let is_archived = value.flag("is_archived");
    if is_archived {
        Warnings(to).add(
            &format!("{path}.is_archived"),
            "The project is archived, so its tasks are archived",
        );
    }
    let mut labels = HashMap::new();
    let mut tasks = project_tasks(project, &id, &buckets, options, &mut labels, to);
    if is_archived {
        tasks.iter_mut().for_each(|task| task.is_archived = true);
    }
    let mut labels: Vec<(usize, Label)> = labels.into_values().collect();
    labels.sort_by_key(|(order, _)| *order);
    Board {
        path: path.clone(),
        name: value.text("title"),
        description: to_markdown(&value.text("description")),
        created,
        labels: labels.into_iter().map(|(_, label)| label).collect(),
        lanes,
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

fn warn_of_parent(project: &Placed, projects: &Projects, to: &mut dyn Receiver) {
    let parent = project.value.text("parent_project_id");
    if ["", "0"].contains(&parent.as_str()) {
        return;
    }
    let found = projects
        .all
        .iter()
        .find(|one| one.value.text("id") == parent);
    let name = found.map_or(parent, |parent| format!("{:?}", parent.value.text("title")));
    let message = format!("It belongs to the project {name}; boards are not nested");
    Warnings(to).add(&format!("{}.parent_project_id", project.path), &message);
}

/// Returns the lanes of a project, and its buckets by number.
fn buckets(
    project: &Placed,
    id: &str,
    options: &Options,
    to: &mut dyn Receiver,
) -> (Vec<Lane>, Buckets) {
    let placed = project.value.list("buckets").iter().enumerate();
    let mut all: Vec<Placed> = placed
        .map(|(at, value)| Placed {
            path: format!("{}.buckets[{at}]", project.path),
            value: value.clone(),
        })
        .collect();
    sort_by_position(&mut all, "position", to);
    let (mut lanes, mut buckets) = (Vec::new(), Buckets::default());
    for bucket in &all {
        let (number, name) = (bucket.value.text("id"), bucket.value.text("title"));
        let lane = format!("{id}/{number}");
        let target = options.target_of(&name).unwrap_or(Target::Lane);
        buckets.targets.insert(number, (lane.clone(), target));
        let limit = bucket
            .value
            .number("limit")
            .filter(|limit| (1.0..=100_000.0).contains(limit));
        if target == Target::Lane {
            lanes.push(Lane {
                id: lane,
                path: bucket.path.clone(),
                name,
                wip_limit: limit.map(|limit| limit as u32),
                color: None,
            });
        }
    }
    // Newer versions list the buckets of tasks, and their positions, beside the tasks.
    for link in project.value.list("task_buckets") {
        buckets
            .of_tasks
            .insert(link.text("task_id"), link.text("bucket_id"));
    }
    for place in project.value.list("positions") {
        if let Some(position) = place.number("position") {
            buckets.positions.insert(place.text("task_id"), position);
        }
    }
    (lanes, buckets)
}
