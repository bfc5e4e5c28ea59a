//! Importing comments.

use super::objects::{Importer, Merged, if_exists};
use crate::app::comments;
use crate::error::Result;
use crate::import::{CommentEntry, Entry};
use crate::model::comments::Comment;
use crate::model::ids::CommentId;
use crate::model::imports::{ImportedObject, Kind, fields};
use crate::store;

impl Importer<'_> {
    pub(super) fn comment(&mut self, entry: &Entry, new: &CommentEntry) -> Result<()> {
        let is_here = self.find_task(&new.task)?;
        let Some(task) = self.task.as_ref().filter(|_| is_here) else {
            self.counts.skipped += 1;
            return Ok(());
        };
        let (task_id, is_new) = (task.id, task.is_new);
        let author = new.author.and_then(|id| self.members.get(&id)).cloned();
        let comment = Comment {
            id: CommentId::new(),
            task_id,
            text: new.text.clone(),
            imported_author: new
                .author_name
                .clone()
                .or_else(|| author.as_ref().map(|author| author.name.clone()))
                .filter(|name| !name.is_empty()),
            author,
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.or(new.times.created).unwrap_or(self.now),
            edited_at: new.edited_at,
        };
        let in_file = fields::of_comment(&comment);
        if let Some(known) = self.known(Kind::Comment, &entry.id, is_new)? {
            return self.update_comment(entry, &known, comment);
        }
        let Some(task) = &mut self.task else {
            return Ok(());
        };
        task.parents.counts = comments::add(self.tx, self.ctx, &task.parents, &comment)?;
        self.created(
            Kind::Comment,
            &entry.id,
            comment.id.uuid(),
            in_file,
            comment.updated_at,
        )
    }

    fn update_comment(
        &mut self,
        entry: &Entry,
        known: &ImportedObject,
        in_file: Comment,
    ) -> Result<()> {
        let id = CommentId::from_uuid(known.object_id);
        let Some(old) = if_exists(store::comments::get(self.tx, self.ctx.workspace, id))? else {
            self.deleted_here(&entry.path);
            return Ok(());
        };
        let fields = fields::of_comment(&in_file);
        let merged = Merged::of(&known.fields, &fields, &fields::of_comment(&old));
        let mut updated_at = old.updated_at;
        if let Some(text) = merged.pick(0, || in_file.text) {
            updated_at = self.now;
            let comment = Comment {
                text,
                updated_at,
                edited_at: Some(self.now),
                ..old.clone()
            };
            comments::store_change(self.tx, self.ctx, &old, &comment)?;
        }
        self.merged(entry, known, &merged, &fields, updated_at)
    }
}
