//! Finds the format of a file from its content.

use std::io::Read as _;

use super::options::Options;
use super::problem::Failed;
use super::reader::{Input, unreadable};
use super::{csv, json};
use crate::model::export::FORMAT;
use crate::model::imports::Format;

/// Finds the format.
///
/// # Errors
/// If the file is empty or of an unknown format, or has a syntax error.
pub(super) fn detect(input: Input<'_>, options: &Options) -> Result<Format, Failed> {
    let mut head = Vec::new();
    let source = input.open_text()?;
    let read = source.take(1 << 12).read_to_end(&mut head);
    read.map_err(|cause| unreadable(&cause))?;
    if head.starts_with(b"PK") {
        return Ok(Format::Vikunja);
    }
    match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Err(Failed::at("", "The file is empty")),
        Some(b'{' | b'[') => of_json(input),
        Some(_) if head.contains(&0) => Err(unknown()),
        // A table with one column has no separator.
        Some(_) if options.is_named_as_table() => Ok(Format::Csv),
        Some(_) if head.contains(&b',') || head.contains(&b'\t') || head.contains(&b';') => {
            Ok(Format::Csv)
        }
        Some(_) if is_title(&head) => Ok(Format::Csv),
        Some(_) => Err(unknown()),
    }
}

/// Whether the first line is the title of the column that a table needs.
fn is_title(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    csv::is_label_title(line.trim().trim_matches('"'))
}

fn of_json(input: Input<'_>) -> Result<Format, Failed> {
    let outline = json::outline(input.open_text()?)?;
    if outline.is_array {
        return Ok(Format::Vikunja);
    }
    let has = |name: &str| outline.names.iter().any(|one| one == name);
    if outline.format.as_deref() == Some(FORMAT) {
        return Ok(Format::Tackboard);
    }
    if outline
        .format
        .as_deref()
        .is_some_and(|format| format.starts_with("wekan-"))
    {
        return Ok(Format::Wekan);
    }
    match has("lists") && has("cards") {
        true if has("swimlanes") || has("_id") => Ok(Format::Wekan),
        true if has("id") && has("name") => Ok(Format::Trello),
        _ => Err(unknown()),
    }
}

fn unknown() -> Failed {
    Failed::at(
        "",
        "The file is not an export of Tackboard, Trello, Wekan or Vikunja, and not a table with a header; \
         name its format if it is one of these",
    )
}
