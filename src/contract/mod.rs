//! The API contract: the OpenAPI document and the checks against it. Independent of HTTP.
//!
//! `openapi` merges the fragments of `schema/api/` into one document. `validators` compiles the input schemas of every
//! operation. `sessions` adds to every operation what it means that sessions are accepted, `pages` the HTML of errors. An input is parsed by [`json`], normalized by `shape`, then checked. `messages` creates a message for
//! each invalid field.

mod fields;
pub mod json;
mod messages;
mod methods;
mod openapi;
mod pages;
mod sessions;
mod shape;
mod validators;
mod webhooks;

pub use self::fields::Invalid;
pub use self::methods::METHODS;
pub use self::openapi::{document, inline};
pub use self::validators::{Contract, Input, Operation, PathContract};
