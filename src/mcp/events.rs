//! `get_activity`

use serde_json::{Map, Value, json};

use super::calls::{Agent, Step, arguments, value};
use super::references::Names;
use crate::app;
use crate::error::Result;
use crate::model::events::EventQuery;
use crate::model::scopes::Scope;
use crate::store::Conn;

/// Returns events of the journal, each with the name of what it is about.
pub(super) fn list(agent: &Agent, conn: &Conn, mut given: Value) -> Result<Step> {
    if let Value::Object(filters) = &mut given {
        resolve(&Names::new(conn, agent.workspace, agent.scopes), filters)?;
    }
    let query: EventQuery = arguments(given)?;
    let request = query.request(agent.scopes.allow(Scope::Admin))?;
    let mut page = value(&app::events::list(conn, agent.workspace, &request)?)?;
    for event in page["events"].as_array_mut().into_iter().flatten() {
        let data = &event["data"];
        let title = ["label", "name", "title", "text"]
            .iter()
            .find_map(|field| data[*field].as_str());
        if let Some(title) = title.map(str::to_owned) {
            event["title"] = json!(title);
        }
    }
    Ok(Step::Done(page))
}

/// Replaces names by ids.
fn resolve(names: &Names<'_>, filters: &mut Map<String, Value>) -> Result<()> {
    let board = match text(filters, "board") {
        Some(board) => Some(names.board("board", &board)?),
        None => None,
    };
    for (field, value) in filters.iter_mut() {
        let Some(text) = value.as_str() else { continue };
        let id = match field.as_str() {
            "board" => json!(board),
            "project" => json!(names.project(field, text, board)?),
            "task" => json!(names.task(field, text)?),
            "card" => json!(names.card(field, text)?),
            "actor" => json!(names.member(field, text)?),
            _ => continue,
        };
        *value = id;
    }
    Ok(())
}

fn text(filters: &Map<String, Value>, field: &str) -> Option<String> {
    filters.get(field)?.as_str().map(str::to_owned)
}
