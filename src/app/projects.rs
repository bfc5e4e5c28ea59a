//! Projects.

use crate::error::Result;
use crate::model::ids::{BoardId, ProjectId, WorkspaceId};
use crate::model::page::{Page, Slice};
use crate::model::position::Move;
use crate::model::projects::{Project, ProjectCreate, ProjectSummary, ProjectUpdate, TaskCounts};
use crate::model::time::Timestamp;
use crate::store::{Conn, Tx, boards, projects};

/// A board's projects.
///
/// # Errors
/// `board_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    page: &Page<String>,
) -> Result<Slice<ProjectSummary>> {
    boards::must_exist(conn, workspace, board)?;
    projects::list(conn, workspace, board, page)
}

/// Makes a project, after its board's last one.
///
/// # Errors
/// `board_not_found`, `resource_limit_exceeded`.
pub fn create(tx: &Tx<'_>, workspace: WorkspaceId, new: ProjectCreate) -> Result<Project> {
    boards::must_exist(tx, workspace, new.board_id)?;
    let now = Timestamp::now();
    let project = Project {
        id: ProjectId::new(),
        name: new.name,
        description: new.description,
        board_id: new.board_id,
        position: projects::append(tx, workspace, new.board_id)?,
        counts: TaskCounts::new(0, 0, 0),
        created_at: now,
        updated_at: now,
    };
    projects::insert(tx, workspace, &project)?;
    Ok(project)
}

/// Changes a project. On another board it goes after the last one there, unless a place is named, and its tasks leave
/// their lanes, which stay on the old board.
///
/// # Errors
/// `project_not_found`, also for a neighbour that is not on the board; `board_not_found`.
pub fn update(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: ProjectId,
    change: ProjectUpdate,
) -> Result<Project> {
    let old = projects::get(tx, workspace, id)?;
    let board_id = change.board_id.unwrap_or(old.board_id);
    if board_id != old.board_id {
        boards::must_exist(tx, workspace, board_id)?;
    }
    let moved = (board_id != old.board_id).then_some(Move::Last);
    let position = match change.position.or(moved) {
        Some(wish) => projects::place(tx, workspace, board_id, id, &wish)?,
        None => old.position.clone(),
    };
    let mut project = Project {
        name: change.name.unwrap_or_else(|| old.name.clone()),
        description: change
            .description
            .unwrap_or_else(|| old.description.clone()),
        board_id,
        position,
        ..old.clone()
    };
    if project != old {
        project.updated_at = Timestamp::now();
        projects::update(tx, workspace, &project)?;
    }
    Ok(project)
}
