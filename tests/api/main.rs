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
mod deletions;
mod direct_sql;
mod errors;
mod harness;
mod http;
mod idempotency;
mod lanes;
mod limits;
mod messages;
mod migrations;
mod moves;
mod operations;
mod order;
mod paging;
mod position;
mod projects;
mod quota;
mod raw;
mod rebalance;
mod routes;
mod search;
mod statements;
mod subtasks;
mod system;
mod tasks;
mod tenants;
mod token_life;
mod tokens;
mod usage;
