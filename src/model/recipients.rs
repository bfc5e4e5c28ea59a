//! The people that cards are made out to.

use serde::{Deserialize, Serialize};

use super::clean;
use super::credentials::Digest;
use super::ids::{CardId, RecipientId, WorkspaceId};
use super::time::Timestamp;

/// How far a recipient's mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// Nothing is mailed: only the card's URL was handed out.
    Link,
    /// The mail waits in the outbox.
    Queued,
    /// The mail server has taken it.
    Sent,
    /// It was given up.
    Failed,
}

impl Delivery {
    const ALL: [Delivery; 4] = [
        Delivery::Link,
        Delivery::Queued,
        Delivery::Sent,
        Delivery::Failed,
    ];

    /// The state's name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Delivery::Link => "link",
            Delivery::Queued => "queued",
            Delivery::Sent => "sent",
            Delivery::Failed => "failed",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A recipient in an event: never with the address or the name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecipientEntry {
    /// The recipient.
    pub recipient_id: RecipientId,
    /// The card; absent where the recipient's row is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_id: Option<CardId>,
    /// How far the mail has come; absent where the recipient's row is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Delivery>,
    /// When the mail server took the mail.
    pub sent_at: Option<Timestamp>,
    /// When the mail was first opened.
    pub opened_at: Option<Timestamp>,
    /// When the page was first viewed.
    pub viewed_at: Option<Timestamp>,
    /// When the recipient unsubscribed.
    pub unsubscribed_at: Option<Timestamp>,
    /// The workspace that the card comes from.
    #[serde(skip)]
    pub workspace_id: WorkspaceId,
}

impl RecipientEntry {
    /// A recipient whose row is gone.
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

/// Bytes of an address at most (RFC 5321, 4.5.3.1.3, less the angle brackets).
const LONGEST_ADDRESS: usize = 254;

/// An address in the one form in which addresses are stored and compared: trimmed and lower-cased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The address that this text means.
    pub fn of(text: &str) -> Self {
        Self(text.trim().to_lowercase())
    }

    /// The address that this text is, where a mail can go to it: at most 254 bytes, each character seen, and one `@` before
    /// a domain. The name may be beyond ASCII, and so may the domain, as far as IDNA takes it.
    pub fn parse(text: &str) -> Option<Self> {
        let address = Self::of(text);
        let (name, domain) = address.0.split_once('@')?;
        let domain = idna::domain_to_ascii_strict(domain).ok()?;
        let wired = lettre::Address::new(name, domain).ok()?.to_string();
        let fits = address.0.len().max(wired.len()) <= LONGEST_ADDRESS;
        (fits && !clean::has_unseen(&address.0)).then_some(address)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name before the `@` is ASCII: only servers with SMTPUTF8 (RFC 6531) take a mail from another.
    pub fn has_ascii_name(&self) -> bool {
        self.0.split('@').next().is_some_and(str::is_ascii)
    }

    /// What stands for it where the address itself must not be kept.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

/// Somebody a card was made out to, as the API shows them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipient {
    /// Its id, which opens the card's public page.
    pub id: RecipientId,
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// How far the mail has come.
    pub status: Delivery,
    /// What the mail server said last, where it refused or put off.
    pub reply: Option<String>,
    /// When the mail server took the mail.
    pub sent_at: Option<Timestamp>,
    /// How often the mail was opened, as far as its picture tells.
    pub opens: u64,
    /// When it was opened first.
    pub opened_at: Option<Timestamp>,
    /// How often the card's page was looked at.
    pub views: u64,
    /// When it was looked at first.
    pub viewed_at: Option<Timestamp>,
    /// When the address unsubscribed from the workspace's cards.
    pub unsubscribed_at: Option<Timestamp>,
    /// When the card was made out to them.
    pub created_at: Timestamp,
}

/// What a recipient's id unsubscribes from: the cards of a workspace to an address.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// The recipient.
    pub recipient_id: RecipientId,
    /// The name of the workspace that the cards come from.
    pub workspace: String,
    /// The address; `None` once the recipient is gone.
    pub email: Option<String>,
    /// The card's colour; `None` once the recipient is gone.
    pub accent_color: Option<String>,
    /// Whether the address has unsubscribed.
    pub is_ended: bool,
}

/// What a card's recipients did, all of them together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Totals {
    /// Recipients there are.
    pub recipients: u64,
    /// Those whose mail waits.
    pub queued: u64,
    /// Those whose mail was taken.
    pub sent: u64,
    /// Those whose mail was given up.
    pub failed: u64,
    /// Those who opened the mail at least once.
    pub opened: u64,
    /// How often all of them did.
    pub opens: u64,
    /// Those who looked at the page at least once.
    pub viewed: u64,
    /// How often all of them did.
    pub views: u64,
    /// Those who unsubscribed.
    pub unsubscribed: u64,
    /// The first opening of all; it stays when its recipient goes.
    pub first_opened_at: Option<Timestamp>,
    /// The first look of all; it stays when its recipient goes.
    pub first_viewed_at: Option<Timestamp>,
}

/// What a recipient did with a card that is not written down yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// How often the mail was opened.
    pub opens: u32,
    /// When first.
    pub opened_at: Option<Timestamp>,
    /// How often the page was looked at.
    pub views: u32,
    /// When first.
    pub viewed_at: Option<Timestamp>,
}

impl Reads {
    /// The mail was opened.
    pub fn open(&mut self, now: Timestamp) {
        self.opens = self.opens.saturating_add(1);
        self.opened_at.get_or_insert(now);
    }

    /// The page was looked at.
    pub fn view(&mut self, now: Timestamp) {
        self.views = self.views.saturating_add(1);
        self.viewed_at.get_or_insert(now);
    }

    /// What was done before this, and is still not written down.
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
        // 7 bytes with the dot are written in 13.
        assert!(of(&("bü.".repeat(40) + "e")).is_none());
    }
}
