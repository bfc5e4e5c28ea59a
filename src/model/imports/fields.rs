//! The fields of objects that imports compare, in the order of their digests.

use super::{FieldDigests, Kind};
use crate::model::boards::Board;
use crate::model::cards::Card;
use crate::model::comments::Comment;
use crate::model::labels::Label;
use crate::model::lanes::Lane;
use crate::model::projects::Project;
use crate::model::subtasks::Subtask;
use crate::model::tasks::Task;

/// The digest of a task's lane.
pub const LANE_OF_TASK: usize = 4;

/// The digest of the position here after the last import: that which follows the other fields.
pub const fn position_field(kind: Kind) -> Option<usize> {
    match kind {
        Kind::Lane | Kind::Project => Some(3),
        Kind::Task => Some(9),
        Kind::Subtask => Some(2),
        _ => None,
    }
}

/// Name, description, icon, accent color, background color, layout.
pub fn of_board(board: &Board) -> FieldDigests {
    FieldDigests::default()
        .with(&board.name)
        .with_optional(board.description.as_deref())
        .with(&board.icon)
        .with(&board.accent_color.to_lowercase())
        .with(&board.background_color.to_lowercase())
        .with(board.layout_preference.as_str())
}

/// Name, color.
pub fn of_label(label: &Label) -> FieldDigests {
    FieldDigests::default()
        .with(&label.name)
        .with(&label.color.to_lowercase())
}

/// Name, limit, color.
pub fn of_lane(lane: &Lane) -> FieldDigests {
    FieldDigests::default()
        .with(&lane.name)
        .with(&lane.wip_limit.unwrap_or_default().to_string())
        .with(&lane.color.as_deref().unwrap_or_default().to_lowercase())
}

/// Name, description, board.
pub fn of_project(project: &Project) -> FieldDigests {
    FieldDigests::default()
        .with(&project.name)
        .with_optional(project.description.as_deref())
        .with(&project.board_id.to_string())
}

/// Label, description, status, project, lane, labels, assignees, due date, archived.
pub fn of_task(task: &Task) -> FieldDigests {
    let labels: String = task
        .labels
        .iter()
        .map(|label| label.id.to_string())
        .collect();
    let assignees: String = task
        .assignees
        .iter()
        .map(|person| person.id.to_string())
        .collect();
    FieldDigests::default()
        .with(&task.label)
        .with_optional(task.description.as_deref())
        .with(&(task.status as u8).to_string())
        .with(&task.project_id.to_string())
        .with(
            &task
                .workflow_lane_id
                .map(|lane| lane.to_string())
                .unwrap_or_default(),
        )
        .with(&labels)
        .with(&assignees)
        .with(&task.due_on.map(|day| day.to_string()).unwrap_or_default())
        .with(&task.archived_at.is_some().to_string())
}

/// Label, completed.
pub fn of_subtask(subtask: &Subtask) -> FieldDigests {
    FieldDigests::default()
        .with(&subtask.label)
        .with(&subtask.is_completed.to_string())
}

/// Text.
pub fn of_comment(comment: &Comment) -> FieldDigests {
    FieldDigests::default().with(&comment.text)
}

/// Title, message, accent color, subject, sender name. The cover is not compared.
pub fn of_card(card: &Card) -> FieldDigests {
    FieldDigests::default()
        .with(&card.title)
        .with(&card.message)
        .with(&card.accent_color.to_lowercase())
        .with_optional(card.subject.as_deref())
        .with_optional(card.sender_name.as_deref())
}
