//! The statement that reads a page of the workspace's tasks.
//!
//! Every filter has an index whose entries are sorted by creation time within each of its parts: a part is a bucket, a
//! project, a lane, a label, an assignee or a due date, archived or not. A list in that order merges the parts that it shows: it
//! reads the first entry of each part, and whenever the earliest of them has been taken, the next one of its part. So a
//! page costs as many steps as it has tasks and parts, however many tasks there are.

use rusqlite::params_from_iter;
use rusqlite::types::Value;
use uuid::Uuid;

use super::entry::{ENTRY, with_parents};
use super::index::Index;
use super::values::{LAST, bytes};
use super::{conditions, parts};
use crate::model::ids::WorkspaceId;
use crate::model::task_list::{Archived, SortColumn, SortValue, TaskList, TaskListEntry};
use crate::store::assignees::ASSIGNEE_IDS;
use crate::store::connection::Conn;
use crate::store::labels::LABEL_IDS;

/// A statement with the values of its parameters: the workspace, the number of tasks to read, the sort value and the id
/// of the last task before the page, then those of the filter.
#[derive(Debug)]
pub struct Plan<'l> {
    list: &'l TaskList,
    index: Index,
    /// Common table expressions, the last of which is `part (a, b)`.
    parts: String,
    /// Conditions that the index does not cover, each after `AND`.
    conditions: String,
    /// The values of the parameters.
    pub values: Vec<Value>,
    /// How many of them the parts have.
    values_of_parts: usize,
}

impl<'l> Plan<'l> {
    /// Plans the reading of a page by an index.
    pub fn new(workspace: WorkspaceId, list: &'l TaskList, index: Index) -> Self {
        let is_descending = list.sort.is_descending;
        let (value, id) = match &list.after {
            Some((SortValue::Number(number), id)) => ((*number).into(), id.uuid()),
            Some((SortValue::Text(text), id)) => (text.clone().into(), id.uuid()),
            None => start(list.sort.by, is_descending),
        };
        let values = vec![
            bytes(workspace.uuid()),
            i64::from(list.limit + 1).into(),
            value,
            bytes(id),
        ];
        let mut plan = Self {
            list,
            index,
            parts: String::new(),
            conditions: String::new(),
            values,
            values_of_parts: 0,
        };
        plan.parts = parts::of(list, index, workspace, &mut plan.values);
        plan.values_of_parts = plan.values.len();
        plan.conditions = conditions::of(&list.filter, index, &mut plan.values);
        plan
    }

    /// Reads one task more than the page has.
    ///
    /// # Errors
    /// Database errors only.
    pub(super) fn read(&self, conn: &Conn) -> rusqlite::Result<Vec<TaskListEntry>> {
        let mut statement = conn.prepare_cached(&self.statement())?;
        statement
            .query_map(params_from_iter(&self.values), with_parents)?
            .collect()
    }

    /// The statement that reads the page.
    pub fn statement(&self) -> String {
        let (parts, head) = (
            &self.parts,
            match (self.index, self.list.sort.by) {
                (Index::Updated | Index::DueDate, _) => self.walked(),
                (Index::Words, _) => self.sorted(),
                (_, SortColumn::CreatedAt) => self.merged(),
                _ => self.sorted(),
            },
        );
        let order = self.order(&format!("{}, t.id", self.sort_value("t")));
        format!(
            "WITH RECURSIVE {parts}, {head}
             SELECT {ENTRY}, {ASSIGNEE_IDS}, {LABEL_IDS}, t.project_id, p.board_id
               FROM head CROSS JOIN task t ON t.seq = head.seq
              CROSS JOIN project p ON p.workspace_id = t.workspace_id AND p.id = t.project_id
              ORDER BY {order}"
        )
    }

    /// The statement that reads the search index in its order, without backdated tasks. It has no limit.
    pub(super) fn inserted(&self) -> String {
        let (conditions, compare) = (&self.conditions, self.compare());
        let order = self.order("s.rowid");
        // The only part is the value after those of every plan.
        let key = self
            .index
            .key()
            .replace("$.a", &format!("?{}", self.values_of_parts));
        format!(
            "SELECT {ENTRY}, {ASSIGNEE_IDS}, {LABEL_IDS}, t.project_id, p.board_id
               FROM {from} CROSS JOIN task t ON t.seq = x.seq
              CROSS JOIN project p ON p.workspace_id = t.workspace_id AND p.id = t.project_id
              WHERE {key} AND x.is_backdated = 0 AND (x.created_at, x.id) {compare} (?3, ?4){conditions}
              ORDER BY {order}",
            from = self.index.from()
        )
    }

    /// The statement that counts the entries of the parts, up to a limit, and the values of its parameters.
    pub fn count(&self, limit: u32) -> (String, &[Value]) {
        let (parts, from, key) = (&self.parts, self.index.from(), self.key("part"));
        let sql = format!(
            "WITH RECURSIVE {parts}
             SELECT count(*) FROM (SELECT 1 FROM part CROSS JOIN {from} WHERE {key} LIMIT {limit})"
        );
        (sql, &self.values[..self.values_of_parts])
    }

    /// The tasks of the page, merged from the parts of the index. The queue of the recursion is sorted.
    fn merged(&self) -> String {
        let (from, conditions, created) =
            (self.index.from(), &self.conditions, self.index.created());
        let (order, compare) = (self.order(created), self.compare());
        let next = |part: &str, last: &str| {
            let key = self.key(part);
            format!(
                "SELECT {part}.a, {part}.b, t.created_at, t.id, t.seq FROM {part} CROSS JOIN task t ON t.seq = (
                 SELECT x.seq FROM {from} WHERE {key} AND ({created}) {compare} ({last}){conditions}
                  ORDER BY {order} LIMIT 1)"
            )
        };
        let (first, next) = (
            next("part", "?3, ?4"),
            next("head", "head.created_at, head.id"),
        );
        let order = self.order("3, 4");
        format!(
            "head (a, b, created_at, id, seq) AS ({first} UNION ALL {next} ORDER BY {order} LIMIT ?2)"
        )
    }

    /// The tasks of the page from an index in their order. Its parts are those that are archived, and those that are not.
    fn walked(&self) -> String {
        let (from, conditions) = (self.index.from(), &self.conditions);
        let columns = format!("{}, x.id", self.sort_value("x"));
        let (order, compare) = (self.order(&columns), self.compare());
        let archived = match self.list.filter.archived() {
            Archived::False => &[0][..],
            Archived::True => &[1],
            Archived::Any => &[0, 1],
        };
        let runs = archived.iter().map(|is_archived| {
            let key = self.index.key().replace("$.b", &is_archived.to_string());
            // The bound on the first column alone lets SQLite use the partial index by due date.
            let bound = match self.index {
                Index::DueDate => format!(" AND x.due_on {compare}= ?3"),
                _ => String::new(),
            };
            format!(
                "SELECT * FROM (SELECT x.seq, {} AS a, x.id AS b FROM {from}
                  WHERE {key}{bound} AND ({columns}) {compare} (?3, ?4){conditions}
                  ORDER BY {order} LIMIT ?2)",
                self.sort_value("x")
            )
        });
        let runs: Vec<_> = runs.collect();
        let (runs, order) = (runs.join(" UNION ALL "), self.order("a, b"));
        format!("head (seq) AS (SELECT seq FROM ({runs}) ORDER BY {order} LIMIT ?2)")
    }

    /// The tasks of the page in an order for which the index is not made, except by position.
    fn sorted(&self) -> String {
        let (from, key, conditions) = (self.index.from(), self.key("part"), &self.conditions);
        let from = match self.index {
            Index::Position => from.to_owned(),
            _ => format!("part CROSS JOIN {from}"),
        };
        let columns = format!("{}, x.id", self.sort_value("x"));
        let (order, compare) = (self.order(&columns), self.compare());
        format!(
            "head (seq) AS (SELECT x.seq FROM {from}
              WHERE {key} AND ({columns}) {compare} (?3, ?4){conditions} ORDER BY {order} LIMIT ?2)"
        )
    }

    fn key(&self, part: &str) -> String {
        self.index.key().replace('$', part)
    }

    /// The value that a task is sorted by.
    fn sort_value(&self, table: &str) -> String {
        match self.list.sort.by {
            SortColumn::CreatedAt => format!("{table}.created_at"),
            SortColumn::UpdatedAt => format!("{table}.updated_at"),
            SortColumn::DueOn => format!("{table}.due_on"),
            SortColumn::Position => format!("{table}.position"),
        }
    }

    /// Two columns in the direction of the list.
    fn order(&self, columns: &str) -> String {
        match self.list.sort.is_descending {
            true => columns.replace(", ", " DESC, ") + " DESC",
            false => columns.to_owned(),
        }
    }

    const fn compare(&self) -> &'static str {
        match self.list.sort.is_descending {
            true => "<",
            false => ">",
        }
    }
}

/// A sort value and an id before every task.
fn start(by: SortColumn, is_descending: bool) -> (Value, Uuid) {
    let is_text = matches!(by, SortColumn::DueOn | SortColumn::Position);
    match (is_text, is_descending) {
        (false, false) => (i64::MIN.into(), Uuid::nil()),
        (false, true) => (i64::MAX.into(), Uuid::max()),
        (true, false) => (String::new().into(), Uuid::nil()),
        (true, true) => (LAST.to_owned().into(), Uuid::max()),
    }
}
