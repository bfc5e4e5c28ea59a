//! The parts of an index that a list reads: the common table expression `part (a, b)`.

use rusqlite::types::Value;
use uuid::Uuid;

use super::index::Index;
use super::values::{LAST, bind, bytes};
use crate::model::ids::WorkspaceId;
use crate::model::search::Search;
use crate::model::task_list::{Archived, TaskList, WorkspaceFilter};

/// Returns the common table expressions, the last of which is `part`, and adds the values of their parameters.
pub(super) fn of(
    list: &TaskList,
    index: Index,
    workspace: WorkspaceId,
    values: &mut Vec<Value>,
) -> String {
    let filter = &list.filter;
    let archived = match filter.archived() {
        Archived::False => "[0]",
        Archived::True => "[1]",
        Archived::Any => "[0,1]",
    };
    match index {
        Index::Bucket => {
            let buckets = bind(values, filter.buckets().json());
            format!("part (a, b) AS (SELECT value, 0 FROM json_each({buckets}))")
        }
        Index::Words => {
            let words = bind(values, expression(workspace, filter));
            format!("part (a, b) AS (SELECT {words}, 0)")
        }
        Index::Due => days(filter, archived, values),
        _ => {
            let id = id(index, filter).map(bytes).unwrap_or(Value::Null);
            let (id, archived) = (bind(values, id), bind(values, archived.to_owned()));
            match index {
                Index::Board => format!(
                    "part (a, b) AS (SELECT p.id, value FROM project p CROSS JOIN json_each({archived})
                                      WHERE p.workspace_id = ?1 AND p.board_id = {id})"
                ),
                _ => format!("part (a, b) AS (SELECT {id}, value FROM json_each({archived}))"),
            }
        }
    }
}

/// The id in the filter of an index.
fn id(index: Index, filter: &WorkspaceFilter) -> Option<Uuid> {
    match index {
        Index::Project | Index::Position => filter.project.map(|id| id.uuid()),
        Index::Board => filter.board.map(|id| id.uuid()),
        Index::Lane => filter.lane_id().map(|id| id.uuid()),
        Index::Assignee => filter.assignee_id().map(|id| id.uuid()),
        Index::Label => filter.label.map(|id| id.uuid()),
        _ => None,
    }
}

/// The expression that finds the words of a filter in the search index.
fn expression(workspace: WorkspaceId, filter: &WorkspaceFilter) -> String {
    let search = filter.q.as_deref().and_then(Search::of);
    let (owner, words) = (
        workspace.uuid().simple(),
        search.map(|search| search.prefixes()).unwrap_or_default(),
    );
    format!("owner : \"{owner}\" AND title : ({words})")
}

/// The parts of the index by due date: each day in the range on which a task is due.
fn days(filter: &WorkspaceFilter, archived: &str, values: &mut Vec<Value>) -> String {
    let from = filter.due_after.map(|day| day.to_string());
    let before = filter.due_before.map(|day| day.to_string());
    let from = bind(values, from.unwrap_or_default());
    let before = bind(values, before.unwrap_or_else(|| LAST.to_owned()));
    let archived = bind(values, archived.to_owned());
    let next = |is_archived: &str, bound: &str| {
        format!(
            "(SELECT x.due_on FROM task x INDEXED BY task_due
               WHERE x.workspace_id = ?1 AND x.is_archived = {is_archived} AND x.due_on {bound}
                 AND x.due_on < {before} ORDER BY x.due_on LIMIT 1)"
        )
    };
    let (first, next) = (
        next("value", &format!(">= {from}")),
        next("day.b", "> day.a"),
    );
    format!(
        "day (a, b) AS (SELECT {first}, value FROM json_each({archived})
                        UNION ALL SELECT {next}, day.b FROM day WHERE day.a IS NOT NULL),
         part (a, b) AS (SELECT a, b FROM day WHERE a IS NOT NULL)"
    )
}
