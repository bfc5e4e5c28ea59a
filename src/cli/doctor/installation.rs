//! What is checked.

use crate::cli::common::Common;
use crate::config::Settings;
use crate::error::failure::Failure;

/// A data folder, and the settings that a server would have.
pub(super) struct Installation<'c> {
    pub(super) common: &'c Common,
    pub(super) settings: Result<Settings, Failure>,
}
