//! `manage_board`

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::calls::{Agent, Change, Show, Step, arguments};
use super::references::Names;
use super::words::{self, Words, to_api};
use crate::app;
use crate::contract::Contract;
use crate::error::{Error, Fields, Result};
use crate::model::context::Ctx;
use crate::model::ids::BoardId;
use crate::model::scopes::{Scope, Scopes};
use crate::store::{Conn, Tx};

#[derive(Deserialize)]
struct Arguments {
    changes: Vec<Entry>,
}

#[derive(Clone, Deserialize)]
struct Entry {
    action: Action,
    #[serde(rename = "type")]
    kind: Kind,
    board: Option<String>,
    project: Option<String>,
    lane: Option<String>,
    label: Option<String>,
    /// The fields that the object gets.
    #[serde(flatten)]
    fields: Map<String, Value>,
}

#[derive(Clone, Copy, PartialEq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Create,
    Update,
    Delete,
}

#[derive(Clone, Copy, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Board,
    Project,
    Lane,
    Label,
}

impl Entry {
    /// Moves references that this change does not use to the fields of the object, which refuse them with all other unknown
    /// fields.
    fn move_unused_references(&mut self) {
        let (own, uses_board) = match self.kind {
            Kind::Board => ("board", false),
            Kind::Project => ("project", true),
            Kind::Lane => ("lane", true),
            Kind::Label => ("label", true),
        };
        let references = [
            ("board", &mut self.board),
            ("project", &mut self.project),
            ("lane", &mut self.lane),
            ("label", &mut self.label),
        ];
        for (name, reference) in references {
            let names_object = name == own && self.action != Action::Create;
            let is_used = names_object || (name == "board" && uses_board);
            if let Some(unused) = reference.take_if(|_| !is_used) {
                self.fields.insert(name.to_owned(), json!(unused));
            }
        }
    }

    /// Checks that a deletion has no fields.
    fn check_deletion(&self) -> Result<()> {
        let unknown = |name: &String| (name.clone(), format!("{name} is not a known field"));
        let unknown: Fields = self.fields.keys().map(unknown).collect();
        match self.action == Action::Delete && !unknown.is_empty() {
            true => Err(Error::InvalidRequest(unknown)),
            false => Ok(()),
        }
    }
}

/// The id and the name of what was changed.
type Changed = (Uuid, String);

/// Makes changes of boards and their parts.
pub(super) fn change(_: &Agent, _: &Conn, given: Value) -> Result<Step> {
    let Arguments { changes } = arguments(given)?;
    let deletes = |entry: &Entry| entry.action == Action::Delete;
    let scope = match changes.iter().all(deletes) {
        true => Scope::Delete,
        false => Scope::Write,
    };
    Ok(Change::step(scope, move |tx, ctx, scopes| {
        let mut changed = Vec::new();
        for (at, entry) in changes.iter().enumerate() {
            let path = format!("changes[{at}]");
            check_scope(entry, scopes)?;
            let (id, name) = apply(tx, ctx, scopes, entry.clone(), &path)?;
            let mut shown = json!({ "action": entry.action, "type": entry.kind, "id": id });
            // The API tells the name of what was deleted only to those who can read it.
            if entry.action != Action::Delete || scopes.allow(Scope::Read) {
                shown["name"] = json!(name);
            }
            changed.push(shown);
        }
        let show = move || Ok(json!({ "changed": changed }));
        Ok(Box::new(show) as Show)
    }))
}

/// Checks that the agent may delete.
fn check_scope(entry: &Entry, provided: Scopes) -> Result<()> {
    match entry.action == Action::Delete && !provided.allow(Scope::Delete) {
        true => Err(Error::InsufficientScope {
            required: Scope::Delete,
            provided,
        }),
        false => Ok(()),
    }
}

/// Makes one change. Names are looked up now, so that a change can name what an earlier one has created.
fn apply(tx: &Tx<'_>, ctx: &Ctx, scopes: Scopes, mut entry: Entry, path: &str) -> Result<Changed> {
    let names = Names::new(tx, ctx.workspace, scopes);
    entry.move_unused_references();
    let made = entry.check_deletion().and_then(|()| match entry.kind {
        Kind::Board => board(tx, ctx, &names, entry, path),
        Kind::Project => project(tx, ctx, &names, entry, path),
        Kind::Lane => lane(tx, ctx, &names, entry, path),
        Kind::Label => label(tx, ctx, &names, entry, path),
    });
    made.map_err(|error| match error {
        // Messages about names have the whole path already.
        Error::InvalidRequest(fields) if fields.keys().all(|name| name.starts_with(path)) => {
            Error::InvalidRequest(fields)
        }
        other => other.in_entry(path),
    })
}

fn board(tx: &Tx<'_>, ctx: &Ctx, names: &Names<'_>, entry: Entry, path: &str) -> Result<Changed> {
    let words = &words::BOARD;
    if entry.action == Action::Create {
        let body = checked("/v1/boards", "post", entry.fields, words)?;
        let made = app::boards::create(tx, ctx, arguments(body)?)?;
        return Ok((made.id.uuid(), made.name));
    }
    let id = required_board(names, &entry, path)?;
    if entry.action == Action::Delete {
        let old = crate::store::boards::get(tx, ctx.workspace, id)?;
        app::boards::delete(tx, ctx, id)?;
        return Ok((id.uuid(), old.name));
    }
    let body = checked("/v1/boards/{boardId}", "patch", entry.fields, words)?;
    let made = app::boards::update(tx, ctx, id, arguments(body)?)?;
    Ok((made.id.uuid(), made.name))
}

fn project(tx: &Tx<'_>, ctx: &Ctx, names: &Names<'_>, entry: Entry, path: &str) -> Result<Changed> {
    let words = &words::PART;
    if entry.action == Action::Create {
        let id = required_board(names, &entry, path)?;
        let mut fields = entry.fields;
        fields.insert("board".to_owned(), json!(id));
        let body = checked("/v1/projects", "post", fields, words)?;
        let made = app::projects::create(tx, ctx, arguments(body)?)?;
        return Ok((made.id.uuid(), made.name));
    }
    let on = optional_board(names, &entry, path)?;
    let named = required(entry.project.as_deref(), path, "project")?;
    let id = names.project(&format!("{path}.project"), named, on)?;
    if entry.action == Action::Delete {
        let old = crate::store::projects::get(tx, ctx.workspace, id)?;
        app::projects::delete(tx, ctx, id)?;
        return Ok((id.uuid(), old.name));
    }
    let mut fields = entry.fields;
    beside(&mut fields, path, |path, text| {
        Ok(json!(names.project(path, text, on)?))
    })?;
    let body = checked("/v1/projects/{projectId}", "patch", fields, words)?;
    let made = app::projects::update(tx, ctx, id, arguments(body)?)?;
    Ok((made.id.uuid(), made.name))
}

fn lane(tx: &Tx<'_>, ctx: &Ctx, names: &Names<'_>, entry: Entry, path: &str) -> Result<Changed> {
    let words = &words::PART;
    if entry.action == Action::Create {
        let on = required_board(names, &entry, path)?;
        let body = checked("/v1/boards/{boardId}/lanes", "post", entry.fields, words)?;
        let made = app::lanes::create(tx, ctx, on, arguments(body)?)?;
        return Ok((made.id.uuid(), made.name));
    }
    let on = optional_board(names, &entry, path)?;
    let named = required(entry.lane.as_deref(), path, "lane")?;
    let id = names.lane(&format!("{path}.lane"), named, on)?;
    let old = crate::store::lanes::get(tx, ctx.workspace, id)?;
    if entry.action == Action::Delete {
        app::lanes::delete(tx, ctx, id)?;
        return Ok((id.uuid(), old.name));
    }
    let mut fields = entry.fields;
    let on = Some(old.board_id);
    beside(&mut fields, path, |path, text| {
        Ok(json!(names.lane(path, text, on)?))
    })?;
    let body = checked("/v1/lanes/{laneId}", "patch", fields, words)?;
    let made = app::lanes::update(tx, ctx, id, arguments(body)?)?;
    Ok((made.id.uuid(), made.name))
}

fn label(tx: &Tx<'_>, ctx: &Ctx, names: &Names<'_>, entry: Entry, path: &str) -> Result<Changed> {
    let words = &words::PART;
    if entry.action == Action::Create {
        let on = required_board(names, &entry, path)?;
        let body = checked("/v1/boards/{boardId}/labels", "post", entry.fields, words)?;
        let made = app::labels::create(tx, ctx, on, arguments(body)?)?;
        return Ok((made.id.uuid(), made.name));
    }
    let on = optional_board(names, &entry, path)?;
    let named = required(entry.label.as_deref(), path, "label")?;
    let id = names.label(&format!("{path}.label"), named, on)?;
    if entry.action == Action::Delete {
        let old = crate::store::labels::get(tx, ctx.workspace, id)?;
        app::labels::delete(tx, ctx, id)?;
        return Ok((id.uuid(), old.name));
    }
    let body = checked("/v1/labels/{labelId}", "patch", entry.fields, words)?;
    let made = app::labels::update(tx, ctx, id, arguments(body)?)?;
    Ok((made.id.uuid(), made.name))
}

/// Checks fields against the API's schema of an operation, and returns them with the names of the API.
fn checked(path: &str, method: &str, fields: Map<String, Value>, words: &Words) -> Result<Value> {
    let contract = Contract::get().map_err(Error::bug)?;
    let operations = contract.path(path);
    let operation = operations.and_then(|all| all.get(method));
    let input = operation.and_then(|operation| operation.body.as_ref());
    let input = input.ok_or_else(|| Error::bug("an operation without a contract"))?;
    let mut body = to_api(fields, words);
    let valid = input.check(&mut body).map_err(Error::from);
    valid.map_err(|error| words::in_tool(error, words))?;
    Ok(body)
}

/// Replaces the name of a sibling in `position` by its id.
fn beside(
    fields: &mut Map<String, Value>,
    path: &str,
    find: impl Fn(&str, &str) -> Result<Value>,
) -> Result<()> {
    let position = fields.get_mut("position").and_then(Value::as_object_mut);
    for (side, anchor) in position.into_iter().flatten() {
        let text = anchor.as_str().unwrap_or_default();
        *anchor = find(&format!("{path}.position.{side}"), text)?;
    }
    Ok(())
}

fn required_board(names: &Names<'_>, entry: &Entry, path: &str) -> Result<BoardId> {
    let named = required(entry.board.as_deref(), path, "board")?;
    names.board(&format!("{path}.board"), named)
}

fn optional_board(names: &Names<'_>, entry: &Entry, path: &str) -> Result<Option<BoardId>> {
    let named = entry.board.as_deref();
    named
        .map(|named| names.board(&format!("{path}.board"), named))
        .transpose()
}

fn required<'t>(given: Option<&'t str>, path: &str, field: &str) -> Result<&'t str> {
    given.ok_or_else(|| {
        let message = format!("{field} is required for this change");
        Error::field(&format!("{path}.{field}"), message)
    })
}
