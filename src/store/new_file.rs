//! Files that are complete or missing: they are written under a temporary name.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::data_dir::sync_folder_of;
use crate::error::failure::{Failure, refuse};
use crate::model::ids::time_ordered;

/// Writes a file that only its owner may read. It gets its name when it is complete and on disk, and replaces a file of
/// that name.
///
/// # Errors
/// Those of `write`, after which there is no new file.
pub fn write<T>(
    target: &Path,
    write: impl FnOnce(&File) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let partial = partial_name(target);
    let written = create(&partial).and_then(|file| {
        let written = write(&file)?;
        file.sync_all().map_err(|cause| failed(&partial, &cause))?;
        std::fs::rename(&partial, target).map_err(|cause| failed(target, &cause))?;
        sync_folder_of(target)?;
        Ok(written)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// A unique name beside the target, so that two programs at the same time do not conflict.
pub(super) fn partial_name(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(format!(".{}.partial", time_ordered().simple()));
    name.into()
}

fn create(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(path).map_err(|cause| {
        refuse(format!(
            "cannot create a file in the folder of {}: {cause}",
            path.display()
        ))
    })
}

fn failed(path: &Path, cause: &std::io::Error) -> Failure {
    refuse(format!("cannot write {}: {cause}", path.display()))
}
