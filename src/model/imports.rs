//! Imports of files: their reports, and what is remembered of imported objects.

pub mod fields;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ids::{BoardId, ImportId};
use super::time::Timestamp;

/// The formats of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// An export of this product.
    Tackboard,
    /// The JSON export of a Trello board.
    Trello,
    /// The JSON export of a Wekan board.
    Wekan,
    /// The zip file of a Vikunja export.
    Vikunja,
    /// A table with a header, separated by commas, semicolons or tabs.
    Csv,
}

impl Format {
    const ALL: [Format; 5] = [
        Format::Tackboard,
        Format::Trello,
        Format::Wekan,
        Format::Vikunja,
        Format::Csv,
    ];

    /// The name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Tackboard => "tackboard",
            Format::Trello => "trello",
            Format::Wekan => "wekan",
            Format::Vikunja => "vikunja",
            Format::Csv => "csv",
        }
    }

    /// The format of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

/// The products whose tables are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Todoist: the CSV template of a project.
    Todoist,
    /// Asana: the CSV file of a project.
    Asana,
    /// GitHub Projects: the TSV file of a table view.
    Github,
    /// Jira: the CSV file of a search.
    Jira,
}

impl Preset {
    /// All of them.
    pub const ALL: [Preset; 4] = [Preset::Todoist, Preset::Asana, Preset::Github, Preset::Jira];

    /// The name of the product.
    pub const fn product(self) -> &'static str {
        match self {
            Preset::Todoist => "Todoist",
            Preset::Asana => "Asana",
            Preset::Github => "GitHub Projects",
            Preset::Jira => "Jira",
        }
    }
}

/// The kinds of objects that files contain. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A board.
    Board = 0,
    /// A label.
    Label = 1,
    /// A lane.
    Lane = 2,
    /// A project.
    Project = 3,
    /// A task.
    Task = 4,
    /// A subtask.
    Subtask = 5,
    /// A comment.
    Comment = 6,
    /// A digital card.
    Card = 7,
    /// An integration configuration.
    Configuration = 8,
    /// A webhook.
    Webhook = 9,
    /// A recipient of a digital card.
    Recipient = 10,
}

impl Kind {
    const ALL: [(Kind, &'static str); 11] = [
        (Kind::Board, "board"),
        (Kind::Label, "label"),
        (Kind::Lane, "lane"),
        (Kind::Project, "project"),
        (Kind::Task, "task"),
        (Kind::Subtask, "subtask"),
        (Kind::Comment, "comment"),
        (Kind::Card, "card"),
        (Kind::Configuration, "configuration"),
        (Kind::Webhook, "webhook"),
        (Kind::Recipient, "recipient"),
    ];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The kind with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        let index = usize::try_from(number).ok()?;
        Self::ALL.get(index).map(|(kind, _)| *kind)
    }
}

/// Something of a file that is lost or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Where in the file, such as `cards[17].attachments`.
    pub path: String,
    /// What is lost or changed.
    pub message: String,
}

/// Numbers of objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Objects that were created.
    pub created: u64,
    /// Objects that were known from an earlier import, and updated.
    pub updated: u64,
    /// Objects that were known, and had not changed in the file.
    pub unchanged: u64,
    /// Objects that were left out.
    pub skipped: u64,
}

/// The report of an import.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Import {
    /// The id.
    pub id: ImportId,
    /// The format of the file.
    pub format: Format,
    /// The name of the file, if it is known.
    pub file_name: Option<String>,
    /// The boards that were imported.
    pub board_ids: Vec<BoardId>,
    /// What happened to the objects of the file.
    pub counts: Counts,
    /// What of the file is lost or changed; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<Warning>>,
    /// The number of warnings.
    pub warnings_total: u64,
    /// Whether nothing was stored.
    pub dry_run: bool,
    /// When the file was imported.
    pub created_at: Timestamp,
    /// When the import was undone.
    pub undone_at: Option<Timestamp>,
    /// What undoing it removed and kept.
    pub undo: Option<Undo>,
}

impl Import {
    /// The import without its warnings, of which there may be very many.
    pub fn without_warnings(&self) -> Self {
        Self {
            warnings: None,
            ..self.clone()
        }
    }
}

/// What undoing an import removed and kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    /// The number of objects that were removed.
    pub removed: u64,
    /// Objects that the import had created or updated, and that are kept.
    pub kept: Vec<Kept>,
}

/// An object that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The kind, such as `task`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id.
    pub id: uuid::Uuid,
    /// Why it is kept.
    pub reason: String,
}

/// The most objects that the result of an undo lists.
pub const MAX_KEPT: usize = 1000;

/// What is remembered of an imported object.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedObject {
    /// Its kind.
    pub kind: Kind,
    /// The digest of its id at the source.
    pub source: [u8; 16],
    /// Its id here.
    pub object_id: uuid::Uuid,
    /// The import that created it.
    pub import_id: ImportId,
    /// Its fields as they were imported.
    pub fields: FieldDigests,
    /// Its own time of change after the import.
    pub updated_at: Timestamp,
}

/// The digest of an object's id at the source.
pub fn source_digest(format: Format, kind: Kind, id: &str) -> [u8; 16] {
    let digest = Sha256::new()
        .chain_update(format.as_str())
        .chain_update([0, kind as u8])
        .chain_update(id)
        .finalize();
    let mut source = [0; 16];
    source.copy_from_slice(&digest[..16]);
    source
}

/// The length of the digest of a field.
const DIGEST: usize = 8;

/// A digest for each field of an object, in a fixed order. Comparing three states of them tells a change here from a change
/// at the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldDigests(Vec<u8>);

impl FieldDigests {
    /// Reads them from their stored form.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The stored form.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds a field.
    pub fn with(mut self, value: &str) -> Self {
        self.0.extend_from_slice(&Sha256::digest(value)[..DIGEST]);
        self
    }

    /// Adds a field that may be missing.
    pub fn with_optional(self, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(&format!("={value}")),
            None => self.with(""),
        }
    }

    /// Adds the digest of a field.
    pub fn with_digest(mut self, digest: &[u8]) -> Self {
        self.0.extend_from_slice(digest);
        self
    }

    /// The digest of a field; `None` if an older version has not stored it.
    pub fn get(&self, field: usize) -> Option<&[u8]> {
        self.0.get(field * DIGEST..(field + 1) * DIGEST)
    }
}

/// What happens to a field when a file is imported again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// It has not changed at the source, or has changed here in the same way.
    Keep,
    /// It has changed at the source only.
    Apply,
    /// It has changed at the source and here.
    Blocked,
}

/// Compares a field as it was imported, as it is in the file, and as it is here.
pub fn merge(
    imported: &FieldDigests,
    in_file: &FieldDigests,
    here: &FieldDigests,
    field: usize,
) -> Merge {
    let (imported, in_file, here) = (imported.get(field), in_file.get(field), here.get(field));
    match (imported == in_file, in_file == here, imported == here) {
        (true, ..) | (_, true, _) => Merge::Keep,
        (false, false, true) => Merge::Apply,
        (false, false, false) => Merge::Blocked,
    }
}

/// The query parameters of an import.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ImportQuery {
    /// The format; found from the content without it.
    pub format: Option<Format>,
    /// The name of the board.
    pub board: Option<String>,
    /// The product that a table is from; found from the header without it.
    pub preset: Option<Preset>,
    /// What lists become.
    #[serde(default)]
    pub map: Vec<String>,
    /// The columns of a table.
    #[serde(default)]
    pub column: Vec<String>,
    /// The name of the file.
    pub file_name: Option<String>,
    dry_run: Option<Choice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    True,
    False,
}

impl ImportQuery {
    /// Whether nothing is stored.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run == Some(Choice::True)
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldDigests, Merge, merge};

    #[test]
    fn a_change_at_the_source_does_not_override_a_change_here() {
        let of = |text: &str| FieldDigests::default().with("first").with(text);
        for (imported, in_file, here, result) in [
            ("a", "a", "a", Merge::Keep),
            ("a", "a", "b", Merge::Keep),
            ("a", "b", "a", Merge::Apply),
            ("a", "b", "b", Merge::Keep),
            ("a", "b", "c", Merge::Blocked),
        ] {
            let merged = merge(&of(imported), &of(in_file), &of(here), 1);
            assert_eq!(merged, result, "{imported} {in_file} {here}");
            assert_eq!(
                merge(&of(imported), &of(in_file), &of(here), 0),
                Merge::Keep
            );
        }
    }
}
