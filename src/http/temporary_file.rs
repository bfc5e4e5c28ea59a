//! Temporary files in the data folder. The folder for temporary files may be in memory.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::model::ids::time_ordered;

/// Creates a file without a name, so that it does not outlive the process. It is named for a moment: `kind` and an id.
///
/// # Errors
/// If it cannot be created.
pub(super) fn create(folder: &Path, kind: &str) -> io::Result<File> {
    let path = folder.join(format!("{kind}-{}.tmp", time_ordered()));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}
