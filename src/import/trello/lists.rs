//! The lists of a Trello board, and the times in ids.

use std::collections::HashMap;

use serde_json::Value;

use super::super::boards::Lane;
use super::super::fields::{Fields, Placed, sort_by_position};
use super::super::options::{Options, Target};
use super::super::receiver::{Receiver, Warnings};
use crate::model::time::Timestamp;

/// A list of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub(super) order: usize,
    pub(super) is_closed: bool,
    pub(super) target: Target,
}

/// Returns the lanes, and all lists by id.
pub(super) fn lists(
    lists: &mut [Placed],
    options: &Options,
    to: &mut dyn Receiver,
) -> (Vec<Lane>, HashMap<String, List>) {
    sort_by_position(lists, "pos", to);
    let (mut lanes, mut by_id) = (Vec::new(), HashMap::new());
    for (order, list) in lists.iter().enumerate() {
        let (id, name) = (list.value.text("id"), list.value.text("name"));
        let target = options.target_of(&name).unwrap_or(Target::Lane);
        let is_closed = list.value.flag("closed");
        if by_id
            .insert(
                id.clone(),
                List {
                    order,
                    is_closed,
                    target,
                },
            )
            .is_some()
        {
            Warnings(to).add(&list.path, "Another list has the same id");
            continue;
        }
        if is_closed {
            let message = format!(
                "The list {name:?} is archived: it becomes no lane, and its cards are archived"
            );
            Warnings(to).add(&list.path, &message);
        } else if target == Target::Lane {
            lanes.push(Lane {
                id,
                path: list.path.clone(),
                name,
                wip_limit: wip_limit(&list.value),
                color: None,
            });
        }
    }
    (lanes, by_id)
}

fn wip_limit(list: &Value) -> Option<u32> {
    let limit = list.number("softLimit")?;
    (1.0..=100_000.0).contains(&limit).then_some(limit as u32)
}

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
