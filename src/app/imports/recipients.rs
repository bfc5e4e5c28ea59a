//! Importing recipients of digital cards. Nothing is sent: they are what has happened on another server.

use super::objects::Importer;
use crate::app::recipients;
use crate::error::{Error, Result};
use crate::import::{Entry, RecipientEntry};
use crate::model::events::EventType;
use crate::model::ids::RecipientId;
use crate::model::imports::{FieldDigests, Kind};
use crate::model::recipients::Delivery;
use crate::store;
use crate::store::recipients::NewRecipient;

impl Importer<'_> {
    pub(super) fn recipient(&mut self, entry: &Entry, new: &RecipientEntry) -> Result<()> {
        let Some(card) = self.cards.get(&new.card).copied() else {
            self.counts.skipped += 1;
            return Ok(());
        };
        let (tx, ctx) = (self.tx, self.ctx);
        if self
            .known(Kind::Recipient, &entry.id, card.is_new)?
            .is_some()
        {
            self.counts.unchanged += 1;
            return Ok(());
        }
        let recipient = NewRecipient {
            id: RecipientId::random()?,
            card: card.id,
            revision: store::editions::ensure(tx, ctx.workspace, card.id)?,
            email: &new.email,
            name: &new.name,
            values: &new.values,
            status: new.status,
            created_at: new.times.created.unwrap_or(self.now),
        };
        match store::recipients::insert(tx, ctx.workspace, &recipient) {
            Ok(()) => {}
            Err(Error::RecipientUnsubscribed { .. }) => {
                self.counts.skipped += 1;
                self.warn(
                    &entry.path,
                    "The address has unsubscribed here, so it is left out",
                );
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        self.record_history(recipient.id, new)?;
        let unsubscribed = new.unsubscribed_at.map(|at| (new.email.digest(), at));
        self.unsubscribed.extend(unsubscribed);
        let (id, fields) = (recipient.id.uuid(), FieldDigests::default());
        self.created(Kind::Recipient, &entry.id, id, fields, recipient.created_at)
    }

    /// Sets what the recipient did elsewhere, and records its state.
    fn record_history(&self, id: RecipientId, new: &RecipientEntry) -> Result<()> {
        let (tx, ctx) = (self.tx, self.ctx);
        let (sent, opened, viewed) = (new.sent_at, new.opened_at, new.viewed_at);
        store::recipients::set_history(tx, ctx.workspace, id, sent, opened, viewed)?;
        let kind = match new.status {
            Delivery::Link => EventType::CardLinkCreated,
            Delivery::Sent => EventType::CardSent,
            Delivery::Queued | Delivery::Failed => EventType::CardFailed,
        };
        match store::recipients::find(tx, ctx.workspace, id)? {
            Some(shown) => recipients::record(tx, ctx, kind, &shown),
            None => Ok(()),
        }
    }

    /// Stops cards to those who had unsubscribed. Afterwards, because no recipient with such an address can be added.
    pub(super) fn suppress_unsubscribed(&mut self) -> Result<()> {
        for (digest, at) in std::mem::take(&mut self.unsubscribed) {
            recipients::suppress(self.tx, self.ctx, &digest, at)?;
        }
        Ok(())
    }
}
