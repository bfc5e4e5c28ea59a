//! The SQL function `has_words (text, words, budget)`: whether each of the words begins a word of the text.
//!
//! A statement that has called it as often as the budget allows fails with [`is_out_of_budget`]. So a list can try to fill a
//! page from the first rows of an index, and read the search index if few rows match.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Error, Result};

use crate::model::search::Search;

/// What a statement keeps between calls.
struct Call {
    /// `None` if nothing can match.
    search: Option<Search>,
    /// How many calls are left.
    budget: AtomicI64,
}

/// The error of a statement that has called the function too often.
#[derive(Debug)]
struct OutOfBudget;

const OUT_OF_BUDGET: &str = "too few rows have the words";

impl fmt::Display for OutOfBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(OUT_OF_BUDGET)
    }
}

impl std::error::Error for OutOfBudget {}

/// Adds the function to a connection.
///
/// # Errors
/// Database errors only.
pub(super) fn register(conn: &Connection) -> Result<()> {
    conn.create_scalar_function("has_words", 3, FunctionFlags::SQLITE_UTF8, has_words)
}

/// Whether a statement failed because it has called the function too often.
pub(super) fn is_out_of_budget(cause: &Error) -> bool {
    matches!(cause, Error::SqliteFailure(_, Some(text)) if text == OUT_OF_BUDGET)
}

fn has_words(context: &Context<'_>) -> Result<bool> {
    let call = context.get_or_create_aux(1, |words| -> Result<Call> {
        Ok(Call {
            search: Search::of(words.as_str()?),
            budget: AtomicI64::new(context.get(2)?),
        })
    })?;
    if call.budget.fetch_sub(1, Ordering::Relaxed) <= 0 {
        return Err(Error::UserFunctionError(Box::new(OutOfBudget)));
    }
    let text = context.get_raw(0).as_str()?;
    Ok(call
        .search
        .as_ref()
        .is_some_and(|search| search.is_in(text)))
}
