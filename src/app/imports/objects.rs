//! The state of a running import, and how an object that is known from an earlier one is updated.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::import::Entry;
use crate::model::addresses::AllowList;
use crate::model::context::Ctx;
use crate::model::ids::{BoardId, CardId, ImportId, LabelId, LaneId, ProjectId, TaskId, UserId};
use crate::model::imports::{
    Counts, FieldDigests, Format, ImportedObject, Kind, Merge, Warning, merge, source_digest,
};
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
    /// The last task that was found or created.
    pub(super) last_task: Option<TaskId>,
}

/// The task whose subtasks and comments are being imported.
pub(super) struct TaskHere {
    pub(super) source: String,
    pub(super) id: TaskId,
    pub(super) is_new: bool,
    pub(super) parents: TaskParents,
    /// The position of the last subtask, if the task is new.
    pub(super) last_key: Option<String>,
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
    pub(super) lanes: HashMap<String, LaneId>,
    pub(super) projects: HashMap<String, ProjectHere>,
    pub(super) cards: HashMap<String, Here<CardId>>,
    pub(super) task: Option<TaskHere>,
    /// The boards in the order of the file.
    pub(super) board_ids: Vec<BoardId>,
}

/// How the fields of an object that is known are merged.
pub(super) struct Merged(Vec<Merge>);

impl Merged {
    /// Compares an object as it was imported, as it is in the file, and as it is here.
    pub(super) fn of(imported: &FieldDigests, in_file: &FieldDigests, here: &FieldDigests) -> Self {
        let fields = (0..).take_while(|field| in_file.get(*field).is_some());
        Self(
            fields
                .map(|field| merge(imported, in_file, here, field))
                .collect(),
        )
    }

    /// The new value of a field, if it is to be updated.
    pub(super) fn pick<T>(&self, field: usize, value: impl FnOnce() -> T) -> Option<T> {
        (self.0.get(field) == Some(&Merge::Apply)).then(value)
    }

    pub(super) fn has(&self, what: Merge) -> bool {
        self.0.contains(&what)
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
        object_id: uuid::Uuid,
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
        in_file: &FieldDigests,
        updated_at: Timestamp,
    ) -> Result<()> {
        let is_updated = merged.has(Merge::Apply);
        match (is_updated, merged.has(Merge::Blocked)) {
            (true, _) => self.counts.updated += 1,
            (false, true) => self.counts.skipped += 1,
            (false, false) => self.counts.unchanged += 1,
        }
        if merged.has(Merge::Blocked) {
            self.warn(
                &entry.path,
                "What was changed here since the last import is kept, although it has changed in the file",
            );
        }
        if *in_file == known.fields {
            return Ok(());
        }
        // An object that was changed here too must not look unchanged to an undo.
        let updated = (is_updated && !merged.has(Merge::Blocked)).then_some((self.id, updated_at));
        imports::set_fields(self.tx, self.ctx.workspace, known, in_file, updated)
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
