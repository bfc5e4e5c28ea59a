//! Keys of rows in order.

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
    assert!(keys.iter().all(|key| !is_reserved(key)));
    assert!(keys.contains(&"toq".to_owned()));
}

#[test]
fn no_new_key_is_reserved() {
    assert_eq!(after_last(Some("too")), "toq");
    assert_eq!(before_first("toq").as_deref(), Some("too"));
    assert_eq!(before_first("ene").as_deref(), Some("enc"));
    assert_eq!(middle("too", "toq").as_deref(), Some("top"));
    let key = between("too", "toq").unwrap_or_default();
    assert!("too" < key.as_str() && key.as_str() < "toq" && key != "top");
    let key = between("bacj", "bacl").unwrap_or_default();
    assert!("bacj" < key.as_str() && key.as_str() < "bacl" && key != "back");
    assert_eq!(middle("firss", "firsu").as_deref(), Some("first"));
    assert_eq!(between("firss", "firsu").as_deref(), Some("firstV"));
    assert_eq!(middle("lass", "lasu").as_deref(), Some("last"));
    assert_eq!(between("lass", "lasu").as_deref(), Some("lastV"));
    let (low, high) = ("firss".to_owned(), "firstz");
    for key in [between(&low, high), between("firs", "firtK")] {
        assert!(key.is_some_and(|key| !is_reserved(&key)));
    }
    for rows in 0..2_000 {
        assert!(spread(rows).all(|key| !is_reserved(&key)), "{rows}");
    }
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
            // Only keys that end in the lowest digit leave no room.
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

    #[test]
    fn keys_spread_between_two_are_in_order_and_have_room(
        a in proptest::option::of("[0-9A-Za-z]{1,12}"), b in proptest::option::of("[0-9A-Za-z]{1,12}"), rows in 1_u64..200,
    ) {
        let (low, high) = match (a, b) {
            (Some(a), Some(b)) if a > b => (Some(b), Some(a)),
            other => other,
        };
        if let Some(keys) = spread_between(low.as_deref(), high.as_deref(), rows) {
            proptest::prop_assert_eq!(keys.len() as u64, rows);
            proptest::prop_assert!(keys.iter().all(|key| key.len() <= MAX_KEY_LENGTH / 2 && !key.ends_with('0')));
            let all: Vec<_> = low.into_iter().chain(keys).chain(high).collect();
            proptest::prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
            proptest::prop_assert!(all.windows(2).all(|pair| between(&pair[0], &pair[1]).is_some()));
        }
    }
}
