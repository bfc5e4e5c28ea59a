//! Objects of earlier imports that are not in the file any more. An import deletes nothing, but its report lists them.

use super::objects::Importer;
use crate::error::Result;
use crate::model::imports::Kind;
use crate::store::imports;

/// Objects that are named in a warning.
const MAX_NAMES: usize = 5;

impl Importer<'_> {
    /// Lists what was imported before from files of this format to the boards of the file, and is not in it.
    pub(super) fn warn_of_absent(&mut self) -> Result<()> {
        let known = self.boards.iter().filter(|(_, board)| !board.is_new);
        let mut known: Vec<_> = known.map(|(_, board)| board.id).collect();
        known.sort_unstable();
        for board in known {
            for kind in [
                Kind::Label,
                Kind::Lane,
                Kind::Project,
                Kind::Task,
                Kind::Subtask,
                Kind::Comment,
            ] {
                let (mut count, mut names) = (0, Vec::new());
                let (tx, workspace, order) = (self.tx, self.ctx.workspace, &self.order);
                imports::each_on_board(tx, workspace, self.format, board, kind, |source, name| {
                    if order.is_in_file(&source) {
                        return;
                    }
                    count += 1;
                    if names.len() < MAX_NAMES {
                        names.push(format!("{name:?}"));
                    }
                })?;
                self.warn_of(kind, count, &names);
            }
        }
        Ok(())
    }

    fn warn_of(&mut self, kind: Kind, count: usize, names: &[String]) {
        if count == 0 {
            return;
        }
        let more = match count.saturating_sub(names.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "Imported before, not in the file any more, and kept: {}{more}",
            names.join(", ")
        );
        self.warn(&format!("{}s", kind.as_str()), message);
    }
}
