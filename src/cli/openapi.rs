//! `tackboard openapi`

use super::output;
use crate::contract;
use crate::error::Error;
use crate::error::failure::{Failure, refuse};

/// Prints the OpenAPI document. Needs no data folder.
pub(super) fn run() -> Result<(), Failure> {
    let document = contract::document().map_err(refuse)?;
    let text = serde_json::to_string_pretty(&document)
        .map_err(|cause| Error::internal("writing JSON", cause))?;
    output::print(&format!("{text}\n"))
}
