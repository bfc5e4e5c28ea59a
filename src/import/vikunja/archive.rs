//! The zip file of an export.

use std::io::{Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::super::problem::Failed;
use super::super::reader::Input;
use super::super::receiver::{Receiver, Warnings};

/// The file in the archive that contains the projects.
const DATA: &str = "data.json";
/// The file that contains the version of Vikunja.
const VERSION: &str = "VERSION";
/// The most bytes that it may have.
const MAX_BYTES: u64 = 1 << 30;
/// The most bytes per compressed byte. JSON is compressed to a tenth or so; a file made to fill the memory, to a
/// thousandth.
const MAX_RATIO: u64 = 200;

/// Passes the unpacked `data.json` to a function.
///
/// # Errors
/// If the archive is damaged, has no `data.json`, or unpacks to too much; and those of the function.
pub(super) fn with_data<T>(
    input: Input<'_>,
    to: &mut dyn Receiver,
    read: impl FnOnce(Box<dyn Read + '_>) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let mut archive = ZipArchive::new(input.open()?).map_err(|cause| broken(&cause))?;
    warn_of_others(&archive, to);
    let file = archive.by_name(DATA).map_err(|cause| match cause {
        ZipError::FileNotFound => Failed::at(
            DATA,
            "The archive has no data.json, so it is not the export of Vikunja",
        ),
        cause => broken(&cause),
    })?;
    let limit = MAX_BYTES.min(file.compressed_size().saturating_mul(MAX_RATIO));
    if file.size() > limit {
        return Err(too_large(file.size()));
    }
    // What the archive says about the size may be wrong.
    let mut bounded = Bounded {
        source: file,
        left: limit,
        is_exceeded: false,
    };
    let done = read(Box::new(&mut bounded));
    match bounded.is_exceeded {
        true => Err(too_large(limit)),
        false => done,
    }
}

/// Lists what is beside the projects: files of attachments, backgrounds and saved filters.
fn warn_of_others<R: Read + Seek>(archive: &ZipArchive<R>, to: &mut dyn Receiver) {
    let others = archive.file_names().flatten();
    let others = others.filter(|name| ![DATA, VERSION].contains(&&**name));
    let count = others.filter(|name| !name.ends_with('/')).count();
    if count > 0 {
        let message = format!("Other files in the archive that are not imported: {count}");
        Warnings(to).add("archive", &message);
    }
}

fn broken(cause: &ZipError) -> Failed {
    Failed::at("", format!("The file is not an intact zip file: {cause}"))
}

fn too_large(bytes: u64) -> Failed {
    let message = format!(
        "It unpacks to {bytes} bytes or more, which is over 1 GiB or over {MAX_RATIO} times its packed size"
    );
    Failed::at(DATA, message)
}

/// Reads at most so many bytes.
struct Bounded<R> {
    source: R,
    left: u64,
    is_exceeded: bool,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.source.read(buffer)?;
        match self.left.checked_sub(bytes as u64) {
            Some(left) => self.left = left,
            None => {
                self.is_exceeded = true;
                return Err(std::io::Error::other("the file unpacks to too much"));
            }
        }
        Ok(bytes)
    }
}
