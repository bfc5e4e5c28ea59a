//! Boards and what is on them, parents first. The order does not depend on ids, so it survives an import. Boards and projects
//! are loops here, because SQLite would sort the tasks of a whole board in memory.

use rusqlite::{Row, params};

use super::each_row::{Each, each_row};
use crate::error::Result;
use crate::model::boards::Board;
use crate::model::export::{
    ExportedComment, ExportedMember, ExportedProject, ExportedSubtask, ExportedTask,
};
use crate::model::ids::{BoardId, ProjectId, WorkspaceId};
use crate::model::labels::Label;
use crate::model::lanes::Lane;
use crate::store::assignees::{self, ASSIGNEE_IDS};
use crate::store::boards::board;
use crate::store::connection::Conn;
use crate::store::labels::{self, LABEL_IDS, label};
use crate::store::lanes::lane;

/// Calls a function for each board, oldest first.
fn each_board(
    conn: &Conn,
    workspace: WorkspaceId,
    mut each: impl FnMut(BoardId) -> Result<()>,
) -> Result<()> {
    let sql = "SELECT id FROM board WHERE workspace_id = ?1 ORDER BY created_at, id";
    each_row(conn, sql, [workspace], |row| row.get(0), &mut |id| {
        each(*id)
    })
}

/// Passes the rows of each board to a function. The statement takes the workspace and the board.
fn each_row_of_boards<T>(
    conn: &Conn,
    workspace: WorkspaceId,
    sql: &str,
    parse: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    each: &mut Each<'_, T>,
) -> Result<()> {
    each_board(conn, workspace, |board| {
        each_row(conn, sql, params![workspace, board], &parse, each)
    })
}

/// Passes the rows of each project to a function, sorted by board and position. The statement takes the workspace and the
/// project.
fn each_row_of_projects<T>(
    conn: &Conn,
    workspace: WorkspaceId,
    sql: &str,
    parse: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    each: &mut Each<'_, T>,
) -> Result<()> {
    let projects =
        "SELECT id FROM project WHERE workspace_id = ?1 AND board_id = ?2 ORDER BY position, id";
    let id = |row: &Row<'_>| row.get(0);
    each_row_of_boards(conn, workspace, projects, id, &mut |project: &ProjectId| {
        each_row(conn, sql, params![workspace, project], &parse, each)
    })
}

/// Passes the members of a workspace, with their addresses, to a function.
///
/// # Errors
/// Those of the function.
pub fn members(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut (dyn FnMut(&ExportedMember) -> Result<()> + '_),
) -> Result<()> {
    let sql = "SELECT u.id, u.email, u.name, m.role FROM member m JOIN user u ON u.id = m.user_id
                WHERE m.workspace_id = ?1 ORDER BY m.created_at, u.id";
    let parse = |row: &Row<'_>| {
        Ok(ExportedMember {
            id: row.get(0)?,
            email: row.get(1)?,
            name: row.get(2)?,
            role: row.get(3)?,
        })
    };
    each_row(conn, sql, [workspace], parse, each)
}

pub(super) fn boards(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, Board>,
) -> Result<()> {
    let sql = "SELECT id, name, description, icon, accent_color, background_color, layout_preference, created_at,
                      updated_at
                 FROM board WHERE workspace_id = ?1 ORDER BY created_at, id";
    each_row(conn, sql, [workspace], board, each)
}

pub(super) fn labels(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, Label>,
) -> Result<()> {
    let sql = "SELECT l.id, l.board_id, l.name, l.color, l.created_at, l.updated_at
                 FROM label l WHERE l.workspace_id = ?1 AND l.board_id = ?2 ORDER BY l.created_at, l.id";
    each_row_of_boards(conn, workspace, sql, label, each)
}

pub(super) fn lanes(conn: &Conn, workspace: WorkspaceId, each: &mut Each<'_, Lane>) -> Result<()> {
    let sql = "SELECT l.id, l.board_id, l.name, l.position, l.wip_limit, l.color, l.created_at, l.updated_at
                 FROM lane l WHERE l.workspace_id = ?1 AND l.board_id = ?2 ORDER BY l.position, l.id";
    each_row_of_boards(conn, workspace, sql, lane, each)
}

pub(super) fn projects(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, ExportedProject>,
) -> Result<()> {
    let sql = "SELECT p.id, p.board_id, p.name, p.description, p.position, p.created_at, p.updated_at
                 FROM project p WHERE p.workspace_id = ?1 AND p.board_id = ?2 ORDER BY p.position, p.id";
    let parse = |row: &Row<'_>| {
        Ok(ExportedProject {
            id: row.get(0)?,
            board_id: row.get(1)?,
            name: row.get(2)?,
            description: row.get(3)?,
            position: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
        })
    };
    each_row_of_boards(conn, workspace, sql, parse, each)
}

pub(super) fn tasks(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, ExportedTask>,
) -> Result<()> {
    let sql = format!(
        "SELECT t.id, t.project_id, t.workflow_lane_id, t.label, t.description, t.status, t.position, t.due_on,
                t.archived_at, t.created_by, t.created_at, t.updated_at, {ASSIGNEE_IDS}, {LABEL_IDS}
           FROM task t WHERE t.workspace_id = ?1 AND t.project_id = ?2 ORDER BY t.position, t.id"
    );
    let parse = |row: &Row<'_>| {
        Ok(ExportedTask {
            id: row.get(0)?,
            project_id: row.get(1)?,
            workflow_lane_id: row.get(2)?,
            label: row.get(3)?,
            description: row.get(4)?,
            status: row.get(5)?,
            position: row.get(6)?,
            due_on: row.get(7)?,
            archived_at: row.get(8)?,
            created_by_id: row.get(9)?,
            created_at: row.get(10)?,
            updated_at: row.get(11)?,
            assignee_ids: assignees::ids(row, 12)?,
            label_ids: labels::ids(row, 13)?,
        })
    };
    each_row_of_projects(conn, workspace, &sql, parse, each)
}

pub(super) fn subtasks(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, ExportedSubtask>,
) -> Result<()> {
    let sql =
        "SELECT s.id, s.task_id, s.label, s.is_completed, s.position, s.created_at, s.updated_at
                 FROM task t
                CROSS JOIN subtask s ON s.workspace_id = t.workspace_id AND s.task_id = t.id
                WHERE t.workspace_id = ?1 AND t.project_id = ?2 AND t.subtasks_total > 0
                ORDER BY t.position, t.id, s.position, s.id";
    let parse = |row: &Row<'_>| {
        Ok(ExportedSubtask {
            id: row.get(0)?,
            task_id: row.get(1)?,
            label: row.get(2)?,
            is_completed: row.get(3)?,
            position: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
        })
    };
    each_row_of_projects(conn, workspace, sql, parse, each)
}

pub(super) fn comments(
    conn: &Conn,
    workspace: WorkspaceId,
    each: &mut Each<'_, ExportedComment>,
) -> Result<()> {
    let sql = "SELECT c.id, c.task_id, c.text, u.id, coalesce(c.imported_author, u.name), c.created_at, c.updated_at, c.edited_at
                 FROM task t
                CROSS JOIN comment c ON c.workspace_id = t.workspace_id AND c.task_id = t.id
                 LEFT JOIN user u ON u.id = c.author_id
                WHERE t.workspace_id = ?1 AND t.project_id = ?2 AND t.comments_total > 0
                ORDER BY t.position, t.id, c.created_at, c.id";
    let parse = |row: &Row<'_>| {
        Ok(ExportedComment {
            id: row.get(0)?,
            task_id: row.get(1)?,
            text: row.get(2)?,
            author_id: row.get(3)?,
            author_name: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
            edited_at: row.get(7)?,
        })
    };
    each_row_of_projects(conn, workspace, sql, parse, each)
}
