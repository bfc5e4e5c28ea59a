//! Positions in a list: short base-62 keys that sort bytewise, so that a move changes one row.
//!
//! New rows count up ("aaa", "aab", …); a moved row gets a key in the middle between its neighbors. No generated key
//! ends in the lowest digit, because no key fits between `x` and `x0`.

use serde::{Deserialize, Deserializer};

use super::credentials::BASE62;

/// Longer keys make the whole list get new keys.
pub const MAX_KEY_LENGTH: usize = 32;

const BASE: u64 = 62;
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
        if let Some(next) = (group + 1..BASE.pow(GROUP as u32)).find(|n| n % BASE != 0) {
            return format!("{}{}", &last[..start], key(next, GROUP));
        }
    }
    format!("{last}{FIRST}")
}

/// Returns the key before the first one of a list; `None` if there is no room.
pub fn before_first(first: &str) -> Option<String> {
    match (1..number(first.as_bytes(), 0))
        .rev()
        .find(|n| n % BASE != 0)
    {
        Some(previous) => Some(key(previous, GROUP)),
        None => between("", first),
    }
}

/// Returns a key strictly between two others; `None` if there is no room.
pub fn between(low: &str, high: &str) -> Option<String> {
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
    let width = (GROUP as u32..10)
        .find(|w| BASE.pow(*w) / BASE > rows)
        .unwrap_or(10);
    let space = BASE.pow(width);
    let step = space / 4 * 3 / (rows + 1);
    (1..=rows).map(move |row| {
        let place = space / 8 + step * row;
        key(
            if place.is_multiple_of(BASE) {
                place + 1
            } else {
                place
            },
            width as usize,
        )
    })
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

/// Parses a group of digits as a number. Digits beyond the end count as the lowest.
fn number(key: &[u8], start: usize) -> u64 {
    (start..start + GROUP).fold(0, |n, at| {
        n * BASE + key.get(at).and_then(|byte| digit(*byte)).unwrap_or(0)
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
mod tests {
    use super::*;

    #[test]
    fn rows_count_up() {
        let mut last = None;
        let mut keys = Vec::new();
        for _ in 0..100_000 {
            let next = after_last(last.as_deref());
            keys.push(next.clone());
            last = Some(next);
        }
        assert_eq!(&keys[..3], ["aaa", "aab", "aac"]);
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(keys.iter().all(|key| key.len() <= 6 && !key.ends_with('0')));
    }

    #[test]
    fn rows_count_down() {
        let mut first = FIRST.to_owned();
        for _ in 0..1_000 {
            let previous = before_first(&first).unwrap_or_else(|| unreachable!());
            assert!(previous < first && previous.len() == 3);
            first = previous;
        }
        assert_eq!(before_first("0"), None);
        assert_eq!(before_first("001").as_deref(), Some("000V"));
    }

    #[test]
    fn nothing_fits_between_equal_or_touching_keys() {
        assert_eq!(between("abc", "abc"), None);
        assert_eq!(between("b", "a"), None);
        assert_eq!(between("ab", "ab0"), None);
    }

    #[test]
    fn a_move_is_a_word_a_key_or_a_neighbour() {
        let read = |text: &str| serde_json::from_str::<Move<u32>>(text).ok();
        assert_eq!(read("\"first\""), Some(Move::First));
        assert_eq!(read("\"last\""), Some(Move::Last));
        assert_eq!(read("\"aab\""), Some(Move::At("aab".to_owned())));
        assert_eq!(read("{\"after\": 1}"), Some(Move::After(1)));
        assert_eq!(read("{\"before\": 1}"), Some(Move::Before(1)));
    }

    proptest::proptest! {
        #[test]
        fn a_key_between_two_lies_between_them(a in "[0-9A-Za-z]{1,12}", b in "[0-9A-Za-z]{1,12}") {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            if let Some(middle) = between(&low, &high) {
                proptest::prop_assert!(low < middle && middle < high);
                proptest::prop_assert!(!middle.ends_with('0'));
            } else {
                // There is no room only next to a key that ends in the lowest digit.
                proptest::prop_assert!(low == high || high.ends_with('0'));
            }
        }

        #[test]
        fn the_next_key_is_greater(last in "[0-9A-Za-z]{1,64}") {
            proptest::prop_assert!(after_last(Some(&last)) > last);
        }

        #[test]
        fn the_previous_key_is_smaller(first in "[0-9A-Za-z]{1,64}") {
            if let Some(previous) = before_first(&first) {
                proptest::prop_assert!(previous < first);
            }
        }

        #[test]
        fn spread_keys_are_short_in_order_and_have_room(rows in 0_u64..20_000) {
            let keys: Vec<String> = spread(rows).collect();
            proptest::prop_assert_eq!(keys.len() as u64, rows);
            proptest::prop_assert!(keys.windows(2).all(|pair| between(&pair[0], &pair[1]).is_some_and(|k| k.len() <= 5)));
        }
    }
}
