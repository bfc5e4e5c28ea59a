//! The times in Trello's ids.

use super::super::receiver::{Receiver, Warnings};
use crate::model::time::Timestamp;

/// The creation time that the first eight digits of an id contain.
pub(super) fn created(id: &str, path: &str, to: &mut dyn Receiver) -> Option<Timestamp> {
    let seconds = id
        .get(..8)
        .and_then(|digits| i64::from_str_radix(digits, 16).ok());
    let is_id = id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    match seconds.filter(|_| is_id) {
        Some(seconds) => Some(Timestamp::from_millis(seconds * 1000)),
        None => {
            Warnings(to).add(
                path,
                "The id contains no creation time, so the time of the import is used",
            );
            None
        }
    }
}
