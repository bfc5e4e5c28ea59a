//! A letter as a mail: its headers, its plain text and its HTML.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{From, Header, HeaderName, HeaderValue, To};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart};
use minijinja::{Environment, Value, context};

use super::Written;
use crate::config::Sender;
use crate::model::clean;
use crate::model::letters::Letter;
use crate::model::mails::Mail;

/// Characters of a name in a header at most.
const LONGEST_NAME: usize = 100;
const TEMPLATE: &str = "mail.html";
const LIST_UNSUBSCRIBE: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe");
const LIST_UNSUBSCRIBE_POST: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// What every mail is written on.
pub(super) struct Stationery {
    templates: Environment<'static>,
    origin: String,
    sender: Sender,
}

/// Where a mail's links lead.
struct Links {
    view: String,
    pixel: String,
    unsubscribe: String,
}

impl Stationery {
    /// For links that begin with this origin and mails from this sender, unless they have their own.
    pub(super) fn new(origin: &str, sender: &Sender) -> Result<Self, String> {
        let mut templates = Environment::new();
        templates
            .add_template(TEMPLATE, include_str!("../../static/mail.html"))
            .map_err(|cause| format!("static/mail.html: {cause}"))?;
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

    /// Writes a letter's mail: every time the same, but for the boundary between its parts.
    ///
    /// # Errors
    /// Why it can never be written, such as an address that no mail server takes.
    pub(super) fn write(&self, mail: &Mail, letter: &Letter) -> Result<Written, String> {
        let from = self.from(mail, letter)?;
        let to = mailbox(&letter.name, &letter.email)?;
        let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()])
            .map_err(|cause| format!("The mail has no envelope: {cause}"))?;
        let links = self.links(letter);
        let sender = from.name.clone().unwrap_or_default();
        let parts = MultiPart::alternative_plain_html(
            text(letter, &links),
            self.html(letter, &links, &sender)?,
        );
        let dotted = [dotted::<From>(&from), dotted::<To>(&to)];
        let headers = self
            .headers(mail, letter, &links)
            // Told and not read from the headers: there, an address such as ada@[192.0.2.1] would not be found.
            .envelope(envelope.clone())
            .from(from)
            .to(to);
        let message = dotted
            .into_iter()
            .flatten()
            .fold(headers, MessageBuilder::raw_header)
            .multipart(parts)
            .map_err(|cause| format!("The mail cannot be put together: {cause}"))?;
        Ok(Written {
            envelope,
            bytes: message.formatted(),
        })
    }

    /// The card's own sender stands before the account's name, and both before the server's.
    fn from(&self, mail: &Mail, letter: &Letter) -> Result<Mailbox, String> {
        let (name, address) = match &mail.from_address {
            Some(address) => (mail.from_name.as_deref().unwrap_or_default(), address),
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

    /// What stays the same however often the mail is tried, so that mail programs can tell that it is the same.
    fn headers(&self, mail: &Mail, letter: &Letter, links: &Links) -> MessageBuilder {
        let millis = u64::try_from(mail.created_at.millis()).unwrap_or_default();
        let header = |name, value: &str| HeaderValue::new(name, value.to_owned());
        Message::builder()
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(format!("<{}@{}>", letter.recipient_id, self.host())))
            .subject(unencoded(&letter.subject()))
            .raw_header(header(
                LIST_UNSUBSCRIBE,
                &format!("<{}>", links.unsubscribe),
            ))
            .raw_header(header(LIST_UNSUBSCRIBE_POST, "List-Unsubscribe=One-Click"))
            .raw_header(header(AUTO_SUBMITTED, "auto-generated"))
    }

    fn html(&self, letter: &Letter, links: &Links, sender: &str) -> Result<String, String> {
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

/// A name and an address as they stand in a header. A domain beyond ASCII is written in its ASCII form, which every
/// server takes.
fn mailbox(name: &str, address: &str) -> Result<Mailbox, String> {
    let invalid = || {
        format!(
            "{} cannot be a mail address",
            clean::line(address, LONGEST_NAME)
        )
    };
    let (local, domain) = address.rsplit_once('@').ok_or_else(invalid)?;
    let domain = match domain.is_ascii() {
        true => domain.to_owned(),
        false => idna::domain_to_ascii(domain).map_err(|_| invalid())?,
    };
    let address = Address::new(local, domain).map_err(|_| invalid())?;
    let name = clean::line(name, LONGEST_NAME);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// A header with a name that is one word with dots, which the library writes bare: a dot may stand in quotes alone.
fn dotted<H: Header>(mailbox: &Mailbox) -> Option<HeaderValue> {
    let word = mailbox.name.as_deref().filter(|name| name.contains('.'))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let text = format!("\"{word}\" <{}>", mailbox.email);
    let header = || HeaderValue::dangerous_new_pre_encoded(H::name(), text.clone(), text);
    word.bytes().all(plain).then(header)
}

/// A URL for an attribute. The templates' own escaping would write its slashes as `&#x2f;`, which filters distrust.
fn url(text: &str) -> Value {
    let escaped = text
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    Value::from_safe_string(escaped)
}

/// A text that mail programs show as it is: what looks like an encoded word in it would be decoded by them, so an
/// invisible character stands in between.
fn unencoded(text: &str) -> String {
    text.replace("=?", "=\u{2060}?")
}

/// Black or white, whichever is read better on a colour `#rrggbb`.
fn ink_on(color: &str) -> &'static str {
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
    // Where both have the same contrast, by the formula of WCAG 2.
    if luminance > 0.179 {
        "#000000"
    } else {
        "#ffffff"
    }
}

#[cfg(test)]
mod tests;
