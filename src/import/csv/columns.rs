//! Finds the columns of a table by their titles.

use std::collections::HashMap;

use csv::StringRecord;

use super::super::options::Column;
use super::super::problem::Failed;

/// The titles of columns, in lower case, for each field. They include those of Asana, GitHub Projects and Jira. Earlier
/// titles take precedence, except where a field can have several columns.
const TITLES: [(&str, &[&str]); 13] = [
    (
        "label",
        &[
            "title",
            "name",
            "task name",
            "summary",
            "task",
            "content",
            "subject",
            "card name",
            "label",
        ],
    ),
    (
        "description",
        &[
            "description",
            "notes",
            "body",
            "desc",
            "details",
            "card description",
        ],
    ),
    ("status", &["status", "state"]),
    (
        "lane",
        &[
            "section/column",
            "section",
            "list",
            "lane",
            "column",
            "stage",
            "bucket",
            "list name",
        ],
    ),
    ("project", &["project", "project name", "projects"]),
    ("labels", &["labels", "tags", "label(s)", "categories"]),
    (
        "assignees",
        &[
            "assignee email",
            "assignees",
            "assignee",
            "assigned to",
            "members",
            "responsible",
        ],
    ),
    (
        "due_on",
        &["due date", "due", "due_on", "deadline", "due on"],
    ),
    (
        "created_at",
        &[
            "created at",
            "created",
            "created_at",
            "date created",
            "creation date",
        ],
    ),
    (
        "id",
        &["task id", "issue key", "id", "key", "url", "card id"],
    ),
    (
        "parent",
        &["parent task", "parent key", "parent", "parent id"],
    ),
    ("comments", &["comment", "comments"]),
    (
        "completed",
        &["completed at", "completed", "done", "is done", "resolved"],
    ),
];

/// Fields that can have several columns.
const REPEATED: [&str; 3] = ["labels", "assignees", "comments"];

/// Which columns contain which fields.
pub(super) struct Columns {
    fields: HashMap<&'static str, Vec<usize>>,
    /// Columns of no field, with their titles.
    pub(super) others: Vec<(usize, String)>,
}

impl Columns {
    /// Finds the columns. Those that a person has named take precedence.
    ///
    /// # Errors
    /// If a named column does not exist, or if there is none for the titles of tasks.
    pub(super) fn new(header: &StringRecord, named: &[Column]) -> Result<Self, Failed> {
        let titles: Vec<String> = header
            .iter()
            .map(|title| title.trim().to_lowercase())
            .collect();
        let mut fields: HashMap<&'static str, Vec<usize>> = HashMap::new();
        for column in named {
            let title = column.title.to_lowercase();
            let index = titles.iter().position(|one| *one == title);
            let index = index.ok_or_else(|| {
                Failed::at(
                    "header",
                    format!(
                        "The table has no column {:?}; it has {}",
                        column.title,
                        shown(header)
                    ),
                )
            })?;
            let known = TITLES
                .iter()
                .map(|(field, _)| *field)
                .find(|field| *field == column.field);
            fields
                .entry(known.unwrap_or("label"))
                .or_default()
                .push(index);
        }
        let mut taken: Vec<usize> = fields.values().flatten().copied().collect();
        for (field, aliases) in TITLES {
            if fields.contains_key(field) {
                continue;
            }
            let of_alias = |alias: &&str| -> Vec<usize> {
                let all = titles.iter().enumerate();
                all.filter(|(at, title)| title == alias && !taken.contains(at))
                    .map(|(at, _)| at)
                    .collect()
            };
            let mut found: Vec<usize> = aliases.iter().flat_map(of_alias).collect();
            if !REPEATED.contains(&field) {
                found.truncate(1);
            }
            taken.extend(&found);
            if !found.is_empty() {
                fields.insert(field, found);
            }
        }
        if !fields.contains_key("label") {
            let message = format!(
                "No column has the titles of the tasks; name it, as in label=Title. The columns are {}",
                shown(header)
            );
            return Err(Failed::at("header", message));
        }
        let others = header
            .iter()
            .enumerate()
            .filter(|(at, _)| !taken.contains(at));
        let others = others
            .map(|(at, title)| (at, title.trim().to_owned()))
            .collect();
        Ok(Self { fields, others })
    }

    /// The content of a field's first column.
    pub(super) fn one<'r>(&self, record: &'r StringRecord, field: &str) -> &'r str {
        let index = self.fields.get(field).and_then(|columns| columns.first());
        index
            .and_then(|index| record.get(*index))
            .unwrap_or_default()
            .trim()
    }

    /// The contents of all columns of a field.
    pub(super) fn all<'r>(&self, record: &'r StringRecord, field: &str) -> Vec<&'r str> {
        let columns = self.fields.get(field).map_or(&[][..], Vec::as_slice);
        let cells = columns
            .iter()
            .filter_map(|index| record.get(*index))
            .map(str::trim);
        cells.filter(|cell| !cell.is_empty()).collect()
    }
}

fn shown(header: &StringRecord) -> String {
    let titles: Vec<_> = header
        .iter()
        .take(30)
        .map(|title| format!("{:?}", title.trim()))
        .collect();
    titles.join(", ")
}
