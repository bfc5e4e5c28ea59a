//! What a client can do. Each function is one transaction: it takes a connection and the caller's workspace, applies
//! the rules, and calls the store. No HTTP and no SQL.

pub mod accounts;
pub mod batch;
pub mod boards;
pub mod cards;
pub mod comments;
pub mod covers;
pub mod credentials;
pub mod deliveries;
pub mod email_accounts;
pub mod events;
pub mod idempotency;
pub mod imports;
pub mod integration;
pub mod integration_keys;
pub mod invitations;
pub mod labels;
pub mod lanes;
pub mod mails;
pub mod members;
pub mod passwords;
pub mod projects;
pub mod recipients;
pub mod sample;
pub mod sessions;
pub mod sign_in_links;
pub mod subtasks;
pub mod tasks;
pub mod tokens;
pub mod users;
pub mod webhooks;
pub mod workspaces;
