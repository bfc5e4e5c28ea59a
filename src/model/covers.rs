//! Uploaded cover images and their limits. Their structure is checked without decoding them, so that a bad upload is
//! rejected immediately and no recipient sees half an image.

mod images;

pub use self::images::ImageInfo;
use crate::error::{Error, Result};

/// Maximum bytes of an upload.
pub const MAX_BYTES: usize = 2 << 20;

/// Maximum pixels per side.
pub const MAX_SIDE: u32 = 16_384;

/// Maximum pixels: a phone needs four bytes of memory per pixel.
pub const MAX_PIXELS: u64 = 40_000_000;

/// The accepted media types, for messages.
pub const MEDIA_TYPES: &str = "image/png, image/jpeg, or image/webp";

/// The accepted image types. Browsers and mail programs show them, and they cannot contain scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// PNG, also animated.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP, also animated.
    Webp,
}

impl MediaType {
    const ALL: [MediaType; 3] = [MediaType::Png, MediaType::Jpeg, MediaType::Webp];

    /// The media type's name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            MediaType::Png => "image/png",
            MediaType::Jpeg => "image/jpeg",
            MediaType::Webp => "image/webp",
        }
    }

    /// The media type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    const fn words(self) -> &'static str {
        match self {
            MediaType::Png => "PNG",
            MediaType::Jpeg => "JPEG",
            MediaType::Webp => "WebP",
        }
    }

    /// The size and length of an image; `None` if the bytes do not begin with a complete image of this type.
    pub fn info(self, bytes: &[u8]) -> Option<ImageInfo> {
        match self {
            MediaType::Png => images::png(bytes),
            MediaType::Jpeg => images::jpeg(bytes),
            MediaType::Webp => images::webp(bytes),
        }
    }
}

/// A complete image of the declared type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverImage {
    /// The media type.
    pub media_type: MediaType,
    /// The file.
    pub bytes: Vec<u8>,
}

impl CoverImage {
    /// Checks an upload of at most [`MAX_BYTES`] bytes, and removes what follows the image.
    ///
    /// # Errors
    /// `invalid_request` for `cover`.
    pub fn new(media_type: MediaType, mut bytes: Vec<u8>) -> Result<Self> {
        let refused = |what: String| Error::field("cover", format!("Cover must be {what}"));
        let info = media_type
            .info(&bytes)
            .ok_or_else(|| refused(format!("a whole {} image", media_type.words())))?;
        if !is_sane(info.size) {
            return Err(refused(format!(
                "1 to {MAX_SIDE} pixels wide and high, and of at most {} million pixels",
                MAX_PIXELS / 1_000_000
            )));
        }
        bytes.truncate(info.length);
        Ok(Self { media_type, bytes })
    }
}

fn is_sane((width, height): (u32, u32)) -> bool {
    let sides = 1..=MAX_SIDE;
    let pixels = u64::from(width) * u64::from(height);
    sides.contains(&width) && sides.contains(&height) && pixels <= MAX_PIXELS
}
