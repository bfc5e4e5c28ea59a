//! Importing lanes.

use super::objects::{Here, Importer, Merged, if_exists};
use super::position::list_of_lane;
use crate::app::{boards, lanes};
use crate::error::Result;
use crate::import::{Entry, LaneEntry};
use crate::model::ids::{BoardId, LaneId};
use crate::model::imports::{ImportedObject, Kind, fields};
use crate::model::lanes::{Lane, LaneUpdate};
use crate::store;

impl Importer<'_> {
    pub(super) fn lane(&mut self, entry: &Entry, new: &LaneEntry) -> Result<()> {
        let Some(board) = self.boards.get(&new.board).copied() else {
            return Ok(());
        };
        let mut lane = Lane {
            id: LaneId::new(),
            board_id: board.id,
            name: new.name.clone(),
            position: String::new(),
            wip_limit: new.wip_limit,
            color: new.color.clone(),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        if let Some(known) = self.known(Kind::Lane, &entry.id, board.is_new)? {
            let id = LaneId::from_uuid(known.object_id);
            return match if_exists(store::lanes::get(self.tx, self.ctx.workspace, id))? {
                Some(old) => self.update_lane(entry, new, &known, &old, lane),
                None => {
                    self.deleted_here(&entry.path);
                    Ok(())
                }
            };
        }
        lane.position = self.lane_position(new, lane.id, board)?;
        lanes::add(self.tx, self.ctx, &lane)?;
        self.keep_lane(entry, new, lane.id, true);
        let fields = fields::of_lane(&lane).with(&lane.position);
        let id = lane.id.uuid();
        self.created(Kind::Lane, &entry.id, id, fields, lane.updated_at)
    }

    /// The position of a new lane.
    fn lane_position(&self, new: &LaneEntry, id: LaneId, board: Here<BoardId>) -> Result<String> {
        let (tx, ctx) = (self.tx, self.ctx);
        let place = match (&new.position, board.is_new) {
            (Some(key), true) => return Ok(key.clone()),
            (None, true) => store::lanes::append(tx, ctx.workspace, board.id)?,
            (_, false) => {
                let wish = self.place_after_last(&list_of_lane(new));
                let wish = wish.map(LaneId::from_uuid);
                store::lanes::place(tx, ctx.workspace, board.id, id, &wish)?
            }
        };
        if place.is_respread {
            boards::record_reordered(tx, ctx, board.id)?;
        }
        Ok(place.key)
    }

    fn update_lane(
        &mut self,
        entry: &Entry,
        new: &LaneEntry,
        known: &ImportedObject,
        old: &Lane,
        lane: Lane,
    ) -> Result<()> {
        let in_file = fields::of_lane(&lane);
        let is_moved = self.order.is_moved(&known.source) && old.board_id == lane.board_id;
        let merged = Merged::of(&known.fields, &in_file, &fields::of_lane(old)).moved(is_moved);
        let wish = is_moved.then(|| self.place_after_last(&list_of_lane(new)));
        let change = LaneUpdate {
            name: merged.pick(0, || lane.name),
            wip_limit: merged.pick(1, || lane.wip_limit),
            color: merged.pick(2, || lane.color),
            position: wish.map(|wish| wish.map(LaneId::from_uuid)),
        };
        let lane = lanes::update(self.tx, self.ctx, old.id, change)?;
        self.keep_lane(entry, new, old.id, false);
        let fields = self.with_position(&in_file, known, &lane.position);
        self.merged(entry, known, &merged, &fields, lane.updated_at)
    }

    fn keep_lane(&mut self, entry: &Entry, new: &LaneEntry, id: LaneId, is_new: bool) {
        self.lanes.insert(entry.id.clone(), Here { id, is_new });
        let source = self.source(Kind::Lane, &entry.id);
        self.note_place(list_of_lane(new), &source, id.uuid());
    }
}
