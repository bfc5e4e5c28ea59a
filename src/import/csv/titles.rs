//! The titles of columns.

use csv::StringRecord;

/// The titles of columns, in lower case, for each field. Earlier titles take precedence, except where a field can have
/// several columns.
pub(super) type Titles = &'static [(&'static str, &'static [&'static str])];

/// The titles in tables of no known product.
pub(super) const COMMON: Titles = &[
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
        "updated_at",
        &[
            "updated at",
            "updated",
            "updated_at",
            "last modified",
            "modified",
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

/// The titles of a header, for a message.
pub(super) fn shown(header: &StringRecord) -> String {
    let titles: Vec<_> = header
        .iter()
        .take(30)
        .map(|title| format!("{:?}", title.trim()))
        .collect();
    titles.join(", ")
}
