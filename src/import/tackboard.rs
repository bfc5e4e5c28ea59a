//! Exports of this product. Objects are passed on as they are, while the file is read.

mod boards;
mod cards;
mod known;
mod recipients;
mod tasks;

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value;

use self::cards::{card, webhook};
use super::entry::{ConfigurationEntry, Entry, Item, Times};
use super::fields::Fields;
use super::json;
use super::losses::Losses;
use super::nuls::Nuls;
use super::options::Options;
use super::problem::Failed;
use super::reader::Input;
use super::receiver::{Receiver, Warnings};
use super::text::{self, NAME};
use crate::model::export::{FORMAT, VERSION};
use crate::model::ids::UserId;

/// Reads a file.
///
/// # Errors
/// If it is not an export of this product, or of a newer version.
pub(super) fn read(
    input: Input<'_>,
    options: &Options,
    to: &mut dyn Receiver,
) -> Result<(), Failed> {
    let names = json::outline(input.open_text()?)?.names;
    let reading = RefCell::new(Reading {
        options,
        to,
        format: None,
        users: HashMap::new(),
        lost: HashMap::new(),
        losses: Losses::default(),
        boards: 0,
    });
    let in_order = ORDER
        .iter()
        .filter(|name| names.iter().any(|one| one == *name));
    let is_in_order = names
        .iter()
        .filter(|name| ORDER.contains(&name.as_str()))
        .eq(in_order);
    let nuls = match is_in_order {
        true => json::each_member(input.open_text()?, &mut |name, at, value| {
            reading.borrow_mut().member(name, at, &value)
        })?,
        // JSON objects have no order, so a program may have changed it. Each array is read in a pass of its own.
        false => {
            let mut nuls = Nuls::default();
            for wanted in ORDER.map(Some).into_iter().chain([None]) {
                nuls = json::each_member(input.open_text()?, &mut |name, at, value| {
                    let known = ORDER.iter().find(|one| **one == name).copied();
                    match known == wanted {
                        true => reading.borrow_mut().member(name, at, &value),
                        false => Ok(()),
                    }
                })?;
            }
            nuls
        }
    };
    let reading = reading.into_inner();
    nuls.report(reading.to);
    reading.end()
}

/// The arrays of an export, parents first.
const ORDER: [&str; 12] = [
    "members",
    "boards",
    "labels",
    "lanes",
    "projects",
    "tasks",
    "subtasks",
    "comments",
    "cards",
    "configurations",
    "webhooks",
    "recipients",
];

struct Reading<'r> {
    options: &'r Options,
    to: &'r mut dyn Receiver,
    format: Option<String>,
    /// The members here, by the ids of the members in the file.
    users: HashMap<String, Option<UserId>>,
    /// The number of references to people who are not members here, by field.
    lost: HashMap<&'static str, u64>,
    losses: Losses,
    boards: u64,
}

impl Reading<'_> {
    fn member(&mut self, name: &str, at: Option<usize>, value: &Value) -> Result<(), Failed> {
        let Some(at) = at else {
            return self.field(name, value);
        };
        let path = format!("{name}[{at}]");
        let Some(item) = self.item(name, &path, value)? else {
            return Ok(());
        };
        let id = value.text("id");
        if id.is_empty() {
            return Err(Failed::at(format!("{path}.id"), "The id is missing"));
        }
        self.to.entry(Entry { id, path, item })
    }

    fn field(&mut self, name: &str, value: &Value) -> Result<(), Failed> {
        match name {
            _ if ORDER.contains(&name) => return Err(Failed::at(name, "It is not an array")),
            "format" => self.format = value.as_str().map(str::to_owned),
            "version" if value.as_u64() != Some(VERSION) => {
                let message = format!(
                    "The file has the version {value}; this program reads version {VERSION}"
                );
                return Err(Failed::at("version", message));
            }
            "version" | "exported_at" | "workspace" => {}
            _ => self
                .warnings()
                .add(name, "This program does not know what this is"),
        }
        Ok(())
    }

    fn item(&mut self, name: &str, path: &str, value: &Value) -> Result<Option<Item>, Failed> {
        if !value.is_object() {
            return Err(Failed::at(path, "It is not an object"));
        }
        self.look(name, path, value);
        Ok(Some(match name {
            "members" => {
                let member = self.options.members.find(&value.text("email"));
                self.users.insert(value.text("id"), member);
                return Ok(None);
            }
            "boards" => self.board(path, value)?,
            "labels" => Item::Label(self.label(path, value)),
            "lanes" => Item::Lane(self.lane(path, value)),
            "projects" => Item::Project(self.project(path, value)),
            "tasks" => Item::Task(Box::new(self.task(path, value)?)),
            "subtasks" => Item::Subtask(self.subtask(path, value)),
            "comments" => return Ok(self.comment(path, value).map(Item::Comment)),
            "cards" => {
                let times = self.times(path, value);
                Item::Card(Box::new(card(path, value, times, &mut self.warnings())))
            }
            "configurations" => {
                return Ok(self.configuration(path, value).map(Item::Configuration));
            }
            "webhooks" => {
                let times = self.times(path, value);
                Item::Webhook(Box::new(webhook(path, value, times, &mut self.warnings())?))
            }
            "recipients" => {
                let recipient = self.recipient(path, value);
                return Ok(recipient.map(|one| Item::Recipient(Box::new(one))));
            }
            _ => {
                self.warnings()
                    .add(path, "This program does not know what this is");
                return Ok(None);
            }
        }))
    }

    /// Lists what of an object is not imported: fields that are unknown or have another type.
    fn look(&mut self, array: &str, path: &str, object: &Value) {
        if !ORDER.contains(&array) {
            return;
        }
        let own = known::fields(array).iter().map(|(name, _)| *name);
        let names: Vec<_> = own.chain(known::COMMON).collect();
        self.losses.look(&format!("{array}[]"), object, &names);
        known::check_types(array, path, object, &mut self.warnings());
    }

    fn warnings(&mut self) -> Warnings<'_> {
        Warnings(self.to)
    }

    fn configuration(&mut self, path: &str, value: &Value) -> Option<ConfigurationEntry> {
        let user = self.users.get(&value.text("user_id")).copied().flatten();
        let Some(user) = user else {
            self.warnings().add(
                path,
                "Its user is not a member of the workspace, so it is left out",
            );
            return None;
        };
        Some(ConfigurationEntry {
            card: value.text("card_id"),
            user,
            times: self.times(path, value),
        })
    }

    /// The member here who is a member in the file. Others are counted.
    fn user(&mut self, field: &'static str, id: &str) -> Option<UserId> {
        let found = self.users.get(id).copied().flatten();
        if found.is_none() && !id.is_empty() {
            *self.lost.entry(field).or_default() += 1;
        }
        found
    }

    fn name(&mut self, name: &str, path: &str) -> String {
        text::name(name, NAME, path, &mut self.warnings())
    }

    fn long(&mut self, value: &Value, field: &str, most: usize, path: &str) -> Option<String> {
        let text = value[field].as_str()?;
        let path = format!("{path}.{field}");
        Some(text::exact(text, most, &path, &mut self.warnings()))
    }

    fn position(&mut self, path: &str, value: &Value) -> Option<String> {
        let position = value.text("position");
        let is_key = (1..=64).contains(&position.len())
            && position.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_key {
            let message = "The position is not a key, so the order of the file is kept";
            self.warnings().add(&format!("{path}.position"), message);
        }
        is_key.then_some(position)
    }

    fn times(&mut self, path: &str, value: &Value) -> Times {
        let mut time = |field: &str| {
            text::time(
                &value.text(field),
                &format!("{path}.{field}"),
                &mut self.warnings(),
            )
        };
        Times {
            created: time("created_at"),
            updated: time("updated_at"),
        }
    }

    fn end(mut self) -> Result<(), Failed> {
        if self.format.as_deref() != Some(FORMAT) {
            return Err(Failed::at(
                "format",
                format!("The format is not {FORMAT:?}"),
            ));
        }
        std::mem::take(&mut self.losses).report(self.to);
        let mut lost: Vec<_> = std::mem::take(&mut self.lost).into_iter().collect();
        lost.sort_unstable();
        for (field, count) in lost {
            let (path, what) = lost_people(field);
            let path = format!("{path}[].{field}");
            self.warnings().add(&path, &format!("{what}: {count}"));
        }
        Ok(())
    }
}

/// Where references to people who are not members are lost, and what that means.
fn lost_people(field: &str) -> (&'static str, &'static str) {
    match field {
        "assignee_ids" => (
            "tasks",
            "Assignees who are not members of the workspace, and are not assigned",
        ),
        "created_by_id" => (
            "tasks",
            "Tasks that were created by people who are not members of the workspace",
        ),
        _ => (
            "comments",
            "Comments by people who are not members of the workspace, and whose names are kept",
        ),
    }
}

fn color(value: &Value, field: &str) -> Option<String> {
    Some(value.text(field)).filter(|color| text::is_color(color))
}
