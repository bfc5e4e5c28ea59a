//! The parts of a Wekan export that are used.

use serde_json::Value;

use super::super::fields::Placed;
use super::super::losses::Losses;
use super::super::problem::Failed;

/// Arrays that have no meaning outside of Wekan: who may see the board.
const IGNORED: &[&str] = &["members", "watchers", "orgs", "teams", "domains"];
/// Arrays that are used.
const ARRAYS: &[&str] = &[
    "lists",
    "swimlanes",
    "cards",
    "labels",
    "checklists",
    "checklistItems",
    "comments",
    "users",
    "customFields",
    "attachments",
];
/// The fields of the board that are used.
const BOARD: &[&str] = &["_id", "title", "description", "createdAt", "archived"];
/// Fields of the board that are not kept.
const LOST: &[&str] = &["color", "backgroundImageURL"];

/// The parts of the file, in its order.
pub(super) struct Parts {
    pub(super) board: Value,
    pub(super) lists: Vec<Placed>,
    pub(super) swimlanes: Vec<Placed>,
    pub(super) cards: Vec<Placed>,
    pub(super) labels: Vec<Placed>,
    pub(super) checklists: Vec<Placed>,
    pub(super) items: Vec<Placed>,
    pub(super) comments: Vec<Placed>,
    pub(super) users: Vec<Placed>,
    pub(super) custom_fields: Vec<Placed>,
    /// Without their contents, which can be large.
    pub(super) attachments: Vec<Placed>,
    /// What is not imported.
    pub(super) losses: Losses,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            board: Value::Object(Default::default()),
            lists: Vec::new(),
            swimlanes: Vec::new(),
            cards: Vec::new(),
            labels: Vec::new(),
            checklists: Vec::new(),
            items: Vec::new(),
            comments: Vec::new(),
            users: Vec::new(),
            custom_fields: Vec::new(),
            attachments: Vec::new(),
            losses: Losses::default(),
        }
    }
}

impl Parts {
    /// Adds a field of the board, or an element of one of its arrays.
    ///
    /// # Errors
    /// If a field is no array that has to be one.
    pub(super) fn add(
        &mut self,
        name: &str,
        at: Option<usize>,
        mut value: Value,
    ) -> Result<(), Failed> {
        let Some(at) = at else {
            if BOARD.contains(&name) {
                self.board[name] = value;
            } else if LOST.contains(&name) && value.as_str().is_some_and(|text| !text.is_empty()) {
                self.losses.add(name, 1);
            } else if ARRAYS.contains(&name) && !value.is_null() {
                return Err(Failed::at(name, "It is not an array"));
            }
            return Ok(());
        };
        if name == "attachments"
            && let Value::Object(members) = &mut value
        {
            members.remove("file");
        }
        let target = match name {
            "lists" => &mut self.lists,
            "swimlanes" => &mut self.swimlanes,
            "cards" => &mut self.cards,
            "labels" => &mut self.labels,
            "checklists" => &mut self.checklists,
            "checklistItems" => &mut self.items,
            "comments" => &mut self.comments,
            "users" => &mut self.users,
            "customFields" => &mut self.custom_fields,
            "attachments" => &mut self.attachments,
            name if IGNORED.contains(&name) => return Ok(()),
            name => {
                self.losses.add(name, 1);
                return Ok(());
            }
        };
        target.push(Placed {
            path: format!("{name}[{at}]"),
            value,
        });
        Ok(())
    }
}
