//! Texts of other products, brought into the form and the limits of the API.

use super::receiver::Warnings;
use crate::model::date::Date;
use crate::model::time::Timestamp;

/// Maximum characters of the names of boards, projects, lanes, tasks and subtasks.
pub(super) const NAME: usize = 255;
/// Maximum characters of a description.
pub(super) const DESCRIPTION: usize = 65_536;
/// Maximum characters of a comment.
pub(super) const COMMENT: usize = 20_000;
/// Maximum characters of the name of a label.
pub(super) const LABEL: usize = 50;

/// The latest time that is accepted: the end of the year 9997.
const LATEST: i64 = 253_339_228_799_999;

/// Removes NUL characters, which the API does not accept, and surrounding white space.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "").trim().to_owned()
}

/// The first characters of a text; `None` if it is not longer.
pub(super) fn cut(text: &str, most: usize) -> Option<&str> {
    let (end, _) = text.char_indices().nth(most)?;
    Some(text[..end].trim_end())
}

/// A name of at most so many characters.
pub(super) fn name(text: &str, most: usize, path: &str, warnings: &mut Warnings<'_>) -> String {
    let text = clean(text);
    if text.is_empty() {
        warnings.add(path, "It has no name, so it is called \"Untitled\"");
        return "Untitled".to_owned();
    }
    match cut(&text, most) {
        None => text,
        Some(start) => {
            warnings.add(
                path,
                &format!("The name is cut to {most} characters; it was: {text}"),
            );
            start.to_owned()
        }
    }
}

/// A longer text; `None` if it is empty.
pub(super) fn long(
    text: &str,
    most: usize,
    path: &str,
    warnings: &mut Warnings<'_>,
) -> Option<String> {
    let text = text.replace('\0', "");
    let text = text.trim_end();
    if text.trim().is_empty() {
        return None;
    }
    match cut(text, most) {
        None => Some(text.to_owned()),
        Some(start) => {
            let lost = text.chars().count() - most;
            warnings.add(
                path,
                &format!("The text is cut to {most} characters; {lost} are lost"),
            );
            Some(start.to_owned())
        }
    }
}

/// A text of an own export, as it is.
pub(super) fn exact(text: &str, most: usize, path: &str, warnings: &mut Warnings<'_>) -> String {
    let text = text.replace('\0', "");
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => {
            warnings.add(path, &format!("The text is cut to {most} characters"));
            text[..end].to_owned()
        }
    }
}

/// A time between 1970 and 9997; `None` for any other, with a warning unless it is empty.
pub(super) fn time(text: &str, path: &str, warnings: &mut Warnings<'_>) -> Option<Timestamp> {
    let parsed = Timestamp::parse(text.trim()).filter(|time| (0..=LATEST).contains(&time.millis()));
    if parsed.is_none() && !text.trim().is_empty() {
        warnings.add(
            path,
            &format!("{text:?} is not a time between 1970 and 9997, so it is left out"),
        );
    }
    parsed
}

/// The day of a time in UTC, or a plain date, in a file of another product. A time of day is lost, which is listed.
pub(super) fn day(text: &str, path: &str, warnings: &mut Warnings<'_>) -> Option<Date> {
    if is_no_date(text) {
        let message = format!("{text:?} stands for no date, so it is left out");
        warnings.add(path, &message);
        return None;
    }
    exact_day(text, path, warnings)
}

/// The same, but the first day of the year 1 is a date too.
pub(super) fn exact_day(text: &str, path: &str, warnings: &mut Warnings<'_>) -> Option<Date> {
    let text = text.trim();
    if let Some(date) = Date::parse(text) {
        return Some(date);
    }
    let found = Date::of_time(text);
    match found {
        None if text.is_empty() => {}
        None => warnings.add(path, &format!("{text:?} is not a date, so it is left out")),
        Some((_, true)) => {}
        Some((_, false)) => {
            warnings.add(path, &format!("Only the date of {text} is kept, in UTC"));
        }
    }
    found.map(|(date, _)| date)
}

/// Whether a text is the first day of the year 1, which many programs write where there is no date.
pub(super) fn is_no_date(text: &str) -> bool {
    text.trim_start().starts_with("0001-01-01")
}

/// Whether a text is a color such as `#2563eb`.
pub(super) fn is_color(text: &str) -> bool {
    text.len() == 7
        && text.starts_with('#')
        && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}
