//! The real program as a process of its own: killed, stopped, out of space, under load beside other programs.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    reason = "a test that cannot go on fails"
)]

mod disk;
mod files;
mod imports;
mod journal;
mod kill;
mod load;
mod logs;
mod memory;
mod program;
#[path = "../replay/mod.rs"]
mod replay;
#[path = "../sink/mod.rs"]
mod sink;
#[path = "../sse/mod.rs"]
mod sse;
mod stop;
mod stream;
mod webhooks;
