//! Lists by creation time of the tasks whose labels have words.
//!
//! The search index is sorted by the order in which tasks were inserted. That is the order of their creation times, unless a
//! task is backdated: it was imported, or a clock was set back. So a page is read from the search index in its order, and the
//! backdated tasks, which have an index of their own, are merged in.

use rusqlite::params_from_iter;

use super::entry::with_parents;
use super::index::Index;
use super::query::Plan;
use crate::model::ids::WorkspaceId;
use crate::model::task_list::{TaskList, TaskListEntry};
use crate::store::connection::Conn;

/// Reads one task more than the page has. Fails with `words::is_out_of_budget` if too many backdated tasks would have to be
/// compared with the words.
///
/// # Errors
/// Database errors only.
pub(super) fn in_order(
    conn: &Conn,
    workspace: WorkspaceId,
    list: &TaskList,
) -> rusqlite::Result<Vec<TaskListEntry>> {
    let mut found = Plan::new(workspace, list, Index::Backdated).read(conn)?;
    found.extend(inserted(conn, workspace, list)?);
    found.sort_by_key(|entry| (entry.task.created_at, entry.task.id));
    if list.sort.is_descending {
        found.reverse();
    }
    found.truncate(list.limit as usize + 1);
    Ok(found)
}

/// Reads the tasks that are not backdated, until no later one can be on the page. Tasks of the same time come in any order.
fn inserted(
    conn: &Conn,
    workspace: WorkspaceId,
    list: &TaskList,
) -> rusqlite::Result<Vec<TaskListEntry>> {
    let plan = Plan::new(workspace, list, Index::Words);
    let mut statement = conn.prepare_cached(&plan.inserted())?;
    let rows = statement.query_map(params_from_iter(&plan.values), with_parents)?;
    let mut found: Vec<TaskListEntry> = Vec::new();
    for row in rows {
        let entry = row?;
        let last = found.get(list.limit as usize);
        if last.is_some_and(|last| last.task.created_at != entry.task.created_at) {
            break;
        }
        found.push(entry);
    }
    Ok(found)
}
