//! Importing projects.

use super::objects::{Here, Importer, Merged, ProjectHere, if_exists};
use super::position::list_of_project;
use crate::app::{boards, projects};
use crate::error::Result;
use crate::import::{Entry, ProjectEntry};
use crate::model::ids::{BoardId, ProjectId};
use crate::model::imports::{ImportedObject, Kind, fields};
use crate::model::projects::{Project, ProjectUpdate, TaskCounts};
use crate::store;

impl Importer<'_> {
    pub(super) fn project(&mut self, entry: &Entry, new: &ProjectEntry) -> Result<()> {
        let Some(board) = self.boards.get(&new.board).copied() else {
            return Ok(());
        };
        let mut project = Project {
            id: ProjectId::new(),
            board_id: board.id,
            name: new.name.clone(),
            description: new.description.clone(),
            position: String::new(),
            counts: TaskCounts::new(0, 0, 0),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        if let Some(known) = self.known(Kind::Project, &entry.id, board.is_new)? {
            let id = ProjectId::from_uuid(known.object_id);
            return match if_exists(store::projects::get(self.tx, self.ctx.workspace, id))? {
                Some(old) => self.update_project(entry, new, &known, &old, project),
                None => {
                    self.deleted_here(&entry.path);
                    Ok(())
                }
            };
        }
        project.position = self.project_position(new, project.id, board)?;
        projects::add(self.tx, self.ctx, &project)?;
        self.keep_project(entry, new, &project, true);
        let fields = fields::of_project(&project).with(&project.position);
        let id = project.id.uuid();
        self.created(Kind::Project, &entry.id, id, fields, project.updated_at)
    }

    /// The position of a new project.
    fn project_position(
        &self,
        new: &ProjectEntry,
        id: ProjectId,
        board: Here<BoardId>,
    ) -> Result<String> {
        let (tx, ctx) = (self.tx, self.ctx);
        let place = match (&new.position, board.is_new) {
            (Some(key), true) => return Ok(key.clone()),
            (None, true) => store::projects::append(tx, ctx.workspace, board.id)?,
            (_, false) => {
                let wish = self.place_after_last(&list_of_project(new));
                let wish = wish.map(ProjectId::from_uuid);
                store::projects::place(tx, ctx.workspace, board.id, id, &wish)?
            }
        };
        if place.is_respread {
            boards::record_reordered(tx, ctx, board.id)?;
        }
        Ok(place.key)
    }

    fn update_project(
        &mut self,
        entry: &Entry,
        new: &ProjectEntry,
        known: &ImportedObject,
        old: &Project,
        project: Project,
    ) -> Result<()> {
        let in_file = fields::of_project(&project);
        let here = fields::of_project(old);
        let is_moved = self.order.is_moved(&known.source) && old.board_id == project.board_id;
        let merged = Merged::of(&known.fields, &in_file, &here).moved(is_moved);
        let wish = is_moved.then(|| self.place_after_last(&list_of_project(new)));
        let change = ProjectUpdate {
            name: merged.pick(0, || project.name),
            description: merged.pick(1, || project.description),
            board_id: merged.pick(2, || project.board_id),
            position: wish.map(|wish| wish.map(ProjectId::from_uuid)),
        };
        let project = projects::update(self.tx, self.ctx, old.id, change)?;
        self.keep_project(entry, new, &project, false);
        let fields = self.with_position(&in_file, known, &project.position);
        self.merged(entry, known, &merged, &fields, project.updated_at)
    }

    fn keep_project(&mut self, entry: &Entry, new: &ProjectEntry, project: &Project, is_new: bool) {
        let here = ProjectHere {
            id: project.id,
            board: project.board_id,
            is_new,
            last_key: None,
        };
        self.projects.insert(entry.id.clone(), here);
        let board = self.boards.get(&new.board);
        if board.is_some_and(|board| board.id == project.board_id) {
            let source = self.source(Kind::Project, &entry.id);
            self.note_place(list_of_project(new), &source, project.id.uuid());
        }
    }
}
