//! Exports: everything in a workspace as one JSON document, read row by row while it is serialized.

mod board_rows;
mod card_rows;
mod each_row;

use std::cell::{Cell, RefCell};

use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

pub use self::board_rows::members;
use self::each_row::Each;
use super::connection::Conn;
use crate::error::{Error, Result};
use crate::model::export::{ExportedWorkspace, FORMAT, VERSION};
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;

/// Reads rows of one kind and passes each to a function.
type Read<T> = fn(&Conn, WorkspaceId, &mut Each<'_, T>) -> Result<()>;

/// The export of a workspace. It reads the database while it is serialized, so memory does not grow with the workspace.
pub struct Export<'c> {
    conn: &'c Conn,
    workspace: WorkspaceId,
    with_recipients: bool,
    /// Called with the number of rows so far.
    progress: &'c dyn Fn(u64),
    rows: Cell<u64>,
    failure: RefCell<Option<Error>>,
}

impl<'c> Export<'c> {
    /// Creates the export of a workspace. Everything is read in the transaction of the connection.
    pub fn new(
        conn: &'c Conn,
        workspace: WorkspaceId,
        with_recipients: bool,
        progress: &'c dyn Fn(u64),
    ) -> Self {
        Self {
            conn,
            workspace,
            with_recipients,
            progress,
            rows: Cell::new(0),
            failure: RefCell::new(None),
        }
    }

    /// Returns why rows could not be read, after serializing has failed.
    pub fn failure(&self) -> Option<Error> {
        self.failure.take()
    }

    /// Returns the number of rows that were written.
    pub fn written(&self) -> u64 {
        self.rows.get()
    }

    fn rows<T>(&self, read: Read<T>) -> Rows<'_, '_, T> {
        Rows { export: self, read }
    }

    fn workspace(&self) -> Result<ExportedWorkspace> {
        let workspace = super::workspaces::get(self.conn, self.workspace)?;
        Ok(ExportedWorkspace {
            id: workspace.id,
            name: workspace.name,
            slug: workspace.slug,
            plan: workspace.plan,
            created_at: workspace.created_at,
        })
    }

    fn count(&self) {
        let rows = self.rows.get() + 1;
        self.rows.set(rows);
        (self.progress)(rows);
    }
}

impl Serialize for Export<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let workspace = self.workspace().map_err(|error| {
            self.failure.replace(Some(error));
            S::Error::custom("the workspace could not be read")
        })?;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", FORMAT)?;
        map.serialize_entry("version", &VERSION)?;
        map.serialize_entry("exported_at", &Timestamp::now())?;
        map.serialize_entry("workspace", &workspace)?;
        map.serialize_entry("members", &self.rows(board_rows::members))?;
        map.serialize_entry("boards", &self.rows(board_rows::boards))?;
        map.serialize_entry("labels", &self.rows(board_rows::labels))?;
        map.serialize_entry("lanes", &self.rows(board_rows::lanes))?;
        map.serialize_entry("projects", &self.rows(board_rows::projects))?;
        map.serialize_entry("tasks", &self.rows(board_rows::tasks))?;
        map.serialize_entry("subtasks", &self.rows(board_rows::subtasks))?;
        map.serialize_entry("comments", &self.rows(board_rows::comments))?;
        map.serialize_entry("cards", &self.rows(card_rows::cards))?;
        map.serialize_entry("configurations", &self.rows(card_rows::configurations))?;
        map.serialize_entry("webhooks", &self.rows(card_rows::webhooks))?;
        match self.with_recipients {
            true => map.serialize_entry("recipients", &self.rows(card_rows::recipients))?,
            false => map.serialize_entry("recipients", &[(); 0])?,
        }
        map.end()
    }
}

/// An array of the document.
struct Rows<'e, 'c, T> {
    export: &'e Export<'c>,
    read: Read<T>,
}

impl<T: Serialize> Serialize for Rows<'_, '_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        let mut unwritten = None;
        let Export {
            conn, workspace, ..
        } = *self.export;
        let read = (self.read)(conn, workspace, &mut |row| {
            self.export.count();
            rows.serialize_element(row).map_err(|cause| {
                unwritten = Some(cause);
                Error::bug("a row could not be written")
            })
        });
        match (read, unwritten) {
            (_, Some(cause)) => Err(cause),
            (Ok(()), None) => rows.end(),
            (Err(error), None) => {
                self.export.failure.replace(Some(error));
                Err(S::Error::custom("rows could not be read"))
            }
        }
    }
}

/// Returns the number of rows of the largest kinds, to estimate the progress of an export.
///
/// # Errors
/// Database errors only.
pub fn size(conn: &Conn, workspace: WorkspaceId) -> Result<u64> {
    let mut statement = conn.prepare_cached(
        "SELECT coalesce(sum(1 + subtasks_total + comments_total), 0) FROM task WHERE workspace_id = ?1",
    )?;
    Ok(statement.query_row([workspace], |row| row.get(0))?)
}
