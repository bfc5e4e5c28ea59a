//! Labels of a Trello board, and its colors.

use super::super::boards::Label;
use super::super::fields::{Fields, Placed};
use super::super::receiver::{Receiver, Warnings};

/// The color of what has none, or an unknown one.
const GRAY: &str = "#8590a2";

/// The labels of a board.
pub(super) fn labels(labels: &[Placed], to: &mut dyn Receiver) -> Vec<Label> {
    let label = |Placed { path, value }: &Placed| {
        let color = value.text("color");
        let hex = hex(&color, path, to);
        Label::of(value.text("id"), path, value.text("name"), color, hex)
    };
    labels.iter().map(label).collect()
}

/// A color of Trello.
pub(super) fn hex(color: &str, path: &str, to: &mut dyn Receiver) -> &'static str {
    let known = known(color);
    if known.is_none() && !color.is_empty() {
        let message = format!("The color {color:?} is not known, so it becomes gray");
        Warnings(to).add(&format!("{path}.color"), &message);
    }
    known.unwrap_or(GRAY)
}

/// A color that is known. It has a light and a dark shade.
fn known(color: &str) -> Option<&'static str> {
    let (name, shade) = match color.split_once('_') {
        Some((name, "light")) => (name, 0),
        Some((name, "dark")) => (name, 2),
        Some(_) => return None,
        None => (color, 1),
    };
    let shades = match name {
        "green" => ["#baf3db", "#4bce97", "#1f845a"],
        "yellow" => ["#f8e6a0", "#e2b203", "#946f00"],
        "orange" => ["#fedec8", "#faa53d", "#c25100"],
        "red" => ["#ffd5d2", "#f87462", "#c9372c"],
        "purple" => ["#dfd8fd", "#9f8fef", "#6e5dc6"],
        "blue" => ["#cce0ff", "#579dff", "#0c66e4"],
        "sky" | "teal" => ["#c6edfb", "#6cc3e0", "#227d9b"],
        "lime" => ["#d3f1a7", "#94c748", "#5b7f24"],
        "pink" | "magenta" => ["#fdd0ec", "#e774bb", "#ae4787"],
        "black" => ["#dcdfe4", "#626f86", "#44546f"],
        "gray" => ["#dcdfe4", GRAY, "#626f86"],
        _ => return None,
    };
    Some(shades[shade])
}
