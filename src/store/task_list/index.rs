//! The indexes of task lists.

use crate::model::task_list::{SortColumn, TaskList};

/// An index that a list can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// By bucket: status, and whether there are assignees, a lane and an archive date.
    Bucket,
    /// By project.
    Project,
    /// By project, for all projects of a board.
    Board,
    /// By lane.
    Lane,
    /// By assignee.
    Assignee,
    /// By label.
    Label,
    /// By due date.
    Due,
    /// By position in a project. It has only one part.
    Position,
    /// All tasks, by the last change.
    Updated,
    /// All tasks that have a due date, by it.
    DueDate,
    /// Tasks that were not inserted in the order of their creation times.
    Backdated,
    /// The search index, sorted by the order in which tasks were inserted.
    Words,
}

impl Index {
    /// The indexes that can serve a list. There is at least one.
    pub fn candidates(list: &TaskList) -> Vec<Self> {
        let filter = &list.filter;
        if list.sort.by == SortColumn::Position {
            return vec![Index::Position];
        }
        let mut candidates = Vec::new();
        let mut add = |index, is_given| {
            if is_given {
                candidates.push(index);
            }
        };
        add(Index::Assignee, filter.assignee_id().is_some());
        add(Index::Label, filter.label.is_some());
        add(Index::Lane, filter.lane_id().is_some());
        add(Index::Project, filter.project.is_some());
        add(
            Index::Due,
            filter.due_before.is_some() || filter.due_after.is_some(),
        );
        add(Index::Board, filter.board.is_some());
        if filter.selects_buckets() {
            candidates.push(Index::Bucket);
        }
        if candidates.is_empty() {
            candidates.push(Self::of_all(list.sort.by));
        }
        candidates
    }

    /// The index that has all tasks in an order.
    pub(super) const fn of_all(by: SortColumn) -> Self {
        match by {
            SortColumn::CreatedAt => Index::Bucket,
            SortColumn::UpdatedAt => Index::Updated,
            SortColumn::DueOn => Index::DueDate,
            SortColumn::Position => Index::Position,
        }
    }

    /// The table `x` of tasks, read through the index.
    pub(super) const fn from(self) -> &'static str {
        match self {
            Index::Bucket => "task x INDEXED BY task_bucket",
            Index::Project | Index::Board => "task x INDEXED BY task_project",
            Index::Lane => "task x INDEXED BY task_lane",
            Index::Assignee => {
                "task_assignee a INDEXED BY task_assignee_member
                   CROSS JOIN task x ON x.workspace_id = a.workspace_id AND x.id = a.task_id"
            }
            Index::Label => {
                "task_label a INDEXED BY task_label_label
                   CROSS JOIN task x ON x.workspace_id = a.workspace_id AND x.id = a.task_id"
            }
            Index::Due | Index::DueDate => "task x INDEXED BY task_due",
            Index::Updated => "task x INDEXED BY task_updated",
            Index::Backdated => "task x INDEXED BY task_backdated",
            Index::Words => "search s CROSS JOIN task x ON x.seq = s.rowid >> 3",
            Index::Position => "task x INDEXED BY task_order",
        }
    }

    /// The condition that an entry is in the part `$`.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Index::Bucket => "x.workspace_id = ?1 AND x.bucket = $.a",
            Index::Project | Index::Board => {
                "x.workspace_id = ?1 AND x.project_id = $.a AND x.is_archived = $.b"
            }
            Index::Lane => {
                "x.workspace_id = ?1 AND x.workflow_lane_id = $.a AND x.is_archived = $.b"
            }
            Index::Assignee => "a.workspace_id = ?1 AND a.user_id = $.a AND a.is_archived = $.b",
            Index::Label => "a.workspace_id = ?1 AND a.label_id = $.a AND a.is_archived = $.b",
            Index::Due => "x.workspace_id = ?1 AND x.due_on = $.a AND x.is_archived = $.b",
            Index::Updated | Index::DueDate => "x.workspace_id = ?1 AND x.is_archived = $.b",
            Index::Backdated => {
                "x.workspace_id = ?1 AND x.is_archived = $.b AND x.is_backdated = 1"
            }
            Index::Words => "s.search MATCH $.a AND s.rowid & 7 = 0 AND x.workspace_id = ?1",
            // Without a part, SQLite sees that the entries are sorted.
            Index::Position => "x.workspace_id = ?1 AND x.project_id = ?5",
        }
    }

    /// The columns of the default order.
    pub(super) const fn created(self) -> &'static str {
        match self {
            Index::Assignee | Index::Label => "a.created_at, a.task_id",
            _ => "x.created_at, x.id",
        }
    }
}
