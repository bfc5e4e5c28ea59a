//! Workspaces.

use crate::error::{Error, Result};
use crate::model::context::Ctx;
use crate::model::credentials::random_base62;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;
use crate::model::workspaces::{Workspace, slug_of};
use crate::store::{Tx, workspaces};

/// Makes a workspace. Without a slug of its own it gets the one that its name suggests, with a few random letters where
/// that is taken.
///
/// # Errors
/// `conflict` if the slug that was asked for is taken.
pub fn create(tx: &Tx<'_>, name: &str, slug: Option<&str>, plan: &str) -> Result<Workspace> {
    let now = Timestamp::now();
    let mut workspace = Workspace {
        id: WorkspaceId::new(),
        name: name.to_owned(),
        slug: slug.map_or_else(|| slug_of(name), str::to_owned),
        plan: plan.to_owned(),
        extra_api_calls: 0,
        created_at: now,
        updated_at: now,
    };
    match workspaces::insert(tx, &workspace) {
        Err(Error::Conflict { .. }) if slug.is_none() => {
            let more = random_base62(6)
                .map_err(|cause| Error::internal("no random bytes for a slug", cause))?;
            workspace.slug.truncate(56);
            workspace.slug = format!(
                "{}-{}",
                workspace.slug.trim_end_matches('-'),
                more.to_lowercase()
            );
            workspaces::insert(tx, &workspace)?;
        }
        other => other?,
    }
    Ok(workspace)
}

/// Puts a workspace on another plan. Existing items above its limits are kept.
///
/// # Errors
/// Only the database's own.
pub fn set_plan(tx: &Tx<'_>, ctx: &Ctx, plan: &str) -> Result<Workspace> {
    update(tx, ctx, |now| {
        workspaces::set_plan(tx, ctx.workspace, plan, now)
    })
}

/// Adds calls per month to what the plan gives; a negative number takes some away again, never below the plan.
///
/// # Errors
/// Only the database's own.
pub fn top_up(tx: &Tx<'_>, ctx: &Ctx, calls: i64) -> Result<Workspace> {
    update(tx, ctx, |now| {
        workspaces::top_up(tx, ctx.workspace, calls, now)
    })
}

fn update(
    tx: &Tx<'_>,
    ctx: &Ctx,
    change: impl FnOnce(Timestamp) -> Result<()>,
) -> Result<Workspace> {
    let old = workspaces::get(tx, ctx.workspace)?;
    change(Timestamp::now())?;
    let new = workspaces::get(tx, ctx.workspace)?;
    if new != old {
        let event = NewEvent::new(EventType::WorkspaceUpdated, &new)?;
        tx.record(ctx, &event.with_changes(Changes::between(&old, &new)?))?;
    }
    Ok(new)
}

/// Deletes a workspace with everything in it, its journal included, and the users who are members of no other.
///
/// # Errors
/// Only the database's own.
pub fn delete(tx: &Tx<'_>, id: WorkspaceId) -> Result<()> {
    workspaces::delete(tx, id)
}
