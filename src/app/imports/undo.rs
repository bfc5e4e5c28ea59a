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
    let found = match object.kind {
        Kind::Board | Kind::Label | Kind::Lane | Kind::Project => board_object(tx, ctx, object)?,
        Kind::Task | Kind::Subtask | Kind::Comment => task_object(tx, ctx, object)?,
        Kind::Card | Kind::Configuration | Kind::Webhook | Kind::Recipient => {
            card_object(tx, ctx, object)?
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

/// When an object was last changed, and how many others belong to it; `None` if it does not exist.
type Found = Option<(Timestamp, u64)>;

/// A board, or an object of a board that is not a task.
fn board_object(tx: &Tx<'_>, ctx: &Ctx, object: &ImportedObject) -> Result<Found> {
    let (workspace, id) = (ctx.workspace, object.object_id);
    Ok(match object.kind {
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
            let project = if_exists(store::projects::get(tx, workspace, id))?;
            project.map(|project| (project.updated_at, tasks))
        }
        _ => {
            let id = BoardId::from_uuid(id);
            let contents = store::boards::contents(tx, workspace, id)?;
            let children = contents.projects + contents.lanes + contents.labels;
            let board = if_exists(store::boards::get(tx, workspace, id))?;
            board.map(|board| (board.updated_at, children))
        }
    })
}

/// A task, or an object of a task.
fn task_object(tx: &Tx<'_>, ctx: &Ctx, object: &ImportedObject) -> Result<Found> {
    let (workspace, id) = (ctx.workspace, object.object_id);
    Ok(match object.kind {
        Kind::Subtask => {
            let id = SubtaskId::from_uuid(id);
            let subtask = if_exists(store::subtasks::get(tx, workspace, id))?;
            subtask.map(|subtask| (subtask.updated_at, 0))
        }
        Kind::Comment => {
            let id = CommentId::from_uuid(id);
            let comment = if_exists(store::comments::get(tx, workspace, id))?;
            comment.map(|comment| (comment.updated_at, 0))
        }
        _ => {
            let id = TaskId::from_uuid(id);
            let task = if_exists(store::tasks::get_bare(tx, workspace, id))?;
            task.map(|task| {
                let children = task.counts.subtasks_total + task.counts.comments_total;
                (task.updated_at, children)
            })
        }
    })
}

/// A digital card, an object of a card, or a webhook.
fn card_object(tx: &Tx<'_>, ctx: &Ctx, object: &ImportedObject) -> Result<Found> {
    let (workspace, id) = (ctx.workspace, object.object_id);
    Ok(match object.kind {
        Kind::Configuration => {
            let id = IntegrationId::from_uuid(id);
            let config = if_exists(store::integration::get(tx, workspace, id))?;
            config.map(|config| (config.updated_at, 0))
        }
        Kind::Webhook => {
            let id = WebhookId::from_uuid(id);
            let webhook = if_exists(store::webhooks::get(tx, workspace, id))?;
            webhook.map(|webhook| (webhook.updated_at, 0))
        }
        Kind::Recipient => {
            // Nobody changes a recipient.
            let id = RecipientId::from_uuid(id);
            store::recipients::find(tx, workspace, id)?.map(|_| (object.updated_at, 0))
        }
        _ => {
            let id = CardId::from_uuid(id);
            let recipients = if_exists(store::recipients::totals(tx, workspace, id))?;
            let recipients = recipients.map_or(0, |totals| totals.recipients);
            let configs = u64::from(store::integration::exists_for(tx, workspace, id)?);
            let card = if_exists(store::cards::get(tx, workspace, id))?;
            card.map(|card| (card.updated_at, recipients + configs))
        }
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
