//! The server from outside: a real one in this process, on a real database file, and every answer held against the
//! contract.

#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails"
)]

mod auth;
mod boards;
mod bodies;
mod conditions;
mod contract;
mod coverage;
mod direct_sql;
mod errors;
mod harness;
mod http;
mod idempotency;
mod limits;
mod messages;
mod migrations;
mod operations;
mod order;
mod quota;
mod raw;
mod routes;
mod statements;
mod tenants;
