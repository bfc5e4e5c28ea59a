//! Delivery to files, when no mail server is set.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::MailOutcome;
use super::message::EmailMessage;
use crate::store::data_dir::DataDir;

/// Writes messages as files into a folder.
pub(super) struct FolderTransport(PathBuf);

impl FolderTransport {
    /// A transport to the outbox folder in a data folder.
    pub(super) fn new(data: &Path) -> Self {
        Self(DataDir::new(data).outbox())
    }

    /// Writes a message to `{id}.eml`. A repeated attempt replaces the file.
    pub(super) async fn deliver(&self, message: EmailMessage) -> MailOutcome {
        let folder = self.0.clone();
        let write = move || write(&folder, &format!("{}.eml", message.id), &message.bytes);
        let written = tokio::task::spawn_blocking(write).await;
        match written.unwrap_or_else(|lost| Err(io::Error::other(lost))) {
            Ok(()) => MailOutcome::Sent,
            Err(cause) => {
                MailOutcome::RetryLater(format!("The mail cannot be written to outbox/: {cause}"))
            }
        }
    }
}

/// Writes a file that only its owner may read. It gets its name only when it is complete and on disk.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    if !folder.exists() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        // The folder's own name has to be on disk, too.
        if let Some(parent) = folder.parent() {
            File::open(parent)?.sync_all()?;
        }
    }
    let unfinished = folder.join(format!(".{name}.new"));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, folder.join(name))?;
    File::open(folder)?.sync_all()
}
