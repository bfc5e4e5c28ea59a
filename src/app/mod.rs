//! What a client can do, as functions of one transaction each: they take a connection and the caller's workspace, decide,
//! and leave the rest to the store. No HTTP here, and no SQL.

pub mod boards;
pub mod cards;
pub mod covers;
pub mod credentials;
pub mod email_accounts;
pub mod events;
pub mod idempotency;
pub mod integration;
pub mod integration_keys;
pub mod lanes;
pub mod mails;
pub mod projects;
pub mod recipients;
pub mod sample;
pub mod subtasks;
pub mod tasks;
pub mod tokens;
pub mod users;
pub mod workspaces;
