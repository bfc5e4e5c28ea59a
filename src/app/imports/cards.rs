//! Importing digital cards, their configurations, and webhooks.

use super::objects::{Here, Importer, Merged, if_exists};
use crate::app::{cards, integration, webhooks};
use crate::error::{Error, Result};
use crate::import::{CardEntry, ConfigurationEntry, Cover as CoverInFile, Entry, WebhookEntry};
use crate::model::cards::{Card, CardUpdate, Cover, DEFAULT_ACCENT_COLOR};
use crate::model::ids::{CardId, CoverId, IntegrationId, WebhookId};
use crate::model::imports::{FieldDigests, ImportedObject, Kind, fields};
use crate::model::integration::Config;
use crate::model::webhooks::WebhookCreate;
use crate::store;

impl Importer<'_> {
    pub(super) fn card(&mut self, entry: &Entry, new: &CardEntry) -> Result<()> {
        let (tx, ctx, origin) = (self.tx, self.ctx, self.settings.origin);
        let mut card = Card {
            id: CardId::new(),
            revision: 1,
            title: new.title.clone(),
            message: new.message.clone(),
            cover: None,
            accent_color: new
                .accent_color
                .clone()
                .unwrap_or_else(|| DEFAULT_ACCENT_COLOR.to_owned()),
            subject: new.subject.clone(),
            sender_name: new.sender_name.clone(),
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        if let Some(known) = self.known(Kind::Card, &entry.id, false)? {
            let id = CardId::from_uuid(known.object_id);
            if let Some(old) = if_exists(store::cards::get(tx, ctx.workspace, id))? {
                return self.update_card(entry, &known, &old, card);
            }
        }
        card.cover = self.cover(new)?;
        cards::add(tx, ctx, &card, origin)?;
        self.keep_card(entry, card.id, true);
        let (id, in_file) = (card.id.uuid(), fields::of_card(&card));
        self.created(Kind::Card, &entry.id, id, in_file, card.updated_at)
    }

    fn update_card(
        &mut self,
        entry: &Entry,
        known: &ImportedObject,
        old: &Card,
        card: Card,
    ) -> Result<()> {
        let in_file = fields::of_card(&card);
        let merged = Merged::of(&known.fields, &in_file, &fields::of_card(old));
        let change = CardUpdate {
            title: merged.pick(0, || card.title),
            message: merged.pick(1, || card.message),
            cover_url: None,
            accent_color: merged.pick(2, || card.accent_color),
            subject: merged.pick(3, || card.subject),
            sender_name: merged.pick(4, || card.sender_name),
        };
        let card = cards::update(self.tx, self.ctx, old.id, change, self.settings.origin)?;
        self.keep_card(entry, old.id, false);
        self.merged(entry, known, &merged, &in_file, card.updated_at)
    }

    fn keep_card(&mut self, entry: &Entry, id: CardId, is_new: bool) {
        self.cards.insert(entry.id.clone(), Here { id, is_new });
    }

    fn cover(&self, new: &CardEntry) -> Result<Option<Cover>> {
        Ok(match &new.cover {
            None => None,
            Some(CoverInFile::Url(url)) => Some(Cover::Elsewhere(url.clone())),
            Some(CoverInFile::Image(image)) => {
                let id = CoverId::random()?;
                store::covers::insert(self.tx, self.ctx.workspace, id, image, self.now)?;
                Some(Cover::Uploaded(id))
            }
        })
    }

    pub(super) fn configuration(&mut self, entry: &Entry, new: &ConfigurationEntry) -> Result<()> {
        let card = self.cards.get(&new.card).copied();
        let (Some(card), true) = (card, self.members.contains_key(&new.user)) else {
            self.counts.skipped += 1;
            return Ok(());
        };
        let known = self.known(Kind::Configuration, &entry.id, card.is_new)?;
        if known.is_some() || store::integration::exists_for(self.tx, self.ctx.workspace, card.id)?
        {
            self.counts.unchanged += 1;
            return Ok(());
        }
        let config = Config {
            id: IntegrationId::new(),
            user_id: new.user,
            workspace_id: self.ctx.workspace,
            card_id: card.id,
            created_at: new.times.created.unwrap_or(self.now),
            updated_at: new.times.updated.unwrap_or(self.now),
        };
        integration::insert(self.tx, self.ctx, &config)?;
        let fields = FieldDigests::default();
        self.created(
            Kind::Configuration,
            &entry.id,
            config.id.uuid(),
            fields,
            config.updated_at,
        )
    }

    /// Webhooks arrive switched off, with new secrets. One that is known is left as it is.
    pub(super) fn webhook(&mut self, entry: &Entry, new: &WebhookEntry) -> Result<()> {
        if let Some(known) = self.known(Kind::Webhook, &entry.id, false)? {
            let id = WebhookId::from_uuid(known.object_id);
            if if_exists(store::webhooks::get(self.tx, self.ctx.workspace, id))?.is_some() {
                self.counts.unchanged += 1;
                return Ok(());
            }
        }
        let board = new.board.as_ref().and_then(|board| self.boards.get(board));
        let create = WebhookCreate {
            name: new.name.clone(),
            url: new.url.clone(),
            events: new.events.clone(),
            secret: None,
            board_id: board.map(|board| board.id),
            payload: new.payload,
            is_active: Some(false),
        };
        match webhooks::create(self.tx, self.ctx, create, self.settings.allowed) {
            Ok((webhook, _)) => {
                self.warn(
                    &entry.path,
                    "The webhook is switched off and has a new secret",
                );
                let fields = FieldDigests::default();
                self.created(
                    Kind::Webhook,
                    &entry.id,
                    webhook.id.uuid(),
                    fields,
                    webhook.updated_at,
                )
            }
            Err(Error::InvalidRequest(fields)) => {
                self.counts.skipped += 1;
                let messages: Vec<_> = fields.into_values().collect();
                self.warn(
                    &entry.path,
                    format!("The webhook is left out: {}", messages.join("; ")),
                );
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
