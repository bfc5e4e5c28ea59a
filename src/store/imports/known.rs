//! Where objects of earlier imports are, and which of them belong to a board.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::error::Result;
use crate::model::ids::{BoardId, WorkspaceId};
use crate::model::imports::{FieldDigests, Format, Kind};
use crate::store::connection::Conn;

/// Where an imported object is.
#[derive(Clone, Debug)]
pub struct KnownPlace {
    /// The list that it is in: the board of a lane or project, the project of a task, the task of a subtask.
    pub parent: Uuid,
    /// Its position there.
    pub position: String,
    /// Its fields as they were imported.
    pub fields: FieldDigests,
}

/// Returns where an object of a file is; `None` if it is not known, was deleted here, or has no position.
///
/// # Errors
/// Database errors only.
pub fn place(
    conn: &Conn,
    workspace: WorkspaceId,
    kind: Kind,
    source: &[u8; 16],
) -> Result<Option<KnownPlace>> {
    let (table, parent) = match kind {
        Kind::Lane => ("lane", "board_id"),
        Kind::Project => ("project", "board_id"),
        Kind::Task => ("task", "project_id"),
        Kind::Subtask => ("subtask", "task_id"),
        _ => return Ok(None),
    };
    let mut statement = conn.prepare_cached(&format!(
        "SELECT x.{parent}, x.position, o.fields
           FROM import_object o JOIN {table} x ON x.workspace_id = o.workspace_id AND x.id = o.object_id
          WHERE o.workspace_id = ?1 AND o.kind = ?2 AND o.source = ?3"
    ))?;
    let found = statement.query_row(params![workspace, kind as i64, source], |row| {
        Ok(KnownPlace {
            parent: row.get(0)?,
            position: row.get(1)?,
            fields: FieldDigests::from_bytes(row.get(2)?),
        })
    });
    Ok(found.optional()?)
}

/// Passes objects of a kind that are on a board to a function: their sources and their names. Only those that were imported
/// to this board from files of this format.
///
/// # Errors
/// Database errors only.
pub fn each_on_board(
    conn: &Conn,
    workspace: WorkspaceId,
    format: Format,
    board: BoardId,
    kind: Kind,
    mut each: impl FnMut([u8; 16], String),
) -> Result<()> {
    let Some((name, joins)) = name_and_board(kind) else {
        return Ok(());
    };
    // The imports of a board lead to its objects. All objects of the workspace may be very many.
    let mut statement = conn.prepare_cached(&format!(
        "SELECT o.source, {name}
           FROM import i
          CROSS JOIN import_object o ON o.workspace_id = i.workspace_id AND o.import_id = i.id
          {joins}
          WHERE i.workspace_id = ?1 AND i.format = ?2 AND o.kind = ?3 AND b.board_id = ?4
            AND EXISTS (SELECT 1 FROM json_each(i.board_ids) WHERE value = ?5)
          ORDER BY i.seq, o.seq"
    ))?;
    let values = params![workspace, format, kind as i64, board, board.to_string()];
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, row.get(1)?);
    }
    Ok(())
}

/// The name of an object `o` of a kind, and the joins to it and to the table `b`, which has its board.
fn name_and_board(kind: Kind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        Kind::Label => (
            "b.name",
            "CROSS JOIN label b ON b.workspace_id = o.workspace_id AND b.id = o.object_id",
        ),
        Kind::Lane => (
            "b.name",
            "CROSS JOIN lane b ON b.workspace_id = o.workspace_id AND b.id = o.object_id",
        ),
        Kind::Project => (
            "b.name",
            "CROSS JOIN project b ON b.workspace_id = o.workspace_id AND b.id = o.object_id",
        ),
        Kind::Task => (
            "t.label",
            "CROSS JOIN task t ON t.workspace_id = o.workspace_id AND t.id = o.object_id
             CROSS JOIN project b ON b.workspace_id = t.workspace_id AND b.id = t.project_id",
        ),
        Kind::Subtask => (
            "s.label",
            "CROSS JOIN subtask s ON s.workspace_id = o.workspace_id AND s.id = o.object_id
             CROSS JOIN task t ON t.workspace_id = s.workspace_id AND t.id = s.task_id
             CROSS JOIN project b ON b.workspace_id = t.workspace_id AND b.id = t.project_id",
        ),
        Kind::Comment => (
            "substr(c.text, 1, 60)",
            "CROSS JOIN comment c ON c.workspace_id = o.workspace_id AND c.id = o.object_id
             CROSS JOIN task t ON t.workspace_id = c.workspace_id AND t.id = c.task_id
             CROSS JOIN project b ON b.workspace_id = t.workspace_id AND b.id = t.project_id",
        ),
        Kind::Board | Kind::Card | Kind::Configuration | Kind::Webhook | Kind::Recipient => {
            return None;
        }
    })
}
