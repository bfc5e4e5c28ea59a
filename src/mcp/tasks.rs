//! `get_task`, `list_tasks`, `create_tasks`, `update_tasks` and `delete_tasks`

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::calls::{Agent, Change, Show, Step, arguments, value};
use super::places::Places;
use super::references::Names;
use super::rows::TaskRow;
use super::words::{self, to_api};
use crate::app;
use crate::contract::in_words;
use crate::error::{Error, Result};
use crate::model::batch::{Batch, BatchOutline, BatchUpdate};
use crate::model::ids::{BoardId, TaskId, UserId, is_uuid};
use crate::model::page::PageRequest;
use crate::model::scopes::Scope;
use crate::model::task_list::{TaskQuery, TaskRead};
use crate::store::{Conn, comments, subtasks, task_list, tasks};

/// How many of a task's comments are shown.
const COMMENTS: u32 = 20;
/// How many of a task's subtasks are shown.
const SUBTASKS: PageRequest<String> = PageRequest {
    limit: Some(200),
    after: None,
};

#[derive(Deserialize)]
struct OneTask {
    task: String,
}

#[derive(Deserialize)]
struct Entries {
    tasks: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Named {
    tasks: Vec<String>,
}

/// Returns a task with its subtasks and latest comments.
pub(super) fn get(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let OneTask { task } = arguments(given)?;
    let id = Names::new(conn, agent.workspace, agent.scopes).task("task", &task)?;
    let task = tasks::get_bare(conn, agent.workspace, id)?;
    let subtasks = subtasks::list(conn, agent.workspace, id, &SUBTASKS)?.rows;
    let places = Places::new(conn, agent.workspace);
    let mut shown = value(&TaskRow::of_task(&places, &task)?)?;
    shown["description"] = json!(task.description);
    shown["subtasks"] = json!(subtasks);
    shown["comments"] = json!(latest_comments(agent, conn, id)?);
    shown["comments_total"] = json!(task.counts.comments_total);
    Ok(Step::Done(json!({ "task": shown })))
}

fn latest_comments(agent: &Agent, conn: &Conn, task: TaskId) -> Result<Vec<Value>> {
    let latest = comments::latest(conn, agent.workspace, task, COMMENTS)?;
    let shown = latest.into_iter().map(|comment| {
        let author = comment.author.map(|author| author.name);
        let mut shown = json!({ "text": comment.text, "created_at": comment.created_at });
        if let Some(name) = author.or(comment.imported_author) {
            shown["author"] = json!(name);
        }
        shown
    });
    Ok(shown.collect())
}

/// Returns a page of the workspace's tasks.
pub(super) fn list(agent: &Agent, conn: &Conn, mut given: Value) -> Result<Step> {
    let names = Names::new(conn, agent.workspace, agent.scopes);
    if let Value::Object(filters) = &mut given {
        resolve_filters(agent, &names, filters)?;
    }
    let query: TaskQuery = arguments(given)?;
    // Without a user, `me` was refused.
    let me = agent.user.unwrap_or_else(UserId::new);
    let TaskRead::List(list) = query.read(me)? else {
        return Err(Error::bug("a list of tasks by ids"));
    };
    let page = task_list::of_workspace(conn, agent.workspace, &list)?;
    let places = Places::new(conn, agent.workspace);
    let rows = page.rows.into_iter();
    let rows = rows.map(|task| TaskRow::of_entry(&places, task));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    Ok(Step::Done(
        json!({ "tasks": rows, "next_cursor": page.next_cursor }),
    ))
}

/// Replaces names by ids.
fn resolve_filters(
    agent: &Agent,
    names: &Names<'_>,
    filters: &mut Map<String, Value>,
) -> Result<()> {
    let text = |filters: &Map<String, Value>, field: &str| {
        filters
            .get(field)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let mut board = None;
    if let Some(named) = text(filters, "board") {
        board = Some(names.board("board", &named)?);
        filters.insert("board".to_owned(), json!(board));
    }
    if let Some(named) = text(filters, "project") {
        let id = names.project("project", &named, board)?;
        board = board.or(names.board_of(id)?);
        filters.insert("project".to_owned(), json!(id));
    }
    if let Some(named) = text(filters, "lane").filter(|lane| lane != "none") {
        filters.insert("lane".to_owned(), json!(names.lane("lane", &named, board)?));
    }
    if let Some(named) = text(filters, "label") {
        let id = names.label("label", &named, board)?;
        filters.insert("label".to_owned(), json!(id));
    }
    match text(filters, "assignee").as_deref() {
        None | Some("none") => {}
        Some("me") if agent.user.is_some() => {}
        Some("me") => {
            return Err(Error::field(
                "assignee",
                "Assignee must be a name or an id: there is no user here",
            ));
        }
        Some(named) => {
            let id = names.member("assignee", named)?;
            filters.insert("assignee".to_owned(), json!(id));
        }
    }
    Ok(())
}

/// Creates tasks.
pub(super) fn create(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let names = Names::new(conn, agent.workspace, agent.scopes);
    let Entries { tasks } = arguments(given)?;
    let mut batch = Batch::default();
    for (at, mut fields) in tasks.into_iter().enumerate() {
        resolve(&names, &mut fields, &format!("tasks[{at}]"), || Ok(None))?;
        batch.create.push(arguments(to_api(fields, &words::TASK))?);
    }
    change(agent, conn, batch, Scope::Write)
}

/// Updates tasks.
pub(super) fn update(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let names = Names::new(conn, agent.workspace, agent.scopes);
    let Entries { tasks: entries } = arguments(given)?;
    let mut batch = Batch::default();
    for (at, mut fields) in entries.into_iter().enumerate() {
        let path = format!("tasks[{at}]");
        let named = fields.remove("task");
        let named = named.as_ref().and_then(Value::as_str).unwrap_or_default();
        let id = names.task(&format!("{path}.task"), named)?;
        let board = || {
            let parents = tasks::parents(conn, agent.workspace, id);
            Ok(Some(
                parents.map_err(|error| error.in_entry(&path))?.board_id,
            ))
        };
        resolve(&names, &mut fields, &path, board)?;
        let change = arguments(to_api(fields, &words::TASK))?;
        batch.update.push(BatchUpdate { id, change });
    }
    change(agent, conn, batch, Scope::Write)
}

/// Deletes tasks.
pub(super) fn delete(agent: &Agent, conn: &Conn, given: Value) -> Result<Step> {
    let names = Names::new(conn, agent.workspace, agent.scopes);
    let Named { tasks } = arguments(given)?;
    let named = tasks.iter().enumerate();
    let ids = named.map(|(at, task)| names.task(&format!("tasks[{at}]"), task));
    let batch = Batch {
        delete: ids.collect::<Result<_>>()?,
        ..Batch::default()
    };
    change(agent, conn, batch, Scope::Delete)
}

/// Runs a batch, as `POST /v1/tasks/batch` does.
fn change(agent: &Agent, conn: &Conn, batch: Batch, scope: Scope) -> Result<Step> {
    let in_tool = |error| words::in_tool(error, &words::TASK);
    let checked = app::batch::check(conn, agent.workspace, BatchOutline::from(&batch));
    checked.map_err(in_tool)?;
    Ok(Change::step(scope, move |tx, ctx, scopes| {
        let result = app::batch::run(tx, scopes, ctx, batch.clone()).map_err(in_tool)?;
        let places = Places::new(tx, ctx.workspace);
        let changed = result.created.iter().chain(&result.updated);
        let rows = changed.map(|task| TaskRow::of_task(&places, task));
        let (rows, deleted) = (rows.collect::<Result<Vec<_>>>()?, result.deleted);
        let show = move || match deleted.is_empty() {
            true => Ok(json!({ "tasks": rows })),
            false => Ok(json!({ "deleted": deleted })),
        };
        Ok(Box::new(show) as Show)
    }))
}

/// Replaces names in the fields of a task by ids. `present` is the board that the task is on.
fn resolve(
    names: &Names<'_>,
    fields: &mut Map<String, Value>,
    path: &str,
    present: impl Fn() -> Result<Option<BoardId>>,
) -> Result<()> {
    let mut board = None;
    if let Some(named) = fields.get("project").and_then(Value::as_str) {
        let id = names.project(&format!("{path}.project"), named, None)?;
        board = names.board_of(id)?;
        if board.is_none() {
            return Err(id.missing().in_entry(path));
        }
        fields.insert("project".to_owned(), json!(id));
    }
    // Ids say themselves on which board they are.
    let has_names = |value: &Value| match value {
        Value::Array(all) => all.iter().any(|one| !one.as_str().is_some_and(is_uuid)),
        one => one.as_str().is_some_and(|text| !is_uuid(text)),
    };
    let needs_board = ["lane", "labels"]
        .iter()
        .any(|field| fields.get(*field).is_some_and(has_names));
    if board.is_none() && needs_board {
        board = present()?;
    }
    for (field, value) in fields.iter_mut() {
        let path = format!("{path}.{field}");
        match (field.as_str(), value) {
            ("lane", value @ Value::String(_)) => {
                let named = value.as_str().unwrap_or_default();
                *value = json!(names.lane(&path, named, board)?);
            }
            ("labels", Value::Array(all)) => {
                replace(all, &path, |path, text| {
                    Ok(json!(names.label(path, text, board)?))
                })?;
            }
            ("assignees", Value::Array(all)) => {
                replace(all, &path, |path, text| {
                    Ok(json!(names.member(path, text)?))
                })?;
            }
            ("position", Value::Object(beside)) => {
                for (side, anchor) in beside {
                    let text = anchor.as_str().unwrap_or_default();
                    *anchor = json!(names.task(&format!("{path}.{side}"), text)?);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Replaces the names in a list by ids, which must differ.
fn replace(
    all: &mut [Value],
    path: &str,
    find: impl Fn(&str, &str) -> Result<Value>,
) -> Result<()> {
    for (at, one) in all.iter_mut().enumerate() {
        *one = find(&format!("{path}[{at}]"), one.as_str().unwrap_or_default())?;
    }
    let is_again = |(at, one): (usize, &Value)| all[..at].contains(one);
    match all.iter().enumerate().any(is_again) {
        true => Err(Error::field(
            path,
            format!("{} must not list the same entry twice", in_words(path)),
        )),
        false => Ok(()),
    }
}
