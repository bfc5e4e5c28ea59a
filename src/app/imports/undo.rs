//! Undoing an import.

use super::objects::{Settings, if_exists};
use crate::app::{
    boards, cards, comments, integration, labels, lanes, projects, recipients, subtasks, tasks,
    webhooks,
};
use crate::error::{Error, Fields, Result};
use crate::model::context::Ctx;
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::{
    BoardId, CardId, CommentId, ImportId, IntegrationId, LabelId, LaneId, ProjectId, RecipientId,
    SubtaskId, TaskId, WebhookId,
};
use crate::model::imports::{Import, ImportedObject, Kept, Kind, MAX_KEPT, Undo};
use crate::model::time::Timestamp;
use crate::store::{self, Tx, imports};

/// The most objects that are removed while the server runs.
const MAX_OBJECTS: u64 = 100_000;

/// Whether an object can be removed.
enum State {
    /// Nobody has changed it, and nothing depends on it.
    Removable,
    Kept(&'static str),
    /// It was deleted before.
    Gone,
}

/// Removes what an import has created and nobody has changed since. Parents of what is kept are kept too. What the import
/// has updated is listed.
///
/// # Errors
/// `import_not_found`; `conflict` if it was undone before, or is too large.
pub fn undo(tx: &Tx<'_>, ctx: &Ctx, id: ImportId, settings: Settings<'_>) -> Result<Import> {
    let import = imports::get(tx, ctx.workspace, id)?;
    if import.undone_at.is_some() {
        return Err(imports::undone_before(id));
    }
    if import.counts.created > MAX_OBJECTS {
        return Err(Error::Conflict {
            message: format!(
                "The import has more than {MAX_OBJECTS} objects; delete its boards instead"
            ),
            fields: Fields::from([("import_id".to_owned(), id.to_string())]),
        });
    }
    let ctx = ctx.as_import();
    let mut undo = Undo::default();
    for object in imports::of_import(tx, ctx.workspace, id)? {
        match state(tx, &ctx, &object)? {
            State::Gone => {}
            State::Kept(reason) => {
                keep(&mut undo, object.kind, object.object_id, reason);
                continue;
            }
            State::Removable => {
                remove(tx, &ctx, &object, settings)?;
                undo.removed += 1;
            }
        }
        imports::forget(tx, ctx.workspace, &object)?;
    }
    for (kind, object) in imports::updated_by(tx, ctx.workspace, id)? {
        keep(
            &mut undo,
            kind,
            object,
            "The import has updated it; the update is not reverted",
        );
    }
    imports::set_undone(tx, ctx.workspace, id, &undo, Timestamp::now())?;
    let import = imports::get(tx, ctx.workspace, id)?;
    let event = NewEvent::new(EventType::ImportUndone, &import.without_warnings())?;
    tx.record(&ctx, &event)?;
    Ok(import)
}

fn keep(undo: &mut Undo, kind: Kind, id: uuid::Uuid, reason: &str) {
    if undo.kept.len() < MAX_KEPT {
        undo.kept.push(Kept {
            kind: kind.as_str().to_owned(),
            id,
            reason: reason.to_owned(),
        });
    }
}

/// Returns whether an object can be removed. Its children were removed before it, if they could be.
fn state(tx: &Tx<'_>, ctx: &Ctx, object: &ImportedObject) -> Result<State> {
    let (workspace, id) = (ctx.workspace, object.object_id);
    let found = match object.kind {
        Kind::Board => {
            let id = BoardId::from_uuid(id);
            let contents = store::boards::contents(tx, workspace, id)?;
            let board = if_exists(store::boards::get(tx, workspace, id))?;
            board.map(|board| {
                (
                    board.updated_at,
                    contents.projects + contents.lanes + contents.labels,
                )
            })
        }
        Kind::Label => {
            let id = LabelId::from_uuid(id);
            let tasks = store::labels::count_tasks(tx, workspace, id)?;
            if_exists(store::labels::get(tx, workspace, id))?.map(|label| (label.updated_at, tasks))
        }
        Kind::Lane => {
            let id = LaneId::from_uuid(id);
            let tasks = store::lanes::count_tasks(tx, workspace, id)?;
            if_exists(store::lanes::get(tx, workspace, id))?.map(|lane| (lane.updated_at, tasks))
        }
        Kind::Project => {
            let id = ProjectId::from_uuid(id);
            let (tasks, ..) = store::projects::count_contents(tx, workspace, id)?;
            if_exists(store::projects::get(tx, workspace, id))?
                .map(|project| (project.updated_at, tasks))
        }
        Kind::Task => {
            let task = if_exists(store::tasks::get_bare(tx, workspace, TaskId::from_uuid(id)))?;
            task.map(|task| {
                (
                    task.updated_at,
                    task.counts.subtasks_total + task.counts.comments_total,
                )
            })
        }
        Kind::Subtask => {
            let subtask = if_exists(store::subtasks::get(
                tx,
                workspace,
                SubtaskId::from_uuid(id),
            ))?;
            subtask.map(|subtask| (subtask.updated_at, 0))
        }
        Kind::Comment => {
            let comment = if_exists(store::comments::get(
                tx,
                workspace,
                CommentId::from_uuid(id),
            ))?;
            comment.map(|comment| (comment.updated_at, 0))
        }
        Kind::Card => {
            let id = CardId::from_uuid(id);
            let recipients = store::recipients::totals(tx, workspace, id);
            let configs = u64::from(store::integration::exists_for(tx, workspace, id)?);
            let recipients = if_exists(recipients)?.map_or(0, |totals| totals.recipients);
            if_exists(store::cards::get(tx, workspace, id))?
                .map(|card| (card.updated_at, recipients + configs))
        }
        Kind::Configuration => {
            let config = if_exists(store::integration::get(
                tx,
                workspace,
                IntegrationId::from_uuid(id),
            ))?;
            config.map(|config| (config.updated_at, 0))
        }
        Kind::Webhook => {
            let webhook = if_exists(store::webhooks::get(
                tx,
                workspace,
                WebhookId::from_uuid(id),
            ))?;
            webhook.map(|webhook| (webhook.updated_at, 0))
        }
        Kind::Recipient => {
            // Nobody changes a recipient.
            let id = RecipientId::from_uuid(id);
            store::recipients::find(tx, workspace, id)?.map(|_| (object.updated_at, 0))
        }
    };
    Ok(match found {
        None => State::Gone,
        Some((updated_at, _)) if updated_at != object.updated_at => {
            State::Kept("It was changed since the import")
        }
        Some((_, 0)) => State::Removable,
        Some(_) => State::Kept("Something that is kept belongs to it"),
    })
}

fn remove(tx: &Tx<'_>, ctx: &Ctx, object: &ImportedObject, settings: Settings<'_>) -> Result<()> {
    let id = object.object_id;
    match object.kind {
        Kind::Board => boards::delete(tx, ctx, BoardId::from_uuid(id)),
        Kind::Label => labels::delete(tx, ctx, LabelId::from_uuid(id)),
        Kind::Lane => lanes::delete(tx, ctx, LaneId::from_uuid(id)),
        Kind::Project => projects::delete(tx, ctx, ProjectId::from_uuid(id)),
        Kind::Task => tasks::delete(tx, ctx, TaskId::from_uuid(id)),
        Kind::Subtask => subtasks::delete(tx, ctx, SubtaskId::from_uuid(id)),
        Kind::Comment => {
            let comment = store::comments::get(tx, ctx.workspace, CommentId::from_uuid(id))?;
            comments::remove(tx, ctx, &comment)
        }
        Kind::Card => cards::delete(tx, ctx, CardId::from_uuid(id), settings.origin),
        Kind::Configuration => {
            let config = store::integration::get(tx, ctx.workspace, IntegrationId::from_uuid(id))?;
            integration::end(tx, ctx, &config)
        }
        Kind::Webhook => webhooks::delete(tx, ctx, WebhookId::from_uuid(id)),
        Kind::Recipient => recipients::delete(tx, ctx, RecipientId::from_uuid(id)),
    }
}
