//! Tasks.

use crate::error::Result;
use crate::model::context::Ctx;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{BoardId, LabelId, LaneId, ProjectId, TaskId, WorkspaceId};
use crate::model::labels::{LabelSummary, distinct};
use crate::model::page::{PageRequest, PageRows};
use crate::model::position::Move;
use crate::model::task_list::TaskFilter;
use crate::model::tasks::{Status, Task, TaskCreate, TaskSummary, TaskUpdate};
use crate::model::time::Timestamp;
use crate::store::position::Place;
use crate::store::{Conn, Tx, assignees, labels, lanes, projects, task_list, tasks};

/// A task that was created or updated.
pub(super) struct Placed {
    pub(super) task: Task,
    /// Whether other tasks of the project got new positions to make room.
    pub(super) is_respread: bool,
}

/// Returns a project's tasks.
///
/// # Errors
/// `project_not_found`.
pub fn list(
    conn: &Conn,
    workspace: WorkspaceId,
    project: ProjectId,
    filter: &TaskFilter,
    page: &PageRequest<String>,
) -> Result<PageRows<TaskSummary>> {
    projects::board_of(conn, workspace, project)?;
    task_list::of_project(conn, workspace, project, filter, page)
}

/// Creates a task. Without a position, it goes after the last one of its project.
///
/// # Errors
/// `project_not_found`, `lane_not_found`, `label_not_found`, `member_not_found`, `task_not_found` for a neighbor that is
/// not in the project, `resource_limit_exceeded`.
pub fn create(tx: &Tx<'_>, ctx: &Ctx, new: TaskCreate) -> Result<Task> {
    Ok(create_placed(tx, ctx, new)?.task)
}

/// Like [`create`].
pub(super) fn create_placed(tx: &Tx<'_>, ctx: &Ctx, new: TaskCreate) -> Result<Placed> {
    let wish = new.position.unwrap_or(Move::Last);
    wish.refuse_word(None)?;
    let board = projects::board_of(tx, ctx.workspace, new.project_id)?;
    if let Some(lane) = new.workflow_lane_id {
        lanes::must_be_on(tx, ctx.workspace, board, lane)?;
    }
    let labels = labels_on(tx, ctx, board, new.label_ids)?;
    let assignees = assignees::find(tx, ctx.workspace, &new.assignee_ids)?;
    let id = TaskId::new();
    let place = tasks::place(tx, ctx.workspace, new.project_id, id, &wish)?;
    let now = Timestamp::now();
    let task = Task {
        id,
        label: new.label,
        status: new.status,
        project_id: new.project_id,
        workflow_lane_id: new.workflow_lane_id,
        position: place.key,
        description: new.description,
        subtasks: Vec::new(),
        assignees,
        due_on: new.due_on,
        archived_at: new.is_archived.then_some(now),
        created_by: ctx.actor.person(),
        created_at: now,
        updated_at: now,
        labels,
        counts: Default::default(),
    };
    add(tx, ctx, board, &task)?;
    if place.is_respread {
        record_reordered(tx, ctx, board, task.project_id)?;
    }
    Ok(Placed {
        task,
        is_respread: place.is_respread,
    })
}

/// Adds a task to a project on this board.
///
/// # Errors
/// `resource_limit_exceeded`.
pub(super) fn add(tx: &Tx<'_>, ctx: &Ctx, board: BoardId, task: &Task) -> Result<()> {
    tasks::insert(tx, ctx.workspace, task)?;
    labels::add_to_task(tx, ctx.workspace, task.id, &task.labels)?;
    tx.record(ctx, &event(EventType::TaskCreated, board, task)?)
}

/// Updates a task, and returns it without its subtasks. When it moves to another project, it goes after the last task
/// there, unless a position is given. When it moves to another board, it leaves its lane, unless a lane of that board
/// is given, and keeps the labels that exist there by name, unless labels are given.
///
/// # Errors
/// `task_not_found`, also for a neighbor that is not in the project; `project_not_found`; `lane_not_found`;
/// `label_not_found`; `member_not_found`.
pub fn update(tx: &Tx<'_>, ctx: &Ctx, id: TaskId, change: TaskUpdate) -> Result<Task> {
    Ok(update_placed(tx, ctx, id, change)?.task)
}

/// Like [`update`].
pub(super) fn update_placed(
    tx: &Tx<'_>,
    ctx: &Ctx,
    id: TaskId,
    change: TaskUpdate,
) -> Result<Placed> {
    let old = tasks::get_bare(tx, ctx.workspace, id)?;
    if let Some(wish) = &change.position {
        wish.refuse_word(Some(&old.position))?;
    }
    let project_id = change.project_id.unwrap_or(old.project_id);
    let from_board = projects::board_of(tx, ctx.workspace, old.project_id)?;
    let board = match project_id == old.project_id {
        true => from_board,
        false => projects::board_of(tx, ctx.workspace, project_id)?,
    };
    if let Some(Some(lane)) = change.workflow_lane_id {
        lanes::must_be_on(tx, ctx.workspace, board, lane)?;
    }
    let wanted = change.label_ids.map(|ids| labels_on(tx, ctx, board, ids));
    let wanted = wanted.transpose()?;
    let assignees = match &change.assignee_ids {
        Some(ids) => assignees::find(tx, ctx.workspace, ids)?,
        None => old.assignees.clone(),
    };
    let place = place_after(tx, ctx, &old, project_id, change.position)?;
    let mut task = Task {
        label: change.label.unwrap_or_else(|| old.label.clone()),
        description: change
            .description
            .unwrap_or_else(|| old.description.clone()),
        status: change.status.unwrap_or(old.status),
        project_id,
        workflow_lane_id: lane_after(&old, board == from_board, change.workflow_lane_id),
        position: place.key,
        labels: wanted.clone().unwrap_or_else(|| old.labels.clone()),
        assignees,
        due_on: change.due_on.unwrap_or(old.due_on),
        archived_at: archived_after(&old, change.is_archived),
        ..old.clone()
    };
    if task != old {
        task.updated_at = Timestamp::now();
        tasks::update(tx, ctx.workspace, &old, &task)?;
        if let Some(wanted) = &wanted {
            labels::set_of_task(tx, ctx.workspace, id, wanted)?;
        } else if board != from_board && !old.labels.is_empty() {
            // A trigger has replaced them by those of the new board.
            task.labels = labels::of_task(tx, ctx.workspace, id)?;
        }
        record_updated(tx, ctx, (from_board, &old), (board, &task))?;
    }
    if place.is_respread {
        record_reordered(tx, ctx, board, project_id)?;
    }
    Ok(Placed {
        task,
        is_respread: place.is_respread,
    })
}

/// Deletes a task with its subtasks and comments.
///
/// # Errors
/// `task_not_found`.
pub fn delete(tx: &Tx<'_>, ctx: &Ctx, id: TaskId) -> Result<()> {
    let task = tasks::get_bare(tx, ctx.workspace, id)?;
    let board = projects::board_of(tx, ctx.workspace, task.project_id)?;
    tasks::delete(tx, ctx.workspace, id)?;
    let deleted = [
        ("subtasks", task.counts.subtasks_total),
        ("comments", task.counts.comments_total),
    ];
    let event = event(EventType::TaskDeleted, board, &task)?;
    tx.record(ctx, &event.with_deleted(&deleted))
}

/// Returns the labels of a board that a request names, sorted by id.
fn labels_on(
    tx: &Tx<'_>,
    ctx: &Ctx,
    board: BoardId,
    ids: Vec<LabelId>,
) -> Result<Vec<LabelSummary>> {
    match ids.is_empty() {
        true => Ok(Vec::new()),
        false => labels::on_board(tx, ctx.workspace, board, &distinct(ids)?),
    }
}

/// Returns the position of a task after the change.
fn place_after(
    tx: &Tx<'_>,
    ctx: &Ctx,
    old: &Task,
    project: ProjectId,
    wish: Option<Move<TaskId>>,
) -> Result<Place> {
    let moved = (project != old.project_id).then_some(Move::Last);
    match wish.or(moved) {
        Some(wish) => tasks::place(tx, ctx.workspace, project, old.id, &wish),
        None => Ok(Place::at(old.position.clone())),
    }
}

/// Returns the lane of a task after the change.
fn lane_after(old: &Task, stays_on_board: bool, wish: Option<Option<LaneId>>) -> Option<LaneId> {
    wish.unwrap_or(old.workflow_lane_id.filter(|_| stays_on_board))
}

/// Returns when the task was archived. Archiving it again keeps the time.
fn archived_after(old: &Task, wish: Option<bool>) -> Option<Timestamp> {
    match wish {
        Some(true) => old.archived_at.or_else(|| Some(Timestamp::now())),
        Some(false) => None,
        None => old.archived_at,
    }
}

/// Returns the type of an update's event: the first that fits.
fn update_type(old: &Task, task: &Task) -> EventType {
    match (old.archived_at.is_some(), task.archived_at.is_some()) {
        (false, true) => EventType::TaskArchived,
        (true, false) => EventType::TaskUnarchived,
        _ if task.status == Status::Done && old.status != Status::Done => EventType::TaskCompleted,
        _ => EventType::TaskUpdated,
    }
}

fn event(kind: EventType, board: BoardId, task: &Task) -> Result<NewEvent> {
    let event = NewEvent::new(kind, &task.entry())?;
    Ok(event
        .on_board(board)
        .in_project(task.project_id)
        .of_task(task.id))
}

fn record_updated(
    tx: &Tx<'_>,
    ctx: &Ctx,
    (from_board, old): (BoardId, &Task),
    (board, task): (BoardId, &Task),
) -> Result<()> {
    let mut changes = Changes::between(&old.entry(), &task.entry())?;
    if from_board != board {
        changes.add("board_id", from_board, board);
    }
    let event = event(update_type(old, task), board, task)?
        .from_board(from_board)
        .from_project(old.project_id)
        .with_changes(changes);
    tx.record(ctx, &event)
}

pub(super) fn record_reordered(
    tx: &Tx<'_>,
    ctx: &Ctx,
    board: BoardId,
    project: ProjectId,
) -> Result<()> {
    let event = NewEvent::about(EventType::ProjectReordered, project)?;
    tx.record(ctx, &event.on_board(board).in_project(project))
}
