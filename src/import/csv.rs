//! Tables: a header, and one task per row. Columns are found by their titles, also those of well-known products.

mod columns;
mod dates;
mod parents;
mod preset;
mod rows;
mod table;
mod titles;
mod todoist;

use std::io::Read;

use csv::{Reader, ReaderBuilder, StringRecord};

use self::columns::Columns;
use self::rows::Rows;
use self::table::{Record, Table};
use super::emit::emit;
use super::nuls::Nuls;
use super::options::Options;
use super::problem::Failed;
use super::reader::{self, Input};
use super::receiver::Receiver;
use crate::model::imports::Preset;

/// Maximum columns of a table.
const MAX_COLUMNS: usize = 1_000;

/// Reads a file.
///
/// # Errors
/// If it is not a table with a column for the titles of tasks.
pub(super) fn read(
    input: Input<'_>,
    options: &Options,
    to: &mut dyn Receiver,
) -> Result<(), Failed> {
    let delimiter = delimiter(input)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(input.open_text()?.chain(END));
    let header = reader
        .headers()
        .map_err(|cause| unreadable("header", &cause))?
        .iter()
        .map(|title| title.replace('\0', ""))
        .collect::<StringRecord>();
    if header.iter().any(has_end) {
        return Err(unclosed("header"));
    }
    if header.len() > MAX_COLUMNS {
        let message = format!("The table has more than {MAX_COLUMNS} columns");
        return Err(Failed::at("header", message));
    }
    let records = records(&mut reader, &header, to)?;
    let name = options
        .board
        .as_deref()
        .or(options.file_stem())
        .unwrap_or("Imported table");
    let mut table = Table::new(name);
    let preset = preset(&header, options)?;
    match preset {
        Some(Preset::Todoist) => todoist::read(&header, &records, &mut table, options, to),
        preset => {
            let columns = Columns::new(&header, &options.columns, preset)?;
            Rows::new(&columns, options, preset).read(&records, &mut table, to);
        }
    }
    table.board.creators = "header.AUTHOR";
    emit(table.board, preset.map_or("a table", Preset::product), to)
}

/// The rows that are not empty.
fn records(
    reader: &mut Reader<impl Read>,
    header: &StringRecord,
    to: &mut dyn Receiver,
) -> Result<Vec<Record>, Failed> {
    let (mut records, mut nuls) = (Vec::new(), Nuls::default());
    for (at, record) in reader.records().enumerate() {
        let mut record = record.map_err(|cause| unreadable(&format!("rows[{at}]"), &cause))?;
        if has_end(record.as_slice()) {
            match record.as_slice() == END_CELL {
                true => break,
                false => return Err(unclosed(&format!("rows[{at}]"))),
            }
        }
        if record.as_slice().contains('\0') {
            let cells = record.iter().enumerate();
            let path = |cell| format!("rows[{at}].{}", header.get(cell).unwrap_or_default());
            let cells = cells.map(|(cell, text)| nuls.without(text, &|| path(cell)));
            record = cells.collect();
        }
        if !record.iter().all(|cell| cell.trim().is_empty()) {
            records.push((format!("rows[{at}]"), record));
        }
    }
    nuls.report(to);
    Ok(records)
}

/// Whether a table with only this column has the one that it needs.
pub(super) fn is_label_title(title: &str) -> bool {
    let title = title.to_lowercase();
    let mut labels = titles::COMMON.iter().filter(|(field, _)| *field == "label");
    labels.any(|(_, titles)| titles.contains(&title.as_str()))
}

/// A row after the last one. If a quotation mark is not closed, the row becomes part of the text in quotes.
const END: &[u8] = b"\n\x1fend of table\x1f\n";
const END_CELL: &str = "\u{1f}end of table\u{1f}";

fn has_end(text: &str) -> bool {
    text.contains(END_CELL)
}

fn unclosed(path: &str) -> Failed {
    let message = "A quotation mark is not closed: the file is incomplete, or a quotation mark in a text is not doubled";
    Failed::at(path, message)
}

/// The product of a table: the chosen one, or that which its header shows.
fn preset(header: &StringRecord, options: &Options) -> Result<Option<Preset>, Failed> {
    if let Some(chosen) = options.preset {
        preset::check(chosen, header)?;
        return Ok(Some(chosen));
    }
    let found = preset::detect(header);
    // The rows of Todoist are not all tasks, so columns that are named mean another table.
    Ok(found.filter(|found| *found != Preset::Todoist || options.columns.is_empty()))
}

fn unreadable(path: &str, cause: &csv::Error) -> Failed {
    let message = match cause.kind() {
        csv::ErrorKind::Utf8 { .. } => "The file is not encoded in UTF-8".to_owned(),
        _ => format!("The file is not a table: {cause}"),
    };
    Failed::at(path, message)
}

/// The separator that occurs most often in the first line.
fn delimiter(input: Input<'_>) -> Result<u8, Failed> {
    let mut head = Vec::new();
    let read = input.open_text()?.take(1 << 16).read_to_end(&mut head);
    read.map_err(|cause| reader::unreadable(&cause))?;
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: &u8| line.iter().filter(|byte| *byte == delimiter).count();
    Ok([b',', b'\t', b';']
        .into_iter()
        .rev()
        .max_by_key(count)
        .unwrap_or(b','))
}
