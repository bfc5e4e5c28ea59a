//! What commands print: tables for people, JSON for programs, on standard output.

use std::io::{ErrorKind, Write as _};

use serde::Serialize;
use serde_json::json;

use super::common::Common;
use super::messages::plain;
use crate::error::Error;
use crate::error::failure::{Failure, refuse};

impl Common {
    /// Prints a command's result: as one line of JSON with `--json`, else as text.
    pub(super) fn show(
        &self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let line = match self.json {
            true => serde_json::to_string(value)
                .map_err(|cause| Error::internal("writing JSON", cause))?,
            false => text(),
        };
        print(&format!("{line}\n"))
    }

    /// Prints a list as a table, or a hint if it is empty.
    pub(super) fn show_list<T: Serialize, const N: usize>(
        &self,
        items: &[T],
        headings: [&str; N],
        row: impl Fn(&T) -> [String; N],
        empty: &str,
    ) -> Result<(), Failure> {
        self.show(&items, || match items {
            [] => empty.to_owned(),
            some => table(headings, &some.iter().map(row).collect::<Vec<_>>()),
        })
    }

    /// Reports a deletion in the same form as the API.
    pub(super) fn show_deleted(
        &self,
        id: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        self.show(&json!({ "deleted": true, "id": id }), text)
    }
}

/// Writes to standard output. A closed pipe (for example `head`) is not an error; a full disk is.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => {
            written.map_err(|cause| refuse(format!("cannot write to standard output: {cause}")))
        }
    }
}

/// Writes a line to standard error. Ignores failures.
pub(super) fn warn(line: &str) {
    let _ = writeln!(std::io::stderr(), "tackboard: {}", plain(line));
}

/// A table with columns as wide as their widest cell, two spaces apart. Columns of numbers are right-aligned.
fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let is_figure = |cell: &String| cell == "none" || cell.parse::<u64>().is_ok();
    let width = |text: &str| text.chars().count();
    let columns: [(usize, bool); N] = std::array::from_fn(|at| {
        let widest = rows.iter().map(|row| width(&row[at])).max().unwrap_or(0);
        (
            widest.max(width(headings[at])),
            rows.iter().all(|row| is_figure(&row[at])),
        )
    });
    let line = |cells: [&str; N]| {
        let mut line = String::new();
        for (cell, (width, right)) in cells.into_iter().zip(columns) {
            let cell = plain(cell);
            line += &if right {
                format!("{cell:>width$}  ")
            } else {
                format!("{cell:<width$}  ")
            };
        }
        line.trim_end().to_owned()
    };
    let head = line(headings);
    let body = rows
        .iter()
        .map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(head)
        .chain(body)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn a_table_lines_up_and_holds_no_control_characters() {
        let rows = [
            ["ann\u{1b}[2J".to_owned(), "5".to_owned()],
            ["Ünder".to_owned(), "none".to_owned()],
        ];
        assert_eq!(
            table(["NAME", "TASKS"], &rows),
            "NAME     TASKS\nann [2J      5\nÜnder     none"
        );
    }
}
