//! Digital cards and webhooks of an export.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::entry::{CardEntry, Cover, Times, WebhookEntry};
use super::super::fields::Fields;
use super::super::problem::Failed;
use super::super::receiver::Warnings;
use super::super::text;
use crate::model::cards::{MAX_URL_LENGTH, https_url};
use crate::model::covers::{CoverImage, MAX_BYTES, MediaType};
use crate::model::events::EventType;
use crate::model::webhooks::Payload;

/// Maximum characters of a card's message.
const MESSAGE: usize = 20_000;
/// Maximum characters of a name in a mail, and of a webhook.
const SHORT_NAME: usize = 100;

/// A digital card.
pub(super) fn card(
    path: &str,
    value: &Value,
    times: Times,
    warnings: &mut Warnings<'_>,
) -> CardEntry {
    let line = |text: String| {
        text.replace(
            |c: char| c.is_control() || "\u{2028}\u{2029}".contains(c),
            " ",
        )
    };
    let mut short = |field: &str, most: usize| {
        let (text, path) = (value.text(field), format!("{path}.{field}"));
        let text = match line(text.clone()) {
            same if same == text => same,
            changed => {
                warnings.add(&path, "Line breaks and control characters become spaces");
                changed
            }
        };
        (!text.trim().is_empty()).then(|| text::name(&text, most, &path, warnings))
    };
    let (subject, sender_name) = (
        short("subject", text::NAME),
        short("sender_name", SHORT_NAME),
    );
    let title = line(value.text("title"));
    CardEntry {
        title: text::name(&title, text::NAME, &format!("{path}.title"), warnings),
        message: text::exact(
            &value.text("message"),
            MESSAGE,
            &format!("{path}.message"),
            warnings,
        ),
        cover: cover(path, value, warnings),
        accent_color: Some(value.text("accent_color")).filter(|color| text::is_color(color)),
        subject,
        sender_name,
        times,
    }
}

fn cover(path: &str, value: &Value, warnings: &mut Warnings<'_>) -> Option<Cover> {
    let url = value.text("cover_url");
    if !url.is_empty() {
        let url = https_url(&url).map(String::from);
        return match url.filter(|url| url.len() <= MAX_URL_LENGTH) {
            Some(url) => Some(Cover::Url(url)),
            None => {
                warnings.add(
                    &format!("{path}.cover_url"),
                    "It is not an https:// URL, so the card has no cover",
                );
                None
            }
        };
    }
    let cover = value.get("cover").filter(|cover| cover.is_object())?;
    match image(cover) {
        Some(image) => Some(Cover::Image(image)),
        None => {
            warnings.add(
                &format!("{path}.cover"),
                "It is not an image of at most 2 MiB, so the card has no cover",
            );
            None
        }
    }
}

fn image(cover: &Value) -> Option<CoverImage> {
    let media_type = MediaType::parse(&cover.text("media_type"))?;
    let bytes = STANDARD.decode(cover["data"].as_str()?).ok()?;
    let bytes = Some(bytes).filter(|bytes| bytes.len() <= MAX_BYTES)?;
    CoverImage::new(media_type, bytes).ok()
}

/// A webhook. Its URL is checked when it is created.
pub(super) fn webhook(
    path: &str,
    value: &Value,
    times: Times,
    warnings: &mut Warnings<'_>,
) -> Result<WebhookEntry, Failed> {
    let events = value.texts("events");
    let is_known = |event: &String| event == "*" || !EventType::matching(event).is_empty();
    if events.is_empty() || !events.iter().all(is_known) {
        return Err(Failed::at(
            format!("{path}.events"),
            "These are not types of events",
        ));
    }
    Ok(WebhookEntry {
        name: text::name(
            &value.text("name"),
            SHORT_NAME,
            &format!("{path}.name"),
            warnings,
        ),
        url: value.text("url"),
        events,
        board: Some(value.text("board_id")).filter(|board| !board.is_empty()),
        payload: Payload::parse(&value.text("payload")).unwrap_or_default(),
        times,
    })
}
