//! Recipients of cards.

use serde::{Deserialize, Serialize};

use super::clean;
use super::credentials::Digest;
use super::ids::{CardId, RecipientId, WorkspaceId};
use super::time::Timestamp;

/// The delivery status of a recipient's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// No mail is sent: the client has only the card's URL.
    Link,
    /// The mail waits in the outbox.
    Queued,
    /// The mail server has accepted the mail.
    Sent,
    /// The mail failed permanently.
    Failed,
}

impl Delivery {
    const ALL: [Delivery; 4] = [
        Delivery::Link,
        Delivery::Queued,
        Delivery::Sent,
        Delivery::Failed,
    ];

    /// The status name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Delivery::Link => "link",
            Delivery::Queued => "queued",
            Delivery::Sent => "sent",
            Delivery::Failed => "failed",
        }
    }

    /// The status with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A recipient in an event, without address and name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecipientEntry {
    /// The recipient.
    pub recipient_id: RecipientId,
    /// The card; absent if the recipient was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_id: Option<CardId>,
    /// The delivery status; absent if the recipient was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Delivery>,
    /// When the mail server accepted the mail.
    pub sent_at: Option<Timestamp>,
    /// When the mail was first opened.
    pub opened_at: Option<Timestamp>,
    /// When the page was first viewed.
    pub viewed_at: Option<Timestamp>,
    /// When the recipient unsubscribed.
    pub unsubscribed_at: Option<Timestamp>,
    /// The workspace of the card.
    #[serde(skip)]
    pub workspace_id: WorkspaceId,
}

impl RecipientEntry {
    /// A recipient that was deleted.
    pub const fn gone(recipient_id: RecipientId, workspace_id: WorkspaceId) -> Self {
        Self {
            recipient_id,
            card_id: None,
            status: None,
            sent_at: None,
            opened_at: None,
            viewed_at: None,
            unsubscribed_at: None,
            workspace_id,
        }
    }
}

/// Maximum bytes of an address (RFC 5321, 4.5.3.1.3, without the angle brackets).
const MAX_ADDRESS_LENGTH: usize = 254;

/// A normalized address, as it is stored and compared: trimmed and lowercase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Normalizes an address without checking it.
    pub fn of(text: &str) -> Self {
        Self(text.trim().to_lowercase())
    }

    /// Parses an address that mail can be sent to: at most 254 bytes, no invisible characters, and one `@` before a
    /// domain. The local part and the domain may be non-ASCII; the domain must be valid in IDNA.
    pub fn parse(text: &str) -> Option<Self> {
        let address = Self::of(text);
        let (name, domain) = address.0.split_once('@')?;
        let domain = idna::domain_to_ascii_strict(domain).ok()?;
        let wired = lettre::Address::new(name, domain).ok()?.to_string();
        let fits = address.0.len().max(wired.len()) <= MAX_ADDRESS_LENGTH;
        (fits && !clean::has_unseen(&address.0)).then_some(address)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the local part is ASCII. Otherwise only servers with SMTPUTF8 (RFC 6531) accept the mail.
    pub fn has_ascii_name(&self) -> bool {
        self.0.split('@').next().is_some_and(str::is_ascii)
    }

    /// The digest, for places where the address itself must not be stored.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

/// A recipient in its response form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipient {
    /// The id, which gives access to the card's public page.
    pub id: RecipientId,
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The delivery status.
    pub status: Delivery,
    /// The mail server's last reply, if it rejected or delayed the mail.
    pub reply: Option<String>,
    /// When the mail server accepted the mail.
    pub sent_at: Option<Timestamp>,
    /// How often the mail was opened, as far as its tracking pixel shows.
    pub opens: u64,
    /// When the mail was first opened.
    pub opened_at: Option<Timestamp>,
    /// How often the card's page was viewed.
    pub views: u64,
    /// When the page was first viewed.
    pub viewed_at: Option<Timestamp>,
    /// When the address unsubscribed from the workspace's cards.
    pub unsubscribed_at: Option<Timestamp>,
    /// The creation time.
    pub created_at: Timestamp,
}

/// What an unsubscribe link refers to: a workspace's cards to an address.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// The recipient.
    pub recipient_id: RecipientId,
    /// The name of the workspace.
    pub workspace: String,
    /// The address; `None` if the recipient was deleted.
    pub email: Option<String>,
    /// The card's accent color; `None` if the recipient was deleted.
    pub accent_color: Option<String>,
    /// Whether the address has unsubscribed.
    pub is_ended: bool,
}

/// Totals of all recipients of a card.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Totals {
    /// Number of recipients.
    pub recipients: u64,
    /// Recipients whose mail is queued.
    pub queued: u64,
    /// Recipients whose mail was accepted.
    pub sent: u64,
    /// Recipients whose mail failed.
    pub failed: u64,
    /// Recipients who opened the mail at least once.
    pub opened: u64,
    /// Number of opens.
    pub opens: u64,
    /// Recipients who viewed the page at least once.
    pub viewed: u64,
    /// Number of views.
    pub views: u64,
    /// Recipients who unsubscribed.
    pub unsubscribed: u64,
    /// When the first mail was opened. It stays when that recipient is deleted.
    pub first_opened_at: Option<Timestamp>,
    /// When the page was first viewed. It stays when that recipient is deleted.
    pub first_viewed_at: Option<Timestamp>,
}

/// Opens and views of a recipient that are not stored yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Number of opens.
    pub opens: u32,
    /// The time of the first open.
    pub opened_at: Option<Timestamp>,
    /// Number of views.
    pub views: u32,
    /// The time of the first view.
    pub viewed_at: Option<Timestamp>,
}

impl Reads {
    /// Counts an open.
    pub fn open(&mut self, now: Timestamp) {
        self.opens = self.opens.saturating_add(1);
        self.opened_at.get_or_insert(now);
    }

    /// Counts a view.
    pub fn view(&mut self, now: Timestamp) {
        self.views = self.views.saturating_add(1);
        self.viewed_at.get_or_insert(now);
    }

    /// Adds earlier counts that are not stored yet.
    pub fn after(&mut self, earlier: Reads) {
        self.opens = self.opens.saturating_add(earlier.opens);
        self.opened_at = earlier.opened_at.or(self.opened_at);
        self.views = self.views.saturating_add(earlier.views);
        self.viewed_at = earlier.viewed_at.or(self.viewed_at);
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_one_that_mails_can_go_to() {
        for (text, address) in [
            (" Ada@Example.ORG\n", "ada@example.org"),
            (
                "o'neil+cards_1@a.b-c.example",
                "o'neil+cards_1@a.b-c.example",
            ),
            ("a@BÜCHER.example", "a@bücher.example"),
            ("Ädä@例え.example", "ädä@例え.example"),
            ("ada@localhost", "ada@localhost"),
        ] {
            let parsed = Address::parse(text).map(|address| address.0);
            assert_eq!(parsed.as_deref(), Some(address), "{text:?}");
        }
        for bad in [
            "",
            "@",
            "ada",
            "@example.org",
            "ada@",
            "a@b@example.org",
            "\"a@b\"@example.org",
            "\"a b\"@example.org",
            "a b@example.org",
            "a\u{a0}b@example.org",
            "ada@exa mple.org",
            ".ada@example.org",
            "ada@example..org",
            "ada@-example.org",
            "ada@xn--zz--.example",
            "ada@exam_ple.org",
            "ada@*.example.org",
            "ada@[192.0.2.1]",
            "Ada <ada@example.org>",
            "ada@example.org>\r\nrset",
            "ada@example.org\0",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn nothing_in_an_address_is_invisible() {
        for unseen in [
            "\u{ad}",
            "\u{200b}",
            "\u{2060}",
            "\u{feff}",
            "\u{202e}",
            "\u{fe0f}",
            "\u{e0061}",
        ] {
            for bad in [
                format!("a{unseen}b@example.org"),
                format!("ab@exam{unseen}ple.org"),
                format!("ab@bücher.example{unseen}"),
                format!("{unseen}ab@example.org"),
            ] {
                assert_eq!(Address::parse(&bad), None, "{bad:?}");
            }
        }
    }

    #[test]
    fn an_address_has_at_most_254_bytes_in_each_of_its_forms() {
        let local = "x".repeat(64);
        let of = |domain: &str| Address::parse(&format!("{local}@{domain}"));
        assert!(of(&("d.".repeat(94) + "e")).is_some());
        assert!(of(&("d.".repeat(94) + "ef")).is_none());
        // Seven bytes (with the dot) become 13 in the ASCII form.
        assert!(of(&("bü.".repeat(40) + "e")).is_none());
    }
}
