//! Mails that the mail server has taken and the database does not know of yet.
//!
//! A result waits for its turn at the one writer. Were the process killed in that time, the mail would go out again. So the
//! recipient's id is appended to a file first, which waits for nothing and outlives the process. It is not synced: after a
//! power cut the mail may go out twice, which costs less than a sync for each mail.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::model::ids::RecipientId;

/// The file's name in the data folder. It is empty but for the moments in which it is needed.
const NAME: &str = "outbox.journal";

/// The journal of one process.
pub(super) struct Journal(Mutex<State>);

struct State {
    /// `None` where the file cannot be used: mails go out all the same.
    file: Option<File>,
    /// How many mails stand in it that are not in the database yet.
    open: usize,
    /// What a process that died has left.
    left: Vec<RecipientId>,
}

impl Journal {
    /// The journal of a data folder, with what is left in it.
    pub(super) fn of(data: &Path) -> Self {
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
                tracing::warn!(%error, "{NAME} cannot be used; mails may go out twice after a crash");
                (None, Vec::new())
            }
        };
        // An id that was cut off says nothing.
        let (ids, _rest) = bytes.as_chunks::<16>();
        let left = ids
            .iter()
            .map(|id| RecipientId::from_uuid(Uuid::from_bytes(*id)));
        Self(Mutex::new(State {
            file,
            open: 0,
            left: left.collect(),
        }))
    }

    /// Mails that were taken when a process before this one died.
    pub(super) fn left(&self) -> Vec<RecipientId> {
        self.lock().left.clone()
    }

    /// What was left is in the database: begins anew.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        state.left = Vec::new();
        state.clear();
    }

    /// The mail server has taken a recipient's mail.
    pub(super) fn accepted(&self, recipient: RecipientId) {
        let mut state = self.lock();
        state.open += 1;
        let written = state
            .file
            .as_mut()
            .map(|file| file.write_all(recipient.uuid().as_bytes()));
        if let Some(Err(error)) = written {
            tracing::warn!(%error, "{NAME} cannot be written");
        }
    }

    /// The database knows of one that was taken.
    pub(super) fn written_down(&self) {
        let mut state = self.lock();
        state.open = state.open.saturating_sub(1);
        if state.open == 0 {
            state.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn clear(&mut self) {
        if let Some(Err(error)) = self.file.as_mut().map(|file| file.set_len(0)) {
            tracing::warn!(%error, "{NAME} cannot be emptied");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Journal, NAME};
    use crate::model::ids::RecipientId;

    #[test]
    fn what_was_not_written_down_is_there_after_a_death() {
        let folder = tempfile::tempdir().unwrap_or_else(|_| unreachable!());
        let ids = [RecipientId::new(), RecipientId::new()];
        let journal = Journal::of(folder.path());
        assert_eq!(journal.left(), []);
        ids.iter().for_each(|id| journal.accepted(*id));
        journal.written_down();
        drop(journal);
        let next = Journal::of(folder.path());
        assert_eq!(next.left(), ids, "one is open, so both may be needed");
        next.begin();
        next.accepted(ids[1]);
        next.written_down();
        let size = std::fs::metadata(folder.path().join(NAME)).map(|file| file.len());
        assert_eq!(size.unwrap_or(1), 0);
        assert_eq!(Journal::of(folder.path()).left(), []);
    }

    #[test]
    fn an_id_that_was_cut_off_is_left_out() {
        let folder = tempfile::tempdir().unwrap_or_else(|_| unreachable!());
        let id = RecipientId::new();
        let bytes = [id.uuid().as_bytes().as_slice(), &[1, 2, 3]].concat();
        assert!(std::fs::write(folder.path().join(NAME), bytes).is_ok());
        assert_eq!(Journal::of(folder.path()).left(), [id]);
    }
}
