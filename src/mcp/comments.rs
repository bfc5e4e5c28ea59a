//! `add_comment`

use serde::Deserialize;
use serde_json::{Value, json};

use super::calls::{Agent, Change, Show, Step, arguments, value};
use super::references::Names;
use crate::app;
use crate::error::Result;
use crate::model::comments::CommentCreate;
use crate::model::scopes::Scope;
use crate::store::Conn;

#[derive(Deserialize)]
struct Arguments {
    task: String,
    text: String,
}

/// Adds a comment to a task.
pub(super) fn add(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let Arguments { task, text } = arguments(given)?;
    let task = Names::new(conn, agent.workspace, agent.scopes).task("task", &task)?;
    Ok(Change::step(Scope::Write, move |tx, ctx, _| {
        let new = CommentCreate { text: text.clone() };
        let comment = app::comments::create(tx, ctx, task, new)?;
        let show = move || Ok(json!({ "comment": value(&comment)? }));
        Ok(Box::new(show) as Show)
    }))
}
