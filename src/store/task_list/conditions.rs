//! The conditions of a list that its index does not cover.

use rusqlite::types::Value;
use uuid::Uuid;

use super::index::Index;
use super::values::{bind, bytes};
use crate::model::task_list::WorkspaceFilter;

/// How many labels a list compares with words before it reads the search index.
const BUDGET: i64 = 1_000;

/// A condition, the value of its parameter `$` if the list has it, and the indexes that cover it.
type Condition = (&'static str, Option<Value>, &'static [Index]);

/// Returns the conditions, each after `AND`, and adds the values of their parameters.
pub(super) fn of(filter: &WorkspaceFilter, index: Index, values: &mut Vec<Value>) -> String {
    let mut conditions = String::new();
    let wanted = by_id(filter).into_iter().chain(by_value(filter));
    for (condition, value, covered_by) in wanted {
        if let Some(value) = value.filter(|_| !covered_by.contains(&index)) {
            let parameter = bind(values, value);
            conditions.push_str(" AND ");
            conditions.push_str(&condition.replace('$', &parameter));
        }
    }
    if let Some(words) = &filter.q {
        // Whatever the search index has found is shown.
        let budget = if index == Index::Words {
            i64::MAX
        } else {
            BUDGET
        };
        let words = bind(values, words.clone());
        conditions.push_str(&format!(" AND has_words(x.label, {words}, {budget})"));
    }
    conditions
}

fn by_id(filter: &WorkspaceFilter) -> [Condition; 5] {
    let id = |id: Option<Uuid>| id.map(bytes);
    [
        (
            "x.project_id = $",
            id(filter.project.map(|id| id.uuid())),
            &[Index::Project, Index::Position],
        ),
        (
            "x.project_id IN (SELECT id FROM project WHERE workspace_id = ?1 AND board_id = $)",
            id(filter.board.map(|id| id.uuid())),
            &[Index::Board],
        ),
        (
            "EXISTS (SELECT 1 FROM task_label WHERE workspace_id = ?1 AND task_id = x.id AND label_id = $)",
            id(filter.label.map(|id| id.uuid())),
            &[Index::Label],
        ),
        (
            "x.workflow_lane_id = $",
            id(filter.lane_id().map(|id| id.uuid())),
            &[Index::Lane],
        ),
        (
            "EXISTS (SELECT 1 FROM task_assignee WHERE workspace_id = ?1 AND task_id = x.id AND user_id = $)",
            id(filter.assignee_id().map(|id| id.uuid())),
            &[Index::Assignee],
        ),
    ]
}

fn by_value(filter: &WorkspaceFilter) -> [Condition; 3] {
    let text = |text: Option<String>| text.map(Value::from);
    [
        (
            "$ >> x.bucket & 1",
            Some(filter.buckets().mask().into()),
            &[Index::Bucket],
        ),
        (
            "x.due_on < $",
            text(filter.due_before.map(|day| day.to_string())),
            &[Index::Due],
        ),
        (
            "x.due_on >= $",
            text(filter.due_after.map(|day| day.to_string())),
            &[Index::Due],
        ),
    ]
}
