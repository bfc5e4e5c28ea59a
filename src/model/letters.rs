//! A card for one recipient: an edition of the card, and the recipient's values.

use super::cards::Edition;
use super::ids::{RecipientId, WorkspaceId};
use super::merge_tags::{self, Values};
use super::recipients::Delivery;
use super::time::Timestamp;
use super::{clean, markdown};

/// A card as one recipient sees it, in the mail and on the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The recipient.
    pub recipient_id: RecipientId,
    /// The workspace of the card.
    pub workspace_id: WorkspaceId,
    /// The recipient's address.
    pub email: String,
    /// The recipient's name.
    pub name: String,
    /// The recipient's values, including `name` and `email`.
    pub values: Values,
    /// The card as it was sent.
    pub edition: Edition,
    /// The delivery status of its mail.
    pub status: Delivery,
    /// When the address unsubscribed from the workspace's cards.
    pub unsubscribed_at: Option<Timestamp>,
}

/// Maximum characters of a title as shown.
const MAX_TITLE_LENGTH: usize = 500;
/// Maximum characters of a mail's subject.
const MAX_SUBJECT_LENGTH: usize = 255;
/// Maximum characters of a sender's name.
const MAX_SENDER_LENGTH: usize = 100;

impl Letter {
    /// The card's title with the recipient's values, on one line. Empty if it has only tags without values.
    pub fn title(&self) -> String {
        self.line(&self.edition.title, MAX_TITLE_LENGTH)
    }

    /// The mail's subject on one line: the card's subject, or else its title.
    pub fn subject(&self) -> String {
        let own = self.edition.subject.as_deref();
        let own = own.map(|subject| self.line(subject, MAX_SUBJECT_LENGTH));
        own.filter(|subject| !subject.is_empty())
            .unwrap_or_else(|| self.line(&self.edition.title, MAX_SUBJECT_LENGTH))
    }

    /// The card's sender name on one line. It has no merge tags.
    pub fn sender_name(&self) -> Option<String> {
        let name = clean::line(self.edition.sender_name.as_deref()?, MAX_SENDER_LENGTH);
        (!name.is_empty()).then_some(name)
    }

    /// The message as a fragment of safe HTML.
    pub fn message_html(&self) -> String {
        markdown::html(&self.edition.message, &self.values)
    }

    /// The message as plain text.
    pub fn message_text(&self) -> String {
        markdown::text(&self.edition.message, &self.values)
    }

    fn line(&self, text: &str, longest: usize) -> String {
        clean::line(&merge_tags::fill(text, &self.values), longest)
    }
}

#[cfg(test)]
mod tests {
    use super::Letter;
    use crate::model::cards::Edition;
    use crate::model::ids::{RecipientId, WorkspaceId};
    use crate::model::merge_tags::Values;
    use crate::model::recipients::Delivery;

    fn letter(title: &str, subject: Option<&str>, name: &str) -> Letter {
        Letter {
            recipient_id: RecipientId::from_uuid(uuid::Uuid::nil()),
            workspace_id: WorkspaceId::new(),
            email: "ada@example.org".to_owned(),
            name: name.to_owned(),
            values: Values::from([("name".to_owned(), name.to_owned())]),
            edition: Edition {
                title: title.to_owned(),
                message: "Hi {{name}}".to_owned(),
                cover: None,
                accent_color: "#2563eb".to_owned(),
                subject: subject.map(str::to_owned),
                sender_name: Some("Grace\r\nBcc: x {{name}}".to_owned()),
            },
            status: Delivery::Link,
            unsubscribed_at: None,
        }
    }

    #[test]
    fn a_subject_is_one_line_and_else_the_title() {
        let hostile = "Ada\r\nBcc: all@example.org\u{202e}";
        let own = letter("For {{name}}", Some("Hi {{ name }}!"), hostile);
        assert_eq!(own.subject(), "Hi Ada Bcc: all@example.org!");
        assert_eq!(own.title(), "For Ada Bcc: all@example.org");
        assert_eq!(letter("For {{name}}", None, "Ada").subject(), "For Ada");
        assert_eq!(
            letter("For you", Some("{{no}}"), "Ada").subject(),
            "For you"
        );
        let long = letter("{{name}}", None, &"x".repeat(100_000)).subject();
        assert_eq!(long.chars().count(), 255);
        assert!(long.ends_with("x…"));
    }

    #[test]
    fn a_sender_is_a_name_as_it_is() {
        assert_eq!(
            letter("x", None, "Ada").sender_name().as_deref(),
            Some("Grace Bcc: x {{name}}")
        );
    }
}
