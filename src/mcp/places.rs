//! The names of what tasks refer to by ids.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

use crate::error::{Error, Result};
use crate::model::ids::{BoardId, LabelId, LaneId, ProjectId, UserId, WorkspaceId};
use crate::store::{Conn, boards, labels, lanes, members, projects};

type Known<I, T> = RefCell<HashMap<I, Option<T>>>;

/// Looks names up, each once.
pub(super) struct Places<'c> {
    conn: &'c Conn,
    workspace: WorkspaceId,
    boards: Known<BoardId, String>,
    projects: Known<ProjectId, (String, BoardId)>,
    lanes: Known<LaneId, String>,
    labels: Known<LabelId, String>,
    members: Known<UserId, String>,
}

impl<'c> Places<'c> {
    pub(super) fn new(conn: &'c Conn, workspace: WorkspaceId) -> Self {
        Self {
            conn,
            workspace,
            boards: RefCell::default(),
            projects: RefCell::default(),
            lanes: RefCell::default(),
            labels: RefCell::default(),
            members: RefCell::default(),
        }
    }

    /// The name of a board.
    pub(super) fn board(&self, id: BoardId) -> Result<Option<String>> {
        known(&self.boards, id, || {
            Ok(boards::get(self.conn, self.workspace, id)?.name)
        })
    }

    /// The name of a project, and its board.
    pub(super) fn project(&self, id: ProjectId) -> Result<Option<(String, BoardId)>> {
        known(&self.projects, id, || {
            let project = projects::get(self.conn, self.workspace, id)?;
            Ok((project.name, project.board_id))
        })
    }

    /// The name of a lane.
    pub(super) fn lane(&self, id: Option<LaneId>) -> Result<Option<String>> {
        let Some(id) = id else { return Ok(None) };
        known(&self.lanes, id, || {
            Ok(lanes::get(self.conn, self.workspace, id)?.name)
        })
    }

    /// The names of labels.
    pub(super) fn labels(&self, ids: &[LabelId]) -> Result<Vec<String>> {
        let name = |id: &LabelId| {
            known(&self.labels, *id, || {
                Ok(labels::get(self.conn, self.workspace, *id)?.name)
            })
        };
        ids.iter().filter_map(|id| name(id).transpose()).collect()
    }

    /// The names of members.
    pub(super) fn members(&self, ids: &[UserId]) -> Result<Vec<String>> {
        let name = |id: &UserId| {
            known(&self.members, *id, || {
                Ok(members::get(self.conn, self.workspace, *id)?.name)
            })
        };
        ids.iter().filter_map(|id| name(id).transpose()).collect()
    }
}

/// What is known of an id, or what can be read. `None` if there is no such object.
fn known<I: Copy + Eq + Hash, T: Clone>(
    known: &Known<I, T>,
    id: I,
    read: impl FnOnce() -> Result<T>,
) -> Result<Option<T>> {
    if let Some(found) = known.borrow().get(&id) {
        return Ok(found.clone());
    }
    let found = match read() {
        Ok(found) => Some(found),
        Err(Error::Missing { .. }) => None,
        Err(error) => return Err(error),
    };
    known.borrow_mut().insert(id, found.clone());
    Ok(found)
}
