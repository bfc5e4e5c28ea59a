//! The file of an import: in memory, or on disk.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;

use super::problem::Failed;

/// A file that can be read more than once.
#[derive(Clone, Copy, Debug)]
pub enum Input<'i> {
    /// The content.
    Bytes(&'i [u8]),
    /// An open file, which is read while it is parsed.
    File(&'i File),
}

/// A source of bytes that can be read from any place.
pub(super) trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// Reads an open file from its start, whatever else reads it.
struct FromStart<'f> {
    file: &'f File,
    at: u64,
    length: u64,
}

impl<'f> FromStart<'f> {
    fn of(file: &'f File) -> Result<Self, Failed> {
        let metadata = file.metadata().map_err(|cause| unreadable(&cause))?;
        match metadata.is_file() {
            true => Ok(Self {
                file,
                at: 0,
                length: metadata.len(),
            }),
            false => Err(Failed::at("", "It is not a regular file")),
        }
    }
}

impl Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read_at(buffer, self.at)?;
        self.at += bytes as u64;
        Ok(bytes)
    }
}

impl Seek for FromStart<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// The failure of a file that cannot be read.
pub(super) fn unreadable(cause: &io::Error) -> Failed {
    Failed::at("", format!("The file cannot be read: {cause}"))
}

impl<'i> Input<'i> {
    /// Opens the file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn open(self) -> Result<Box<dyn Source + 'i>, Failed> {
        Ok(match self {
            Input::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Input::File(file) => Box::new(BufReader::with_capacity(1 << 16, FromStart::of(file)?)),
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
        while read < head.len() {
            let bytes = source.read(&mut head[read..]);
            match bytes.map_err(|cause| unreadable(&cause))? {
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
        let found = source.seek(SeekFrom::Start(start));
        found.map_err(|cause| unreadable(&cause))?;
        Ok(source)
    }
}
