//! The Model Context Protocol: what agents call. It knows no HTTP; `http/mcp.rs` and `cli/mcp.rs` are its transports.
//!
//! A message is read by [`protocol`] and answered by [`server`]. A call of a tool has three steps: `definitions` checks
//! its arguments, the tool reads and replaces names by ids (`references`), and if it changes something, the transport
//! runs that change in a transaction of its own. The tools call the same functions of `app` and `store` as the HTTP API.

mod boards;
pub mod calls;
mod cards;
mod comments;
mod definitions;
mod events;
mod manage;
mod places;
pub mod protocol;
mod references;
mod results;
mod rows;
mod schemas;
mod search;
pub mod server;
mod tasks;
pub mod tools;
mod usage;
mod words;
