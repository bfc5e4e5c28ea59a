//! Labels of a Wekan board, and its colors.

use super::super::boards::Label;
use super::super::fields::{Fields, Placed};
use super::super::receiver::{Receiver, Warnings};
use super::super::text;

/// The color of what has none, or an unknown one.
const GRAY: &str = "#8590a2";

/// A label of a board.
pub(super) fn label(Placed { path, value }: &Placed, to: &mut dyn Receiver) -> Label {
    let color = value.text("color");
    let hex = hex(&color, path, to).to_owned();
    Label::of(value.text("_id"), path, value.text("name"), color, &hex)
}

/// A color of Wekan.
pub(super) fn hex<'c>(color: &'c str, path: &str, to: &mut dyn Receiver) -> &'c str {
    let known = known_color(color);
    if known.is_none() && !color.is_empty() {
        let message = format!("The color {color:?} is not known, so it becomes gray");
        Warnings(to).add(&format!("{path}.color"), &message);
    }
    known.unwrap_or(GRAY)
}

fn known_color(color: &str) -> Option<&str> {
    Some(match color {
        "white" => "#d5d5d5",
        "green" | "paleturquoise" => "#3cb500",
        "yellow" | "gold" => "#fad900",
        "orange" => "#ff9f19",
        "red" | "crimson" => "#eb4646",
        "purple" | "plum" | "indigo" | "slateblue" | "magenta" => "#a632db",
        "blue" | "navy" => "#0079bf",
        "sky" => "#00c2e0",
        "lime" | "darkgreen" => "#51e898",
        "pink" | "peachpuff" | "mistyrose" => "#ff78cb",
        "black" | "saddlebrown" => "#4d4d4d",
        "gray" | "silver" => GRAY,
        color if text::is_color(color) => color,
        _ => return None,
    })
}
