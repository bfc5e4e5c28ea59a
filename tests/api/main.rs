//! The server from outside: a real one in this process, on a real database file, and every answer held against the
//! contract.

#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails"
)]

mod boards;
mod deletions;
mod harness;
mod lanes;
mod moves;
mod paging;
mod positions;
mod projects;
mod rebalance;
mod search;
mod subtasks;
mod tasks;
mod token_life;
mod tokens;
mod usage;
