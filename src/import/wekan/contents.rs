//! What belongs to the cards of a Wekan board: checklists, comments and attachments.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::super::boards::{CheckItem, Checklist, Comment};
use super::super::fields::{Fields, Placed, by_card, link, sort_by_position};
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::super::text;

fn card_of(value: &Value) -> String {
    value.text("cardId")
}

/// Returns the checklists by card.
pub(super) fn checklists(
    mut checklists: Vec<Placed>,
    items: Vec<Placed>,
    cards: &HashSet<String>,
    to: &mut dyn Receiver,
) -> HashMap<String, Vec<Checklist>> {
    sort_by_position(&mut checklists, "sort", to);
    let known = checklists.iter().map(|list| list.value.text("_id"));
    let mut items = items_by_checklist(items, &known.collect(), to);
    by_card(checklists, cards, to, card_of, |checklist, _| Checklist {
        name: checklist.value.text("title"),
        items: items
            .remove(&checklist.value.text("_id"))
            .unwrap_or_default(),
        path: checklist.path,
    })
}

fn items_by_checklist(
    mut items: Vec<Placed>,
    checklists: &HashSet<String>,
    to: &mut dyn Receiver,
) -> HashMap<String, Vec<CheckItem>> {
    sort_by_position(&mut items, "sort", to);
    let mut by_checklist: HashMap<String, Vec<CheckItem>> = HashMap::new();
    for item in items {
        let checklist = item.value.text("checklistId");
        if !checklists.contains(&checklist) {
            let message = "Its checklist is not in the file, so it is left out";
            Warnings(to).add(&item.path, message);
            continue;
        }
        by_checklist.entry(checklist).or_default().push(CheckItem {
            id: item.value.text("_id"),
            name: item.value.text("title"),
            is_completed: item.value.flag("isFinished"),
            path: item.path,
            ..CheckItem::default()
        });
    }
    by_checklist
}

/// Returns the comments by card, oldest first.
pub(super) fn comments(
    comments: Vec<Placed>,
    cards: &HashSet<String>,
    people: &HashMap<String, Person>,
    to: &mut dyn Receiver,
) -> HashMap<String, Vec<Comment>> {
    let mut by_card = by_card(comments, cards, to, card_of, |comment, to| {
        let value = &comment.value;
        let path = format!("{}.createdAt", comment.path);
        let user = value.text("userId");
        let author = people.get(&user).cloned();
        Comment {
            id: value.text("_id"),
            text: value.text("text"),
            author: author.unwrap_or_else(|| Person::new("", None, &Default::default())),
            created: text::time(&value.text("createdAt"), &path, &mut Warnings(to)),
            path: comment.path,
        }
    });
    for comments in by_card.values_mut() {
        comments.sort_by_key(|comment| comment.created);
    }
    by_card
}

/// Returns the names of attachments by card.
pub(super) fn attachments(attachments: &[Placed]) -> HashMap<String, Vec<String>> {
    let mut by_card: HashMap<String, Vec<String>> = HashMap::new();
    for attachment in attachments {
        let value = &attachment.value;
        let cards = [value.text("cardId"), value["meta"].text("cardId")];
        let card = cards.into_iter().find(|id| !id.is_empty());
        let shown = link(&value.text("name"), &value.text("url"));
        by_card
            .entry(card.unwrap_or_default())
            .or_default()
            .push(shown);
    }
    by_card
}
