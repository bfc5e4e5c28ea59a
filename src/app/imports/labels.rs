//! Importing labels.

use super::objects::{Importer, Merged, if_exists};
use crate::app::labels;
use crate::error::{Error, Result};
use crate::import::{Entry, LabelEntry};
use crate::model::ids::LabelId;
use crate::model::imports::{ImportedObject, Kind, fields};
use crate::model::labels::{Label, LabelUpdate};
use crate::store;

impl Importer<'_> {
    pub(super) fn label(&mut self, entry: &Entry, new: &LabelEntry) -> Result<()> {
        let Some(board) = self.boards.get(&new.board).copied() else {
            return Ok(());
        };
        let label = Label {
            id: LabelId::new(),
            board_id: board.id,
            name: new.name.clone(),
            color: new.color.clone(),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        if let Some(known) = self.known(Kind::Label, &entry.id, board.is_new)? {
            let id = LabelId::from_uuid(known.object_id);
            return match if_exists(store::labels::get(self.tx, self.ctx.workspace, id))? {
                Some(old) => self.update_label(entry, &known, &old, label),
                None => {
                    self.deleted_here(&entry.path);
                    Ok(())
                }
            };
        }
        match labels::add(self.tx, self.ctx, &label) {
            Ok(()) => {
                self.labels.insert(entry.id.clone(), label.id);
                let in_file = fields::of_label(&label);
                let id = label.id.uuid();
                self.created(Kind::Label, &entry.id, id, in_file, label.updated_at)
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

    fn update_label(
        &mut self,
        entry: &Entry,
        known: &ImportedObject,
        old: &Label,
        label: Label,
    ) -> Result<()> {
        let in_file = fields::of_label(&label);
        let merged = Merged::of(&known.fields, &in_file, &fields::of_label(old));
        let change = LabelUpdate {
            name: merged.pick(0, || label.name),
            color: merged.pick(1, || label.color),
        };
        self.labels.insert(entry.id.clone(), old.id);
        match labels::update(self.tx, self.ctx, old.id, change) {
            Ok(label) => self.merged(entry, known, &merged, &in_file, label.updated_at),
            Err(Error::Conflict { message, .. }) => {
                self.counts.skipped += 1;
                self.warn(&entry.path, message);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
