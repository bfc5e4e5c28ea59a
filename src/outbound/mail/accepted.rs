//! A file of mails that the mail server has accepted, but that are not recorded in the database yet.
//!
//! The result of a delivery waits for the writer thread. If the process were killed in that time, the mail would be
//! sent again. So the recipient's id is appended to this file first, which is fast and survives the process. The file
//! is not synced: after a power failure a mail may be sent twice, which is better than one sync per mail.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::model::ids::RecipientId;

/// The file's name in the data folder. The file is empty except while results wait for the database.
const NAME: &str = "outbox.journal";

/// The accepted mails that are not recorded yet.
pub(super) struct AcceptedMails(Mutex<AcceptedFile>);

struct AcceptedFile {
    /// `None` if the file cannot be used. Mails are sent all the same.
    file: Option<File>,
    /// How many mails in it are not in the database yet.
    unrecorded: usize,
    /// The mails in it that an earlier process did not record.
    left_over: Vec<RecipientId>,
}

impl AcceptedMails {
    /// Opens the file in a data folder.
    pub(super) fn open(data: &Path) -> Self {
        let mut options = OpenOptions::new();
        options.create(true).read(true).append(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let opened = options.open(data.join(NAME)).and_then(|mut file| {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok((file, bytes))
        });
        let (file, bytes) = match opened {
            Ok((file, bytes)) => (Some(file), bytes),
            Err(error) => {
                tracing::warn!(%error, "cannot open {NAME}; mails can be sent twice after a crash");
                (None, Vec::new())
            }
        };
        // The last id may have been cut off.
        let (ids, _rest) = bytes.as_chunks::<16>();
        let left_over = ids
            .iter()
            .map(|id| RecipientId::from_uuid(Uuid::from_bytes(*id)));
        Self(Mutex::new(AcceptedFile {
            file,
            unrecorded: 0,
            left_over: left_over.collect(),
        }))
    }

    /// Recipients whose mails an earlier process delivered but did not record.
    pub(super) fn left_over(&self) -> Vec<RecipientId> {
        self.lock().left_over.clone()
    }

    /// Empties the file, once the mails of an earlier process are in the database.
    pub(super) fn start_over(&self) {
        let mut state = self.lock();
        state.left_over = Vec::new();
        state.clear();
    }

    /// Adds a recipient whose mail was accepted.
    pub(super) fn add(&self, recipient: RecipientId) {
        let mut state = self.lock();
        state.unrecorded += 1;
        let written = state
            .file
            .as_mut()
            .map(|file| file.write_all(recipient.uuid().as_bytes()));
        if let Some(Err(error)) = written {
            tracing::warn!(%error, "cannot write to {NAME}");
        }
    }

    /// Notes that one accepted mail is in the database. The file is emptied when all of them are.
    pub(super) fn recorded(&self) {
        let mut state = self.lock();
        state.unrecorded = state.unrecorded.saturating_sub(1);
        if state.unrecorded == 0 {
            state.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, AcceptedFile> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AcceptedFile {
    fn clear(&mut self) {
        if let Some(Err(error)) = self.file.as_mut().map(|file| file.set_len(0)) {
            tracing::warn!(%error, "cannot truncate {NAME}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AcceptedMails, NAME};
    use crate::model::ids::RecipientId;

    #[test]
    fn mails_that_were_not_recorded_are_there_after_a_crash() {
        let folder = tempfile::tempdir().unwrap_or_else(|_| unreachable!());
        let ids = [RecipientId::new(), RecipientId::new()];
        let accepted = AcceptedMails::open(folder.path());
        assert_eq!(accepted.left_over(), []);
        ids.iter().for_each(|id| accepted.add(*id));
        accepted.recorded();
        drop(accepted);
        let next = AcceptedMails::open(folder.path());
        assert_eq!(next.left_over(), ids, "one is open, so both may be needed");
        next.start_over();
        next.add(ids[1]);
        next.recorded();
        let size = std::fs::metadata(folder.path().join(NAME)).map(|file| file.len());
        assert_eq!(size.unwrap_or(1), 0);
        assert_eq!(AcceptedMails::open(folder.path()).left_over(), []);
    }

    #[test]
    fn an_id_that_was_cut_off_is_left_out() {
        let folder = tempfile::tempdir().unwrap_or_else(|_| unreachable!());
        let id = RecipientId::new();
        let bytes = [id.uuid().as_bytes().as_slice(), &[1, 2, 3]].concat();
        assert!(std::fs::write(folder.path().join(NAME), bytes).is_ok());
        assert_eq!(AcceptedMails::open(folder.path()).left_over(), [id]);
    }
}
