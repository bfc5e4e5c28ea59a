//! Members of a workspace.

use crate::app;
use crate::error::{Error, Result};
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::events::{Changes, EventType, NewEvent};
use crate::model::ids::{UserId, WorkspaceId};
use crate::model::members::{Member, MemberUpdate};
use crate::model::scopes::Role;
use crate::model::time::Timestamp;
use crate::model::users::User;
use crate::store::{Conn, Tx, assignees, integration_keys, invitations, members, tokens};

/// Adds a user to the workspace, or changes a member's role.
///
/// # Errors
/// `resource_limit_exceeded`, `last_owner`.
pub fn join(tx: &Tx<'_>, ctx: &Ctx, user: &User, role: Role) -> Result<()> {
    if user.role_in(ctx.workspace).is_some() {
        return set_role(tx, ctx, user.id, role).map(drop);
    }
    members::put(tx, ctx.workspace, user.id, role, Timestamp::now())?;
    let member = members::get(tx, ctx.workspace, user.id)?;
    tx.record(ctx, &NewEvent::new(EventType::MemberAdded, &member)?)
}

/// Changes the role of a member. Ends the member's invitations that the new role does not allow.
///
/// # Errors
/// `member_not_found`, `last_owner`.
pub fn set_role(tx: &Tx<'_>, ctx: &Ctx, id: UserId, role: Role) -> Result<Member> {
    let old = members::get(tx, ctx.workspace, id)?;
    if old.role == role {
        return Ok(old);
    }
    members::put(tx, ctx.workspace, id, role, Timestamp::now())?;
    end_invitations(tx, ctx, id, Some(role))?;
    let new = Member {
        role,
        ..old.clone()
    };
    let changes = Changes::between(&old, &new)?;
    tx.record(
        ctx,
        &NewEvent::new(EventType::MemberUpdated, &new)?.with_changes(changes),
    )?;
    Ok(new)
}

/// Removes a member from the workspace, with the member's tokens for it and the invitations that the member made. The
/// member is unassigned from every task. The member's integration key is revoked if its calls count against the workspace.
///
/// # Errors
/// `member_not_found`, `last_owner`.
pub fn remove(tx: &Tx<'_>, ctx: &Ctx, id: UserId) -> Result<()> {
    let member = members::get(tx, ctx.workspace, id)?;
    for token in tokens::of_user(tx, ctx.workspace, id)? {
        app::tokens::delete(tx, ctx, token.id)?;
    }
    if let Some(key) = integration_keys::of_user(tx, id)?
        && key.workspace_id == ctx.workspace
    {
        app::integration_keys::revoke(tx, ctx, &key)?;
    }
    end_invitations(tx, ctx, id, None)?;
    let tasks = assignees::count_tasks(tx, ctx.workspace, id)?;
    members::delete(tx, ctx.workspace, id)?;
    let event = NewEvent::new(EventType::MemberRemoved, &member)?;
    tx.record(ctx, &event.with_cleared_tasks(tasks))
}

/// Changes the role of a member for a caller, whose own role limits what is possible.
///
/// # Errors
/// `member_not_found`, `insufficient_scope`, `last_owner`.
pub fn update(
    tx: &Tx<'_>,
    caller: &Caller,
    ctx: &Ctx,
    id: UserId,
    change: MemberUpdate,
) -> Result<Member> {
    let member = members::get(tx, ctx.workspace, id)?;
    check_rights(tx, caller, member.role)?;
    check_rights(tx, caller, change.role)?;
    set_role(tx, ctx, id, change.role)
}

/// Removes a member for a caller, whose own role limits what is possible.
///
/// # Errors
/// `member_not_found`, `insufficient_scope`, `last_owner`.
pub fn delete(tx: &Tx<'_>, caller: &Caller, ctx: &Ctx, id: UserId) -> Result<()> {
    let member = members::get(tx, ctx.workspace, id)?;
    check_rights(tx, caller, member.role)?;
    remove(tx, ctx, id)
}

/// Whether a user is the only owner of a workspace.
///
/// # Errors
/// Database errors only.
pub fn is_last_owner(conn: &Conn, workspace: WorkspaceId, user: UserId) -> Result<bool> {
    let mut owners = members::all(conn, workspace)?;
    owners.retain(|member| member.role == Role::Owner);
    Ok(owners.len() == 1 && owners[0].id == user)
}

/// Checks that the caller's user can grant, change or remove a role. The scope `admin` was checked before.
///
/// # Errors
/// `insufficient_scope`.
pub(super) fn check_rights(conn: &Conn, caller: &Caller, role: Role) -> Result<()> {
    let own = members::role(conn, caller.workspace_id, caller.user_id)?;
    let provided = own.ok_or_else(|| caller.user_id.missing())?;
    match provided.may_manage(role) {
        true => Ok(()),
        false => Err(Error::InsufficientRole {
            required: role,
            provided,
        }),
    }
}

/// Ends the invitations of a member that a role does not allow; without a role, all of them.
fn end_invitations(tx: &Tx<'_>, ctx: &Ctx, id: UserId, role: Option<Role>) -> Result<()> {
    for invitation in invitations::made_by(tx, ctx.workspace, id)? {
        if !role.is_some_and(|role| role.may_invite(invitation.role)) {
            app::invitations::end(tx, ctx, &invitation)?;
        }
    }
    Ok(())
}
