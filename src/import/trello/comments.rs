//! The comments of a Trello board, which are entries of its history.

use std::collections::{HashMap, HashSet};

use super::super::boards::Comment;
use super::super::fields::{Fields, Placed, by_card};
use super::super::options::Options;
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::super::text;

/// Whether an entry of the history is a comment.
pub(super) fn is_comment(action: &serde_json::Value) -> bool {
    ["commentCard", "copyCommentCard"].contains(&action.text("type").as_str())
}

/// Returns the comments by card, oldest first.
pub(super) fn comments(
    actions: Vec<Placed>,
    cards: &HashSet<String>,
    people: &HashMap<String, Person>,
    options: &Options,
    to: &mut dyn Receiver,
) -> HashMap<String, Vec<Comment>> {
    // The newest action comes first.
    let oldest_first = actions.into_iter().rev().collect();
    let card = |action: &serde_json::Value| action["data"]["card"].text("id");
    let mut by_card = by_card(oldest_first, cards, to, card, |action, to| {
        let value = &action.value;
        let path = format!("{}.date", action.path);
        Comment {
            id: value.text("id"),
            text: value["data"].text("text"),
            author: author(value, people, options),
            created: text::time(&value.text("date"), &path, &mut Warnings(to)),
            path: action.path,
        }
    });
    for comments in by_card.values_mut() {
        comments.sort_by_key(|comment| comment.created);
    }
    by_card
}

fn author(
    action: &serde_json::Value,
    people: &HashMap<String, Person>,
    options: &Options,
) -> Person {
    let creator = &action["memberCreator"];
    let named = || {
        let (name, email) = (creator.text("fullName"), creator.text("email"));
        Person::new(&name, Some(&email), &options.members)
    };
    let known = people.get(&action.text("idMemberCreator")).cloned();
    known.unwrap_or_else(named)
}
