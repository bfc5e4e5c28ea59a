//! Uploaded files: in memory while they are short, then in a temporary file. Many clients can upload at the same time,
//! so a slow one keeps nobody waiting.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};

use super::{body, temporary_file};
use crate::app::imports::File as ImportFile;
use crate::error::{Error, Outage, Result};
use crate::model::credentials::Digest;
use crate::model::ids::WorkspaceId;

/// Bytes of an upload that are kept in memory, and written to the file at a time.
const IN_MEMORY: usize = 256 << 10;
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

/// A file that has arrived completely.
pub(super) struct Upload {
    /// The content.
    pub file: ImportFile,
    /// The digest of the content.
    pub digest: Digest,
    /// The share of the limits. It is released when the file is no longer needed.
    pub share: Share,
}

/// The share of an upload in the limits of all uploads.
pub(super) struct Share {
    uploads: Arc<Uploads>,
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

    /// Receives the body of a request.
    ///
    /// # Errors
    /// `service_unavailable` if there are too many uploads; `payload_too_large`, `request_timeout`, and what `broken`
    /// returns.
    pub(super) async fn receive(
        self: &Arc<Self>,
        req: &HttpRequest,
        payload: Payload,
        workspace: WorkspaceId,
        limit_bytes: usize,
        broken: impl Fn(PayloadError) -> Error,
    ) -> Result<Upload> {
        body::check_length(req, limit_bytes)?;
        let share = self.share(workspace)?;
        let collect = collect(share, payload, limit_bytes, broken);
        body::within_time(req, collect).await
    }

    fn share(self: &Arc<Self>, workspace: WorkspaceId) -> Result<Share> {
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

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Adds bytes of the temporary file.
    fn add(&mut self, bytes: u64) -> Result<()> {
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

async fn collect(
    mut share: Share,
    mut payload: Payload,
    limit_bytes: usize,
    broken: impl Fn(PayloadError) -> Error,
) -> Result<Upload> {
    let (mut hasher, mut length) = (Sha256::new(), 0);
    let (mut bytes, mut file) = (Vec::new(), None);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(&broken)?;
        length += chunk.len();
        if length > limit_bytes {
            return Err(Error::PayloadTooLarge { limit_bytes });
        }
        hasher.update(&chunk);
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= IN_MEMORY {
            file = Some(append(&mut share, file.take(), std::mem::take(&mut bytes)).await?);
        }
    }
    let file = match file {
        None => ImportFile::Bytes(bytes),
        Some(file) => ImportFile::Open(Arc::new(append(&mut share, Some(file), bytes).await?)),
    };
    let digest = Digest::from_bytes(hasher.finalize().into());
    Ok(Upload {
        file,
        digest,
        share,
    })
}

/// Appends bytes to the file, on a blocking thread. The file is created for the first ones.
async fn append(share: &mut Share, file: Option<File>, bytes: Vec<u8>) -> Result<File> {
    share.add(bytes.len() as u64)?;
    let uploads = Arc::clone(&share.uploads);
    let write = move || {
        let create = || temporary_file::create(&uploads.folder, "upload");
        let mut file = file.map_or_else(create, Ok)?;
        file.write_all(&bytes).map(|()| file)
    };
    let written = web::block(write)
        .await
        .map_err(|cause| Error::internal("an upload was lost", cause))?;
    written.map_err(|cause| Error::internal("an upload could not be stored", cause))
}

#[cfg(test)]
mod tests {
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
