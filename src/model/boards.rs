//! Boards.

use serde::{Deserialize, Serialize};

use super::ids::BoardId;
use super::patch::given;
use super::projects::ProjectSummary;
use super::time::Timestamp;

/// How a board lays out its projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Columns.
    #[default]
    Kanban,
    /// One list.
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
/// The accent colour of a board that was created without one.
pub const DEFAULT_ACCENT_COLOR: &str = "#2563eb";
/// The background colour of a board that was created without one.
pub const DEFAULT_BACKGROUND_COLOR: &str = "#ffffff";

/// A board as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BoardSummary {
    /// Its id.
    pub id: BoardId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// A short text or emoji.
    pub icon: String,
    /// `#rrggbb`.
    pub accent_color: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
    /// Its projects, where the caller asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<ProjectSummary>>,
}

/// A board.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Board {
    /// Its id.
    pub id: BoardId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// A short text or emoji.
    pub icon: String,
    /// `#rrggbb`.
    pub accent_color: String,
    /// `#rrggbb`.
    pub background_color: String,
    /// How it is laid out.
    pub layout_preference: Layout,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
}

/// What a new board is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardCreate {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// A short text or emoji.
    pub icon: Option<String>,
    /// `#rrggbb`.
    pub accent_color: Option<String>,
    /// `#rrggbb`.
    pub background_color: Option<String>,
    /// How it is laid out.
    pub layout_preference: Option<Layout>,
}

/// What changes of a board: `None` is left alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new description; `Some(None)` takes it away.
    #[serde(default, deserialize_with = "given")]
    pub description: Option<Option<String>>,
    /// The new icon.
    pub icon: Option<String>,
    /// The new accent colour.
    pub accent_color: Option<String>,
    /// The new background colour.
    pub background_color: Option<String>,
    /// The new layout.
    pub layout_preference: Option<Layout>,
}
