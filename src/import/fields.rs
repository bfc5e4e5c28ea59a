//! The fields of values whose types cannot be relied on.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::receiver::{Receiver, Warnings};

/// A text in one line of Markdown.
pub(super) fn line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace('\0', "")
}

/// A Markdown link, if the URL can be linked.
pub(super) fn link(name: &str, url: &str) -> String {
    let name = line(name);
    let is_url = (url.starts_with("https://") || url.starts_with("http://"))
        && !url.contains(|c: char| c.is_whitespace() || "()<>".contains(c));
    match is_url {
        true if name.is_empty() => format!("<{url}>"),
        true => format!("[{}]({url})", name.replace(['[', ']'], "")),
        false => name,
    }
}

/// A text in one line of Markdown. A URL becomes a link.
pub(super) fn linked(text: &str) -> String {
    match link("", text) {
        link if link.is_empty() => line(text),
        link => link,
    }
}

/// Access to the fields of a value, whose types cannot be relied on.
pub(super) trait Fields {
    /// A text; empty if there is none. Numbers count as texts.
    fn text(&self, name: &str) -> String;
    /// Whether a field is true.
    fn flag(&self, name: &str) -> bool;
    /// The elements of an array; none if it is no array.
    fn list(&self, name: &str) -> &[Value];
    /// The texts of an array.
    fn texts(&self, name: &str) -> Vec<String>;
    /// A finite number; numbers in texts count.
    fn number(&self, name: &str) -> Option<f64>;
}

impl Fields for Value {
    fn text(&self, name: &str) -> String {
        as_text(&self[name])
    }

    fn flag(&self, name: &str) -> bool {
        self[name] == true
    }

    fn list(&self, name: &str) -> &[Value] {
        self[name].as_array().map_or(&[], Vec::as_slice)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let texts = self.list(name).iter().map(as_text);
        texts.filter(|text| !text.is_empty()).collect()
    }

    fn number(&self, name: &str) -> Option<f64> {
        let number = match &self[name] {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|number: &f64| number.is_finite())
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        // Times in exports of MongoDB.
        Value::Object(members) => members.get("$date").map(as_text).unwrap_or_default(),
        _ => String::new(),
    }
}

/// An element of an array with its place in the file.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) path: String,
    pub(super) value: Value,
}

impl Placed {
    /// The elements of an array in this one.
    pub(super) fn children(&self, name: &str) -> Vec<Placed> {
        let elements = self.value.list(name).iter().enumerate();
        let placed = elements.map(|(at, value)| Placed {
            path: format!("{}.{name}[{at}]", self.path),
            value: value.clone(),
        });
        placed.collect()
    }
}

/// Groups elements by the card that `card` returns. Elements of absent cards are left out, with a warning.
pub(super) fn by_card<T>(
    elements: Vec<Placed>,
    cards: &HashSet<String>,
    to: &mut dyn Receiver,
    card: impl Fn(&Value) -> String,
    mut read: impl FnMut(Placed, &mut dyn Receiver) -> T,
) -> HashMap<String, Vec<T>> {
    let mut by_card: HashMap<String, Vec<T>> = HashMap::new();
    for element in elements {
        let card = card(&element.value);
        match cards.contains(&card) {
            true => by_card.entry(card).or_default().push(read(element, to)),
            false => {
                let message = "Its card is not in the file, so it is left out";
                Warnings(to).add(&element.path, message);
            }
        }
    }
    by_card
}

/// Sorts elements by a position. Equal positions keep the order of the file; an element without one stays behind the
/// element before it.
pub(super) fn sort_by_position(elements: &mut [Placed], name: &str, to: &mut dyn Receiver) {
    let mut last = f64::NEG_INFINITY;
    let mut keys = HashMap::with_capacity(elements.len());
    for element in &*elements {
        match element.value.number(name) {
            Some(position) => last = position,
            None if element.value.get(name).is_some() => {
                let message = "The position is not a number, so the order of the file is kept";
                Warnings(to).add(&format!("{}.{name}", element.path), message);
            }
            None => {}
        }
        keys.insert(element.path.clone(), last);
    }
    let key = |element: &Placed| keys.get(&element.path).copied().unwrap_or(f64::INFINITY);
    elements.sort_by(|a, b| key(a).total_cmp(&key(b)));
}
