//! The limits of uploads: how many there are at the same time, and the size of their temporary files.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::temporary_file;
use crate::error::{Error, Outage, Result};
use crate::model::ids::WorkspaceId;

/// Maximum uploads of a workspace at the same time.
const MAX_PER_WORKSPACE: u32 = 4;
/// Maximum uploads at the same time.
const MAX_UPLOADS: u32 = 64;
/// Maximum bytes in all temporary files.
const MAX_BYTES: u64 = 1 << 30;

/// The uploads that are being received or processed.
pub(crate) struct Uploads {
    folder: PathBuf,
    max_bytes: u64,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    by_workspace: HashMap<WorkspaceId, u32>,
    count: u32,
    bytes: u64,
}

/// The share of an upload in the limits of all uploads.
pub(super) struct Share {
    /// All uploads.
    pub uploads: Arc<Uploads>,
    workspace: WorkspaceId,
    bytes: u64,
}

impl Uploads {
    /// Uploads with temporary files in the data folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self::with_limit(folder, MAX_BYTES)
    }

    fn with_limit(folder: &Path, max_bytes: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            max_bytes,
            open: Mutex::default(),
        }
    }

    /// Takes a share of the limits for an upload.
    ///
    /// # Errors
    /// `service_unavailable` if there are too many uploads.
    pub(super) fn share(self: &Arc<Self>, workspace: WorkspaceId) -> Result<Share> {
        let mut open = self.open();
        let own = open.by_workspace.get(&workspace).copied().unwrap_or(0);
        if own >= MAX_PER_WORKSPACE || open.count >= MAX_UPLOADS {
            return Err(Error::Unavailable(Outage::Overloaded));
        }
        open.by_workspace.insert(workspace, own + 1);
        open.count += 1;
        Ok(Share {
            uploads: Arc::clone(self),
            workspace,
            bytes: 0,
        })
    }

    /// Creates a temporary file.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(super) fn create(&self) -> io::Result<File> {
        temporary_file::create(&self.folder, "upload")
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Adds bytes of the temporary file.
    ///
    /// # Errors
    /// `service_unavailable` if all files together are too large.
    pub(super) fn add(&mut self, bytes: u64) -> Result<()> {
        let mut open = self.uploads.open();
        if open.bytes + bytes > self.uploads.max_bytes {
            return Err(Error::Unavailable(Outage::Overloaded));
        }
        open.bytes += bytes;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut open = self.uploads.open();
        open.count -= 1;
        open.bytes -= self.bytes;
        if let Some(own) = open.by_workspace.get_mut(&self.workspace) {
            *own -= 1;
            if *own == 0 {
                open.by_workspace.remove(&self.workspace);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use std::sync::Arc;

    use super::{MAX_PER_WORKSPACE, MAX_UPLOADS, Uploads};
    use crate::model::ids::WorkspaceId;

    #[test]
    fn a_workspace_has_a_part_of_all_uploads_and_gives_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let uploads = Arc::new(Uploads::with_limit(folder.path(), 100));
        let workspace = WorkspaceId::new();
        let mut own: Vec<_> = (0..MAX_PER_WORKSPACE)
            .map(|_| uploads.share(workspace).unwrap())
            .collect();
        assert!(uploads.share(workspace).is_err());
        let others: Vec<_> = (MAX_PER_WORKSPACE..MAX_UPLOADS)
            .map(|_| uploads.share(WorkspaceId::new()).unwrap())
            .collect();
        assert!(uploads.share(WorkspaceId::new()).is_err());
        own[0].add(60).unwrap();
        assert!(own[1].add(60).is_err());
        drop(own);
        uploads.share(workspace).unwrap().add(60).unwrap();
        drop(others);
        let open = uploads.open();
        assert_eq!((open.count, open.bytes), (0, 0));
        assert!(open.by_workspace.is_empty());
    }
}
