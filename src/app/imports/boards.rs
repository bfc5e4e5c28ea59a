//! Importing boards.

use super::objects::{Here, Importer, Merged, if_exists};
use crate::app::boards;
use crate::error::Result;
use crate::import::{BoardEntry, Entry};
use crate::model::boards::{
    Board, BoardUpdate, DEFAULT_ACCENT_COLOR, DEFAULT_BACKGROUND_COLOR, DEFAULT_ICON, Layout,
};
use crate::model::ids::BoardId;
use crate::model::imports::{ImportedObject, Kind, fields};
use crate::store;

impl Importer<'_> {
    pub(super) fn board(&mut self, entry: &Entry, new: &BoardEntry) -> Result<()> {
        let board = Board {
            id: BoardId::new(),
            name: new.name.clone(),
            description: new.description.clone(),
            icon: new.icon.clone().unwrap_or_else(|| DEFAULT_ICON.to_owned()),
            accent_color: or_default(new.accent_color.as_ref(), DEFAULT_ACCENT_COLOR),
            background_color: or_default(new.background_color.as_ref(), DEFAULT_BACKGROUND_COLOR),
            layout_preference: match new.is_simple {
                true => Layout::Simple,
                false => Layout::Kanban,
            },
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        if let Some(known) = self.known(Kind::Board, &entry.id, false)? {
            let id = BoardId::from_uuid(known.object_id);
            if let Some(old) = if_exists(store::boards::get(self.tx, self.ctx.workspace, id))? {
                self.keep_board(entry, id, false);
                return self.update_board(entry, &known, &old, board);
            }
        }
        boards::add(self.tx, self.ctx, &board)?;
        self.keep_board(entry, board.id, true);
        let in_file = fields::of_board(&board);
        self.created(
            Kind::Board,
            &entry.id,
            board.id.uuid(),
            in_file,
            board.updated_at,
        )
    }

    fn update_board(
        &mut self,
        entry: &Entry,
        known: &ImportedObject,
        old: &Board,
        board: Board,
    ) -> Result<()> {
        let in_file = fields::of_board(&board);
        let merged = Merged::of(&known.fields, &in_file, &fields::of_board(old));
        let change = BoardUpdate {
            name: merged.pick(0, || board.name),
            description: merged.pick(1, || board.description),
            icon: merged.pick(2, || board.icon),
            accent_color: merged.pick(3, || board.accent_color),
            background_color: merged.pick(4, || board.background_color),
            layout_preference: merged.pick(5, || board.layout_preference),
        };
        let board = boards::update(self.tx, self.ctx, old.id, change)?;
        self.merged(entry, known, &merged, &in_file, board.updated_at)
    }

    fn keep_board(&mut self, entry: &Entry, id: BoardId, is_new: bool) {
        self.board_ids.push(id);
        self.boards.insert(entry.id.clone(), Here { id, is_new });
    }
}

fn or_default(color: Option<&String>, default: &str) -> String {
    color.map_or_else(|| default.to_owned(), Clone::clone)
}
