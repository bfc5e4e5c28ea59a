//! Positions in a list: short base-62 keys that sort bytewise, so that a move changes one row.
//!
//! New rows count up ("aaa", "aab", …); a moved row gets a key in the middle between its neighbors. No generated key
//! ends in the lowest digit, because no key fits between `x` and `x0`.

mod words;

use serde::{Deserialize, Deserializer};

use self::words::is_reserved;
pub use self::words::{check_new, refuse_word, word_failure, word_in};
use super::credentials::BASE62;
use crate::error::Result;

/// Longer keys make the whole list get new keys.
pub const MAX_KEY_LENGTH: usize = 32;

const BASE: u64 = 62;
/// Maximum digits of a key that fit into a number.
const MAX_DIGITS: usize = 10;
/// Number of digits that are counted as one group.
const GROUP: usize = 3;
const FIRST: &str = "aaa";

/// The target of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move<Id> {
    /// Before all other rows.
    First,
    /// After all other rows.
    Last,
    /// Directly after this row.
    After(Id),
    /// Directly before this row.
    Before(Id),
    /// To exactly this key.
    At(String),
}

impl<Id: Copy> Move<Id> {
    /// Refuses a key that is a word for a position, such as `top`, unless it is the row's current key.
    ///
    /// # Errors
    /// `invalid_request` that says what to send instead.
    pub fn refuse_word(&self, present: Option<&str>) -> Result<()> {
        match self {
            Move::At(key) => refuse_word(key, present),
            _ => Ok(()),
        }
    }

    /// The neighbor in the request, if any.
    pub fn anchor(&self) -> Option<Id> {
        match self {
            Move::After(anchor) | Move::Before(anchor) => Some(*anchor),
            Move::First | Move::Last | Move::At(_) => None,
        }
    }

    /// The same move with another type of id.
    pub fn map<Other>(&self, change: impl Fn(Id) -> Other) -> Move<Other> {
        match self {
            Move::First => Move::First,
            Move::Last => Move::Last,
            Move::After(anchor) => Move::After(change(*anchor)),
            Move::Before(anchor) => Move::Before(change(*anchor)),
            Move::At(key) => Move::At(key.clone()),
        }
    }
}

impl<'de, Id: Deserialize<'de>> Deserialize<'de> for Move<Id> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum MoveJson<Id> {
            After { after: Id },
            Before { before: Id },
            Word(String),
        }
        Ok(match MoveJson::deserialize(deserializer)? {
            MoveJson::After { after } => Move::After(after),
            MoveJson::Before { before } => Move::Before(before),
            MoveJson::Word(word) if word == "first" => Move::First,
            MoveJson::Word(word) if word == "last" => Move::Last,
            MoveJson::Word(word) => Move::At(word),
        })
    }
}

/// Returns the key after the last one of a list, or the key of an empty list's first row.
pub fn after_last(last: Option<&str>) -> String {
    let Some(last) = last else {
        return FIRST.to_owned();
    };
    for start in (0..last.len()).step_by(GROUP) {
        let group = number(last.as_bytes(), start);
        let next = (group + 1..BASE.pow(GROUP as u32))
            .filter(|n| n % BASE != 0)
            .map(|n| format!("{}{}", &last[..start], key(n, GROUP)))
            .find(|key| !is_reserved(key));
        if let Some(next) = next {
            return next;
        }
    }
    format!("{last}{FIRST}")
}

/// Returns the key before the first one of a list; `None` if there is no room.
pub fn before_first(first: &str) -> Option<String> {
    let previous = (1..number(first.as_bytes(), 0))
        .rev()
        .filter(|n| n % BASE != 0)
        .map(|n| key(n, GROUP))
        .find(|key| !is_reserved(key));
    previous.or_else(|| between("", first))
}

/// Returns a key strictly between two others; `None` if there is no room.
pub fn between(low: &str, high: &str) -> Option<String> {
    let key = middle(low, high)?;
    if !is_reserved(&key) {
        return Some(key);
    }
    let beside = middle(&key, high).or_else(|| middle(low, &key));
    beside.filter(|key| !is_reserved(key))
}

/// Returns a key between two others. It can be reserved.
fn middle(low: &str, high: &str) -> Option<String> {
    let shared = low
        .bytes()
        .zip(high.bytes())
        .take_while(|(l, h)| l == h)
        .count();
    let (low_rest, high_rest) = (&low.as_bytes()[shared..], &high.as_bytes()[shared..]);
    let top = digit(*high_rest.first()?)?;
    let tail = match low_rest.first() {
        None => below(high_rest)?,
        Some(first) => match digit(*first)? {
            bottom if bottom > top => return None,
            bottom if top - bottom > 1 => text(&[(top + bottom) / 2]),
            bottom => text(&[bottom]) + &above(&low_rest[1..])?,
        },
    };
    Some(format!("{}{tail}", &high[..shared]))
}

/// Returns keys for this many rows, with much room between them and at both ends.
pub fn spread(rows: u64) -> impl Iterator<Item = String> {
    let width = (GROUP as u32..MAX_DIGITS as u32)
        .find(|w| BASE.pow(*w) / BASE > rows)
        .unwrap_or(MAX_DIGITS as u32);
    let space = BASE.pow(width);
    let step = space / 4 * 3 / (rows + 1);
    (1..=rows).map(move |row| {
        let place = space / 8 + step * row;
        let spread = key(not_round(place), width as usize);
        match is_reserved(&spread) {
            true => key(not_round(place + 1), width as usize),
            false => spread,
        }
    })
}

/// Returns keys for this many rows between two others, with much room between them and at both ends; `None` if they
/// would not be short. Without a key on one side, that end of the list is the bound.
pub fn spread_between(low: Option<&str>, high: Option<&str>, rows: u64) -> Option<Vec<String>> {
    let (low, high) = match (low, high) {
        (None, None) => return Some(spread(rows).collect()),
        (low, high) => (low.unwrap_or(""), high),
    };
    let shared = high.map_or(0, |high| {
        let pairs = low.bytes().zip(high.bytes());
        pairs.take_while(|(l, h)| l == h).count()
    });
    (1..=MAX_DIGITS)
        .take_while(|width| shared + width <= MAX_KEY_LENGTH / 2)
        .find_map(|width| {
            let bottom = leading(&low.as_bytes()[shared..], width);
            let top = high.map_or(BASE.pow(width as u32), |high| {
                leading(&high.as_bytes()[shared..], width)
            });
            // There is room for another digit between any two of them.
            let step = top.checked_sub(bottom)? / (rows + 1);
            let place = |row| bottom + step * row;
            let at = |place| format!("{}{}", &low[..shared], key(not_round(place), width));
            let key = |row| {
                Some(at(place(row)))
                    .filter(|key| !is_reserved(key))
                    .unwrap_or_else(|| at(place(row) + 1))
            };
            (step > BASE).then(|| (1..=rows).map(key).collect())
        })
}

/// Returns the number, or the next one if its key would end in the lowest digit.
const fn not_round(number: u64) -> u64 {
    if number.is_multiple_of(BASE) {
        number + 1
    } else {
        number
    }
}

/// Returns a non-empty key smaller than `high`.
fn below(high: &[u8]) -> Option<String> {
    match digit(*high.first()?)? {
        0 => Some(text(&[0]) + &below(&high[1..])?),
        1 => Some(text(&[0, BASE / 2])),
        top => Some(text(&[top / 2])),
    }
}

/// Returns a key greater than `low`.
fn above(low: &[u8]) -> Option<String> {
    match low.first() {
        None => Some(text(&[BASE / 2])),
        Some(first) => match digit(*first)? {
            61 => Some(text(&[61]) + &above(&low[1..])?),
            bottom => Some(text(&[(bottom + BASE).div_ceil(2)])),
        },
    }
}

fn digit(byte: u8) -> Option<u64> {
    BASE62.binary_search(&byte).ok().map(|at| at as u64)
}

fn text(digits: &[u64]) -> String {
    digits
        .iter()
        .map(|digit| char::from(BASE62[*digit as usize % BASE62.len()]))
        .collect()
}

/// Parses a group of digits as a number.
fn number(key: &[u8], start: usize) -> u64 {
    leading(key.get(start..).unwrap_or_default(), GROUP)
}

/// Parses the first digits as a number. Digits beyond the end count as the lowest.
fn leading(digits: &[u8], width: usize) -> u64 {
    (0..width).fold(0, |n, at| {
        n * BASE + digits.get(at).and_then(|byte| digit(*byte)).unwrap_or(0)
    })
}

fn key(mut number: u64, width: usize) -> String {
    let mut digits = vec![0; width];
    for digit in digits.iter_mut().rev() {
        *digit = number % BASE;
        number /= BASE;
    }
    text(&digits)
}

#[cfg(test)]
mod tests;
