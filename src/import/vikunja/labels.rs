//! The labels of a Vikunja project, which are listed with its tasks.

use std::collections::HashSet;

use serde_json::Value;

use super::super::boards::Label;
use super::super::fields::Fields;
use super::super::losses::Losses;
use super::super::text;

/// The color of a label without one.
const COLOR: &str = "#8590a2";

/// The labels that were found, in their order.
#[derive(Default)]
pub(super) struct Labels {
    pub(super) all: Vec<Label>,
    known: HashSet<String>,
    /// Those whose fields were counted.
    looked_at: HashSet<String>,
}

/// The fields of labels that are imported, or have no meaning outside of Vikunja.
const LABEL: &[&str] = &["id", "title", "hex_color", "created", "updated"];

impl Labels {
    /// Counts the fields of a task's labels that are not kept, once per label.
    pub(super) fn look(&mut self, task: &Value, losses: &mut Losses) {
        for label in task.list("labels") {
            if self.looked_at.insert(label.text("id")) {
                losses.look("labels[]", label, LABEL);
            }
        }
    }

    /// Adds the labels of a task, and returns their ids.
    pub(super) fn of_task(&mut self, task: &Value, path: &str, board: &str) -> Vec<String> {
        let labels = task.list("labels").iter().enumerate();
        labels
            .map(|(at, label)| {
                let id = format!("{board}/{}", label.text("id"));
                if self.known.insert(id.clone()) {
                    self.all.push(Label {
                        id: id.clone(),
                        path: format!("{path}.labels[{at}]"),
                        name: label.text("title"),
                        color: color(&label.text("hex_color")),
                    });
                }
                id
            })
            .collect()
    }
}

fn color(hex: &str) -> String {
    let color = format!("#{}", hex.trim_start_matches('#'));
    match text::is_color(&color) {
        true => color,
        false => COLOR.to_owned(),
    }
}
