//! The wire contract: the OpenAPI document of the APIs, and what is checked against it. Knows no HTTP.
//!
//! `openapi` merges the fragments of `schema/api/` into one document. `validators` compiles the inputs of every
//! operation from it. An input is parsed by [`json`], brought into its normal form by `shape`, then checked; `messages`
//! writes a message for each failing field.

mod fields;
pub mod json;
mod messages;
mod openapi;
mod shape;
mod validators;

pub use self::fields::Invalid;
pub use self::openapi::{METHODS, document, inline};
pub use self::validators::{Contract, Input, Operation, PathContract};
