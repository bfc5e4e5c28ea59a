//! The names of fields in tools, where they differ from those of the API. Tools take names where the API takes ids.

use serde_json::{Map, Value};

use crate::contract::in_words;
use crate::error::{Error, Fields};

/// Pairs of names: in the tool and in the API.
pub(super) type Words = [(&'static str, &'static str)];

/// The fields of tasks, and the lists of a batch.
pub(super) const TASK: [(&str, &str); 10] = [
    ("task", "id"),
    ("project", "projectId"),
    ("lane", "workflowLaneId"),
    ("labels", "labelIds"),
    ("assignees", "assigneeIds"),
    ("due_on", "dueOn"),
    ("archived", "isArchived"),
    ("tasks", "create"),
    ("tasks", "update"),
    ("tasks", "delete"),
];
/// The fields of boards.
pub(super) const BOARD: [(&str, &str); 1] = [("color", "accentColor")];
/// The fields of projects, lanes and labels.
pub(super) const PART: [(&str, &str); 2] = [("board", "boardId"), ("wip_limit", "wipLimit")];
/// The fields of cards.
pub(super) const CARD: [(&str, &str); 3] = [
    ("cover_url", "coverUrl"),
    ("accent_color", "accentColor"),
    ("sender_name", "senderName"),
];
/// The fields of a card that is sent.
pub(super) const SENDING: [(&str, &str); 1] = [("recipients", "mergeTags")];

/// Gives fields the names of the API.
pub(super) fn to_api(fields: Map<String, Value>, words: &Words) -> Value {
    let renamed = fields.into_iter().map(|(name, value)| {
        let known = words.iter().find(|(tool, _)| *tool == name);
        (known.map_or(name, |(_, api)| (*api).to_owned()), value)
    });
    Value::Object(renamed.collect())
}

/// Gives the fields in an error the names of the tool.
pub(super) fn in_tool(error: Error, words: &Words) -> Error {
    match error {
        Error::InvalidRequest(fields) => {
            let fields = fields.into_iter();
            let renamed =
                fields.map(|(path, message)| (path_in_tool(&path, words), said(&message, words)));
            Error::InvalidRequest(renamed.collect::<Fields>())
        }
        Error::InvalidUuid { field, value } => Error::InvalidUuid {
            field: path_in_tool(&field, words),
            value,
        },
        Error::InEntry { path, cause } => Error::InEntry {
            path: path_in_tool(&path, words),
            cause,
        },
        other => other,
    }
}

fn path_in_tool(path: &str, words: &Words) -> String {
    let segments = path.split('.').map(|segment| {
        let (name, index) = segment.split_at(segment.find('[').unwrap_or(segment.len()));
        let known = words.iter().find(|(_, api)| *api == name);
        format!("{}{index}", known.map_or(name, |(tool, _)| tool))
    });
    segments.collect::<Vec<_>>().join(".")
}

/// A message with the names of the tool: the field at its beginning, paths such as `update[0].id`, and fields that the API
/// calls by two words.
fn said(message: &str, words: &Words) -> String {
    let begins = |(tool, api): &(&str, &str)| {
        let rest = message.strip_prefix(&in_words(api))?;
        let is_whole = !rest.starts_with(char::is_alphanumeric);
        is_whole.then(|| format!("{}{rest}", in_words(tool)))
    };
    let renamed = words.iter().find_map(begins);
    let message = renamed.unwrap_or_else(|| message.to_owned());
    let renamed = message.split(' ').map(|word| match word.contains('[') {
        true => path_in_tool(word, words),
        false => word.to_owned(),
    });
    let message = renamed.collect::<Vec<_>>().join(" ");
    let is_camel = |name: &str| name.contains(|c: char| c.is_ascii_uppercase());
    let words = words.iter().filter(|(_, api)| is_camel(api));
    words.fold(message, |message, (tool, api)| message.replace(api, tool))
}

#[cfg(test)]
mod tests {
    use super::{SENDING, TASK, in_tool};
    use crate::error::Error;

    #[test]
    fn errors_name_the_fields_of_the_tool() {
        let error = Error::field("labelIds", "labelIds is wrong").in_entry("create[3]");
        let Error::InvalidRequest(fields) = in_tool(error, &TASK) else {
            unreachable!()
        };
        assert_eq!(fields["tasks[3].labels"], "labels is wrong");
        let error = Error::field(
            "mergeTags[1].email",
            "Merge tags[1].email must be an address",
        );
        let Error::InvalidRequest(fields) = in_tool(error, &SENDING) else {
            unreachable!()
        };
        assert_eq!(
            fields["recipients[1].email"],
            "Recipients[1].email must be an address"
        );
        let twice = "Label IDs must not list the same entry twice";
        let Error::InvalidRequest(fields) = in_tool(Error::field("labelIds", twice), &TASK) else {
            unreachable!()
        };
        assert_eq!(
            fields["labels"],
            "Labels must not list the same entry twice"
        );
        for (path, message, tool) in [
            (
                "update[1].id",
                "update[1].id is the same task as update[0].id",
                "tasks[1].task is the same task as tasks[0].task",
            ),
            (
                "delete[1]",
                "delete[1] is the same task as delete[0]",
                "tasks[1] is the same task as tasks[0]",
            ),
        ] {
            let Error::InvalidRequest(fields) = in_tool(Error::field(path, message), &TASK) else {
                unreachable!()
            };
            let (path, _) = tool.split_once(' ').unwrap_or_default();
            assert_eq!(fields[path], tool);
        }
    }
}
