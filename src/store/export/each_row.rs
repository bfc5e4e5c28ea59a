//! Passes rows to a function while they are read.

use rusqlite::{Params, Row};

use crate::error::Result;
use crate::store::connection::Conn;

/// What happens with each row.
pub(super) type Each<'e, T> = dyn FnMut(&T) -> Result<()> + 'e;

/// Runs a statement and passes each row to a function.
pub(super) fn each_row<T>(
    conn: &Conn,
    sql: &str,
    values: impl Params,
    parse: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    each: &mut Each<'_, T>,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        each(&parse(row)?)?;
    }
    Ok(())
}
