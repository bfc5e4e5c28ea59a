//! The parsers of files, for fuzzing: what each of them must do with any bytes.

#![allow(dead_code, unused_imports, reason = "the parsers use a part of the model")]

pub mod error;
pub mod import;
pub mod model;

use import::{Input, Item, MAX_TASKS, Mapping, Options, for_each, parse};
use model::imports::Format;

/// Parses bytes as a file of a format. It is refused with a reason, or all its objects are passed on.
///
/// # Panics
/// If the parser breaks one of its promises.
pub fn check(format: Format, data: &[u8]) {
    // The length chooses the options, so that the seeds need no prefix.
    let is_special = data.len() % 2 == 1;
    let options = Options {
        format: (!is_special).then_some(format),
        board: is_special.then(|| "Chosen".to_owned()),
        map: Mapping::parse("To do=done").into_iter().collect(),
        ..Options::default()
    };
    let parsed = match parse(Input::Bytes(data), &options, MAX_TASKS) {
        Ok(parsed) => parsed,
        Err(failed) => {
            assert!(!failed.problems.is_empty());
            assert!(failed.problems.iter().all(|problem| !problem.message.is_empty()));
            return;
        }
    };
    assert!(parsed.warnings.iter().all(|warning| !warning.message.is_empty()));
    let mut count = 0;
    let passed = for_each(&parsed, Input::Bytes(data), &options, &mut |entry| {
        count += 1;
        assert!(!entry.path.is_empty());
        check_limits(&entry.item);
        Ok(())
    });
    assert!(passed.is_ok());
    assert_eq!(count, parsed.totals.all);
}

/// The limits of the API hold for every object.
fn check_limits(item: &Item) {
    let (name, most) = match item {
        Item::Board(board) => (&board.name, 255),
        Item::Label(label) => (&label.name, 50),
        Item::Lane(lane) => (&lane.name, 255),
        Item::Project(project) => (&project.name, 255),
        Item::Task(task) => (&task.label, 255),
        Item::Subtask(subtask) => (&subtask.label, 255),
        Item::Comment(comment) => (&comment.text, 20_000),
        Item::Card(card) => (&card.title, 255),
        Item::Webhook(webhook) => (&webhook.name, 100),
        Item::Configuration(_) | Item::Recipient(_) => return,
    };
    let length = name.chars().count();
    assert!((1..=most).contains(&length) && !name.contains('\0'), "{name:?}");
    if let Item::Task(task) = item {
        let description = task.description.as_deref().unwrap_or_default();
        assert!(description.chars().count() <= 65_536 && !description.contains('\0'));
        assert!(task.labels.len() <= 20);
    }
}
