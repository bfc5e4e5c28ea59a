//! Where the objects of a file go.

use super::entry::Entry;
use super::problem::Failed;
use crate::model::imports::Warning;

/// Gets the objects of a file, and what of it is lost or changed.
pub(super) trait Receiver {
    /// Takes an object.
    ///
    /// # Errors
    /// If the file has too many of them.
    fn entry(&mut self, entry: Entry) -> Result<(), Failed>;
    /// Takes a warning.
    fn warning(&mut self, warning: Warning);
}

/// Adds warnings.
pub(super) struct Warnings<'w>(pub(super) &'w mut dyn Receiver);

impl Warnings<'_> {
    pub(super) fn add(&mut self, path: &str, message: &str) {
        self.0.warning(Warning {
            path: path.to_owned(),
            message: message.to_owned(),
        });
    }
}
