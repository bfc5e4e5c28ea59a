//! `tackboard session …`

use clap::{Args, Subcommand};
use serde_json::json;

use super::args;
use super::common::Common;
use crate::app;
use crate::error::failure::{Failure, refuse};
use crate::model::ids::SessionId;
use crate::model::time::Timestamp;
use crate::store::sessions;

#[derive(Subcommand)]
pub(super) enum Command {
    /// List the sessions of people who are signed in, oldest first
    List {
        /// Id or email address of a user [default: all]
        #[arg(long)]
        user: Option<String>,
    },
    /// End a session, or all sessions of a user, immediately
    End(End),
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct End {
    /// Id of the session
    #[arg(value_parser = args::session_id)]
    id: Option<SessionId>,
    /// Id or email address of a user whose sessions all end
    #[arg(long)]
    user: Option<String>,
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { user } => list(common, user.as_deref()),
        Command::End(End { id: Some(id), .. }) => end(common, id),
        Command::End(End { user, .. }) => end_all(common, &user.unwrap_or_default()),
    }
}

fn list(common: &Common, user: Option<&str>) -> Result<(), Failure> {
    let all = common.read(|conn| {
        let user = user.map(|user| args::user(conn, user)).transpose()?;
        let now = Timestamp::now();
        Ok(sessions::list_with_users(
            conn,
            user.map(|user| user.id),
            now,
        )?)
    })?;
    common.show_list(
        &all,
        ["ID", "USER", "SIGNED IN", "LAST USED", "EXPIRES", "BROWSER"],
        |one| {
            let session = &one.session;
            [
                session.id.to_string(),
                one.email.clone(),
                session.created_at.to_string(),
                session.last_used_at.to_string(),
                session.expires_at.to_string(),
                session.user_agent.clone().unwrap_or_default(),
            ]
        },
        "Nobody is signed in. `tackboard user link --user USER` prints a link that signs a user in.",
    )
}

fn end(common: &Common, id: SessionId) -> Result<(), Failure> {
    common.write(|tx| {
        let session = sessions::get(tx, id, Timestamp::now()).map_err(|_| {
            refuse(format!(
                "there is no session {id}; `tackboard session list` shows all"
            ))
        })?;
        Ok(app::sessions::end(tx, session.user_id, id)?)
    })?;
    common.show_deleted(&id, || format!("Ended the session {id}."))
}

fn end_all(common: &Common, user: &str) -> Result<(), Failure> {
    let (user, ended) = common.write(|tx| {
        let user = args::user(tx, user)?;
        let ended = app::sessions::end_all(tx, user.id)?;
        Ok((user, ended))
    })?;
    let told = json!({ "id": user.id, "email": user.email, "ended": ended });
    common.show(&told, || {
        format!("Ended {ended} sessions of {}.", user.email)
    })
}
