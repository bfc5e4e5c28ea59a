//! Lists of tasks.

mod conditions;
mod entry;
mod index;
mod parts;
mod query;
mod values;
mod words;

use rusqlite::{OptionalExtension, params, params_from_iter};

use self::entry::{ENTRY, entry, with_parents};
pub use self::index::Index;
pub use self::query::Plan;
use super::assignees::ASSIGNEE_IDS;
use super::connection::Conn;
use super::labels::LABEL_IDS;
use super::words::is_out_of_budget;
use crate::error::Result;
use crate::model::ids::{ProjectId, TaskId, WorkspaceId};
use crate::model::page::{PageRequest, PageRows};
use crate::model::search::Search;
use crate::model::task_list::{SortColumn, TaskFilter, TaskList, TaskListEntry};
use crate::model::tasks::TaskSummary;

/// How many entries of each index are counted to choose one.
const COUNT_LIMIT: u32 = 1_000;
/// How many entries are sorted rather than to look for them in all tasks of the workspace.
const SORT_LIMIT: u32 = 10_000;

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
    let mut rows = match list.sort.by {
        SortColumn::DueOn => by_due_date(conn, workspace, list)?,
        _ => rows(conn, workspace, list)?,
    };
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

/// Reads the tasks with a due date, and after them those without.
fn by_due_date(conn: &Conn, workspace: WorkspaceId, list: &TaskList) -> Result<Vec<TaskListEntry>> {
    let mut found = match list.is_after_dated() {
        true => Vec::new(),
        false => rows(conn, workspace, &list.dated())?,
    };
    let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
    if count <= list.limit {
        found.extend(rows(conn, workspace, &list.undated(count))?);
    }
    Ok(found)
}

/// Reads one task more than the page has.
fn rows(conn: &Conn, workspace: WorkspaceId, list: &TaskList) -> Result<Vec<TaskListEntry>> {
    let words = list.filter.q.as_deref();
    if words.is_some_and(|words| Search::of(words).is_none()) {
        return Ok(Vec::new());
    }
    let index = most_selective(conn, workspace, list)?;
    let in_order = match Plan::new(workspace, list, index).read(conn) {
        Err(cause) if is_out_of_budget(&cause) && list.sort.by == SortColumn::CreatedAt => {
            words::in_order(conn, workspace, list)
        }
        read => read,
    };
    match in_order {
        Err(cause) if is_out_of_budget(&cause) => {
            Ok(Plan::new(workspace, list, Index::Words).read(conn)?)
        }
        read => Ok(read?),
    }
}

/// Returns the index with the fewest entries for a list, counted up to a limit. If all have many, and none is in the order
/// of the list, that is the index of all tasks in this order.
///
/// # Errors
/// Database errors only.
pub fn most_selective(conn: &Conn, workspace: WorkspaceId, list: &TaskList) -> Result<Index> {
    let candidates = Index::candidates(list);
    let all = Index::of_all(list.sort.by);
    let is_sorted = matches!(list.sort.by, SortColumn::CreatedAt | SortColumn::Position);
    if candidates == [all] {
        return Ok(all);
    }
    if let ([only], true) = (candidates.as_slice(), is_sorted) {
        return Ok(*only);
    }
    let limit = if is_sorted { COUNT_LIMIT } else { SORT_LIMIT };
    let mut best = (u32::MAX, all);
    for index in candidates {
        let plan = Plan::new(workspace, list, index);
        let (sql, values) = plan.count(limit);
        let mut statement = conn.prepare_cached(&sql)?;
        let entries = statement.query_row(params_from_iter(values), |row| row.get(0))?;
        if entries < best.0 && (is_sorted || entries < limit) {
            best = (entries, index);
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
