//! Files in request bodies: in memory while they are short, then in a temporary file. Many clients can upload at the same
//! time, so a slow one keeps nobody waiting.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};

use super::body;
use super::request::state;
use super::uploads::Share;
use crate::app::imports::File as ImportFile;
use crate::error::{Error, Outage, Result};
use crate::model::credentials::Digest;
use crate::model::ids::WorkspaceId;

/// Bytes of an upload that are kept in memory, and written to the file at a time.
const IN_MEMORY: usize = 256 << 10;

/// A file that has arrived completely.
pub(super) struct Upload {
    /// The content.
    pub file: ImportFile,
    /// The digest of the content.
    pub digest: Digest,
    /// The share of the limits. It is released when the file is no longer needed.
    pub share: Share,
}

/// Receives the body of a request.
///
/// # Errors
/// `service_unavailable` if there are too many uploads or the disk is full; `payload_too_large`, `request_timeout`, and what `broken` returns.
pub(super) async fn receive(
    req: &HttpRequest,
    payload: Payload,
    workspace: WorkspaceId,
    limit_bytes: usize,
    broken: impl Fn(PayloadError) -> Error,
) -> Result<Upload> {
    body::check_length(req, limit_bytes)?;
    let share = state(req).uploads.share(workspace)?;
    let collect = collect(share, payload, limit_bytes, broken);
    body::within_time(req, collect).await
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
        let mut file = file.map_or_else(|| uploads.create(), Ok)?;
        file.write_all(&bytes).map(|()| file)
    };
    let written = web::block(write)
        .await
        .map_err(|cause| Error::internal("an upload was lost", cause))?;
    written.map_err(|cause| {
        tracing::error!(error = %cause, "an upload cannot be stored");
        Error::Unavailable(Outage::StorageFull)
    })
}
