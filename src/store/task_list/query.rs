//! The statement that reads a page of the workspace's tasks.
//!
//! Every filter has an index whose entries are sorted by creation time within each of its parts: a part is a bucket, a
//! project, a lane, a label, an assignee or a due date, archived or not. A list in that order merges the parts that it shows: it
//! reads the first entry of each part, and whenever the earliest of them has been taken, the next one of its part. So a
//! page costs as many steps as it has tasks and parts, however many tasks there are.

use rusqlite::types::Value;
use uuid::Uuid;

use super::entry::ENTRY;
use super::index::Index;
use crate::model::ids::WorkspaceId;
use crate::model::task_list::{Archived, SortColumn, SortValue, TaskList};
use crate::store::assignees::ASSIGNEE_IDS;
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
            // Tasks without a due date come last in both directions.
            Some((SortValue::Text(text), id)) if text.is_empty() && !is_descending => {
                (LAST.to_owned().into(), id.uuid())
            }
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
        plan.parts = plan.parts();
        plan.values_of_parts = plan.values.len();
        plan.conditions = plan.conditions();
        plan
    }

    /// Adds a value and returns its parameter.
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    fn parts(&mut self) -> String {
        let filter = &self.list.filter;
        let archived = match filter.archived() {
            Archived::False => "[0]",
            Archived::True => "[1]",
            Archived::Any => "[0,1]",
        };
        let one = match self.index {
            Index::Bucket => {
                let buckets = self.bind(filter.buckets().json());
                return format!("part (a, b) AS (SELECT value, 0 FROM json_each({buckets}))");
            }
            Index::Due => return self.days(archived),
            Index::Project | Index::Position => filter.project.map(|id| id.uuid()),
            Index::Board => filter.board.map(|id| id.uuid()),
            Index::Lane => filter.lane_id().map(|id| id.uuid()),
            Index::Assignee => filter.assignee_id().map(|id| id.uuid()),
            Index::Label => filter.label.map(|id| id.uuid()),
        };
        let (one, archived) = (
            self.bind(one.map(bytes).unwrap_or(Value::Null)),
            self.bind(archived.to_owned()),
        );
        match self.index {
            Index::Board => format!(
                "part (a, b) AS (SELECT p.id, value FROM project p CROSS JOIN json_each({archived})
                                  WHERE p.workspace_id = ?1 AND p.board_id = {one})"
            ),
            _ => format!("part (a, b) AS (SELECT {one}, value FROM json_each({archived}))"),
        }
    }

    /// The parts of the index by due date: each day in the range on which a task is due.
    fn days(&mut self, archived: &str) -> String {
        let filter = &self.list.filter;
        let from = filter
            .due_after
            .map_or_else(String::new, |day| day.to_string());
        let before = filter
            .due_before
            .map_or_else(|| LAST.to_owned(), |day| day.to_string());
        let (from, before) = (self.bind(from), self.bind(before));
        let archived = self.bind(archived.to_owned());
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

    fn conditions(&mut self) -> String {
        let filter = &self.list.filter;
        let id = |id: Option<Uuid>| id.map(bytes);
        let text = |text: Option<String>| text.map(Value::from);
        let mask = i64::from(filter.buckets().mask());
        let wanted: [(&str, Option<Value>, &[Index]); 9] = [
            ("$ >> x.bucket & 1", Some(mask.into()), &[Index::Bucket]),
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
            // Not LIKE, which would treat parts of the text as wildcards.
            (
                "instr(lower(x.label), lower($)) > 0",
                text(filter.q.clone()),
                &[],
            ),
        ];
        let mut conditions = String::new();
        for (condition, value, covered_by) in wanted {
            if let Some(value) = value.filter(|_| !covered_by.contains(&self.index)) {
                let parameter = self.bind(value);
                conditions.push_str(" AND ");
                conditions.push_str(&condition.replace('$', &parameter));
            }
        }
        conditions
    }

    /// The statement that reads the page.
    pub fn statement(&self) -> String {
        let (parts, head) = (
            &self.parts,
            match self.list.sort.by {
                SortColumn::CreatedAt => self.merged(),
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

    /// The statement that counts the entries of the parts, up to a limit, and the values of its parameters.
    pub fn count(&self) -> (String, &[Value]) {
        let (parts, from, key) = (&self.parts, self.index.from(), self.key("part"));
        let sql = format!(
            "WITH RECURSIVE {parts}
             SELECT count(*) FROM (SELECT 1 FROM part CROSS JOIN {from} WHERE {key} LIMIT 1000)"
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
        match (self.list.sort.by, self.list.sort.is_descending) {
            (SortColumn::CreatedAt, _) => format!("{table}.created_at"),
            (SortColumn::UpdatedAt, _) => format!("{table}.updated_at"),
            (SortColumn::DueOn, false) => format!("coalesce({table}.due_on,'{LAST}')"),
            (SortColumn::DueOn, true) => format!("coalesce({table}.due_on,'')"),
            (SortColumn::Position, _) => format!("{table}.position"),
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

/// A text that is sorted after every due date.
const LAST: &str = "~";

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

fn bytes(id: Uuid) -> Value {
    id.into_bytes().to_vec().into()
}
