//! Projects.

use super::boards::record_reordered;
use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{BoardId, ProjectId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::position::Move;
use crate::model::projects::{Project, ProjectCreate, ProjectSummary, ProjectUpdate, TaskCounts};
use crate::model::time::Timestamp;
use crate::store::position::Place;
use crate::store::{Conn, Tx, boards, projects};

/// Returns a board's projects.
///
/// # Errors
/// `board_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    board: BoardId,
    page: &PageRequest<String>,
) -> Result<PageRows<ProjectSummary>> {
    boards::must_exist(conn, workspace, board)?;
    projects::list(conn, workspace, board, page)
}

/// Creates a project after the last one of its board.
///
/// # Errors
/// `board_not_found`, `resource_limit_exceeded`.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, new: ProjectCreate) -> Result<Project> {
    boards::must_exist(tx, ctx.workspace, new.board_id)?;
    let place = projects::append(tx, ctx.workspace, new.board_id)?;
    let now = Timestamp::now();
    let project = Project {
        id: ProjectId::new(),
        name: new.name,
        description: new.description,
        board_id: new.board_id,
        position: place.key,
        counts: TaskCounts::new(0, 0, 0),
        created_at: now,
        updated_at: now,
    };
    add(tx, ctx, &project)?;
    if place.is_respread {
        record_reordered(tx, ctx, project.board_id)?;
    }
    Ok(project)
}

/// Adds a project.
///
/// # Errors
/// `resource_limit_exceeded`.
pub(super) fn add(tx: &Tx<'_>, ctx: &Ctx, project: &Project) -> Result<()> {
    projects::insert(tx, ctx.workspace, project)?;
    tx.record(ctx, &event(EventType::ProjectCreated, project)?)
}

/// Updates a project. When it moves to another board, it goes after the last project there, unless a position is given,
/// and its tasks leave their lanes and keep the labels that exist there by name, because both belong to a board.
///
/// # Errors
/// `project_not_found`, also for a neighbor that is not on the board; `board_not_found`.
pub fn update(tx: &Tx<'_>, ctx: &Ctx, id: ProjectId, change: ProjectUpdate) -> Result<Project> {
    let old = projects::get(tx, ctx.workspace, id)?;
    if let Some(wish) = &change.position {
        wish.refuse_word(Some(&old.position))?;
    }
    let board_id = change.board_id.unwrap_or(old.board_id);
    let moves = board_id != old.board_id;
    if moves {
        boards::must_exist(tx, ctx.workspace, board_id)?;
    }
    let place = match change.position.or(moves.then_some(Move::Last)) {
        Some(wish) => projects::place(tx, ctx.workspace, board_id, id, &wish)?,
        None => Place::at(old.position.clone()),
    };
    let mut project = Project {
        name: change.name.unwrap_or_else(|| old.name.clone()),
        description: change
            .description
            .unwrap_or_else(|| old.description.clone()),
        board_id,
        position: place.key,
        ..old.clone()
    };
    if project != old {
        project.updated_at = Timestamp::now();
        record_updated(tx, ctx, &old, &project)?;
        projects::update(tx, ctx.workspace, &project)?;
    }
    if place.is_respread {
        record_reordered(tx, ctx, board_id)?;
    }
    Ok(project)
}

/// Deletes a project with its tasks, subtasks and comments.
///
/// # Errors
/// `project_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: ProjectId) -> Result<()> {
    let project = projects::get(tx, ctx.workspace, id)?;
    let (tasks, subtasks, comments) = projects::count_contents(tx, ctx.workspace, id)?;
    projects::delete(tx, ctx.workspace, id)?;
    let deleted = [
        ("tasks", tasks),
        ("subtasks", subtasks),
        ("comments", comments),
    ];
    let event = event(EventType::ProjectDeleted, &project)?;
    tx.record(ctx, &event.with_deleted(&deleted))
}

/// Records the change. Called before the update, because it counts the tasks that will lose lanes or labels.
fn record_updated(tx: &Tx<'_>, ctx: &Ctx, old: &Project, project: &Project) -> Result<()> {
    let mut event = event(EventType::ProjectUpdated, project)?
        .from_board(old.board_id)
        .with_changes(Changes::between(old, project)?);
    if old.board_id != project.board_id {
        let tasks = projects::count_tasks_of_board(tx, ctx.workspace, old.id)?;
        event = event.with_cleared_tasks(tasks);
    }
    tx.record(ctx, &event)
}

fn event(kind: EventType, project: &Project) -> Result<NewEvent> {
    let event = NewEvent::new(kind, project)?;
    Ok(event.on_board(project.board_id).in_project(project.id))
}
