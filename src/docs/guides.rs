//! The guides: Markdown with placeholders for what the program itself decides.

use minijinja::{Environment, Value};

use super::markdown::{self, Rendered};

/// The guides in the order in which one reads them: the name in the address, and the text.
pub(super) const GUIDES: [(&str, &str); 24] = [
    (
        "getting-started",
        include_str!("../../static/docs/guides/getting-started.md"),
    ),
    (
        "browser",
        include_str!("../../static/docs/guides/browser.md"),
    ),
    ("boards", include_str!("../../static/docs/guides/boards.md")),
    ("tasks", include_str!("../../static/docs/guides/tasks.md")),
    (
        "authentication",
        include_str!("../../static/docs/guides/authentication.md"),
    ),
    ("people", include_str!("../../static/docs/guides/people.md")),
    ("errors", include_str!("../../static/docs/guides/errors.md")),
    (
        "retries",
        include_str!("../../static/docs/guides/retries.md"),
    ),
    (
        "concurrency",
        include_str!("../../static/docs/guides/concurrency.md"),
    ),
    ("paging", include_str!("../../static/docs/guides/paging.md")),
    ("plans", include_str!("../../static/docs/guides/plans.md")),
    ("events", include_str!("../../static/docs/guides/events.md")),
    (
        "webhooks",
        include_str!("../../static/docs/guides/webhooks.md"),
    ),
    ("cards", include_str!("../../static/docs/guides/cards.md")),
    (
        "tracking",
        include_str!("../../static/docs/guides/tracking.md"),
    ),
    ("agents", include_str!("../../static/docs/guides/agents.md")),
    ("moving", include_str!("../../static/docs/guides/moving.md")),
    (
        "import-trello",
        include_str!("../../static/docs/guides/import-trello.md"),
    ),
    (
        "import-wekan",
        include_str!("../../static/docs/guides/import-wekan.md"),
    ),
    (
        "import-vikunja",
        include_str!("../../static/docs/guides/import-vikunja.md"),
    ),
    (
        "import-tables",
        include_str!("../../static/docs/guides/import-tables.md"),
    ),
    (
        "mail-server",
        include_str!("../../static/docs/guides/mail-server.md"),
    ),
    (
        "self-hosting",
        include_str!("../../static/docs/guides/self-hosting.md"),
    ),
    (
        "deployment",
        include_str!("../../static/docs/guides/deployment.md"),
    ),
];

/// A guide with its figures filled in.
pub(super) struct Guide {
    /// Its name in the address.
    pub name: &'static str,
    /// The text for programs.
    pub markdown: String,
    /// The text for people.
    pub rendered: Rendered,
}

/// All guides.
///
/// # Errors
/// A sentence that names the guide and the placeholder that is wrong.
pub(super) fn all(templates: &Environment<'_>, data: &Value) -> Result<Vec<Guide>, String> {
    let guide = |(name, text): (&'static str, &str)| {
        let markdown = templates
            .render_str(text, data.clone())
            .map_err(|cause| format!("static/docs/guides/{name}.md: {cause:#}"))?;
        Ok(Guide {
            name,
            rendered: markdown::render(&markdown),
            markdown,
        })
    };
    GUIDES.into_iter().map(guide).collect()
}
