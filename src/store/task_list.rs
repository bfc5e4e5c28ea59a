//! Lists of tasks.

mod entry;
mod index;
mod query;

use rusqlite::{OptionalExtension, params, params_from_iter};

use self::entry::{ENTRY, entry, with_parents};
pub use self::index::Index;
pub use self::query::Plan;
use super::assignees::ASSIGNEE_IDS;
use super::connection::Conn;
use super::labels::LABEL_IDS;
use crate::error::Result;
use crate::model::ids::{ProjectId, TaskId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::task_list::{TaskFilter, TaskList, TaskListEntry};
use crate::model::tasks::TaskSummary;

/// Returns a project's tasks that match the filter, sorted by position.
///
/// # Errors
/// Database errors only.
pub fn of_project(
    conn: &Conn,
    workspace: WorkspaceId,
    project: ProjectId,
    filter: &TaskFilter,
    page: &PageRequest<String>,
) -> Result<PageRows<TaskSummary>> {
    let (position, after) = page.after.clone().unwrap_or_default();
    // `instr` on lowercase text instead of LIKE, because LIKE would treat parts of the search text as wildcards.
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {ENTRY}, {ASSIGNEE_IDS}, {LABEL_IDS} FROM task t
          WHERE t.workspace_id = ?1 AND t.project_id = ?2 AND (t.position, t.id) > (?3, ?4)
            AND ?6 >> t.bucket & 1
            AND (?7 IS NULL OR t.workflow_lane_id = ?7)
            AND (?8 IS NULL OR instr(lower(t.label), lower(?8)) > 0)
          ORDER BY t.position, t.id LIMIT ?5"
    ))?;
    let values = params![
        workspace,
        project,
        position,
        after,
        page.fetch(),
        filter.buckets().mask(),
        filter.lane_id(),
        filter.q
    ];
    let rows = statement.query_map(values, entry)?;
    Ok(page.cut(rows.collect::<Result<_, _>>()?, |task| {
        (task.position.clone(), task.id.uuid())
    }))
}

/// Returns a page of the workspace's tasks that match the filter.
///
/// # Errors
/// Database errors only.
pub fn of_workspace(
    conn: &Conn,
    workspace: WorkspaceId,
    list: &TaskList,
) -> Result<PageRows<TaskListEntry>> {
    let plan = Plan::new(workspace, list, most_selective(conn, workspace, list)?);
    let mut statement = conn.prepare_cached(&plan.statement())?;
    let rows = statement.query_map(params_from_iter(&plan.values), with_parents)?;
    let mut rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let limit = list.limit as usize;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more);
    let next_cursor = last.map(|last| {
        list.sort
            .cursor(&last.sort_value(list.sort.by), last.task.id)
    });
    Ok(PageRows { rows, next_cursor })
}

/// Returns the index with the fewest entries for a list, counted up to a limit.
///
/// # Errors
/// Database errors only.
pub fn most_selective(conn: &Conn, workspace: WorkspaceId, list: &TaskList) -> Result<Index> {
    let candidates = Index::candidates(list);
    let [first, others @ ..] = candidates.as_slice() else {
        return Ok(Index::Bucket);
    };
    let count = |index| -> Result<u64> {
        let plan = Plan::new(workspace, list, index);
        let (sql, values) = plan.count();
        let mut statement = conn.prepare_cached(&sql)?;
        Ok(statement.query_row(params_from_iter(values), |row| row.get(0))?)
    };
    if others.is_empty() {
        return Ok(*first);
    }
    let mut best = (count(*first)?, *first);
    for index in others {
        let entries = count(*index)?;
        if entries < best.0 {
            best = (entries, *index);
        }
    }
    Ok(best.1)
}

/// Returns the tasks with these ids in this order, and the ids that do not exist.
///
/// # Errors
/// Database errors only.
pub fn of_ids(
    conn: &Conn,
    workspace: WorkspaceId,
    ids: &[TaskId],
) -> Result<(Vec<TaskListEntry>, Vec<TaskId>)> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {ENTRY}, {ASSIGNEE_IDS}, {LABEL_IDS}, t.project_id, p.board_id
           FROM task t JOIN project p ON p.workspace_id = t.workspace_id AND p.id = t.project_id
          WHERE t.workspace_id = ?1 AND t.id = ?2"
    ))?;
    let (mut found, mut missing) = (Vec::with_capacity(ids.len()), Vec::new());
    for id in ids {
        let task = statement.query_row(params![workspace, id], with_parents);
        match task.optional()? {
            Some(task) => found.push(task),
            None => missing.push(*id),
        }
    }
    Ok((found, missing))
}
