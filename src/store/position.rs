//! Places in ordered lists: a board's projects and lanes, a project's tasks, a task's subtasks.
//!
//! Runs inside the transaction of the change that needs it, so the neighbours that it looks at are the ones that the
//! change will have.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::connection::Tx;
use crate::error::Result;
use crate::model::ids::WorkspaceId;
use crate::model::position::{MAX_KEY_LENGTH, Move, after_last, before_first, between, spread};

/// Where a row goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its key.
    pub key: String,
    /// Whether the other rows of the list got new keys, because there was no room.
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
    ordered: &'static str,
    set: &'static str,
}

/// The list that rows of `$table` with the same `$parent` make. `?1` is the workspace, `?2` the parent.
macro_rules! siblings {
    ($table:literal, $parent:literal) => {
        $crate::store::position::Siblings::new(
            concat!("SELECT position FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent,
                    " = ?2 AND id <> ?3 ORDER BY position, id LIMIT 1"),
            concat!("SELECT position FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent,
                    " = ?2 AND id <> ?3 ORDER BY position DESC, id DESC LIMIT 1"),
            concat!("SELECT position FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent, " = ?2 AND id = ?3"),
            concat!("SELECT position FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent,
                    " = ?2 AND id <> ?3 AND (position, id) > (?4, ?5) ORDER BY position, id LIMIT 1"),
            concat!("SELECT position FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent,
                    " = ?2 AND id <> ?3 AND (position, id) < (?4, ?5) ORDER BY position DESC, id DESC LIMIT 1"),
            concat!("SELECT id FROM ", $table, " WHERE workspace_id = ?1 AND ", $parent,
                    " = ?2 AND id <> ?3 ORDER BY position, id"),
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
        ordered: &'static str,
        set: &'static str,
    ) -> Self {
        Self {
            first,
            last,
            of,
            next,
            previous,
            ordered,
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

    /// The key that puts `row` where it is wanted among the parent's rows; `None` if the neighbour that was named is not
    /// one of them. Spreads the whole list anew where there is no room or the key would grow long.
    pub(super) fn place(
        &self,
        tx: &Tx<'_>,
        workspace: WorkspaceId,
        parent: Uuid,
        row: Uuid,
        wish: &Move<Uuid>,
    ) -> Result<Option<Place>> {
        if let Move::At(key) = wish {
            return Ok(Some(Place::at(key.clone())));
        }
        if let Move::After(anchor) | Move::Before(anchor) = wish {
            let Some(place) = self.position_of(tx, workspace, parent, *anchor)? else {
                return Ok(None);
            };
            if *anchor == row {
                return Ok(Some(Place::at(place)));
            }
        }
        if let Some(key) = self.find_room(tx, workspace, parent, row, wish)? {
            return Ok(Some(Place::at(key)));
        }
        self.rebalance(tx, workspace, parent, row)?;
        let key = self.find_room(tx, workspace, parent, row, wish)?;
        Ok(key.map(|key| Place {
            key,
            is_respread: true,
        }))
    }

    /// A short key at the wanted place, if there is room for one.
    fn find_room(
        &self,
        tx: &Tx<'_>,
        workspace: WorkspaceId,
        parent: Uuid,
        row: Uuid,
        wish: &Move<Uuid>,
    ) -> Result<Option<String>> {
        let end = |sql: &str| -> Result<Option<String>> {
            Ok(tx
                .prepare_cached(sql)?
                .query_row(params![workspace, parent, row], |r| r.get(0))
                .optional()?)
        };
        let beside = |sql: &str, key: &str, anchor: Uuid| -> Result<Option<String>> {
            let mut statement = tx.prepare_cached(sql)?;
            Ok(statement
                .query_row(params![workspace, parent, row, key, anchor], |r| r.get(0))
                .optional()?)
        };
        let before = |first: Option<String>| match first {
            Some(first) => before_first(&first),
            None => Some(after_last(None)),
        };
        let key = match wish {
            Move::At(key) => Some(key.clone()),
            Move::Last => Some(after_last(end(self.last)?.as_deref())),
            Move::First => before(end(self.first)?),
            Move::After(anchor) => {
                let Some(low) = self.position_of(tx, workspace, parent, *anchor)? else {
                    return Ok(None);
                };
                match beside(self.next, &low, *anchor)? {
                    Some(high) => between(&low, &high),
                    None => Some(after_last(Some(&low))),
                }
            }
            Move::Before(anchor) => {
                let Some(high) = self.position_of(tx, workspace, parent, *anchor)? else {
                    return Ok(None);
                };
                match beside(self.previous, &high, *anchor)? {
                    Some(low) => between(&low, &high),
                    None => before(Some(high)),
                }
            }
        };
        Ok(key.filter(|key| key.len() <= MAX_KEY_LENGTH))
    }

    fn position_of(
        &self,
        tx: &Tx<'_>,
        workspace: WorkspaceId,
        parent: Uuid,
        row: Uuid,
    ) -> Result<Option<String>> {
        Ok(tx
            .prepare_cached(self.of)?
            .query_row(params![workspace, parent, row], |r| r.get(0))
            .optional()?)
    }

    /// Gives every row but the one that moves a new short key and keeps their order. Rows do not count as changed by it.
    /// The one that moves keeps its key until the change itself is written: were it spread too, a change that comes to the
    /// key it had before would look like none, and leave it where the spread put it.
    fn rebalance(
        &self,
        tx: &Tx<'_>,
        workspace: WorkspaceId,
        parent: Uuid,
        row: Uuid,
    ) -> Result<()> {
        let mut ordered = tx.prepare_cached(self.ordered)?;
        let ids = ordered
            .query_map(params![workspace, parent, row], |r| r.get(0))?
            .collect::<Result<Vec<Uuid>, _>>()?;
        let mut set = tx.prepare_cached(self.set)?;
        for (id, key) in ids.iter().zip(spread(ids.len() as u64)) {
            set.execute(params![workspace, id, key])?;
        }
        Ok(())
    }
}
