//! Mails as files, for a server that has no mail server to hand them to.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::Outcome;
use crate::model::ids::RecipientId;
use crate::store::data_dir::DataDir;

/// The folder that the files go to.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The one in a data folder.
    pub(super) fn of(data: &Path) -> Self {
        Self(DataDir::new(data).outbox())
    }

    /// Writes a mail to `{recipient}.eml`. Writing it again replaces it, so there is never more than one.
    pub(super) async fn keep(&self, recipient: RecipientId, bytes: Vec<u8>) -> Outcome {
        let folder = self.0.clone();
        let write = move || write(&folder, &format!("{recipient}.eml"), &bytes);
        let written = tokio::task::spawn_blocking(write).await;
        match written.unwrap_or_else(|lost| Err(io::Error::other(lost))) {
            Ok(()) => Outcome::Sent,
            Err(cause) => {
                Outcome::PutOff(format!("The mail cannot be written to outbox/: {cause}"))
            }
        }
    }
}

/// Writes a file that only its owner may read: under its name, it is whole and on the disk.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
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
