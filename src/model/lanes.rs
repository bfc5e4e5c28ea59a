//! Workflow lanes of a board.

use serde::{Deserialize, Serialize};

use super::ids::{BoardId, LaneId};
use super::patch::nullable;
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
    /// How many tasks it should have at most. The server does not enforce it.
    pub wip_limit: Option<u32>,
    /// The color, `#rrggbb`.
    pub color: Option<String>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

/// The fields of a new lane.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LaneCreate {
    /// The name.
    pub name: String,
    /// How many tasks it should have at most.
    pub wip_limit: Option<u32>,
    /// The color.
    pub color: Option<String>,
}

/// Changes to a lane. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LaneUpdate {
    /// The new name.
    pub name: Option<String>,
    /// How many tasks it should have at most; `Some(None)` removes the limit.
    #[serde(default, deserialize_with = "nullable")]
    pub wip_limit: Option<Option<u32>>,
    /// The new color; `Some(None)` removes it.
    #[serde(default, deserialize_with = "nullable")]
    pub color: Option<Option<String>>,
    /// The new position.
    pub position: Option<Move<LaneId>>,
}
