//! The lists of other products, which become lanes or statuses.

use std::collections::HashMap;

use super::boards::Lane;
use super::options::{Options, Target};
use super::receiver::{Receiver, Warnings};
use crate::model::tasks::Status;

/// Maximum limit of a lane.
const MAX_LIMIT: f64 = 100_000.0;

/// A list of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    /// Its place among all lists.
    pub(super) order: usize,
    /// Whether it is archived. Then it becomes no lane, and its cards are archived.
    pub(super) is_closed: bool,
    target: Target,
}

impl List {
    /// Whether it becomes a lane.
    pub(super) fn is_lane(self) -> bool {
        self.target == Target::Lane && !self.is_closed
    }

    /// The status of its cards.
    pub(super) fn status(self) -> Status {
        match self.target {
            Target::Status(status) => status,
            Target::Lane => Status::Open,
        }
    }
}

/// The lists of a board, in their order.
#[derive(Default)]
pub(super) struct Lists {
    by_id: HashMap<String, List>,
    /// Those that become lanes.
    pub(super) lanes: Vec<Lane>,
}

impl Lists {
    /// Adds a list, as the lane that it may become.
    pub(super) fn add(
        &mut self,
        lane: Lane,
        is_closed: bool,
        options: &Options,
        to: &mut dyn Receiver,
    ) {
        if self.by_id.contains_key(&lane.id) {
            Warnings(to).add(&lane.path, "Another list has the same id");
            return;
        }
        let list = List {
            order: self.by_id.len(),
            is_closed,
            target: options.target_of(&lane.name).unwrap_or(Target::Lane),
        };
        if is_closed {
            let message = format!(
                "The list {:?} is archived: it becomes no lane, and its cards are archived",
                lane.name
            );
            Warnings(to).add(&lane.path, &message);
        }
        self.by_id.insert(lane.id.clone(), list);
        if list.is_lane() {
            self.lanes.push(lane);
        }
    }

    /// The list of a card. A card of an absent list is in no lane, with a warning.
    pub(super) fn of_card(&self, id: &str, path: &str, to: &mut dyn Receiver) -> Option<List> {
        let list = self.by_id.get(id).copied();
        if list.is_none() {
            Warnings(to).add(
                path,
                "Its list is not in the file, so the task is in no lane",
            );
        }
        list
    }

    /// The place of a list among all; those that are absent come last.
    pub(super) fn order(&self, id: &str) -> usize {
        self.by_id.get(id).map_or(usize::MAX, |list| list.order)
    }
}

/// The limit of a lane, if it is a possible one.
pub(super) fn wip_limit(limit: Option<f64>) -> Option<u32> {
    let limit = limit.filter(|limit| (1.0..=MAX_LIMIT).contains(limit))?;
    Some(limit as u32)
}
