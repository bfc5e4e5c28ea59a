//! `tackboard backup FILE`

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
    let progress = Progress::new(common);
    let bytes = backup::backup(&source, &file, |done, all| {
        let what = match done < all {
            true => "copying",
            false => "copied, verifying the copy",
        };
        progress.show(what, done, all);
    });
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
