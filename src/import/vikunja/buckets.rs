//! The buckets of a Vikunja project, which become lanes.

use std::collections::HashMap;

use super::super::boards::Lane;
use super::super::fields::{Fields, Placed, sort_by_position};
use super::super::lists::{List, Lists, wip_limit};
use super::super::options::Options;
use super::super::receiver::Receiver;

/// The buckets of a project, and the tasks in them.
pub(super) struct Buckets {
    project: String,
    pub(super) lists: Lists,
    /// The numbers of buckets, by the numbers of tasks.
    of_tasks: HashMap<String, String>,
    positions: HashMap<String, f64>,
}

impl Buckets {
    /// Reads the buckets of the project with this id.
    pub(super) fn new(
        project: &Placed,
        id: &str,
        options: &Options,
        to: &mut dyn Receiver,
    ) -> Self {
        let mut all = project.children("buckets");
        sort_by_position(&mut all, "position", to);
        let mut buckets = Self {
            project: id.to_owned(),
            lists: Lists::default(),
            of_tasks: HashMap::new(),
            positions: HashMap::new(),
        };
        for Placed { path, value } in all {
            let lane = Lane {
                id: format!("{id}/{}", value.text("id")),
                path,
                name: value.text("title"),
                wip_limit: wip_limit(value.number("limit")),
                color: None,
            };
            buckets.lists.add(lane, false, options, to);
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
        buckets
    }

    /// The bucket of a task, and the id of its lane.
    pub(super) fn of_task(&self, task: &Placed, to: &mut dyn Receiver) -> Option<(List, String)> {
        let named = self.of_tasks.get(&task.value.text("id")).cloned();
        let number = named.unwrap_or_else(|| task.value.text("bucket_id"));
        if ["", "0"].contains(&number.as_str()) {
            return None;
        }
        let lane = format!("{}/{number}", self.project);
        let path = format!("{}.bucket_id", task.path);
        self.lists
            .of_card(&lane, &path, to)
            .map(|list| (list, lane))
    }

    /// The position of a task, if it is listed beside the tasks.
    pub(super) fn position(&self, task: &str) -> Option<f64> {
        self.positions.get(task).copied()
    }
}
