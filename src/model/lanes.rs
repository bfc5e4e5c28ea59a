//! Workflow lanes of a board.

use serde::{Deserialize, Serialize};

use super::ids::{BoardId, LaneId};
use super::position::Move;
use super::time::Timestamp;

/// A workflow lane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lane {
    /// The id.
    pub id: LaneId,
    /// The board it belongs to.
    pub board_id: BoardId,
    /// The name.
    pub name: String,
    /// The position on the board.
    pub position: String,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

/// The fields of a new lane.
#[derive(Clone, Debug, Deserialize)]
pub struct LaneCreate {
    /// The name.
    pub name: String,
}

/// Changes to a lane. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct LaneUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new position.
    pub position: Option<Move<LaneId>>,
}
