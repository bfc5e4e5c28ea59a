//! All SQL. Every function that uses a workspace's data takes the workspace's id directly after the connection, so that
//! the filter by workspace is not forgotten.

pub mod accounts;
pub mod assignees;
pub mod backup;
pub mod boards;
pub mod callers;
pub mod cards;
pub mod comments;
pub mod commits;
mod connection;
pub mod covers;
pub mod data_dir;
mod database_file;
pub mod db;
pub mod deliveries;
pub mod doctor;
pub mod editions;
pub mod email_accounts;
pub mod events;
pub mod export;
mod gate;
pub mod idempotency;
pub mod imports;
pub mod installation;
pub mod integration;
pub mod integration_keys;
pub mod invitations;
mod known_callers;
pub mod labels;
pub mod lanes;
pub mod letters;
mod log_limit;
pub mod mails;
pub mod members;
pub mod migrate;
pub mod new_file;
pub mod passwords;
pub mod plans;
pub mod position;
pub mod projects;
pub mod quota;
mod readers;
pub mod recipients;
pub mod restore;
pub mod row;
pub mod search;
pub mod sessions;
pub mod sign_in_links;
pub mod snapshot;
pub mod sqlite_error;
mod stats;
pub mod subtasks;
pub mod suppressions;
pub mod task_list;
pub mod tasks;
pub mod tokens;
pub mod usage;
pub mod users;
pub mod webhooks;
mod words;
pub mod workspaces;
mod writer;

pub use connection::{Conn, Tx};
pub use db::{Db, Durability, ReadTx, Reads};

/// Checks that the database responds.
///
/// # Errors
/// If it does not.
pub fn ping(conn: &Conn) -> crate::error::Result<()> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM plan")?
        .query_row((), |_| Ok(()))?)
}
