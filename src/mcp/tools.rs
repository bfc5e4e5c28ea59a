//! The table of tools, and which of them an agent sees.

use serde_json::Value;

use super::calls::{Agent, Step};
use super::{boards, cards, comments, events, manage, search, tasks, usage};
use crate::error::{Error, Result};
use crate::model::ids::is_uuid;
use crate::model::scopes::{Scope, Scopes};
use crate::store::Conn;

/// A tool.
pub struct Tool {
    /// Its name, as in `schema/mcp.json`.
    pub name: &'static str,
    /// It is shown to agents that have one of these scopes.
    scopes: &'static [Scope],
    groups: &'static [Group],
    /// Whether a call counts against the monthly quota.
    pub is_counted: bool,
    /// Whether it may read for long.
    is_slow: bool,
    /// Whether a call with these arguments needs an index of all changes.
    searches: fn(&Value) -> bool,
    pub(super) run: fn(&Agent, &Conn, Value) -> Result<Step>,
}

/// What `?tools=` can name besides single tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Board,
    Cards,
}

const READ: &[Scope] = &[Scope::Read];
const WRITE: &[Scope] = &[Scope::Write];
const DELETE: &[Scope] = &[Scope::Delete];
const CHANGE: &[Scope] = &[Scope::Write, Scope::Delete];
const BOARD: &[Group] = &[Group::Board];
const CARDS: &[Group] = &[Group::Cards];
const BOTH: &[Group] = &[Group::Board, Group::Cards];

macro_rules! tools {
    ($($name:literal: $scopes:ident, $groups:ident, counted = $counted:literal, slow = $slow:literal, $searches:expr, $run:path;)*) => {
        /// Every tool, in the order in which they are listed.
        pub const TOOLS: &[Tool] = &[$(Tool {
            name: $name,
            scopes: $scopes,
            groups: $groups,
            is_counted: $counted,
            is_slow: $slow,
            searches: $searches,
            run: $run,
        },)*];
    };
}

tools! {
    "find": READ, BOTH, counted = true, slow = true, |_| true, search::find;
    "get_board": READ, BOARD, counted = true, slow = true, |_| false, boards::get;
    "get_task": READ, BOARD, counted = true, slow = false, names_task, tasks::get;
    "list_tasks": READ, BOARD, counted = true, slow = true, has_words, tasks::list;
    "create_tasks": WRITE, BOARD, counted = true, slow = false, names_task, tasks::create;
    "update_tasks": WRITE, BOARD, counted = true, slow = false, names_task, tasks::update;
    "delete_tasks": DELETE, BOARD, counted = true, slow = false, names_task, tasks::delete;
    "add_comment": WRITE, BOARD, counted = true, slow = false, names_task, comments::add;
    "manage_board": CHANGE, BOARD, counted = true, slow = false, |_| false, manage::change;
    "list_cards": READ, CARDS, counted = true, slow = true, |_| false, cards::list;
    "get_card": READ, CARDS, counted = true, slow = false, |_| false, cards::get;
    "write_card": WRITE, CARDS, counted = true, slow = false, |_| false, cards::write;
    "send_card": WRITE, CARDS, counted = true, slow = false, |_| false, cards::send;
    "get_activity": READ, BOTH, counted = true, slow = true, names_task, events::list;
    "get_usage": READ, BOTH, counted = false, slow = false, |_| false, usage::get;
}

/// Whether a task is named by its label, which only the search index can find.
fn names_task(arguments: &Value) -> bool {
    let is_name = |value: &Value| value.as_str().is_some_and(|text| !is_uuid(text));
    match arguments {
        Value::Object(fields) => fields.iter().any(|(field, value)| match field.as_str() {
            "task" | "after" | "before" => is_name(value),
            "tasks" | "position" => names_task(value),
            _ => false,
        }),
        Value::Array(all) => all.iter().any(|one| is_name(one) || names_task(one)),
        _ => false,
    }
}

fn has_words(arguments: &Value) -> bool {
    !arguments["q"].is_null()
}

impl Tool {
    /// Whether a call with these arguments may read for long.
    pub fn is_slow(&self, arguments: &Value) -> bool {
        self.is_slow || self.searches(arguments)
    }

    /// Whether a call with these arguments needs an index of all changes.
    pub fn searches(&self, arguments: &Value) -> bool {
        (self.searches)(arguments)
    }

    /// The scope that a call requires at least.
    pub fn scope(&self) -> Scope {
        self.scopes.first().copied().unwrap_or(Scope::Admin)
    }

    /// Whether an agent with these scopes can use it.
    pub fn allows(&self, scopes: Scopes) -> bool {
        self.scopes.iter().any(|scope| scopes.allow(*scope))
    }
}

/// Which tools a client wants to see.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    is_readonly: bool,
    only: Option<Vec<&'static str>>,
}

impl Selection {
    /// Reads `readonly` and `tools` of an address.
    ///
    /// # Errors
    /// `invalid_request` for an unknown value.
    pub fn new(readonly: Option<&str>, tools: Option<&str>) -> Result<Self> {
        let is_readonly = match readonly {
            None | Some("0" | "false") => false,
            Some("" | "1" | "true") => true,
            Some(_) => return Err(Error::field("readonly", "Readonly must be 1 or 0")),
        };
        let Some(tools) = tools.filter(|list| !list.is_empty()) else {
            return Ok(Self {
                is_readonly,
                only: None,
            });
        };
        let mut only = Vec::new();
        for wanted in tools.split(',').map(str::trim) {
            let group = match wanted {
                "board" => Some(Group::Board),
                "cards" => Some(Group::Cards),
                _ => None,
            };
            let is_wanted = |tool: &&Tool| {
                tool.name == wanted || group.is_some_and(|group| tool.groups.contains(&group))
            };
            let named = TOOLS.iter().filter(is_wanted).map(|tool| tool.name);
            let before = only.len();
            only.extend(named);
            if only.len() == before {
                let message =
                    "Tools must list board, cards, or names of tools, separated by commas";
                return Err(Error::field("tools", message));
            }
        }
        let only = Some(only);
        Ok(Self { is_readonly, only })
    }

    /// Whether a tool is among them.
    pub fn has(&self, tool: &Tool) -> bool {
        let is_listed = |only: &Vec<&str>| only.contains(&tool.name);
        (!self.is_readonly || tool.scopes == READ) && self.only.as_ref().is_none_or(is_listed)
    }
}
