//! The file of an import: in memory, or on disk.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

use super::problem::Failed;

/// A file that can be read more than once.
#[derive(Clone, Copy, Debug)]
pub enum Input<'i> {
    /// The content.
    Bytes(&'i [u8]),
    /// A file on disk, which is read while it is parsed.
    File(&'i Path),
}

/// A source of bytes that can be read from any place.
pub(super) trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

impl<'i> Input<'i> {
    /// Opens the file.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(super) fn open(self) -> Result<Box<dyn Source + 'i>, Failed> {
        Ok(match self {
            Input::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Input::File(path) => {
                let file = File::open(path).map_err(|cause| {
                    Failed::at("", format!("The file cannot be opened: {cause}"))
                })?;
                Box::new(BufReader::with_capacity(1 << 16, file))
            }
        })
    }

    /// Opens the file after its byte order mark, if it has one.
    ///
    /// # Errors
    /// If it cannot be read, or is UTF-16.
    pub(super) fn open_text(self) -> Result<Box<dyn Source + 'i>, Failed> {
        let mut source = self.open()?;
        let mut head = [0; 3];
        let mut read = 0;
        let unreadable = |cause| Failed::at("", format!("The file cannot be read: {cause}"));
        while read < head.len() {
            match source.read(&mut head[read..]).map_err(unreadable)? {
                0 => break,
                bytes => read += bytes,
            }
        }
        let start = match head {
            [0xef, 0xbb, 0xbf] => 3,
            [0xff, 0xfe, _] | [0xfe, 0xff, _] => {
                return Err(Failed::at(
                    "",
                    "The file is encoded in UTF-16; save it as UTF-8",
                ));
            }
            _ => 0,
        };
        source
            .seek(std::io::SeekFrom::Start(start))
            .map_err(unreadable)?;
        Ok(source)
    }
}
