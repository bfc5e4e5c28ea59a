//! Plain data and pure rules. Nothing here knows of HTTP or SQL.

pub mod boards;
pub mod cards;
pub mod covers;
pub mod credentials;
pub mod email_accounts;
pub mod ids;
pub mod integration;
pub mod lanes;
pub mod letters;
pub mod merge_tags;
pub mod page;
pub mod patch;
pub mod plans;
pub mod position;
pub mod projects;
pub mod recipients;
pub mod scopes;
pub mod search;
pub mod subtasks;
pub mod tasks;
pub mod time;
pub mod tokens;
pub mod usage;
pub mod users;
pub mod workspaces;
