//! What a person chooses for an import.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::persons::Members;
use crate::model::imports::{Format, Preset};
use crate::model::tasks::Status;

/// What a list of the source becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A lane.
    Lane,
    /// The status of its tasks.
    Status(Status),
}

/// A list by its name, and what it becomes.
#[derive(Clone, Debug)]
pub struct Mapping {
    list: String,
    target: Target,
    /// Whether the file has such a list.
    is_used: Arc<AtomicBool>,
}

impl Mapping {
    /// Parses `List=open|in_progress|done|lane`.
    ///
    /// # Errors
    /// What is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("{text:?} must look like List=open, List=in_progress, List=done or List=lane")
        };
        let (list, target) = text.rsplit_once('=').ok_or_else(wrong)?;
        let target = match target.trim() {
            "lane" => Target::Lane,
            "open" => Target::Status(Status::Open),
            "in_progress" => Target::Status(Status::InProgress),
            "done" => Target::Status(Status::Done),
            _ => return Err(wrong()),
        };
        match list.trim() {
            "" => Err(wrong()),
            list => Ok(Self {
                list: list.to_owned(),
                target,
                is_used: Arc::default(),
            }),
        }
    }
}

/// Checks that each list is mapped once. Names are compared without case.
///
/// # Errors
/// Which list is mapped twice.
pub fn check_map(map: &[Mapping]) -> Result<(), String> {
    let mut seen = HashSet::new();
    let twice = map.iter().find(|one| !seen.insert(one.list.to_lowercase()));
    match twice {
        Some(Mapping { list, .. }) => Err(format!("maps the list {list:?} twice")),
        None => Ok(()),
    }
}

/// A field of a task, and the column of a table that contains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field, such as `label`.
    pub field: String,
    /// The title of the column.
    pub title: String,
}

impl Column {
    /// Parses `label=Title`.
    ///
    /// # Errors
    /// What is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields = [
            "label",
            "description",
            "status",
            "lane",
            "project",
            "labels",
            "assignees",
            "due_on",
            "created_at",
            "updated_at",
            "completed",
            "id",
            "parent",
            "comments",
        ];
        let wrong = || {
            format!(
                "{text:?} must look like label=Title; the fields are {}",
                fields.join(", ")
            )
        };
        let (field, title) = text.split_once('=').ok_or_else(wrong)?;
        let (field, title) = (field.trim(), title.trim());
        match fields.contains(&field) && !title.is_empty() {
            true => Ok(Self {
                field: field.to_owned(),
                title: title.to_owned(),
            }),
            false => Err(wrong()),
        }
    }
}

/// What a person chooses for an import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The format; found from the content without it.
    pub format: Option<Format>,
    /// The name of the board, instead of that in the file.
    pub board: Option<String>,
    /// The product that a table is from; found from the header without it.
    pub preset: Option<Preset>,
    /// What lists become.
    pub map: Vec<Mapping>,
    /// The columns of a table.
    pub columns: Vec<Column>,
    /// The name of the file, without its folder.
    pub file_name: Option<String>,
    /// The members of the workspace.
    pub members: Members,
}

impl Options {
    /// What a list becomes. Names are compared without case.
    pub(super) fn target_of(&self, list: &str) -> Option<Target> {
        let list = list.trim().to_lowercase();
        let mut map = self.map.iter();
        let found = map.find(|one| one.list.to_lowercase() == list)?;
        found.is_used.store(true, Ordering::Relaxed);
        Some(found.target)
    }

    /// Lists that were mapped and are not in the file that was read.
    pub(super) fn unused(&self) -> impl Iterator<Item = &str> {
        let unused = self.map.iter();
        let unused = unused.filter(|one| !one.is_used.load(Ordering::Relaxed));
        unused.map(|one| one.list.as_str())
    }

    /// Whether the name of the file is that of a table.
    pub(super) fn is_named_as_table(&self) -> bool {
        let name = self.file_name.as_deref().unwrap_or_default().to_lowercase();
        name.ends_with(".csv") || name.ends_with(".tsv")
    }

    /// The name of the file without its ending.
    pub(super) fn file_stem(&self) -> Option<&str> {
        let name = self.file_name.as_deref()?;
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        Some(stem.trim()).filter(|stem| !stem.is_empty())
    }
}
