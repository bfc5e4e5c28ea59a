//! The commands as people and scripts run them: the real program with a real data folder.

#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails"
)]

#[path = "cli/backup.rs"]
mod backup;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/email_accounts.rs"]
mod email_accounts;
#[path = "cli/erasure.rs"]
mod erasure;
#[path = "cli/events.rs"]
mod events;
#[path = "cli/export.rs"]
mod export;
#[path = "cli/harness.rs"]
mod harness;
#[path = "cli/imports.rs"]
mod imports;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/mails.rs"]
mod mails;
#[path = "cli/mcp.rs"]
mod mcp;
#[path = "cli/openapi.rs"]
mod openapi;
#[path = "cli/plans.rs"]
mod plans;
#[path = "cli/recipients.rs"]
mod recipients;
#[path = "cli/restore.rs"]
mod restore;
#[path = "cli/server.rs"]
mod server;
#[path = "cli/sessions.rs"]
mod sessions;
#[path = "api/smtp.rs"]
#[expect(dead_code, reason = "the tests of the API use more of it")]
mod smtp;
#[path = "cli/tokens.rs"]
mod tokens;
#[path = "cli/usage.rs"]
mod usage;
#[path = "cli/users.rs"]
mod users;
#[path = "cli/webhooks.rs"]
mod webhooks;
#[path = "cli/workspaces.rs"]
mod workspaces;
