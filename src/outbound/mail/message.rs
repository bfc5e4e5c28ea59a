//! Renders a letter as an email message: headers, plain text and HTML.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{From, Header, HeaderName, HeaderValue, To};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use uuid::Uuid;

use crate::config::Sender;
use crate::model::clean;
use crate::model::ids;
use crate::model::letters::Letter;
use crate::model::mails::{Mail, Notice};
use crate::model::time::Timestamp;

/// Characters of a name in a header at most.
const MAX_NAME_LENGTH: usize = 255;
const TEMPLATE: &str = "mail.html";
/// The template of mails about accounts.
pub(super) const ACCOUNT: &str = "account-mail.html";
const LIST_UNSUBSCRIBE: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe");
const LIST_UNSUBSCRIBE_POST: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// A message as it is sent.
pub(super) struct EmailMessage {
    /// The id in its `Message-ID`, the same at each attempt.
    pub(super) id: Uuid,
    /// The address that it comes from.
    pub(super) from: Address,
    /// The address that it goes to.
    pub(super) to: Address,
    /// Headers and text.
    pub(super) bytes: Vec<u8>,
}

/// Renders the messages of all mails.
pub(super) struct MessageRenderer {
    pub(super) templates: Environment<'static>,
    pub(super) origin: String,
    pub(super) sender: Sender,
}

/// The URLs in a mail.
struct Links {
    view: String,
    pixel: String,
    unsubscribe: String,
}

impl MessageRenderer {
    /// A renderer for links that begin with this origin. Mails without their own sender come from `sender`.
    pub(super) fn new(origin: &str, sender: &Sender) -> Result<Self, String> {
        let mut templates = Environment::new();
        // A missing value in the template is an error, not an empty text.
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates
            .add_template(TEMPLATE, include_str!("../../../static/mail.html"))
            .map_err(|cause| format!("static/mail.html: {cause}"))?;
        templates
            .add_template(ACCOUNT, include_str!("../../../static/account-mail.html"))
            .map_err(|cause| format!("static/account-mail.html: {cause}"))?;
        Ok(Self {
            templates,
            origin: origin.to_owned(),
            sender: sender.clone(),
        })
    }

    /// The host of the origin, without its port.
    pub(super) fn host(&self) -> &str {
        let (_, host) = self.origin.split_once("://").unwrap_or(("", &self.origin));
        let port = host.rfind(':').filter(|at| !host[*at..].contains(']'));
        &host[..port.unwrap_or(host.len())]
    }

    /// Renders a mail. Repeated attempts differ only in the boundary between its parts.
    ///
    /// # Errors
    /// Why the mail can never be rendered, for example an invalid address.
    pub(super) fn render(&self, mail: &Mail, letter: &Letter) -> Result<EmailMessage, String> {
        let from = self.from(mail, letter)?;
        let to = mailbox(&letter.name, &letter.email)?;
        let links = self.links(letter);
        let html = self.html(letter, &links, from.name.as_deref())?;
        let parts = MultiPart::alternative_plain_html(text(letter, &links), html);
        let headers = self.headers(mail, letter, &links)?;
        let id = letter.recipient_id.uuid();
        assemble(id, headers, from, to, |headers| headers.multipart(parts))
    }

    /// Renders a notice, which is plain text from the server's own sender.
    ///
    /// # Errors
    /// Why the notice can never be rendered, for example an invalid address.
    pub(super) fn render_notice(
        &self,
        mail: &Mail,
        notice: &Notice,
    ) -> Result<EmailMessage, String> {
        let from = mailbox(&self.sender.name, &self.sender.address)?;
        let to = mailbox(&notice.name, &notice.to)?;
        let headers = self.same_headers(mail.created_at, notice.id, &notice.subject)?;
        let text = SinglePart::plain(clean::text(&notice.text));
        assemble(notice.id, headers, from, to, |headers| {
            headers.singlepart(text)
        })
    }

    /// Renders a mail that only shows that mails arrive.
    ///
    /// # Errors
    /// Why the mail can never be rendered, for example an invalid address.
    pub(super) fn render_test(&self, to: &str) -> Result<EmailMessage, String> {
        let (id, now) = (ids::time_ordered(), Timestamp::now());
        let from = mailbox(&self.sender.name, &self.sender.address)?;
        let to = mailbox("", to)?;
        let headers = self.same_headers(now, id, "Test mail of Tackboard")?;
        let text = format!(
            "This is a test mail. The mail settings of Tackboard at {} work.\n",
            self.origin
        );
        let text = SinglePart::plain(text);
        assemble(id, headers, from, to, |headers| headers.singlepart(text))
    }

    /// The sender. The card's sender name takes precedence over the account's, and both over the server's.
    fn from(&self, mail: &Mail, letter: &Letter) -> Result<Mailbox, String> {
        let (name, address) = match &mail.from_address {
            Some(address) => (mail.from_name.as_deref().unwrap_or(""), address),
            None => (self.sender.name.as_str(), &self.sender.address),
        };
        let own = letter.sender_name();
        mailbox(own.as_deref().unwrap_or(name), address)
    }

    fn links(&self, letter: &Letter) -> Links {
        let (origin, id) = (&self.origin, letter.recipient_id);
        Links {
            view: format!("{origin}/view/{id}"),
            pixel: format!("{origin}/api/analytics/fetchImage/{id}"),
            unsubscribe: format!("{origin}/unsubscribe/{id}"),
        }
    }

    fn headers(
        &self,
        mail: &Mail,
        letter: &Letter,
        links: &Links,
    ) -> Result<MessageBuilder, String> {
        Ok(self
            .same_headers(
                mail.created_at,
                letter.recipient_id.uuid(),
                &letter.subject(),
            )?
            .raw_header(header(
                LIST_UNSUBSCRIBE,
                &format!("<{}>", links.unsubscribe),
            ))
            .raw_header(header(LIST_UNSUBSCRIBE_POST, "List-Unsubscribe=One-Click")))
    }

    /// The headers that every mail has. They are the same in every attempt, so that mail programs recognize a mail that
    /// arrives twice.
    pub(super) fn same_headers(
        &self,
        created_at: Timestamp,
        id: Uuid,
        subject: &str,
    ) -> Result<MessageBuilder, String> {
        let millis = u64::try_from(created_at.millis())
            .map_err(|_| "The mail has no date that can be written".to_owned())?;
        Ok(Message::builder()
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(format!("<{id}@{}>", self.host())))
            .subject(unencoded(subject))
            .raw_header(header(AUTO_SUBMITTED, "auto-generated")))
    }

    fn html(&self, letter: &Letter, links: &Links, sender: Option<&str>) -> Result<String, String> {
        let accent = &letter.edition.accent_color;
        let cover = letter.edition.cover.as_ref();
        let html = self.templates.get_template(TEMPLATE).and_then(|template| {
            template.render(context! {
                title => letter.title(),
                message => letter.message_html(),
                cover => cover.map(|cover| url(&cover.url(&self.origin))),
                accent => accent,
                ink => ink_on(accent),
                from => sender,
                view => url(&links.view),
                pixel => url(&links.pixel),
                unsubscribe => url(&links.unsubscribe),
            })
        });
        html.map(|html| clean::text(&html))
            .map_err(|cause| format!("The mail's HTML cannot be written: {cause}"))
    }
}

fn header(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, value.to_owned())
}

/// Puts a message together. `finish` adds the text.
pub(super) fn assemble(
    id: Uuid,
    headers: MessageBuilder,
    from: Mailbox,
    to: Mailbox,
    finish: impl FnOnce(MessageBuilder) -> Result<Message, lettre::error::Error>,
) -> Result<EmailMessage, String> {
    let addresses = (from.email.clone(), to.email.clone());
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()])
        .map_err(|cause| format!("The mail has no envelope: {cause}"))?;
    let dotted = [dotted::<From>(&from), dotted::<To>(&to)];
    // The envelope is given, because the library does not find an address such as ada@[192.0.2.1] in the headers.
    let headers = headers.envelope(envelope).from(from).to(to);
    let headers = dotted
        .into_iter()
        .flatten()
        .fold(headers, MessageBuilder::raw_header);
    let message =
        finish(headers).map_err(|cause| format!("The mail cannot be put together: {cause}"))?;
    let (from, to) = addresses;
    Ok(EmailMessage {
        id,
        from,
        to,
        bytes: message.formatted(),
    })
}

fn text(letter: &Letter, links: &Links) -> String {
    let (title, message) = (letter.title(), letter.message_text());
    let parts = [
        title,
        message.trim().to_owned(),
        format!("View your card: {}", links.view),
        format!("Unsubscribe: {}", links.unsubscribe),
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let mut text = clean::text(&parts.collect::<Vec<_>>().join("\n\n"));
    text.push('\n');
    text
}

/// A name and an address for a header. A domain beyond ASCII is written in its ASCII form, which every server accepts.
pub(super) fn mailbox(name: &str, address: &str) -> Result<Mailbox, String> {
    let invalid = || {
        format!(
            "{} cannot be a mail address",
            clean::line(address, MAX_NAME_LENGTH)
        )
    };
    let (local, domain) = address.rsplit_once('@').ok_or_else(invalid)?;
    let domain = match domain.is_ascii() {
        true => domain.to_owned(),
        false => idna::domain_to_ascii(domain).map_err(|_| invalid())?,
    };
    let address = Address::new(local, domain).map_err(|_| invalid())?;
    let name = clean::line(name, MAX_NAME_LENGTH);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// A header for a name that is one word with dots. The library does not quote such a name, but a dot is only allowed in
/// quotes.
fn dotted<H: Header>(mailbox: &Mailbox) -> Option<HeaderValue> {
    let word = mailbox.name.as_deref().filter(|name| name.contains('.'))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let text = format!("\"{word}\" <{}>", mailbox.email);
    let header = || HeaderValue::dangerous_new_pre_encoded(H::name(), text.clone(), text);
    word.bytes().all(plain).then(header)
}

/// A URL for an attribute. The template's own escaping writes slashes as `&#x2f;`, which spam filters distrust.
pub(super) fn url(text: &str) -> Value {
    let escaped = text
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    Value::from_safe_string(escaped)
}

/// Text that mail programs show unchanged. They would decode what looks like an encoded word, so an invisible character
/// separates its first two characters.
fn unencoded(text: &str) -> String {
    text.replace("=?", "=\u{2060}?")
}

/// Black or white, whichever has more contrast on a color `#rrggbb`.
pub(super) fn ink_on(color: &str) -> &'static str {
    let channel = |at: usize| {
        let digits = color.get(at..at + 2).unwrap_or("00");
        let level = f64::from(u8::from_str_radix(digits, 16).unwrap_or(0)) / 255.0;
        if level <= 0.04045 {
            level / 12.92
        } else {
            ((level + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    // At this luminance both have the same contrast by the formula of WCAG 2.
    if luminance > 0.179 {
        "#000000"
    } else {
        "#ffffff"
    }
}

#[cfg(test)]
pub(super) mod tests;
