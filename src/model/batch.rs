//! Batches: many changes of tasks in one request.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::TaskId;
use super::position::{Move, word_failure};
use super::tasks::{Task, TaskCreate, TaskEntry, TaskUpdate};
use crate::error::{Error, Fields, Result};

/// Maximum number of entries in a batch.
const MAX_ENTRIES: usize = 200;

/// Changes that are made in this order, all or none.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Batch {
    /// The tasks to create.
    #[serde(default)]
    pub create: Vec<TaskCreate>,
    /// The tasks to update.
    #[serde(default)]
    pub update: Vec<BatchUpdate>,
    /// The tasks to delete.
    #[serde(default)]
    pub delete: Vec<TaskId>,
}

/// An update in a batch.
#[derive(Clone, Debug, Deserialize)]
pub struct BatchUpdate {
    /// The task.
    pub id: TaskId,
    /// The changes.
    #[serde(flatten)]
    pub change: TaskUpdate,
}

/// What a schema cannot check in a batch: the total number of entries, that no task occurs twice, and that no position is
/// a word.
#[derive(Debug, Default)]
pub struct BatchOutline<'b> {
    /// The number of entries in `create`, `update` and `delete`.
    entries: [usize; 3],
    /// The tasks to update and to delete, by the path of their id.
    tasks: Vec<(String, TaskId)>,
    /// The literal positions by their path, with the task that may have it already.
    positions: Vec<(String, &'b str, Option<TaskId>)>,
}

impl<'b> From<&'b Batch> for BatchOutline<'b> {
    fn from(batch: &'b Batch) -> Self {
        let mut outline = Self::default();
        for (at, new) in batch.create.iter().enumerate() {
            outline.add_new(at, literal(new.position.as_ref()));
        }
        for (at, update) in batch.update.iter().enumerate() {
            let position = literal(update.change.position.as_ref());
            outline.add_update(at, Some(update.id), position);
        }
        for (at, id) in batch.delete.iter().enumerate() {
            outline.add_deletion(at, Some(*id));
        }
        outline
    }
}

impl<'b> BatchOutline<'b> {
    /// The outline of a body that violates its schema.
    pub fn of_json(body: &'b Value) -> Self {
        let list = |name: &str| body[name].as_array().into_iter().flatten().enumerate();
        let id = |value: &Value| value.as_str().and_then(|id| id.parse().ok());
        let mut outline = Self::default();
        for (at, new) in list("create") {
            outline.add_new(at, new["position"].as_str());
        }
        for (at, update) in list("update") {
            outline.add_update(at, id(&update["id"]), update["position"].as_str());
        }
        for (at, deleted) in list("delete") {
            outline.add_deletion(at, id(deleted));
        }
        outline
    }

    fn add_new(&mut self, at: usize, position: Option<&'b str>) {
        self.entries[0] += 1;
        let position = position.map(|key| (format!("create[{at}].position"), key, None));
        self.positions.extend(position);
    }

    fn add_update(&mut self, at: usize, id: Option<TaskId>, position: Option<&'b str>) {
        self.entries[1] += 1;
        self.tasks
            .extend(id.map(|id| (format!("update[{at}].id"), id)));
        // Without its id, the position of the task is unknown.
        let position = position.zip(id);
        let position = position.map(|(key, id)| (format!("update[{at}].position"), key, Some(id)));
        self.positions.extend(position);
    }

    fn add_deletion(&mut self, at: usize, id: Option<TaskId>) {
        self.entries[2] += 1;
        self.tasks
            .extend(id.map(|id| (format!("delete[{at}]"), id)));
    }

    /// Checks the batch. `position_of` returns the position of a task, if it exists.
    ///
    /// # Errors
    /// `invalid_request` with every field that fails, and the errors of `position_of`.
    pub fn check(self, position_of: impl Fn(TaskId) -> Result<Option<String>>) -> Result<()> {
        let mut failed = Fields::new();
        // The schema refuses a list that is too long on its own.
        let is_short = self.entries.iter().all(|entries| *entries <= MAX_ENTRIES);
        if is_short && self.entries.iter().sum::<usize>() > MAX_ENTRIES {
            let message = format!(
                "Body must have at most {MAX_ENTRIES} entries in create, update and delete together"
            );
            failed.insert("body".to_owned(), message);
        }
        let mut known: HashMap<TaskId, String> = HashMap::new();
        for (path, id) in self.tasks {
            match known.entry(id) {
                Entry::Vacant(entry) => drop(entry.insert(path)),
                Entry::Occupied(first) => {
                    let message = format!("{path} is the same task as {}", first.get());
                    failed.insert(path, message);
                }
            }
        }
        for (path, key, task) in self.positions {
            if word_failure(key, None).is_none() {
                continue;
            }
            let present = match task {
                // A task that does not exist is reported as missing.
                Some(task) => match position_of(task)? {
                    Some(present) => Some(present),
                    None => continue,
                },
                None => None,
            };
            if let Some(message) = word_failure(key, present.as_deref()) {
                failed.insert(path, message);
            }
        }
        match failed.is_empty() {
            true => Ok(()),
            false => Err(Error::InvalidRequest(failed)),
        }
    }
}

fn literal(wish: Option<&Move<TaskId>>) -> Option<&str> {
    match wish {
        Some(Move::At(key)) => Some(key),
        _ => None,
    }
}

/// What a batch has changed, in the order of the request.
#[derive(Clone, Debug, Default)]
pub struct BatchResult {
    /// The new tasks, without subtasks.
    pub created: Vec<Task>,
    /// The updated tasks, without subtasks.
    pub updated: Vec<Task>,
    /// The deleted tasks.
    pub deleted: Vec<TaskId>,
}

/// The response to a batch.
#[derive(Debug, Serialize)]
pub struct BatchResponse<'r> {
    created: Vec<TaskEntry<'r>>,
    updated: Vec<TaskEntry<'r>>,
    deleted: &'r [TaskId],
}

impl BatchResult {
    /// The response: list entries with their projects, without descriptions.
    pub fn response(&self) -> BatchResponse<'_> {
        BatchResponse {
            created: short_entries(&self.created),
            updated: short_entries(&self.updated),
            deleted: &self.deleted,
        }
    }
}

fn short_entries(tasks: &[Task]) -> Vec<TaskEntry<'_>> {
    tasks.iter().map(Task::short_entry).collect()
}
