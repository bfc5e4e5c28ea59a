//! HTTP: turns requests into calls of `app` and `store`, and their results into answers.
//!
//! A request passes `observe` (request id, log line, metrics, error envelope), the route table in [`routes`], then its
//! handler's extractors in this order: `auth` (credential, expiry, quota, scope), `params` (ids in the path), `body`
//! (media type, size, JSON, schema). The handler hands the rest to `call`.

pub(crate) mod admission;
mod auth;
pub(crate) mod bare;
mod boards;
mod body;
mod call;
mod cards;
mod client;
pub(crate) mod cors;
pub(crate) mod covers;
mod docs;
mod email_accounts;
mod etag;
mod events;
mod integration;
mod lanes;
mod metrics;
pub(crate) mod observe;
mod pages;
mod params;
mod projects;
mod quota;
mod recipients;
mod reply;
mod request;
pub mod routes;
mod search;
mod snapshot;
pub(crate) mod state;
mod subtasks;
mod system;
mod tally;
mod tasks;
mod tokens;
mod unread;
mod usage;
