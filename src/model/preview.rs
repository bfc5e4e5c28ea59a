//! Markdown that a client wants to see as HTML.

use serde::{Deserialize, Serialize};

use super::markdown;
use crate::error::{Error, Result};

/// Maximum length of a text in bytes of UTF-8.
const MAX_BYTES: usize = 64 << 10;

/// The body of `POST /v1/preview`.
#[derive(Debug, Deserialize)]
pub struct PreviewRequest {
    /// The text to render.
    pub markdown: String,
}

/// Checks the length of a text. A schema counts characters.
///
/// # Errors
/// `invalid_request`
pub fn check_length(markdown: &str) -> Result<()> {
    match markdown.len() <= MAX_BYTES {
        true => Ok(()),
        false => {
            let message = format!("Markdown must be at most {MAX_BYTES} bytes of UTF-8");
            Err(Error::field("markdown", message))
        }
    }
}

/// A rendered text.
#[derive(Debug, Serialize)]
pub struct Preview {
    html: String,
}

impl Preview {
    /// Renders a text.
    pub fn of(request: &PreviewRequest) -> Self {
        Self {
            html: markdown::plain_html(&request.markdown),
        }
    }
}
