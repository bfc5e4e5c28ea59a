//! Mails that wait in the outbox, and the replies of mail servers.

use uuid::Uuid;

use super::clean;
use super::ids::{RecipientId, WorkspaceId};
use super::time::Timestamp;

/// A mail that waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its row number in the outbox. It gives access to nothing, unlike the recipient's id, so it may be logged.
    pub seq: i64,
    /// The workspace that it comes from.
    pub workspace_id: WorkspaceId,
    /// What is sent.
    pub content: MailContent,
    /// The sender's address; `None` is the server's default sender.
    pub from_address: Option<String>,
    /// The name shown with that address.
    pub from_name: Option<String>,
    /// How many deliveries were attempted.
    pub attempts: u32,
    /// The time when it was queued.
    pub created_at: Timestamp,
    /// The request that queued it.
    pub request_id: Option<String>,
}

/// What a mail sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailContent {
    /// A card to this recipient. Its text is rendered from the recipient's letter when it is sent.
    Card(RecipientId),
    /// A notice of the server itself.
    Notice(Notice),
}

/// A mail of the server itself to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The id.
    pub id: Uuid,
    /// The person's address.
    pub to: String,
    /// The person's name.
    pub name: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Maximum characters of a server's reply that are stored.
const MAX_REPLY_LENGTH: usize = 500;

/// A server's reply as one short line that is safe to store and show, because a server can send anything.
pub fn reply_line(text: &str) -> String {
    clean::line(text, MAX_REPLY_LENGTH)
}

/// The numbers that a reply begins with, such as `550 5.1.1`; empty if there are none.
pub fn code(reply: &str) -> &str {
    let end = reply.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ' ');
    reply[..end.unwrap_or(reply.len())].trim()
}

#[cfg(test)]
mod tests {
    use super::{code, reply_line};

    #[test]
    fn a_code_is_told_without_the_words() {
        for (reply, numbers) in [
            ("550 5.1.1 <ada@example.org> unknown", "550 5.1.1"),
            ("451", "451"),
            ("The mail cannot be written", ""),
            ("", ""),
        ] {
            assert_eq!(code(reply), numbers, "{reply}");
        }
    }

    #[test]
    fn a_reply_is_one_short_line() {
        assert_eq!(
            reply_line("451 4.7.1 later\r\n\u{1b}[31mplease\u{202e}"),
            "451 4.7.1 later [31mplease"
        );
        assert_eq!(reply_line(&"x".repeat(10_000)).chars().count(), 500);
    }
}
