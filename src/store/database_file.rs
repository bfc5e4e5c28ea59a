//! Notices when the database file is removed or replaced while it is open. SQLite goes on with the file that it has opened,
//! so what it writes then is in no folder any more.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// The file that was opened.
pub(super) struct DatabaseFile {
    path: PathBuf,
    /// Device and inode.
    identity: (u64, u64),
    is_lost: AtomicBool,
}

impl DatabaseFile {
    /// Remembers which file a path leads to.
    pub(super) fn at(path: &Path) -> Result<Self> {
        let identity = identity(path)
            .ok_or_else(|| Error::bug("the database file is gone as soon as it is opened"))?;
        Ok(Self {
            path: path.to_owned(),
            identity,
            is_lost: AtomicBool::new(false),
        })
    }

    /// Looks whether the path still leads to the file, and logs when that has changed.
    pub(super) fn is_in_place(&self) -> bool {
        let is_lost = identity(&self.path) != Some(self.identity);
        if self.is_lost.swap(is_lost, Ordering::Relaxed) != is_lost {
            let path = self.path.display();
            match is_lost {
                true => tracing::error!(
                    %path,
                    "the database file was removed or replaced; every request is refused until it is back or the server is restarted"
                ),
                false => tracing::info!(%path, "the database file is back"),
            }
        }
        !is_lost
    }

    /// Whether the file was lost the last time that somebody looked.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}
