//! Batches: many changes of tasks in one request.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};

use super::ids::TaskId;
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

impl Batch {
    /// Checks what the contract's schema cannot: the total number of entries, and that no task occurs twice.
    ///
    /// # Errors
    /// `invalid_request`
    pub fn check(&self) -> Result<()> {
        if self.create.len() + self.update.len() + self.delete.len() > MAX_ENTRIES {
            let message = format!(
                "Body must have at most {MAX_ENTRIES} entries in create, update and delete together"
            );
            return Err(Error::field("body", message));
        }
        let updates = self.update.iter().map(|update| update.id).enumerate();
        let updates = updates.map(|(at, id)| (format!("update[{at}].id"), id));
        let deletions = self.delete.iter().copied().enumerate();
        let deletions = deletions.map(|(at, id)| (format!("delete[{at}]"), id));
        let mut known: HashMap<TaskId, String> = HashMap::new();
        let mut twice = Fields::new();
        for (path, id) in updates.chain(deletions) {
            match known.entry(id) {
                Entry::Vacant(entry) => drop(entry.insert(path)),
                Entry::Occupied(first) => {
                    let message = format!("{path} is the same task as {}", first.get());
                    twice.insert(path, message);
                }
            }
        }
        match twice.is_empty() {
            true => Ok(()),
            false => Err(Error::InvalidRequest(twice)),
        }
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
