//! Places in ordered lists: a board's projects and lanes, a project's tasks, a task's subtasks.
//!
//! Runs inside the transaction of the change that needs it, so the neighbours that it looks at are the ones that the
//! change will have.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::connection::Tx;
use crate::error::{Error, Result};
use crate::model::ids::WorkspaceId;
use crate::model::position::{
    MAX_KEY_LENGTH, Move, after_last, before_first, between, spread_between,
};

/// The rows on each side of a place that get new keys where there is no room.
const WINDOW: usize = 16;

/// Where a row goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its key.
    pub key: String,
    /// Whether other rows of the list got new keys, because there was no room.
    pub is_respread: bool,
}

impl Place {
    /// A place among rows that keep theirs.
    pub const fn at(key: String) -> Self {
        Self {
            key,
            is_respread: false,
        }
    }
}

/// The statements for one kind of list.
pub(super) struct Siblings {
    first: &'static str,
    last: &'static str,
    of: &'static str,
    next: &'static str,
    previous: &'static str,
    set: &'static str,
}

/// The list that rows of `$table` with the same `$parent` make. `?1` is the workspace, `?2` the parent.
macro_rules! siblings {
    ($table:literal, $parent:literal) => {
        $crate::store::position::Siblings::new(
            concat!("SELECT position, id FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent,
                    " = ?2 AND id <> ?3 ORDER BY position, id LIMIT ?4"),
            concat!("SELECT position, id FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent,
                    " = ?2 AND id <> ?3 ORDER BY position DESC, id DESC LIMIT ?4"),
            concat!("SELECT position FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent, " = ?2 AND id = ?3"),
            concat!("SELECT position, id FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent,
                    " = ?2 AND id <> ?3 AND (position, id) > (?5, ?6) ORDER BY position, id LIMIT ?4"),
            concat!("SELECT position, id FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent,
                    " = ?2 AND id <> ?3 AND (position, id) < (?5, ?6) ORDER BY position DESC, id DESC LIMIT ?4"),
            concat!("UPDATE ", $table, " SET position = ?3 WHERE workspace_id = ?1 AND id = ?2"),
        )
    };
}
pub(super) use siblings;

impl Siblings {
    pub(super) const fn new(
        first: &'static str,
        last: &'static str,
        of: &'static str,
        next: &'static str,
        previous: &'static str,
        set: &'static str,
    ) -> Self {
        Self {
            first,
            last,
            of,
            next,
            previous,
            set,
        }
    }

    /// The place after the last row, for a row that is not there yet.
    pub(super) fn append(
        &self,
        tx: &Tx<'_>,
        workspace: WorkspaceId,
        parent: Uuid,
    ) -> Result<Place> {
        self.place(tx, workspace, parent, Uuid::nil(), &Move::<Uuid>::Last)
            .map(|place| place.unwrap_or_else(|| Place::at(after_last(None))))
    }

    /// The key that puts `row` where it is wanted among the parent's rows; `None` if the neighbor that was named is not
    /// one of them. Gives the rows around the place new keys where there is no room or the key would grow long.
    pub(super) fn place(
        &self,
        tx: &Tx<'_>,
        workspace: WorkspaceId,
        parent: Uuid,
        row: Uuid,
        wish: &Move<Uuid>,
    ) -> Result<Option<Place>> {
        let list = List {
            siblings: self,
            tx,
            workspace,
            parent,
            row,
        };
        let gap = match wish {
            Move::At(key) => return Ok(Some(Place::at(key.clone()))),
            Move::First => Gap::First,
            Move::Last => Gap::Last,
            Move::After(anchor) | Move::Before(anchor) => {
                let Some(key) = list.position_of(*anchor)? else {
                    return Ok(None);
                };
                match wish {
                    _ if *anchor == row => return Ok(Some(Place::at(key))),
                    Move::After(_) => Gap::After(key, *anchor),
                    _ => Gap::Before(key, *anchor),
                }
            }
        };
        list.make_room(gap).map(Some)
    }
}

/// A place between two rows, named by one of them or by an end of the list.
#[derive(Clone)]
enum Gap {
    First,
    Last,
    After(String, Uuid),
    Before(String, Uuid),
}

/// A row that only has to keep its order: its key and its id.
type Neighbor = (String, Uuid);

/// The list that a row moves in. The row itself is not part of it.
struct List<'l> {
    siblings: &'l Siblings,
    tx: &'l Tx<'l>,
    workspace: WorkspaceId,
    parent: Uuid,
    row: Uuid,
}

impl List<'_> {
    /// A short key in the gap. If there is none, the rows around the gap are spread first: few of them, and more only if
    /// their keys leave no room either.
    fn make_room(&self, gap: Gap) -> Result<Place> {
        let [before, after] = self.around(&gap, 1)?;
        if let Some(key) = key_between(before.first(), after.first()) {
            return Ok(Place::at(key));
        }
        let mut rows = WINDOW;
        loop {
            let [mut before, mut after] = self.around(&gap, rows + 1)?;
            let outer = |side: &mut Vec<Neighbor>| match side.len() > rows {
                true => side.pop().map(|(key, _)| key),
                false => None,
            };
            let (low, high) = (outer(&mut before), outer(&mut after));
            let count = before.len() + after.len();
            if let Some(keys) = spread_between(low.as_deref(), high.as_deref(), count as u64) {
                return self.spread(before, after, keys);
            }
            rows *= 4;
        }
    }

    /// Gives the rows on both sides of the gap new keys; the key of the gap then. Rows do not count as changed by it. The
    /// one that moves keeps its key until the change itself is written: were it spread too, a change that comes to the
    /// key it had before would look like none, and leave it where the spread put it.
    fn spread(
        &self,
        before: Vec<Neighbor>,
        after: Vec<Neighbor>,
        keys: Vec<String>,
    ) -> Result<Place> {
        let (low, high) = keys.split_at(before.len());
        let key = key_between(
            low.last().map(|key| (key.clone(), Uuid::nil())).as_ref(),
            high.first().map(|key| (key.clone(), Uuid::nil())).as_ref(),
        );
        let key = key.ok_or_else(|| Error::bug("spread keys leave no room"))?;
        let mut set = self.tx.prepare_cached(self.siblings.set)?;
        let rows = before.into_iter().rev().chain(after);
        for ((_, id), key) in rows.zip(&keys) {
            set.execute(params![self.workspace, id, key])?;
        }
        Ok(Place {
            key,
            is_respread: true,
        })
    }

    /// So many rows before the gap and after it, the nearest first.
    fn around(&self, gap: &Gap, rows: usize) -> Result<[Vec<Neighbor>; 2]> {
        let Siblings {
            first,
            last,
            next,
            previous,
            ..
        } = self.siblings;
        Ok(match gap {
            Gap::First => [Vec::new(), self.rows_at_end(first, rows)?],
            Gap::Last => [self.rows_at_end(last, rows)?, Vec::new()],
            Gap::After(key, anchor) => {
                let mut before = vec![(key.clone(), *anchor)];
                before.extend(self.beside(previous, key, *anchor, rows - 1)?);
                [before, self.beside(next, key, *anchor, rows)?]
            }
            Gap::Before(key, anchor) => {
                let mut after = vec![(key.clone(), *anchor)];
                after.extend(self.beside(next, key, *anchor, rows - 1)?);
                [self.beside(previous, key, *anchor, rows)?, after]
            }
        })
    }

    fn rows_at_end(&self, sql: &str, rows: usize) -> Result<Vec<Neighbor>> {
        let mut statement = self.tx.prepare_cached(sql)?;
        let values = params![self.workspace, self.parent, self.row, rows];
        let found = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    fn beside(&self, sql: &str, key: &str, anchor: Uuid, rows: usize) -> Result<Vec<Neighbor>> {
        let mut statement = self.tx.prepare_cached(sql)?;
        let values = params![self.workspace, self.parent, self.row, rows, key, anchor];
        let found = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    fn position_of(&self, row: Uuid) -> Result<Option<String>> {
        Ok(self
            .tx
            .prepare_cached(self.siblings.of)?
            .query_row(params![self.workspace, self.parent, row], |r| r.get(0))
            .optional()?)
    }
}

/// A short key between two rows or beyond the last one on a side, if there is room for one.
fn key_between(before: Option<&Neighbor>, after: Option<&Neighbor>) -> Option<String> {
    let key = match (before, after) {
        (None, None) => Some(after_last(None)),
        (Some((low, _)), None) => Some(after_last(Some(low))),
        (None, Some((high, _))) => before_first(high),
        (Some((low, _)), Some((high, _))) => between(low, high),
    };
    key.filter(|key| key.len() <= MAX_KEY_LENGTH)
}
