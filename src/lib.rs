//! Tackboard: kanban boards and digital cards as two HTTP APIs, from one SQLite file.
//!
//! The map of the house; arrows point downwards only:
//!
//! - [`cli`]: the program's commands. [`http`]: requests and answers.
//! - [`outbound`]: mails on their way to the mail server.
//! - [`app`]: what a client can do, one function a transaction; no HTTP, no SQL.
//! - [`store`]: all SQL: many readers, one writer, a file a noun.
//! - [`model`]: plain data and pure rules.
//! - [`error`] and [`config`] serve all of them.
//!
//! The same noun has the same file name in every layer. Outside `src`, `schema/api` is the wire contract, from which
//! requests are validated, and `schema/db` the disk contract, whose constraints and triggers hold every rule that must
//! never break.

pub mod app;
pub mod cli;
pub mod config;
pub mod contract;
pub mod docs;
pub mod error;
pub mod http;
pub mod model;
pub mod outbound;
pub mod store;
