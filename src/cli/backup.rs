//! `tackboard backup FILE`

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::common::Common;
use super::messages::shown;
use crate::error::failure::{Failure, refuse};
use crate::store::{backup, migrate};

#[derive(Args)]
pub(super) struct Options {
    /// File to write; it must not exist
    file: PathBuf,
}

pub(super) fn run(common: &Common, options: &Options) -> Result<(), Failure> {
    // A database of an older version can be copied too, because a backup is most useful before an upgrade.
    let source = match common.inspect()? {
        migrate::State::Absent => return Err(common.no_database()),
        migrate::State::Older(_) | migrate::State::Current => common.data_dir().database(),
    };
    let file = std::path::absolute(&options.file).map_err(|cause| {
        refuse(format!(
            "invalid file name {}: {cause}",
            shown(&options.file)
        ))
    })?;
    let mut progress = BackupProgress::new();
    let bytes = backup::backup(&source, &file, |done, all| progress.show(done, all));
    progress.clear();
    let bytes = bytes?;
    common.show(
        &json!({ "path": shown(&file).to_string(), "bytes": bytes }),
        || {
            format!(
                "Wrote a verified copy of the database to {} ({bytes} bytes).",
                shown(&file)
            )
        },
    )
}

/// Shows the progress on standard error if it is a terminal.
struct BackupProgress {
    terminal: bool,
    percent: Option<u64>,
}

impl BackupProgress {
    fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            percent: None,
        }
    }

    fn show(&mut self, done: u64, all: u64) {
        let percent = done * 100 / all.max(1);
        if self.terminal && self.percent.replace(percent) != Some(percent) {
            let what = if done < all {
                "copying"
            } else {
                "copied, verifying the copy"
            };
            let _ = write!(std::io::stderr(), "\r\x1b[K{percent:3} % {what}");
        }
    }

    fn clear(&self) {
        if self.percent.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
