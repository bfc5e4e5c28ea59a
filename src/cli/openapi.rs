//! `tackboard openapi`

use super::{output, refuse};
use crate::contract;
use crate::error::{Error, Result};

/// Prints the contract of this program. Needs no data folder.
pub(super) fn run() -> Result<()> {
    let document = contract::document().map_err(refuse)?;
    let text = serde_json::to_string_pretty(&document)
        .map_err(|cause| Error::internal("writing JSON", cause))?;
    output::print(&format!("{text}\n"))
}
