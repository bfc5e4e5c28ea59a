//! Requests for the tasks of a workspace.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::filter::{Archived, BucketFilter, Buckets, LaneFilter};
use super::sort::{Sort, SortColumn, SortValue};
use crate::error::{Error, Result, both};
use crate::model::date::Date;
use crate::model::ids::{BoardId, LabelId, LaneId, ProjectId, TaskId, UserId};
use crate::model::tasks::{Status, TaskSummary};

/// Tasks per page if the client gives no limit.
const DEFAULT_LIMIT: u32 = 100;
/// Maximum number of ids in `ids`.
const MAX_IDS: usize = 100;

/// A filter by assignee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// The caller.
    Me,
    /// Tasks without assignees.
    None,
    /// This user.
    User(UserId),
}

impl<'de> Deserialize<'de> for Assignee {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "me" => Ok(Assignee::Me),
            "none" => Ok(Assignee::None),
            id => id
                .parse()
                .map(Assignee::User)
                .map_err(|_| D::Error::custom("a user id, \"me\" or \"none\"")),
        }
    }
}

/// The query parameters of `GET /v1/tasks`.
#[derive(Clone, Debug, Deserialize)]
pub struct TaskQuery {
    #[serde(flatten)]
    filter: WorkspaceFilter,
    sort: Option<Sort>,
    limit: Option<u32>,
    cursor: Option<String>,
    ids: Option<String>,
}

/// A filter for the tasks of a workspace. A task must match every field that has a value.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct WorkspaceFilter {
    assignee: Option<Assignee>,
    #[serde(default, deserialize_with = "statuses")]
    status: Vec<Status>,
    lane: Option<LaneFilter>,
    archived: Option<Archived>,
    /// Only tasks with this label.
    pub label: Option<LabelId>,
    /// Only tasks on this board.
    pub board: Option<BoardId>,
    /// Only tasks of this project.
    pub project: Option<ProjectId>,
    /// Only tasks that are due before this day.
    pub due_before: Option<Date>,
    /// Only tasks that are due on this day or later.
    pub due_after: Option<Date>,
    /// Only tasks whose label has these words, each by prefix.
    pub q: Option<String>,
    /// Only tasks with a due date, or without one.
    #[serde(skip)]
    pub is_due: Option<bool>,
}

/// Parses a list such as `0,1`. The contract has checked it.
fn statuses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Status>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let numbers = text.split(',').map(|number| number.parse().ok());
    numbers
        .map(|number| number.and_then(Status::from_number))
        .collect::<Option<_>>()
        .ok_or_else(|| D::Error::custom("statuses, separated by commas"))
}

impl WorkspaceFilter {
    /// Only tasks that are assigned to this user. The caller is resolved.
    pub fn assignee_id(&self) -> Option<UserId> {
        match self.assignee {
            Some(Assignee::User(id)) => Some(id),
            _ => None,
        }
    }

    /// Only tasks in this lane.
    pub fn lane_id(&self) -> Option<LaneId> {
        match self.lane {
            Some(LaneFilter::In(lane)) => Some(lane),
            _ => None,
        }
    }

    /// Archived tasks, or others, or both.
    pub fn archived(&self) -> Archived {
        self.archived.unwrap_or_default()
    }

    /// Whether the buckets that match may be few of those that other filters leave.
    pub fn selects_buckets(&self) -> bool {
        !self.status.is_empty()
            || self.assignee == Some(Assignee::None)
            || self.lane == Some(LaneFilter::None)
            || self.archived() == Archived::True
    }

    /// The buckets that match.
    pub fn buckets(&self) -> Buckets {
        let is_assigned = self.assignee.map(|assignee| assignee != Assignee::None);
        let is_in_lane = self.lane.map(|lane| lane != LaneFilter::None);
        let is_in_range = self.due_before.is_some() || self.due_after.is_some();
        Buckets::of(BucketFilter {
            statuses: &self.status,
            is_assigned,
            is_in_lane,
            is_due: self.is_due.or(is_in_range.then_some(true)),
            archived: self.archived(),
        })
    }
}

/// A page of the workspace's tasks.
#[derive(Clone, Debug)]
pub struct TaskList {
    /// The filter.
    pub filter: WorkspaceFilter,
    /// The sort order.
    pub sort: Sort,
    /// Maximum number of tasks.
    pub limit: u32,
    /// The last task of the previous page.
    pub after: Option<(SortValue, TaskId)>,
}

impl TaskList {
    /// The part of a list by due date that has tasks with a due date.
    pub fn dated(&self) -> Self {
        let mut list = self.clone();
        list.filter.is_due = Some(true);
        list
    }

    /// The part of a list by due date that has tasks without one, sorted by creation time. `count` is how many of the
    /// page's tasks have a due date.
    pub fn undated(&self, count: u32) -> Self {
        let mut list = self.clone();
        list.filter.is_due = Some(false);
        list.sort.by = SortColumn::CreatedAt;
        list.limit -= count;
        if !self.is_after_dated() {
            list.after = None;
        }
        list
    }

    /// Whether the previous page of a list by due date has shown a task without one.
    pub const fn is_after_dated(&self) -> bool {
        matches!(self.after, Some((SortValue::Number(_), _)))
    }
}

/// What `GET /v1/tasks` reads.
#[derive(Clone, Debug)]
pub enum TaskRead {
    /// Tasks that match a filter.
    List(TaskList),
    /// The tasks with these ids, in this order.
    Ids(Vec<TaskId>),
}

impl TaskQuery {
    /// Parses the parameters. `me` is the caller.
    ///
    /// # Errors
    /// `invalid_request` for parameters that do not go together, and for a cursor of another list.
    pub fn read(&self, me: UserId) -> Result<TaskRead> {
        if let Some(ids) = &self.ids {
            return self.ids(ids).map(TaskRead::Ids);
        }
        let sort = self.sort.unwrap_or_default();
        let is_sortable = match sort.by == SortColumn::Position && self.filter.project.is_none() {
            true => Err(Error::field(
                "sort",
                "Sort by position needs project: positions are compared within a project",
            )),
            false => Ok(()),
        };
        let after = self.cursor.as_deref().map(|cursor| {
            let known = sort.parse_cursor(cursor);
            known.ok_or_else(|| Error::field("cursor", "Cursor is not one of this list and sort"))
        });
        let ((), after) = both(is_sortable, after.transpose())?;
        let mut filter = self.filter.clone();
        if filter.assignee == Some(Assignee::Me) {
            filter.assignee = Some(Assignee::User(me));
        }
        Ok(TaskRead::List(TaskList {
            filter,
            sort,
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
            after,
        }))
    }

    fn ids(&self, ids: &str) -> Result<Vec<TaskId>> {
        let is_alone = self.filter == WorkspaceFilter::default()
            && self.sort.is_none()
            && self.limit.is_none()
            && self.cursor.is_none();
        if !is_alone {
            let message = "Ids cannot be combined with other parameters";
            return Err(Error::field("ids", message));
        }
        let ids: Vec<_> = ids.split(',').map(str::trim).collect();
        if ids.len() > MAX_IDS {
            let message = format!("Ids must list at most {MAX_IDS} ids");
            return Err(Error::field("ids", message));
        }
        let parsed = ids.into_iter().enumerate().map(|(at, id)| {
            let parsed = id.parse();
            parsed.map_err(|_| Error::field("ids", format!("Ids[{at}] must be a UUID")))
        });
        parsed.collect()
    }
}

/// A task in a list of the workspace.
#[derive(Clone, Debug, Serialize)]
pub struct TaskListEntry {
    /// The list entry.
    #[serde(flatten)]
    pub task: TaskSummary,
    /// The project.
    pub project_id: ProjectId,
    /// The board.
    pub board_id: BoardId,
}

impl TaskListEntry {
    /// The value that the task is sorted by.
    pub fn sort_value(&self, by: SortColumn) -> SortValue {
        let created = SortValue::Number(self.task.created_at.millis());
        match by {
            SortColumn::CreatedAt => created,
            SortColumn::UpdatedAt => SortValue::Number(self.task.updated_at.millis()),
            SortColumn::DueOn => match self.task.due_on {
                Some(day) => SortValue::Text(day.to_string()),
                None => created,
            },
            SortColumn::Position => SortValue::Text(self.task.position.clone()),
        }
    }
}
