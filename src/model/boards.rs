//! Boards.

use serde::{Deserialize, Serialize};

use super::ids::BoardId;
use super::patch::nullable;
use super::projects::ProjectSummary;
use super::time::Timestamp;

/// How a board lays out its projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Columns.
    #[default]
    Kanban,
    /// A single list.
    Simple,
}

impl Layout {
    /// The layout's name, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Layout::Kanban => "kanban",
            Layout::Simple => "simple",
        }
    }

    /// The layout of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Layout::Kanban, Layout::Simple]
            .into_iter()
            .find(|layout| layout.as_str() == name)
    }
}

/// The icon of a board that was created without one.
pub const DEFAULT_ICON: &str = "📋";
/// The accent color of a board that was created without one.
pub const DEFAULT_ACCENT_COLOR: &str = "#2563eb";
/// The background color of a board that was created without one.
pub const DEFAULT_BACKGROUND_COLOR: &str = "#ffffff";

/// A board in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BoardSummary {
    /// The id.
    pub id: BoardId,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// A short text or emoji.
    pub icon: String,
    /// `#rrggbb`.
    pub accent_color: String,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
    /// Its projects, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<ProjectSummary>>,
}

/// A board.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Board {
    /// The id.
    pub id: BoardId,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// A short text or emoji.
    pub icon: String,
    /// `#rrggbb`.
    pub accent_color: String,
    /// `#rrggbb`.
    pub background_color: String,
    /// The layout.
    pub layout_preference: Layout,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

/// The fields of a new board.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardCreate {
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// A short text or emoji.
    pub icon: Option<String>,
    /// `#rrggbb`.
    pub accent_color: Option<String>,
    /// `#rrggbb`.
    pub background_color: Option<String>,
    /// The layout.
    pub layout_preference: Option<Layout>,
}

/// Changes to a board. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new description; `Some(None)` removes it.
    #[serde(default, deserialize_with = "nullable")]
    pub description: Option<Option<String>>,
    /// The new icon.
    pub icon: Option<String>,
    /// The new accent color.
    pub accent_color: Option<String>,
    /// The new background color.
    pub background_color: Option<String>,
    /// The new layout.
    pub layout_preference: Option<Layout>,
}
