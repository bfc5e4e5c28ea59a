//! The fields of an export's objects, and their types.

use serde_json::Value;

use super::super::receiver::Warnings;
use super::super::text::is_color;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string. A number counts too.
    Text,
    Color,
    Number,
    Flag,
    List,
    Object,
}
use Kind::{Color, Flag, List, Number, Object, Text};

impl Kind {
    /// Whether a value is of this type; null is of every type.
    fn has(self, value: &Value) -> bool {
        match self {
            _ if value.is_null() => true,
            Text => value.is_string() || value.is_number(),
            Color => value.as_str().is_some_and(is_color),
            Number => value.is_number(),
            Flag => value.is_boolean(),
            List => value.is_array(),
            Object => value.is_object(),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Text => "a text",
            Color => "a color such as #2563eb",
            Number => "a number",
            Flag => "true or false",
            List => "an array",
            Object => "an object",
        }
    }
}

/// The fields of the objects in each array of an export, beside `id` and the times of creation and of the last change.
pub(super) fn fields(array: &str) -> &'static [(&'static str, Kind)] {
    match array {
        "members" => &[("email", Text), ("name", Text), ("role", Text)],
        "boards" => &[
            ("name", Text),
            ("description", Text),
            ("icon", Text),
            ("accent_color", Color),
            ("background_color", Color),
            ("layout_preference", Text),
        ],
        "labels" => &[("board_id", Text), ("name", Text), ("color", Color)],
        "lanes" => &[
            ("board_id", Text),
            ("name", Text),
            ("position", Text),
            ("wip_limit", Number),
            ("color", Color),
        ],
        "projects" => &[
            ("board_id", Text),
            ("name", Text),
            ("description", Text),
            ("position", Text),
        ],
        "tasks" => &[
            ("project_id", Text),
            ("workflow_lane_id", Text),
            ("label", Text),
            ("description", Text),
            ("status", Number),
            ("position", Text),
            ("label_ids", List),
            ("assignee_ids", List),
            ("due_on", Text),
            ("archived_at", Text),
            ("created_by_id", Text),
        ],
        "subtasks" => &[
            ("task_id", Text),
            ("label", Text),
            ("is_completed", Flag),
            ("position", Text),
        ],
        "comments" => &[
            ("task_id", Text),
            ("text", Text),
            ("author_id", Text),
            ("author_name", Text),
            ("edited_at", Text),
        ],
        "cards" => &[
            ("title", Text),
            ("message", Text),
            ("cover_url", Text),
            ("cover", Object),
            ("accent_color", Color),
            ("subject", Text),
            ("sender_name", Text),
        ],
        "configurations" => &[("card_id", Text), ("user_id", Text)],
        "webhooks" => &[
            ("name", Text),
            ("url", Text),
            ("events", List),
            ("board_id", Text),
            ("payload", Text),
            ("is_active", Flag),
            ("disabled_reason", Text),
            ("disabled_at", Text),
        ],
        "recipients" => &[
            ("card_id", Text),
            ("email", Text),
            ("name", Text),
            ("merge_tags", Object),
            ("status", Text),
            ("sent_at", Text),
            ("opened_at", Text),
            ("viewed_at", Text),
            ("unsubscribed_at", Text),
        ],
        _ => &[],
    }
}

/// The fields that all objects have.
pub(super) const COMMON: [&str; 3] = ["id", "created_at", "updated_at"];

/// Lists the fields whose values are of another type, and are therefore left out.
pub(super) fn check_types(array: &str, path: &str, object: &Value, warnings: &mut Warnings<'_>) {
    for (name, kind) in fields(array) {
        if object.get(*name).is_some_and(|value| !kind.has(value)) {
            let message = format!("It is not {}, so it is left out", kind.name());
            warnings.add(&format!("{path}.{name}"), &message);
        }
    }
}
