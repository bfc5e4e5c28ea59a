//! Labels of a Trello board, and its colors.

use super::super::boards::Label;
use super::super::fields::{Fields, Placed};

/// The labels of a board.
pub(super) fn labels(labels: &[Placed]) -> Vec<Label> {
    let label = |Placed { path, value }: &Placed| {
        let color = value.text("color");
        let hex = hex(&color);
        Label::of(value.text("id"), path, value.text("name"), color, hex)
    };
    labels.iter().map(label).collect()
}

/// A color of Trello, which can end in `_light` and `_dark`.
pub(super) fn hex(color: &str) -> &'static str {
    match color.split('_').next().unwrap_or_default() {
        "green" => "#4bce97",
        "yellow" => "#e2b203",
        "orange" => "#faa53d",
        "red" => "#f87462",
        "purple" => "#9f8fef",
        "blue" => "#579dff",
        "sky" | "teal" => "#6cc3e0",
        "lime" => "#94c748",
        "pink" | "magenta" => "#e774bb",
        "black" => "#626f86",
        _ => "#8590a2",
    }
}
