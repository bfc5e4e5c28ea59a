//! Which events a client wants.

use super::record::Event;
use super::types::EventType;
use crate::model::ids::{BoardId, CardId, ProjectId, TaskId, UserId};

/// A filter for events. Fields without a value match every event.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Only these types.
    pub types: Option<Vec<EventType>>,
    /// Only events on this board, or about objects that came from it.
    pub board: Option<BoardId>,
    /// Only events in this project, or about objects that came from it.
    pub project: Option<ProjectId>,
    /// Only events about this task.
    pub task: Option<TaskId>,
    /// Only events about this card.
    pub card: Option<CardId>,
    /// Only events caused by this user.
    pub actor: Option<UserId>,
}

impl EventFilter {
    /// Whether an index finds the events, so that a read needs no bound.
    pub const fn is_indexed(&self) -> bool {
        self.task.is_some() || self.card.is_some()
    }

    /// Whether an event matches: the same rule as the query of `store::events`. `kind` is the parsed type of the event,
    /// which is `None` for a type of a newer version.
    pub fn matches(&self, event: &Event, kind: Option<EventType>) -> bool {
        let has = |types: &Vec<EventType>| kind.is_some_and(|kind| types.contains(&kind));
        self.types.as_ref().is_none_or(has)
            && either(self.board, event.board_id, event.from_board_id)
            && either(self.project, event.project_id, event.from_project_id)
            && either(self.task, event.task_id, None)
            && either(self.card, event.card_id, None)
            && either(self.actor, event.actor.user_id, None)
    }
}

/// Whether nothing is wanted, or one of two ids is the wanted one.
fn either<I: PartialEq>(wanted: Option<I>, id: Option<I>, from: Option<I>) -> bool {
    wanted.is_none() || wanted == id || wanted == from
}
