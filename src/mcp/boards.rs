//! `get_board`

use serde::Deserialize;
use serde_json::{Value, json};

use super::calls::{Agent, Step, arguments, value};
use super::places::Places;
use super::references::Names;
use super::rows::TaskRow;
use crate::error::Result;
use crate::model::page::PageRequest;
use crate::model::task_list::Archived;
use crate::store::{Conn, boards, snapshot};

/// How many tasks of a board are shown.
const TASKS: usize = 200;

#[derive(Deserialize)]
struct OneBoard {
    board: Option<String>,
}

/// Returns a board and what is on it, or without a board, all boards.
pub(super) fn get(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let OneBoard { board } = arguments(given)?;
    let Some(board) = board else {
        let all = boards::list(conn, agent.workspace, &PageRequest::ALL)?.rows;
        return Ok(Step::Done(json!({ "boards": all })));
    };
    let id = Names::new(conn, agent.workspace, agent.scopes).board("board", &board)?;
    let whole = snapshot::get(conn, agent.workspace, id, None::<()>)?;
    let places = Places::new(conn, agent.workspace);
    let (mut rows, mut omitted) = (Vec::new(), 0);
    snapshot::each_task(conn, agent.workspace, id, Archived::False, &mut |task| {
        match rows.len() < TASKS {
            true => rows.push(TaskRow::of_snapshot(&places, task)?),
            false => omitted += 1,
        }
        Ok(())
    })?;
    let mut shown = value(&whole)?;
    shown["tasks"] = json!(rows);
    shown["tasks_omitted"] = json!(omitted);
    Ok(Step::Done(shown))
}
