//! Importing subtasks.

use super::objects::{Importer, Merged, if_exists};
use crate::app::subtasks;
use crate::error::Result;
use crate::import::{Entry, SubtaskEntry};
use crate::model::ids::SubtaskId;
use crate::model::imports::{ImportedObject, Kind, fields};
use crate::model::position::{Move, after_last};
use crate::model::subtasks::{Subtask, SubtaskUpdate};
use crate::store;

impl Importer<'_> {
    pub(super) fn subtask(&mut self, entry: &Entry, new: &SubtaskEntry) -> Result<()> {
        let is_here = self.find_task(&new.task)?;
        let Some(task) = self.task.as_ref().filter(|_| is_here) else {
            self.counts.skipped += 1;
            return Ok(());
        };
        let (task_id, is_new) = (task.id, task.is_new);
        let mut subtask = Subtask {
            id: SubtaskId::new(),
            task_id,
            label: new.label.clone(),
            is_completed: new.is_completed,
            position: String::new(),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        if let Some(known) = self.known(Kind::Subtask, &entry.id, is_new)? {
            let id = SubtaskId::from_uuid(known.object_id);
            return match if_exists(store::subtasks::get(self.tx, self.ctx.workspace, id))? {
                Some(old) => self.update_subtask(entry, &known, &old, subtask),
                None => {
                    self.deleted_here(&entry.path);
                    Ok(())
                }
            };
        }
        subtask.position = self.subtask_position(new, subtask.id)?;
        let Some(task) = &mut self.task else {
            return Ok(());
        };
        task.last_key = task.last_key.take().max(Some(subtask.position.clone()));
        task.last_subtask = Some(subtask.id);
        task.parents.counts = subtasks::add(self.tx, self.ctx, &task.parents, &subtask)?;
        let fields = fields::of_subtask(&subtask).with(&subtask.position);
        let id = subtask.id.uuid();
        self.created(Kind::Subtask, &entry.id, id, fields, subtask.updated_at)
    }

    /// The position of a new subtask of the current task.
    fn subtask_position(&self, new: &SubtaskEntry, id: SubtaskId) -> Result<String> {
        let Some(task) = &self.task else {
            return Ok(after_last(None));
        };
        Ok(match (&new.position, task.is_new) {
            (Some(key), true) => key.clone(),
            (None, true) => after_last(task.last_key.as_deref()),
            (_, false) => {
                let wish = task.last_subtask.map_or(Move::First, Move::After);
                store::subtasks::place(self.tx, self.ctx.workspace, task.id, id, &wish)?.key
            }
        })
    }

    fn update_subtask(
        &mut self,
        entry: &Entry,
        known: &ImportedObject,
        old: &Subtask,
        subtask: Subtask,
    ) -> Result<()> {
        let in_file = fields::of_subtask(&subtask);
        let is_here = old.task_id == subtask.task_id;
        let is_moved = self.order.is_moved(&known.source) && is_here;
        let merged = Merged::of(&known.fields, &in_file, &fields::of_subtask(old)).moved(is_moved);
        let last = self.task.as_ref().and_then(|task| task.last_subtask);
        let change = SubtaskUpdate {
            label: merged.pick(0, || subtask.label),
            is_completed: merged.pick(1, || subtask.is_completed),
            position: is_moved.then(|| last.map_or(Move::First, Move::After)),
        };
        let subtask = subtasks::update(self.tx, self.ctx, old.id, change)?;
        let is_neighbor = is_here && (last.is_none() || !self.order.is_pinned(&known.source));
        if let Some(task) = self.task.as_mut().filter(|_| is_neighbor) {
            task.last_subtask = Some(old.id);
        }
        let fields = self.with_position(&in_file, known, &subtask.position);
        self.merged(entry, known, &merged, &fields, subtask.updated_at)
    }
}
