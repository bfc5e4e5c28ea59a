//! Plans.

use rusqlite::{OptionalExtension, Row, params};

use super::connection::{Conn, Tx};
use crate::error::Result;
use crate::model::plans::Plan;

const COLUMNS: &str = "name, boards, projects, tasks, cards, tokens, webhooks, members, api_calls, webhook_deliveries, card_sends";

/// Returns every plan, smallest first.
///
/// # Errors
/// Database errors only.
pub fn list(conn: &Conn) -> Result<Vec<Plan>> {
    let mut statement = conn.prepare(&format!(
        "SELECT {COLUMNS} FROM plan ORDER BY coalesce(api_calls, 9223372036854775807), name"
    ))?;
    let rows = statement.query_map((), plan)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns a plan, if it exists.
///
/// # Errors
/// Database errors only.
pub fn find(conn: &Conn, name: &str) -> Result<Option<Plan>> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM plan WHERE name = ?1"))?;
    Ok(statement.query_row([name], plan).optional()?)
}

/// Updates a plan, or adds it if it does not exist.
///
/// # Errors
/// Database errors only.
pub fn put(tx: &Tx<'_>, plan: &Plan) -> Result<()> {
    let mut statement = tx.prepare(
        "INSERT INTO plan (name, boards, projects, tasks, cards, tokens, webhooks, members, api_calls,
                           webhook_deliveries, card_sends)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (name) DO UPDATE
            SET boards = excluded.boards, projects = excluded.projects, tasks = excluded.tasks,
                cards = excluded.cards, tokens = excluded.tokens, webhooks = excluded.webhooks,
                members = excluded.members,
                api_calls = excluded.api_calls, webhook_deliveries = excluded.webhook_deliveries,
                card_sends = excluded.card_sends",
    )?;
    statement.execute(params![
        plan.name,
        plan.boards,
        plan.projects,
        plan.tasks,
        plan.cards,
        plan.tokens,
        plan.webhooks,
        plan.members,
        plan.api_calls,
        plan.webhook_deliveries,
        plan.card_sends
    ])?;
    Ok(())
}

fn plan(row: &Row<'_>) -> rusqlite::Result<Plan> {
    Ok(Plan {
        name: row.get(0)?,
        boards: row.get(1)?,
        projects: row.get(2)?,
        tasks: row.get(3)?,
        cards: row.get(4)?,
        tokens: row.get(5)?,
        webhooks: row.get(6)?,
        members: row.get(7)?,
        api_calls: row.get(8)?,
        webhook_deliveries: row.get(9)?,
        card_sends: row.get(10)?,
    })
}
