//! The number of objects in a file.

use crate::model::imports::Kind;

/// The number of objects of the kinds that plans limit, and of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Boards.
    pub boards: u64,
    /// Projects.
    pub projects: u64,
    /// Tasks.
    pub tasks: u64,
    /// Digital cards.
    pub cards: u64,
    /// Webhooks.
    pub webhooks: u64,
    /// All objects.
    pub all: u64,
}

impl Totals {
    pub(super) fn count(&mut self, kind: Kind) {
        self.all += 1;
        match kind {
            Kind::Board => self.boards += 1,
            Kind::Project => self.projects += 1,
            Kind::Task => self.tasks += 1,
            Kind::Card => self.cards += 1,
            Kind::Webhook => self.webhooks += 1,
            _ => {}
        }
    }
}
