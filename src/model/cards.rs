//! Digital cards.

use serde::{Deserialize, Serialize};
use url::Url;

use super::ids::{CardId, CoverId, NotAUuid};
use super::merge_tags;
use super::patch::given;
use super::time::Timestamp;

/// The accent colour of a card that was created without one.
pub const DEFAULT_ACCENT_COLOR: &str = "#2563eb";

/// The picture on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cover {
    /// A picture elsewhere: a URL that [`https_url`] takes, as it writes it.
    Elsewhere(String),
    /// One that was uploaded.
    Uploaded(CoverId),
}

impl Cover {
    /// Its URL, where the server's links begin with this origin.
    pub fn url(&self, origin: &str) -> String {
        match self {
            Cover::Elsewhere(url) => url.clone(),
            Cover::Uploaded(id) => format!("{origin}/covers/{id}"),
        }
    }

    /// The id in the URL of an uploaded cover; `None` where the URL leads elsewhere.
    pub fn id_of(url: &str, origin: &str) -> Option<Result<CoverId, NotAUuid>> {
        let id = url.strip_prefix(origin)?.strip_prefix("/covers/")?;
        Some(id.parse())
    }
}

/// Characters of a cover's URL at most.
pub const LONGEST_URL: usize = 2048;

/// The URL of an external picture, if a Content-Security-Policy can name it: `https`, a host of letters, digits, hyphens and
/// dots, and no user. The URL is in ASCII, so it may be longer than the text.
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
    /// Its id.
    pub id: CardId,
    /// Goes up with every change of what a recipient sees.
    pub revision: i64,
    /// Its title, 1 to 255 characters; may use merge tags.
    pub title: String,
    /// Markdown with merge tags.
    pub message: String,
    /// Its picture.
    pub cover: Option<Cover>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// The mail's subject; `None` is the title. May use merge tags.
    pub subject: Option<String>,
    /// Who it comes from; `None` is the name of the sending address.
    pub sender_name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
}

impl Card {
    /// Every text of the card that may use merge tags.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let subject = self.subject.as_deref();
        [self.title.as_str(), self.message.as_str()]
            .into_iter()
            .chain(subject)
    }

    /// The card as the API shows it, where the server's links begin with this origin.
    pub fn shown(self, origin: &str) -> ShownCard {
        ShownCard {
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

/// A revision of a card as it was sent: it does not change afterwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// Its title; may use merge tags.
    pub title: String,
    /// Markdown with merge tags.
    pub message: String,
    /// Its picture.
    pub cover: Option<Cover>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// The mail's subject; `None` is the title. May use merge tags.
    pub subject: Option<String>,
    /// Who it comes from; `None` is the name of the sending address.
    pub sender_name: Option<String>,
}

/// What a new card is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardCreate {
    /// Its title.
    pub title: String,
    /// Markdown with merge tags.
    pub message: Option<String>,
    /// The URL of its picture.
    pub cover_url: Option<String>,
    /// `#rrggbb`.
    pub accent_color: Option<String>,
    /// The mail's subject.
    pub subject: Option<String>,
    /// Who it comes from.
    pub sender_name: Option<String>,
}

/// What changes of a card: `None` is left alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardUpdate {
    /// The new title.
    pub title: Option<String>,
    /// The new message.
    pub message: Option<String>,
    /// The new picture's URL; `Some(None)` takes it away.
    #[serde(default, deserialize_with = "given")]
    pub cover_url: Option<Option<String>>,
    /// The new accent colour.
    pub accent_color: Option<String>,
    /// The new subject; `Some(None)` goes back to the title.
    #[serde(default, deserialize_with = "given")]
    pub subject: Option<Option<String>>,
    /// The new sender; `Some(None)` goes back to the address's name.
    #[serde(default, deserialize_with = "given")]
    pub sender_name: Option<Option<String>>,
}

/// A card as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CardSummary {
    /// Its id.
    pub id: CardId,
    /// Its title.
    pub title: String,
    /// The URL of its picture.
    pub cover_url: Option<String>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
    pub updated_at: Timestamp,
}

/// A card as the API shows it in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShownCard {
    /// Its id.
    pub id: CardId,
    /// Its title.
    pub title: String,
    /// Markdown with merge tags.
    pub message: String,
    /// The URL of its picture.
    pub cover_url: Option<String>,
    /// `#rrggbb`.
    pub accent_color: String,
    /// The mail's subject; `None` is the title.
    pub subject: Option<String>,
    /// Who it comes from; `None` is the name of the sending address.
    pub sender_name: Option<String>,
    /// The names of every merge tag that its texts use, in their order.
    pub merge_tags: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When one of its own members last changed.
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
