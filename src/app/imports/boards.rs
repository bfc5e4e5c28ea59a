//! Importing boards, their labels, lanes and projects.

use super::objects::{Here, Importer, Merged, ProjectHere, if_exists};
use crate::app::{boards, labels, lanes, projects};
use crate::error::{Error, Result};
use crate::import::{BoardEntry, Entry, LabelEntry, LaneEntry, ProjectEntry};
use crate::model::boards::{
    Board, BoardUpdate, DEFAULT_ACCENT_COLOR, DEFAULT_BACKGROUND_COLOR, DEFAULT_ICON, Layout,
};
use crate::model::ids::{BoardId, LabelId, LaneId, ProjectId};
use crate::model::imports::{Kind, fields};
use crate::model::labels::{Label, LabelUpdate};
use crate::model::lanes::{Lane, LaneUpdate};
use crate::model::projects::{Project, ProjectUpdate, TaskCounts};
use crate::store;

impl Importer<'_> {
    pub(super) fn board(&mut self, entry: &Entry, new: &BoardEntry) -> Result<()> {
        let (tx, ctx) = (self.tx, self.ctx);
        let mut board = Board {
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
        let in_file = fields::of_board(&board);
        if let Some(known) = self.known(Kind::Board, &entry.id, false)? {
            let id = BoardId::from_uuid(known.object_id);
            if let Some(old) = if_exists(store::boards::get(tx, ctx.workspace, id))? {
                let merged = Merged::of(&known.fields, &in_file, &fields::of_board(&old));
                let change = BoardUpdate {
                    name: merged.pick(0, || board.name),
                    description: merged.pick(1, || board.description),
                    icon: merged.pick(2, || board.icon),
                    accent_color: merged.pick(3, || board.accent_color),
                    background_color: merged.pick(4, || board.background_color),
                    layout_preference: merged.pick(5, || board.layout_preference),
                };
                board = boards::update(tx, ctx, id, change)?;
                self.merged(entry, &known, &merged, &in_file, board.updated_at)?;
                self.keep_board(entry, id, false);
                return Ok(());
            }
        }
        boards::add(tx, ctx, &board)?;
        self.keep_board(entry, board.id, true);
        self.created(
            Kind::Board,
            &entry.id,
            board.id.uuid(),
            in_file,
            board.updated_at,
        )
    }

    fn keep_board(&mut self, entry: &Entry, id: BoardId, is_new: bool) {
        self.board_ids.push(id);
        self.boards.insert(entry.id.clone(), Here { id, is_new });
    }

    pub(super) fn label(&mut self, entry: &Entry, new: &LabelEntry) -> Result<()> {
        let Some(board) = self.boards.get(&new.board).copied() else {
            return Ok(());
        };
        let (tx, ctx) = (self.tx, self.ctx);
        let label = Label {
            id: LabelId::new(),
            board_id: board.id,
            name: new.name.clone(),
            color: new.color.clone(),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        let in_file = fields::of_label(&label);
        if let Some(known) = self.known(Kind::Label, &entry.id, board.is_new)? {
            let id = LabelId::from_uuid(known.object_id);
            let Some(old) = if_exists(store::labels::get(tx, ctx.workspace, id))? else {
                self.deleted_here(&entry.path);
                return Ok(());
            };
            let merged = Merged::of(&known.fields, &in_file, &fields::of_label(&old));
            let change = LabelUpdate {
                name: merged.pick(0, || label.name),
                color: merged.pick(1, || label.color),
            };
            self.labels.insert(entry.id.clone(), id);
            return match labels::update(tx, ctx, id, change) {
                Ok(label) => self.merged(entry, &known, &merged, &in_file, label.updated_at),
                Err(Error::Conflict { message, .. }) => {
                    self.counts.skipped += 1;
                    self.warn(&entry.path, message);
                    Ok(())
                }
                Err(error) => Err(error),
            };
        }
        match labels::add(tx, ctx, &label) {
            Ok(()) => {
                self.labels.insert(entry.id.clone(), label.id);
                self.created(
                    Kind::Label,
                    &entry.id,
                    label.id.uuid(),
                    in_file,
                    label.updated_at,
                )
            }
            Err(Error::Conflict { fields, .. }) => {
                self.counts.unchanged += 1;
                self.warn(
                    &entry.path,
                    "The board has a label of this name, which is used",
                );
                let other = fields.get("label_id").and_then(|id| id.parse().ok());
                self.labels.extend(other.map(|id| (entry.id.clone(), id)));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn lane(&mut self, entry: &Entry, new: &LaneEntry) -> Result<()> {
        let Some(board) = self.boards.get(&new.board).copied() else {
            return Ok(());
        };
        let (tx, ctx) = (self.tx, self.ctx);
        let position = match &new.position {
            Some(key) if board.is_new => key.clone(),
            _ => store::lanes::append(tx, ctx.workspace, board.id)?.key,
        };
        let lane = Lane {
            id: LaneId::new(),
            board_id: board.id,
            name: new.name.clone(),
            position,
            wip_limit: new.wip_limit,
            color: new.color.clone(),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        let in_file = fields::of_lane(&lane);
        if let Some(known) = self.known(Kind::Lane, &entry.id, board.is_new)? {
            let id = LaneId::from_uuid(known.object_id);
            let Some(old) = if_exists(store::lanes::get(tx, ctx.workspace, id))? else {
                self.deleted_here(&entry.path);
                return Ok(());
            };
            let merged = Merged::of(&known.fields, &in_file, &fields::of_lane(&old));
            let change = LaneUpdate {
                name: merged.pick(0, || lane.name),
                wip_limit: merged.pick(1, || lane.wip_limit),
                color: merged.pick(2, || lane.color),
                position: None,
            };
            self.lanes.insert(entry.id.clone(), id);
            let lane = lanes::update(tx, ctx, id, change)?;
            return self.merged(entry, &known, &merged, &in_file, lane.updated_at);
        }
        lanes::add(tx, ctx, &lane)?;
        self.lanes.insert(entry.id.clone(), lane.id);
        self.created(
            Kind::Lane,
            &entry.id,
            lane.id.uuid(),
            in_file,
            lane.updated_at,
        )
    }

    pub(super) fn project(&mut self, entry: &Entry, new: &ProjectEntry) -> Result<()> {
        let Some(board) = self.boards.get(&new.board).copied() else {
            return Ok(());
        };
        let (tx, ctx) = (self.tx, self.ctx);
        let position = match &new.position {
            Some(key) if board.is_new => key.clone(),
            _ => store::projects::append(tx, ctx.workspace, board.id)?.key,
        };
        let project = Project {
            id: ProjectId::new(),
            board_id: board.id,
            name: new.name.clone(),
            description: new.description.clone(),
            position,
            counts: TaskCounts::new(0, 0, 0),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        let in_file = fields::of_project(&project);
        if let Some(known) = self.known(Kind::Project, &entry.id, board.is_new)? {
            let id = ProjectId::from_uuid(known.object_id);
            let Some(old) = if_exists(store::projects::get(tx, ctx.workspace, id))? else {
                self.deleted_here(&entry.path);
                return Ok(());
            };
            let merged = Merged::of(&known.fields, &in_file, &fields::of_project(&old));
            let change = ProjectUpdate {
                name: merged.pick(0, || project.name),
                description: merged.pick(1, || project.description),
                board_id: merged.pick(2, || project.board_id),
                position: None,
            };
            let project = projects::update(tx, ctx, id, change)?;
            self.keep_project(entry, id, project.board_id, false);
            return self.merged(entry, &known, &merged, &in_file, project.updated_at);
        }
        projects::add(tx, ctx, &project)?;
        self.keep_project(entry, project.id, board.id, true);
        self.created(
            Kind::Project,
            &entry.id,
            project.id.uuid(),
            in_file,
            project.updated_at,
        )
    }

    fn keep_project(&mut self, entry: &Entry, id: ProjectId, board: BoardId, is_new: bool) {
        let project = ProjectHere {
            id,
            board,
            is_new,
            last_key: None,
            last_task: None,
        };
        self.projects.insert(entry.id.clone(), project);
    }
}

fn or_default(color: Option<&String>, default: &str) -> String {
    color.map_or_else(|| default.to_owned(), Clone::clone)
}
