//! Workspaces.

use crate::error::{Error, Result};
use crate::model::context::Ctx;
use crate::model::credentials::random_base62;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;
use crate::model::workspaces::{Workspace, slug_of};
use crate::store::{Tx, workspaces};

/// Creates a workspace. Without a slug, one is made from the name, with random letters added if it is taken.
///
/// # Errors
/// `conflict` if the given slug is taken.
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

/// Changes the plan of a workspace. Existing items above its limits are kept.
///
/// # Errors
/// Database errors only.
pub fn set_plan(tx: &Tx<'_>, ctx: &Ctx, plan: &str) -> Result<Workspace> {
    let old = workspaces::get(tx, ctx.workspace)?;
    let plan = plan.to_owned();
    update(
        tx,
        ctx,
        &old,
        Workspace {
            plan,
            ..old.clone()
        },
    )
}

/// Adds API calls per month to those of the plan. A negative number removes calls that were added before.
///
/// # Errors
/// Database errors only.
pub fn top_up(tx: &Tx<'_>, ctx: &Ctx, calls: i64) -> Result<Workspace> {
    let old = workspaces::get(tx, ctx.workspace)?;
    let extra_api_calls = old.extra_api_calls.saturating_add_signed(calls);
    let new = Workspace {
        extra_api_calls,
        ..old.clone()
    };
    update(tx, ctx, &old, new)
}

fn update(tx: &Tx<'_>, ctx: &Ctx, old: &Workspace, mut new: Workspace) -> Result<Workspace> {
    if new != *old {
        new.updated_at = Timestamp::now();
        workspaces::update(tx, &new)?;
        let event = NewEvent::new(EventType::WorkspaceUpdated, &new)?;
        tx.record(ctx, &event.with_changes(Changes::between(old, &new)?))?;
    }
    Ok(new)
}

/// Deletes a workspace with everything in it, including its journal, and the users who are members of no other
/// workspace.
///
/// # Errors
/// Database errors only.
pub fn delete(tx: &Tx<'_>, id: WorkspaceId) -> Result<()> {
    workspaces::delete(tx, id)
}
