//! Tackboard: kanban boards and digital cards as two HTTP APIs, from one SQLite file.
//!
//! The layers; each may use those below it:
//!
//! - [`cli`]: the commands of the program.
//! - [`server`]: builds the state, starts the workers, the outbox and the housekeeping, and stops them in order.
//! - [`http`]: the route table, extractors and handlers; one file per noun.
//! - [`mcp`]: the tools of agents; no HTTP.
//! - [`docs`]: the documentation site. [`outbound`]: delivery of mails to the mail server, and of events to webhooks.
//! - [`contract`]: the OpenAPI document, the request validators and the field messages; no HTTP.
//! - [`import`]: reads files of this and other products; no SQL.
//! - [`app`]: what a client can do; one function is one transaction; no HTTP, no SQL.
//! - [`store`]: all SQL: many readers, one writer; one file per noun.
//! - [`model`]: plain data and pure rules.
//! - [`error`] and [`config`] serve all of them.
//!
//! The same noun has the same file name in every layer. Outside `src`, `schema/api` is the API contract, which also
//! validates requests. `schema/db` is the database schema, whose constraints and triggers enforce every rule that must
//! never be broken.

pub mod app;
pub mod cli;
pub mod config;
pub mod contract;
pub mod docs;
pub mod error;
pub mod http;
pub mod import;
pub mod mcp;
pub mod model;
pub mod outbound;
pub mod server;
pub mod store;
