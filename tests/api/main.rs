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
mod catalogue;
mod conditions;
mod contract;
mod cors;
mod coverage;
mod direct_sql;
mod errors;
mod examples;
mod harness;
mod http;
mod idempotency;
mod ids;
mod limits;
mod messages;
mod migrations;
mod operations;
mod order;
mod outages;
mod quota;
mod quota_on_disk;
mod raw;
mod routes;
mod statements;
mod tenants;
mod text;
mod world;
