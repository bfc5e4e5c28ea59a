//! Sort orders of task lists, and their cursors.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::model::date::Date;
use crate::model::ids::TaskId;
use crate::model::page::SortKey;

/// What a list is sorted by. Ties are sorted by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortColumn {
    /// The creation time.
    #[default]
    CreatedAt,
    /// The time of the last change.
    UpdatedAt,
    /// The due date. Tasks without one come last in both directions, sorted by creation time.
    DueOn,
    /// The position in the project.
    Position,
}

impl SortColumn {
    const ALL: [(SortColumn, &str); 4] = [
        (SortColumn::CreatedAt, "created_at"),
        (SortColumn::UpdatedAt, "updated_at"),
        (SortColumn::DueOn, "due_on"),
        (SortColumn::Position, "position"),
    ];
}

/// A sort order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// What the list is sorted by.
    pub by: SortColumn,
    /// Whether the highest value comes first.
    pub is_descending: bool,
}

/// The value that a task is sorted by. Text and numbers are never compared with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortValue {
    /// A time in milliseconds. In a list by due date, the creation time of a task without one.
    Number(i64),
    /// A position or a due date.
    Text(String),
}

impl Sort {
    /// Parses a column, with `-` before it for descending.
    fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix('-').unwrap_or(text);
        let (by, _) = SortColumn::ALL
            .into_iter()
            .find(|(_, known)| *known == name)?;
        Some(Self {
            by,
            is_descending: name.len() < text.len(),
        })
    }

    fn name(self) -> String {
        let known = SortColumn::ALL.into_iter().find(|(by, _)| *by == self.by);
        let sign = if self.is_descending { "-" } else { "" };
        format!("{sign}{}", known.map_or("", |(_, name)| name))
    }

    /// Creates the cursor that continues after a task.
    pub fn cursor(self, value: &SortValue, id: TaskId) -> String {
        let value = match value {
            SortValue::Number(number) => number.to_string(),
            SortValue::Text(text) => text.clone(),
        };
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}.{value}.{id}", self.name()))
    }

    /// Parses a cursor; `None` if it belongs to another list or another sort order.
    pub fn parse_cursor(self, cursor: &str) -> Option<(SortValue, TaskId)> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let mut parts = text.split('.');
        let (name, value, id) = (parts.next()?, parts.next()?, parts.next()?);
        let is_of_this_list = name == self.name() && parts.next().is_none();
        let value = match self.by {
            SortColumn::CreatedAt | SortColumn::UpdatedAt => SortValue::Number(value.parse().ok()?),
            SortColumn::DueOn => match Date::parse(value) {
                Some(day) => SortValue::Text(day.to_string()),
                None => SortValue::Number(value.parse().ok()?),
            },
            SortColumn::Position => SortValue::Text(String::decode(value)?),
        };
        is_of_this_list.then_some((value, id.parse().ok()?))
    }
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("a sort order"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Sort, SortValue};
    use crate::model::ids::TaskId;

    #[test]
    fn a_cursor_is_of_one_sort_order() {
        let id = TaskId::new();
        let orders = [
            "created_at",
            "-created_at",
            "updated_at",
            "due_on",
            "-due_on",
            "position",
        ];
        let orders = orders.map(|name| Sort::parse(name).unwrap_or_default());
        for sort in orders {
            let value = match sort.name().trim_start_matches('-') {
                "due_on" => SortValue::Text("2024-02-01".to_owned()),
                "position" => SortValue::Text("aaa".to_owned()),
                _ => SortValue::Number(-1),
            };
            let cursor = sort.cursor(&value, id);
            for other in orders {
                let expected = (other == sort).then(|| (value.clone(), id));
                assert_eq!(other.parse_cursor(&cursor), expected, "{sort:?} {other:?}");
            }
        }
        assert_eq!(Sort::parse("--due_on"), None);
        assert_eq!(Sort::parse("label"), None);
    }
}
