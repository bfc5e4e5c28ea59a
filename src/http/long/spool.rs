//! Temporary files for what clients have not taken yet, and their total size.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::buffer::Buffer;
use crate::http::temporary_file;

/// Maximum bytes in all temporary files.
const MAX_BYTES: u64 = 1 << 30;

/// The temporary files of all responses.
pub(crate) struct Spools {
    folder: PathBuf,
    max: u64,
    open: Mutex<Vec<Reserved>>,
}

/// What one response has in its file.
struct Reserved {
    buffer: Weak<Buffer>,
    bytes: u64,
}

impl Spools {
    /// Files in the data folder. The folder for temporary files may be in memory.
    pub(crate) fn new(folder: &Path) -> Self {
        Self::with_limit(folder, MAX_BYTES)
    }

    pub(super) fn with_limit(folder: &Path, max: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            max,
            open: Mutex::default(),
        }
    }

    pub(super) fn create(&self) -> io::Result<File> {
        temporary_file::create(&self.folder, "response")
    }

    /// Makes room for more bytes of a response. If there is none, the responses whose clients have been taking nothing for
    /// the longest time are ended.
    ///
    /// # Errors
    /// If this response was ended.
    pub(super) fn reserve(&self, buffer: &Arc<Buffer>, bytes: usize) -> io::Result<()> {
        let mut open = self.open();
        open.retain(|one| one.buffer.strong_count() > 0);
        let this = Arc::downgrade(buffer);
        match open.iter_mut().find(|one| one.buffer.ptr_eq(&this)) {
            Some(own) => own.bytes += bytes as u64,
            None => open.push(Reserved {
                buffer: this,
                bytes: bytes as u64,
            }),
        }
        while open.iter().map(|one| one.bytes).sum::<u64>() > self.max {
            let idle = |one: &Reserved| one.buffer.upgrade().map(|buffer| buffer.taken_at());
            let Some(longest) = (0..open.len()).min_by_key(|at| idle(&open[*at])) else {
                break;
            };
            if let Some(ended) = open.swap_remove(longest).buffer.upgrade() {
                ended.give_up();
                if Arc::ptr_eq(&ended, buffer) {
                    return Err(io::ErrorKind::StorageFull.into());
                }
            }
        }
        Ok(())
    }

    fn open(&self) -> MutexGuard<'_, Vec<Reserved>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
