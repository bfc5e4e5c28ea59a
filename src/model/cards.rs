//! Digital cards.

use serde::{Deserialize, Serialize};
use url::Url;

use super::ids::{CardId, CoverId, NotAUuid};
use super::merge_tags;
use super::patch::nullable;
use super::time::Timestamp;

/// The accent color of a card that was created without one.
pub const DEFAULT_ACCENT_COLOR: &str = "#2563eb";

/// The cover image of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cover {
    /// An external image: a URL in the form that [`https_url`] returns.
    Elsewhere(String),
    /// An uploaded image.
    Uploaded(CoverId),
}

impl Cover {
    /// Returns the URL. The URL of an uploaded cover begins with this origin.
    pub fn url(&self, origin: &str) -> String {
        match self {
            Cover::Elsewhere(url) => url.clone(),
            Cover::Uploaded(id) => format!("{origin}/covers/{id}"),
        }
    }

    /// Returns the id in the URL of an uploaded cover; `None` for an external URL.
    pub fn id_of(url: &str, origin: &str) -> Option<Result<CoverId, NotAUuid>> {
        let id = url.strip_prefix(origin)?.strip_prefix("/covers/")?;
        Some(id.parse())
    }
}

/// Maximum characters of a cover's URL.
pub const MAX_URL_LENGTH: usize = 2048;

/// Returns the URL of an external image if a Content-Security-Policy can contain it: `https`, a host of letters,
/// digits, hyphens and dots, and no user name. The URL is in ASCII, so it may be longer than the text.
pub fn https_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let is_plain = url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.port() != Some(0)
        && url.host_str()?.split('.').all(is_label);
    is_plain.then_some(url)
}

/// A card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The id.
    pub id: CardId,
    /// Increases with every change that recipients can see.
    pub revision: i64,
    /// The title, 1 to 255 characters. It may contain merge tags.
    pub title: String,
    /// Markdown with merge tags.
    pub message: String,
    /// The cover.
    pub cover: Option<Cover>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// The mail's subject, which may contain merge tags; `None` means the title.
    pub subject: Option<String>,
    /// The sender's name; `None` means the name of the sending address.
    pub sender_name: Option<String>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

impl Card {
    /// All texts of the card that may contain merge tags.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let subject = self.subject.as_deref();
        [self.title.as_str(), self.message.as_str()]
            .into_iter()
            .chain(subject)
    }

    /// Returns the card in its response form. URLs of uploaded covers begin with this origin.
    pub fn into_response(self, origin: &str) -> CardResponse {
        CardResponse {
            merge_tags: merge_tags::names(self.texts()),
            cover_url: self.cover.as_ref().map(|cover| cover.url(origin)),
            id: self.id,
            title: self.title,
            message: self.message,
            accent_color: self.accent_color,
            subject: self.subject,
            sender_name: self.sender_name,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// The content of a card when it was sent. It never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// The title. It may contain merge tags.
    pub title: String,
    /// Markdown with merge tags.
    pub message: String,
    /// The cover.
    pub cover: Option<Cover>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// The mail's subject, which may contain merge tags; `None` means the title.
    pub subject: Option<String>,
    /// The sender's name; `None` means the name of the sending address.
    pub sender_name: Option<String>,
}

/// The fields of a new card.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardCreate {
    /// The title.
    pub title: String,
    /// Markdown with merge tags.
    pub message: Option<String>,
    /// The URL of the cover.
    pub cover_url: Option<String>,
    /// `#rrggbb`.
    pub accent_color: Option<String>,
    /// The mail's subject.
    pub subject: Option<String>,
    /// The sender's name.
    pub sender_name: Option<String>,
}

/// Changes to a card. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardUpdate {
    /// The new title.
    pub title: Option<String>,
    /// The new message.
    pub message: Option<String>,
    /// The new cover URL; `Some(None)` removes the cover.
    #[serde(default, deserialize_with = "nullable")]
    pub cover_url: Option<Option<String>>,
    /// The new accent color.
    pub accent_color: Option<String>,
    /// The new subject; `Some(None)` means the title again.
    #[serde(default, deserialize_with = "nullable")]
    pub subject: Option<Option<String>>,
    /// The new sender name; `Some(None)` means the name of the sending address again.
    #[serde(default, deserialize_with = "nullable")]
    pub sender_name: Option<Option<String>>,
}

/// A card in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CardSummary {
    /// The id.
    pub id: CardId,
    /// The title.
    pub title: String,
    /// The URL of the cover.
    pub cover_url: Option<String>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

/// A card in its response form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CardResponse {
    /// The id.
    pub id: CardId,
    /// The title.
    pub title: String,
    /// Markdown with merge tags.
    pub message: String,
    /// The URL of the cover.
    pub cover_url: Option<String>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// The mail's subject; `None` means the title.
    pub subject: Option<String>,
    /// The sender's name; `None` means the name of the sending address.
    pub sender_name: Option<String>,
    /// The names of all merge tags in its texts, in the order of first use.
    pub merge_tags: Vec<String>,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change to its own fields.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::https_url;

    #[test]
    fn a_picture_elsewhere_is_at_an_https_url() {
        for (text, url) in [
            ("https://a", "https://a/"),
            ("HTTPS://E.DE:443/X.png", "https://e.de/X.png"),
            (
                "https://e.de:65535/a/../b?c=d#e",
                "https://e.de:65535/b?c=d#e",
            ),
            (
                "https://bücher.de/ä.png",
                "https://xn--bcher-kva.de/%C3%A4.png",
            ),
            ("https://192.0.2.1/x", "https://192.0.2.1/x"),
            ("https://@e.de/x", "https://e.de/x"),
        ] {
            let taken = https_url(text).map(String::from);
            assert_eq!(taken.as_deref(), Some(url), "{text}");
        }
        for bad in [
            "",
            "x",
            "//e.de/x",
            "http://e.de/x",
            "data:image/png,x",
            "https://",
            "https://*/x",
            "https://*.de/x",
            "https://a_b.de/x",
            "https://a..de/x",
            "https://e.de./x",
            "https://e.de;script-src/x",
            "https://e.de:0/x",
            "https://e.de:99999/x",
            "https://e.de:x/x",
            "https://[::1]/",
            "https://1.2.3.4.5/",
            "https://u@e.de/x",
            "https://u:p@e.de/x",
            "https://:p@e.de/x",
        ] {
            assert_eq!(https_url(bad), None, "{bad}");
        }
    }
}
