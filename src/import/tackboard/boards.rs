//! Boards of an export, their labels, lanes and projects.

use serde_json::Value;

use super::super::entry::{BoardEntry, Item, LabelEntry, LaneEntry, ProjectEntry};
use super::super::fields::Fields;
use super::super::problem::Failed;
use super::super::text::{self, DESCRIPTION, LABEL};
use super::{Reading, color};

/// The default color of a label whose color cannot be read.
const COLOR: &str = "#2563eb";

impl Reading<'_> {
    pub(super) fn board(&mut self, path: &str, value: &Value) -> Result<Item, Failed> {
        self.boards += 1;
        let name = match &self.options.board {
            Some(_) if self.boards > 1 => {
                return Err(Failed::at(
                    path,
                    "The file has several boards, so their name cannot be chosen",
                ));
            }
            Some(name) => name.clone(),
            None => value.text("name"),
        };
        let icon = value.text("icon");
        let is_icon = !icon.is_empty() && icon.chars().count() <= 64;
        if !is_icon && value["icon"].is_string() {
            let message = "It is not an icon of 1 to 64 characters, so it is left out";
            self.warnings().add(&format!("{path}.icon"), message);
        }
        let layout = value.text("layout_preference");
        if !["", "kanban", "simple"].contains(&layout.as_str()) {
            let message = format!("{layout:?} is not a layout, so it is left out");
            self.warnings()
                .add(&format!("{path}.layout_preference"), &message);
        }
        Ok(Item::Board(BoardEntry {
            name: self.name(&name, path),
            description: self.long(value, "description", DESCRIPTION, path),
            icon: is_icon.then_some(icon),
            accent_color: color(value, "accent_color"),
            background_color: color(value, "background_color"),
            is_simple: layout == "simple",
            times: self.times(path, value),
        }))
    }

    pub(super) fn label(&mut self, path: &str, value: &Value) -> LabelEntry {
        let name = format!("{path}.name");
        LabelEntry {
            board: value.text("board_id"),
            name: text::name(&value.text("name"), LABEL, &name, &mut self.warnings()),
            color: color(value, "color").unwrap_or_else(|| COLOR.to_owned()),
            times: self.times(path, value),
        }
    }

    pub(super) fn lane(&mut self, path: &str, value: &Value) -> LaneEntry {
        let limit = value["wip_limit"]
            .as_u64()
            .filter(|limit| (1..=100_000).contains(limit));
        if limit.is_none() && value["wip_limit"].is_number() {
            let message = "It is not a number from 1 to 100,000, so it is left out";
            self.warnings().add(&format!("{path}.wip_limit"), message);
        }
        LaneEntry {
            board: value.text("board_id"),
            name: self.name(&value.text("name"), path),
            position: self.position(path, value),
            wip_limit: limit.and_then(|limit| u32::try_from(limit).ok()),
            color: color(value, "color"),
            times: self.times(path, value),
        }
    }

    pub(super) fn project(&mut self, path: &str, value: &Value) -> ProjectEntry {
        ProjectEntry {
            board: value.text("board_id"),
            name: self.name(&value.text("name"), path),
            description: self.long(value, "description", DESCRIPTION, path),
            position: self.position(path, value),
            times: self.times(path, value),
        }
    }
}
