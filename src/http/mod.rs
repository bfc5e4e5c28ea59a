//! HTTP: turns requests into calls of `app` and `store`, and their results into responses.
//!
//! A request passes through `observe` (request id, log line, metrics, error envelope) and the route table in
//! [`routes`]. Then the handler's extractors run in this order: `auth` (credential, expiry, quota, scope), `params`
//! (ids in the path), `body` (media type, size, JSON, schema). The handler uses `call` for the rest.

mod accounts;
pub(crate) mod admission;
mod app;
mod auth;
pub(crate) mod bare;
mod batch;
mod boards;
mod body;
mod call;
mod cards;
mod client;
mod comments;
pub(crate) mod cors;
pub(crate) mod covers;
mod deliveries;
pub(crate) mod disconnect;
mod docs;
mod email_accounts;
mod etag;
mod events;
mod export;
mod forwarding;
mod imports;
mod integration;
mod invitations;
mod labels;
mod lanes;
mod long;
mod mcp;
mod members;
mod metrics;
pub(crate) mod observe;
mod origins;
mod pages;
mod params;
mod passwords;
mod preview;
mod projects;
mod quota;
mod recipients;
mod request;
mod response;
pub mod routes;
mod search;
mod session_auth;
mod session_cookie;
mod sessions;
mod sign_in_limits;
mod sign_in_links;
mod snapshot;
pub(crate) mod state;
mod subtasks;
mod system;
mod tally;
mod tasks;
mod temporary_file;
mod tokens;
mod unread;
mod upload_body;
mod uploads;
mod usage;
mod webhooks;
