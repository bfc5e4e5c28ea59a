//! API tests: a real server in this process with a real database file. Every response is checked against the contract.

#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails"
)]

mod accounts;
mod admission;
mod agent;
mod all_fields;
mod app;
mod archive;
mod assignees;
mod auth;
mod batch;
mod boards;
mod bodies;
mod cards;
mod catalogue;
mod comments;
mod conditions;
mod contract;
mod cors;
mod coverage;
mod covers;
mod deletions;
mod deliveries;
mod direct_sql;
mod docs;
mod email_accounts;
mod errors;
mod events;
mod examples;
mod export;
mod harness;
mod http;
mod idempotency;
mod ids;
mod import_files;
mod import_losses;
mod import_properties;
mod import_tables;
mod import_types;
mod import_updates;
mod imports;
mod integration;
mod invitations;
mod journal;
mod labels;
mod lanes;
mod limits;
mod long;
mod mails;
mod mcp;
mod mcp_assistant;
mod mcp_tools;
mod members;
mod messages;
mod migrations;
mod moves;
mod operations;
mod order;
mod origins;
mod outages;
mod pages;
mod paging;
mod pictures;
mod position;
mod preview;
mod projects;
mod quota;
mod quota_on_disk;
mod raw;
mod rebalance;
mod receiver;
mod recipients;
#[path = "../replay/mod.rs"]
mod replay;
mod round_trip;
mod routes;
mod sdks;
mod search;
mod sessions;
mod sign_in_links;
mod sign_in_pages;
#[path = "../sink/mod.rs"]
mod sink;
mod smtp;
mod snapshot;
#[path = "../sse/mod.rs"]
mod sse;
mod statements;
mod stream;
mod subtasks;
mod system;
mod task_list;
mod tasks;
mod tenants;
mod text;
mod token_life;
mod tokens;
mod uploads;
mod usage;
mod webhook_delivery;
mod webhooks;
mod world;
