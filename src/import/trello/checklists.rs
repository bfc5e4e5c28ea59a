//! The checklists of a Trello board.

use std::collections::{HashMap, HashSet};

use super::super::boards::{CheckItem, Checklist};
use super::super::fields::{Fields, Placed, by_card, line, sort_by_position};
use super::super::losses::Losses;
use super::super::persons::Person;
use super::super::receiver::Receiver;

/// The fields of checklists that are imported, or have no meaning outside of Trello.
const CHECKLIST: &[&str] = &[
    "id",
    "name",
    "idBoard",
    "idCard",
    "pos",
    "limits",
    "checkItems",
    "nodeId",
];
/// Those of their items.
const ITEM: &[&str] = &[
    "id",
    "name",
    "nameData",
    "pos",
    "state",
    "due",
    "idMember",
    "idChecklist",
    "limits",
];

/// Returns the checklists by card.
pub(super) fn checklists(
    mut checklists: Vec<Placed>,
    cards: &HashSet<String>,
    people: &HashMap<String, Person>,
    losses: &mut Losses,
    to: &mut dyn Receiver,
) -> HashMap<String, Vec<Checklist>> {
    sort_by_position(&mut checklists, "pos", to);
    let card = |checklist: &serde_json::Value| checklist.text("idCard");
    by_card(checklists, cards, to, card, |checklist, to| {
        losses.look("checklists[]", &checklist.value, CHECKLIST);
        let mut items = checklist.children("checkItems");
        sort_by_position(&mut items, "pos", to);
        Checklist {
            name: checklist.value.text("name"),
            path: checklist.path,
            items: items
                .into_iter()
                .map(|placed| item(placed, people, losses))
                .collect(),
        }
    })
}

fn item(item: Placed, people: &HashMap<String, Person>, losses: &mut Losses) -> CheckItem {
    losses.look("checklists[].checkItems[]", &item.value, ITEM);
    let (due, member) = (item.value.text("due"), item.value.text("idMember"));
    let mut details = Vec::new();
    if !due.is_empty() {
        details.push(format!("Due: {}", line(&due)));
    }
    if !member.is_empty() {
        let person = people.get(&member).cloned();
        let person = person.unwrap_or_else(|| Person::with_id(&member));
        details.push(format!("Assigned to: {}", line(&person.name)));
    }
    CheckItem {
        id: item.value.text("id"),
        name: item.value.text("name"),
        is_completed: item.value.text("state") == "complete",
        path: item.path,
        details,
        ..CheckItem::default()
    }
}
