//! Workflow lanes of a board.

use serde::{Deserialize, Serialize};

use super::ids::{BoardId, LaneId};
use super::position::Move;
use super::time::Timestamp;

/// A workflow lane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lane {
    /// Its id.
    pub id: LaneId,
    /// The board it belongs to.
    pub board_id: BoardId,
    /// Its name.
    pub name: String,
    /// Its place on the board.
    pub position: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
}

/// What a new lane is made of.
#[derive(Clone, Debug, Deserialize)]
pub struct LaneCreate {
    /// Its name.
    pub name: String,
}

/// What changes of a lane: `None` is left alone.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct LaneUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new place.
    pub position: Option<Move<LaneId>>,
}
