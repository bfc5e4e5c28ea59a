//! `tackboard backup FILE`, `tackboard backup --keep N DIR`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::common::Common;
use super::messages::shown;
use super::progress::Progress;
use crate::error::failure::{Failure, refuse};
use crate::store::{backup, migrate};

#[derive(Args)]
pub(super) struct Options {
    /// File to write, which must not exist; with --keep, the folder for it
    #[arg(value_name = "FILE|DIR")]
    file: PathBuf,
    /// Write a file with a dated name into the folder, and remove the oldest ones beyond N
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
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
    let progress = Progress::new(common);
    let show = |done, all| {
        let what = match done < all {
            true => "copying",
            false => "copied, verifying the copy",
        };
        progress.show(what, done, all);
    };
    let written = match options.keep {
        None => backup::backup(&source, &file, show).map(|bytes| (file, bytes, Vec::new())),
        Some(keep) => backup::backup_to_folder(&source, &file, keep as usize, show),
    };
    progress.clear();
    let (file, bytes, removed) = written?;
    let removed: Vec<_> = removed.iter().map(|path| shown(path).to_string()).collect();
    common.show(
        &json!({ "path": shown(&file).to_string(), "bytes": bytes, "removed": removed }),
        || {
            let path = shown(&file);
            let mut text =
                format!("Wrote a verified copy of the database to {path} ({bytes} bytes).");
            for old in &removed {
                text += &format!("\nRemoved {old}.");
            }
            text
        },
    )
}
