//! Checks that objects are there once and that their parents are there, whatever the format.

use std::collections::{HashMap, HashSet};

use sha2::{Digest as _, Sha256};

use super::entry::{Entry, Item, TaskEntry};
use super::problem::Failed;
use super::receiver::{Receiver, Warnings};
use super::totals::Totals;
use crate::model::imports::{Kind, Warning};

/// A short digest of a kind and an id: a file can have very many of them.
type Key = [u8; 16];

/// The key of an object.
fn key(kind: Kind, id: &str) -> Key {
    let digest = Sha256::new()
        .chain_update([kind as u8])
        .chain_update(id)
        .finalize();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// Passes on what can be imported, and counts it.
pub(super) struct Checked<'r> {
    to: &'r mut dyn Receiver,
    seen: HashSet<Key>,
    /// The boards of lanes, labels and projects.
    boards: HashMap<Key, String>,
    pub(super) totals: Totals,
    max_tasks: u64,
}

impl<'r> Checked<'r> {
    pub(super) fn new(to: &'r mut dyn Receiver, max_tasks: u64) -> Self {
        Self {
            to,
            seen: HashSet::new(),
            boards: HashMap::new(),
            totals: Totals::default(),
            max_tasks,
        }
    }

    fn has(&self, kind: Kind, id: &str) -> bool {
        self.seen.contains(&key(kind, id))
    }

    fn board_of(&self, kind: Kind, id: &str) -> Option<&str> {
        self.boards.get(&key(kind, id)).map(String::as_str)
    }

    /// Why an object cannot be imported.
    fn obstacle(&self, item: &Item) -> Option<&'static str> {
        let (kind, parent, message) = match item {
            Item::Lane(lane) => (Kind::Board, &lane.board, "Its board is not in the file"),
            Item::Label(label) => (Kind::Board, &label.board, "Its board is not in the file"),
            Item::Project(project) => (Kind::Board, &project.board, "Its board is not in the file"),
            Item::Task(task) => (
                Kind::Project,
                &task.project,
                "Its project is not in the file",
            ),
            Item::Subtask(subtask) => (Kind::Task, &subtask.task, "Its task is not in the file"),
            Item::Comment(comment) => (Kind::Task, &comment.task, "Its task is not in the file"),
            Item::Configuration(config) => {
                (Kind::Card, &config.card, "Its card is not in the file")
            }
            Item::Recipient(recipient) => {
                (Kind::Card, &recipient.card, "Its card is not in the file")
            }
            Item::Webhook(webhook) => match &webhook.board {
                Some(board) => (Kind::Board, board, "Its board is not in the file"),
                None => return None,
            },
            Item::Board(_) | Item::Card(_) => return None,
        };
        (!self.has(kind, parent)).then_some(message)
    }

    /// Removes references to lanes and labels that are not on the task's board.
    fn check_references(&mut self, path: &str, task: &mut TaskEntry) {
        let board = self
            .board_of(Kind::Project, &task.project)
            .map(str::to_owned);
        if let Some(lane) = &task.lane
            && self.board_of(Kind::Lane, lane) != board.as_deref()
        {
            task.lane = None;
            let message = "Its list is not in the file, so the task is in no lane";
            Warnings(self.to).add(&format!("{path}.lane"), message);
        }
        let before = task.labels.len();
        let boards = &self.boards;
        task.labels
            .retain(|label| boards.get(&key(Kind::Label, label)) == board.as_ref());
        let lost = before - task.labels.len();
        if lost > 0 {
            let message = format!("{lost} labels are not among those of the board");
            Warnings(self.to).add(&format!("{path}.labels"), &message);
        }
    }
}

impl Receiver for Checked<'_> {
    fn entry(&mut self, mut entry: Entry) -> Result<(), Failed> {
        let kind = entry.item.kind();
        if let Some(message) = self.obstacle(&entry.item) {
            Warnings(self.to).add(&entry.path, &format!("{message}, so it is left out"));
            return Ok(());
        }
        if !self.seen.insert(key(kind, &entry.id)) {
            let message = format!(
                "Another {} has the id {:?}, so this one is left out",
                kind.as_str(),
                entry.id
            );
            Warnings(self.to).add(&entry.path, &message);
            return Ok(());
        }
        let board = match &mut entry.item {
            Item::Lane(lane) => Some(&lane.board),
            Item::Label(label) => Some(&label.board),
            Item::Project(project) => Some(&project.board),
            Item::Task(task) => {
                self.check_references(&entry.path, task);
                None
            }
            _ => None,
        };
        if let Some(board) = board {
            self.boards.insert(key(kind, &entry.id), board.clone());
        }
        self.totals.count(kind);
        if self.totals.tasks > self.max_tasks {
            return Err(Failed::at(
                entry.path,
                format!(
                    "The file has more than {} tasks; import it with `tackboard import` while the server is stopped",
                    self.max_tasks
                ),
            ));
        }
        self.to.entry(entry)
    }

    fn warning(&mut self, warning: Warning) {
        self.to.warning(warning);
    }
}
