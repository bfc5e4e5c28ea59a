//! The API contract: the OpenAPI document and the checks against it. Independent of HTTP.
//!
//! `openapi` merges the fragments of `schema/api/` into one document. The fragments do not repeat what these add:
//!
//! - `errors`: the schemas of each error code,
//! - `sessions`: what it means for an operation that sessions are accepted,
//! - `unions`: a name for the schema of each response with one of several errors,
//! - `pages`: the HTML of errors,
//! - `webhooks`: the request that a webhook sends about each event.
//!
//! `validators` compiles the input schemas of an operation when it is first called. An input is parsed by [`json`], normalized
//! by `shape`, then
//! checked. `messages` creates a message for each invalid field.

mod errors;
mod fields;
pub mod json;
mod messages;
mod methods;
mod openapi;
mod pages;
mod sessions;
mod shape;
mod unions;
mod validators;
mod webhooks;

pub use self::fields::{Invalid, add, in_words};
pub use self::methods::METHODS;
pub use self::openapi::{document, inline};
pub use self::validators::{Contract, Input, Operation, PathContract, text};
