//! Uploaded cover images: what is taken for one. Their form is checked without decoding them, so that a bad upload is told
//! at once and no recipient gets half a picture.

mod pictures;

use crate::error::{Error, Result};

/// Largest upload in bytes.
pub const LARGEST: usize = 2 << 20;

/// Longest side in pixels.
pub const LONGEST_SIDE: u32 = 16_384;

/// What an upload can be, as a list in words.
pub const MEDIA_TYPES: &str = "image/png, image/jpeg, or image/webp";

/// The kinds of images that browsers and mail programs show and that can hold no script.
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

    /// Its name, as stored and shown.
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

    /// Width and height in pixels; `None` where the bytes are no whole image of this kind.
    pub fn size(self, bytes: &[u8]) -> Option<(u32, u32)> {
        match self {
            MediaType::Png => pictures::png(bytes),
            MediaType::Jpeg => pictures::jpeg(bytes),
            MediaType::Webp => pictures::webp(bytes),
        }
    }
}

/// An image, whole and of the kind that it is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its kind.
    pub media_type: MediaType,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Picture {
    /// The picture in an upload of at most [`LARGEST`] bytes.
    ///
    /// # Errors
    /// `invalid_request` naming `cover`.
    pub fn new(media_type: MediaType, bytes: Vec<u8>) -> Result<Self> {
        let sides = 1..=LONGEST_SIDE;
        match media_type.size(&bytes) {
            Some((width, height)) if sides.contains(&width) && sides.contains(&height) => {
                Ok(Self { media_type, bytes })
            }
            Some(_) => Err(Error::field(
                "cover",
                format!("Cover must be 1 to {LONGEST_SIDE} pixels wide and high"),
            )),
            None => Err(Error::field(
                "cover",
                format!("Cover must be a whole {} image", media_type.words()),
            )),
        }
    }
}
