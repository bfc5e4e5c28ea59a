//! What a call of a tool works with, and what it returns.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::model::context::Ctx;
use crate::model::ids::{UserId, WorkspaceId};
use crate::model::scopes::{Scope, Scopes};
use crate::store::Tx;

/// Who calls tools, and where.
#[derive(Clone, Debug)]
pub struct Agent {
    /// The workspace. Tools access no other.
    pub workspace: WorkspaceId,
    /// The user of the token; `None` for a command.
    pub user: Option<UserId>,
    /// What the agent may do.
    pub scopes: Scopes,
    /// The origin of links.
    pub origin: String,
    /// The exact number of API calls of this month, where it is known. The database has an estimate.
    pub api_calls: Option<u64>,
}

/// What a tool returns after it has read.
pub enum Step {
    /// The result.
    Done(Value),
    /// A change to make.
    Change(Change),
}

/// A change that a tool makes.
pub struct Change {
    /// The scope that it requires.
    pub scope: Scope,
    /// Makes the change. It may run twice; only the last run counts.
    pub run: Box<Run>,
}

/// Makes a change with the current scopes of the agent.
pub type Run = dyn Fn(&Tx<'_>, &Ctx, Scopes) -> Result<Show> + Send;

/// Serializes what is shown of a change, on another thread than the writer.
pub type Show = Box<dyn FnOnce() -> Result<Value> + Send>;

impl Change {
    /// A change that requires this scope.
    pub(super) fn step(
        scope: Scope,
        run: impl Fn(&Tx<'_>, &Ctx, Scopes) -> Result<Show> + Send + 'static,
    ) -> Step {
        let run = Box::new(run);
        Step::Change(Self { scope, run })
    }
}

/// Reads checked arguments.
pub(super) fn arguments<T: DeserializeOwned>(arguments: Value) -> Result<T> {
    serde_json::from_value(arguments)
        .map_err(|cause| Error::internal("the schema let bad arguments pass", cause))
}

/// Serializes a result.
pub(super) fn value(result: &impl Serialize) -> Result<Value> {
    serde_json::to_value(result)
        .map_err(|cause| Error::internal("a result could not be serialized", cause))
}
