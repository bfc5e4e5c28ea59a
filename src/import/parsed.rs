//! Parsing a file, and passing its objects on.

use super::checked::Checked;
use super::entry::Entry;
use super::options::Options;
use super::problem::Failed;
use super::reader::Input;
use super::receiver::{Receiver, Warnings};
use super::totals::Totals;
use super::{csv, detect, tackboard, trello, vikunja, wekan};
use crate::error::{Error, Result as AppResult};
use crate::model::imports::{Format, Kind, Warning};

/// The most tasks of a file that is imported while the server runs.
pub const MAX_TASKS: u64 = 10_000;

/// A file that can be imported.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The format.
    pub format: Format,
    /// What of the file is lost or changed.
    pub warnings: Vec<Warning>,
    /// The number of objects.
    pub totals: Totals,
    /// The objects; `None` if there are too many to keep them in memory.
    entries: Option<Vec<Entry>>,
}

/// Keeps the objects of a file that is not too large.
#[derive(Default)]
struct Keeper {
    warnings: Vec<Warning>,
    entries: Vec<Entry>,
    tasks: u64,
    is_large: bool,
}

impl Receiver for Keeper {
    fn entry(&mut self, entry: Entry) -> Result<(), Failed> {
        self.tasks += u64::from(entry.item.kind() == Kind::Task);
        if self.tasks > MAX_TASKS && !self.is_large {
            self.is_large = true;
            self.entries = Vec::new();
        }
        if !self.is_large {
            self.entries.push(entry);
        }
        Ok(())
    }

    fn warning(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }
}

/// Parses a file of at most `max_tasks` tasks.
///
/// # Errors
/// What is wrong with the file.
pub fn parse(input: Input<'_>, options: &Options, max_tasks: u64) -> Result<Parsed, Failed> {
    let format = match (options.format, options.preset) {
        (Some(Format::Csv), _) | (None, Some(_)) => Format::Csv,
        (Some(_), Some(_)) => return Err(Failed::at("", "Presets are for tables only")),
        (Some(format), None) => format,
        (None, None) => detect::detect(input, options)?,
    };
    let mut keeper = Keeper::default();
    let mut checked = Checked::new(&mut keeper, max_tasks);
    read(input, format, options, &mut checked).map_err(|failed| failed.of(format))?;
    let totals = checked.totals;
    for list in options.unused() {
        let message = format!("The file has no list {list:?}, or its lists cannot be mapped");
        Warnings(&mut keeper).add("map", &message);
    }
    Ok(Parsed {
        format,
        totals,
        warnings: keeper.warnings,
        entries: (!keeper.is_large).then_some(keeper.entries),
    })
}

/// Passes each object of a parsed file to a function. A large file is read again.
///
/// # Errors
/// Those of the function.
pub fn for_each(
    parsed: &Parsed,
    input: Input<'_>,
    options: &Options,
    each: &mut dyn FnMut(&Entry) -> AppResult<()>,
) -> AppResult<()> {
    if let Some(entries) = &parsed.entries {
        return entries.iter().try_for_each(each);
    }
    let mut again = Again {
        each,
        failure: None,
    };
    let mut checked = Checked::new(&mut again, u64::MAX);
    let read = read(input, parsed.format, options, &mut checked);
    match (again.failure, read) {
        (Some(failure), _) => Err(failure),
        (None, Err(_)) => Err(Error::bug("the file has changed while it was imported")),
        (None, Ok(())) => Ok(()),
    }
}

struct Again<'a> {
    each: &'a mut dyn FnMut(&Entry) -> AppResult<()>,
    failure: Option<Error>,
}

impl Receiver for Again<'_> {
    fn entry(&mut self, entry: Entry) -> Result<(), Failed> {
        (self.each)(&entry).map_err(|error| {
            self.failure = Some(error);
            Failed::at("", "stopped")
        })
    }

    fn warning(&mut self, _: Warning) {}
}

fn read(
    input: Input<'_>,
    format: Format,
    options: &Options,
    to: &mut dyn Receiver,
) -> Result<(), Failed> {
    match format {
        Format::Tackboard => tackboard::read(input, options, to),
        Format::Trello => trello::read(input, options, to),
        Format::Wekan => wekan::read(input, options, to),
        Format::Vikunja => vikunja::read(input, options, to),
        Format::Csv => csv::read(input, options, to),
    }
}
