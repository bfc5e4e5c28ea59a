//! Digital cards.

use serde::{Deserialize, Serialize};

use super::ids::{CardId, CoverId, NotAUuid};
use super::merge_tags;
use super::patch::given;
use super::time::Timestamp;

/// The accent colour of a card that was created without one.
pub const DEFAULT_ACCENT_COLOR: &str = "#2563eb";

/// The picture on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cover {
    /// A picture elsewhere: an `https://` URL.
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
