//! `get_usage`

use serde_json::Value;

use super::calls::{Agent, Step, value};
use crate::error::Result;
use crate::model::time::{Month, Timestamp};
use crate::store::{Conn, usage};

/// Returns the plan and its usage.
pub(super) fn get(agent: &Agent, conn: &Conn, _: Value) -> Result<Step> {
    let mut usage = usage::get(conn, agent.workspace, Month::of(Timestamp::now()))?;
    usage.api_calls.used = agent.api_calls.unwrap_or(usage.api_calls.used);
    Ok(Step::Done(value(&usage)?))
}
