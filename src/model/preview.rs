//! Markdown that a client wants to see as HTML.

use serde::{Deserialize, Serialize};

use super::markdown;

/// The body of `POST /v1/preview`.
#[derive(Debug, Deserialize)]
pub struct PreviewRequest {
    /// The text to render.
    pub markdown: String,
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
