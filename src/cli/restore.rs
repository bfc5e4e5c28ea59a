//! `tackboard restore FILE`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::common::Common;
use super::messages::shown;
use super::progress::Progress;
use crate::error::failure::Failure;
use crate::store::restore;

#[derive(Args)]
pub(super) struct Options {
    /// Backup to restore
    file: PathBuf,
}

pub(super) fn run(common: &Common, options: &Options) -> Result<(), Failure> {
    let progress = Progress::new(common);
    let restored = restore::restore(&common.data_dir(), &options.file, |done, all| {
        let what = match done < all {
            true => "copying",
            false => "copied, verifying the copy",
        };
        progress.show(what, done, all);
    });
    progress.clear();
    let restored = restored?;
    let kept = restored.kept.as_ref().map(|path| shown(path).to_string());
    let database = shown(&common.data_dir().database()).to_string();
    common.show(
        &json!({
            "path": database, "bytes": restored.bytes, "kept": kept, "is_older": restored.is_older,
            "journal_renewed": true,
        }),
        || {
            let mut text = format!("Restored {} to {database} ({} bytes).", shown(&options.file), restored.bytes);
            if let Some(kept) = &kept {
                text += &format!("\nThe database before it is kept as {kept}.");
            }
            text += "\nThe journal has a new id, so clients that follow it read everything again.";
            if restored.is_older {
                text += "\nThe file is from an older version. The next start of the server migrates it.";
            }
            text
        },
    )
}
