//! The state of a running import, and how an object that is known from an earlier one is updated.

use std::collections::HashMap;

use uuid::Uuid;

use super::position::{ListKey, Order, Source};
use crate::error::{Error, Result};
use crate::import::Entry;
use crate::model::addresses::AllowList;
use crate::model::context::Ctx;
use crate::model::credentials::Digest;
use crate::model::ids::{
    BoardId, CardId, ImportId, LabelId, LaneId, ProjectId, SubtaskId, TaskId, UserId,
};
use crate::model::imports::{
    Counts, FieldDigests, Format, ImportedObject, Kind, Merge, Warning, fields, merge,
    source_digest,
};
use crate::model::position::Move;
use crate::model::time::Timestamp;
use crate::model::users::Person;
use crate::store::tasks::TaskParents;
use crate::store::{Tx, imports, members};

/// Why the objects of a file are imported in this way: the settings of the server.
#[derive(Clone, Copy)]
pub struct Settings<'s> {
    /// The origin of URLs of uploaded covers.
    pub origin: &'s str,
    /// The addresses that webhooks can have.
    pub allowed: &'s AllowList,
}

/// An object of the file that is here.
#[derive(Clone, Copy)]
pub(super) struct Here<T> {
    pub(super) id: T,
    /// Whether this import has created it.
    pub(super) is_new: bool,
}

/// A project of the file that is here.
pub(super) struct ProjectHere {
    pub(super) id: ProjectId,
    pub(super) board: BoardId,
    pub(super) is_new: bool,
    /// The greatest position of a task, if the project is new.
    pub(super) last_key: Option<String>,
}

/// The task whose subtasks and comments are being imported.
pub(super) struct TaskHere {
    pub(super) source: String,
    pub(super) id: TaskId,
    pub(super) is_new: bool,
    pub(super) parents: TaskParents,
    /// The position of the last subtask, if the task is new.
    pub(super) last_key: Option<String>,
    /// The last subtask that was found or created.
    pub(super) last_subtask: Option<SubtaskId>,
}

/// A running import.
pub(super) struct Importer<'i> {
    pub(super) tx: &'i Tx<'i>,
    pub(super) ctx: &'i Ctx,
    pub(super) settings: Settings<'i>,
    pub(super) id: ImportId,
    pub(super) format: Format,
    pub(super) now: Timestamp,
    pub(super) members: HashMap<UserId, Person>,
    pub(super) counts: Counts,
    pub(super) warnings: Vec<Warning>,
    pub(super) boards: HashMap<String, Here<BoardId>>,
    pub(super) labels: HashMap<String, LabelId>,
    pub(super) lanes: HashMap<String, Here<LaneId>>,
    pub(super) projects: HashMap<String, ProjectHere>,
    pub(super) cards: HashMap<String, Here<CardId>>,
    pub(super) task: Option<TaskHere>,
    /// The boards in the order of the file.
    pub(super) board_ids: Vec<BoardId>,
    /// The digests of addresses that have unsubscribed from imported cards, and when.
    pub(super) unsubscribed: Vec<(Digest, Timestamp)>,
    /// The order of the file, if it was imported before.
    pub(super) order: Order,
    /// The last object that was found or created, by list.
    pub(super) last: HashMap<ListKey, Uuid>,
}

/// How the fields of an object that is known are merged.
pub(super) struct Merged {
    fields: Vec<Merge>,
    is_moved: bool,
}

impl Merged {
    /// Compares an object as it was imported, as it is in the file, and as it is here.
    pub(super) fn of(imported: &FieldDigests, in_file: &FieldDigests, here: &FieldDigests) -> Self {
        let fields = (0..).take_while(|field| in_file.get(*field).is_some());
        Self {
            fields: fields
                .map(|field| merge(imported, in_file, here, field))
                .collect(),
            is_moved: false,
        }
    }

    /// The same for an object that may have been moved at the source.
    pub(super) fn moved(self, is_moved: bool) -> Self {
        Self { is_moved, ..self }
    }

    /// Whether the object is to be updated.
    pub(super) fn is_update(&self) -> bool {
        self.is_moved || self.fields.contains(&Merge::Apply)
    }

    /// Whether something was changed here and at the source.
    fn is_blocked(&self) -> bool {
        self.fields.contains(&Merge::Blocked)
    }

    /// The new value of a field, if it is to be updated.
    pub(super) fn pick<T>(&self, field: usize, value: impl FnOnce() -> T) -> Option<T> {
        (self.fields.get(field) == Some(&Merge::Apply)).then(value)
    }
}

impl<'i> Importer<'i> {
    pub(super) fn new(
        tx: &'i Tx<'i>,
        ctx: &'i Ctx,
        settings: Settings<'i>,
        format: Format,
    ) -> Result<Self> {
        let members = members::all(tx, ctx.workspace)?.into_iter().map(|member| {
            let (id, name) = (member.id, member.name);
            (id, Person { id, name })
        });
        Ok(Self {
            tx,
            ctx,
            settings,
            id: ImportId::new(),
            format,
            now: Timestamp::now(),
            members: members.collect(),
            counts: Counts::default(),
            warnings: Vec::new(),
            boards: HashMap::new(),
            labels: HashMap::new(),
            lanes: HashMap::new(),
            projects: HashMap::new(),
            cards: HashMap::new(),
            task: None,
            board_ids: Vec::new(),
            unsubscribed: Vec::new(),
            order: Order::default(),
            last: HashMap::new(),
        })
    }

    pub(super) fn warn(&mut self, path: &str, message: impl Into<String>) {
        self.warnings.push(Warning {
            path: path.to_owned(),
            message: message.into(),
        });
    }

    /// What is remembered of an object. Nothing is, if its parent is new.
    pub(super) fn known(
        &self,
        kind: Kind,
        id: &str,
        parent_is_new: bool,
    ) -> Result<Option<ImportedObject>> {
        if parent_is_new {
            return Ok(None);
        }
        let source = source_digest(self.format, kind, id);
        imports::find(self.tx, self.ctx.workspace, kind, &source)
    }

    /// Remembers an object that was created.
    pub(super) fn created(
        &mut self,
        kind: Kind,
        id: &str,
        object_id: Uuid,
        fields: FieldDigests,
        updated_at: Timestamp,
    ) -> Result<()> {
        self.counts.created += 1;
        let object = ImportedObject {
            kind,
            source: source_digest(self.format, kind, id),
            object_id,
            import_id: self.id,
            fields,
            updated_at,
        };
        imports::put(self.tx, self.ctx.workspace, &object)
    }

    /// The digest of an object at the source.
    pub(super) fn source(&self, kind: Kind, id: &str) -> Source {
        source_digest(self.format, kind, id)
    }

    /// Where a new object of a list goes, or one that was moved at the source: after the one before it in the file.
    pub(super) fn place_after_last(&self, list: &ListKey) -> Move<Uuid> {
        self.last
            .get(list)
            .map_or(Move::First, |last| Move::After(*last))
    }

    /// Notes that an object of a known list is here. One that was moved here is not a neighbor of others.
    pub(super) fn note_place(&mut self, list: ListKey, source: &Source, id: Uuid) {
        match self.order.is_pinned(source) {
            true => drop(self.last.entry(list).or_insert(id)),
            false => drop(self.last.insert(list, id)),
        }
    }

    /// The fields of a known object as they are remembered: with its position here, unless it was moved here.
    pub(super) fn with_position(
        &self,
        in_file: &FieldDigests,
        known: &ImportedObject,
        position: &str,
    ) -> FieldDigests {
        let field = fields::position_field(known.kind);
        let imported = field.and_then(|field| known.fields.get(field));
        match imported.filter(|_| self.order.is_pinned(&known.source)) {
            Some(imported) => in_file.clone().with_digest(imported),
            None => in_file.clone().with(position),
        }
    }

    /// Counts an object that was deleted here since the last import.
    pub(super) fn deleted_here(&mut self, path: &str) {
        self.counts.skipped += 1;
        self.warn(
            path,
            "It was deleted here since the last import, so it is left out",
        );
    }

    /// Counts an object that is known, and remembers its new fields. `updated_at` is its time of change, if it was updated.
    pub(super) fn merged(
        &mut self,
        entry: &Entry,
        known: &ImportedObject,
        merged: &Merged,
        fields: &FieldDigests,
        updated_at: Timestamp,
    ) -> Result<()> {
        match (merged.is_update(), merged.is_blocked()) {
            (true, _) => self.counts.updated += 1,
            (false, true) => self.counts.skipped += 1,
            (false, false) => self.counts.unchanged += 1,
        }
        if merged.is_blocked() {
            self.warn(
                &entry.path,
                "What was changed here since the last import is kept, although it has changed in the file",
            );
        }
        if *fields == known.fields && !merged.is_update() {
            return Ok(());
        }
        // An object that was changed here too must not look unchanged to an undo.
        let is_updated = merged.is_update() && !merged.is_blocked();
        let updated = is_updated.then_some((self.id, updated_at));
        imports::set_fields(self.tx, self.ctx.workspace, known, fields, updated)
    }
}

/// `None` for an object that does not exist.
pub(super) fn if_exists<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(object) => Ok(Some(object)),
        Err(Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
