//! A page or file of the site, and its compressed forms.

use std::io::Write as _;
use std::sync::OnceLock;

use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::model::credentials::Digest;

/// The quality of Brotli. Level 10 needs 5 MB of memory and about the time of level 9, which needs 33 MB. Debug builds take a
/// level that is fast without optimizations.
const QUALITY: u32 = if cfg!(debug_assertions) { 5 } else { 10 };
/// The smallest window size of Brotli as a power of two. Below it, Brotli is slower.
const SMALLEST_WINDOW: u32 = 17;
const BUFFER: usize = 4096;

/// A text with its media type.
pub struct Page {
    content_type: &'static str,
    text: String,
    hash: String,
    is_immutable: bool,
    gzip: OnceLock<Option<Vec<u8>>>,
    brotli: OnceLock<Option<Vec<u8>>>,
}

/// A compression format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compressed {
    /// Gzip.
    Gzip,
    /// Brotli.
    Brotli,
}

impl Page {
    /// A text that may change under the same URL.
    pub(super) fn new(content_type: &'static str, text: String) -> Self {
        Self {
            content_type,
            hash: Digest::of(text.as_bytes()).short(),
            text,
            is_immutable: false,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    /// A text whose URL contains its hash.
    pub fn hashed(content_type: &'static str, text: String) -> Self {
        Self {
            is_immutable: true,
            ..Self::new(content_type, text)
        }
    }

    /// The media type.
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A hash of the text.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Whether the text under this URL never changes, because the URL contains its hash.
    pub fn is_immutable(&self) -> bool {
        self.is_immutable
    }

    /// Returns the text in a compressed form, which is cached; `None` if it cannot be compressed.
    pub fn compressed(&self, form: Compressed) -> Option<&[u8]> {
        let text = self.text.as_bytes();
        let made = match form {
            Compressed::Gzip => self.gzip.get_or_init(|| gzip(text)),
            Compressed::Brotli => self.brotli.get_or_init(|| brotli(text)),
        };
        made.as_deref()
    }
}

fn gzip(text: &[u8]) -> Option<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text).ok()?;
    packed.finish().ok()
}

fn brotli(text: &[u8]) -> Option<Vec<u8>> {
    // Memory grows with the window.
    let window = text.len().next_power_of_two().ilog2().max(SMALLEST_WINDOW);
    let mut packed = CompressorWriter::new(Vec::new(), BUFFER, QUALITY, window);
    packed.write_all(text).ok()?;
    Some(packed.into_inner())
}
