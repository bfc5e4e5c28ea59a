//! Imports of files. One import is one transaction: all of the file, or nothing.

mod boards;
mod cards;
mod comments;
mod known;
mod labels;
mod lanes;
mod objects;
mod position;
mod projects;
mod recipients;
mod subtasks;
mod tasks;
mod undo;

use std::fs;
use std::sync::Arc;

use self::objects::Importer;
pub use self::objects::Settings;
use self::position::{Order, Ordering};
pub use self::undo::undo;
use crate::error::{Error, Result};
use crate::import::{self, Entry, Failed, Input, Item, Members, Options, Parsed, Totals};
use crate::model::context::Ctx;
use crate::model::events::{EventType, NewEvent};
use crate::model::ids::WorkspaceId;
use crate::model::imports::Import;
use crate::model::plans::Limited;
use crate::store::{Conn, Tx, export, imports, usage};

/// The file of an import.
#[derive(Clone, Debug)]
pub enum File {
    /// The content.
    Bytes(Vec<u8>),
    /// A file on disk, which is read while it is parsed.
    Open(Arc<fs::File>),
}

impl File {
    fn input(&self) -> Input<'_> {
        match self {
            File::Bytes(bytes) => Input::Bytes(bytes),
            File::Open(file) => Input::File(file),
        }
    }
}

/// A file that was parsed and can be imported.
#[derive(Clone, Debug)]
pub struct ParsedFile {
    file: File,
    options: Options,
    parsed: Parsed,
}

impl ParsedFile {
    /// Parses a file of at most `max_tasks` tasks.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(file: File, options: Options, max_tasks: u64) -> Result<Self, Failed> {
        let parsed = import::parse(file.input(), &options, max_tasks)?;
        // The objects are in memory, unless there are too many of them.
        let file = match file {
            File::Bytes(_) => File::Bytes(Vec::new()),
            open => open,
        };
        Ok(Self {
            file,
            options,
            parsed,
        })
    }

    fn for_each(&self, each: &mut dyn FnMut(&Entry) -> Result<()>) -> Result<()> {
        import::for_each(&self.parsed, self.file.input(), &self.options, each)
    }

    /// The number of objects in it.
    pub fn totals(&self) -> Totals {
        self.parsed.totals
    }
}

/// Returns the members of a workspace by address.
///
/// # Errors
/// Database errors only.
pub fn members(conn: &Conn, workspace: WorkspaceId) -> Result<Members> {
    let mut all = Vec::new();
    export::members(conn, workspace, &mut |member| {
        all.push((member.email.clone(), member.id));
        Ok(())
    })?;
    Ok(Members::new(all))
}

/// Imports a file. A dry run stores nothing, and returns the same report. `progress` gets the number of objects so far.
///
/// # Errors
/// `resource_limit_exceeded`.
pub fn run(
    tx: &Tx<'_>,
    ctx: &Ctx,
    file: &ParsedFile,
    settings: Settings<'_>,
    is_dry_run: bool,
    progress: &dyn Fn(u64),
) -> Result<Import> {
    let before = check_limits(tx, ctx.workspace, &file.parsed.totals)?;
    let ctx = ctx.as_import();
    let import = || {
        let stored = store(tx, &ctx, file, settings, progress);
        stored.map_err(|error| error.with_usage(&before))
    };
    match is_dry_run {
        true => Ok(Import {
            dry_run: true,
            ..tx.taken_back(import)?
        }),
        false => import(),
    }
}

fn store(
    tx: &Tx<'_>,
    ctx: &Ctx,
    file: &ParsedFile,
    settings: Settings<'_>,
    progress: &dyn Fn(u64),
) -> Result<Import> {
    let mut importer = Importer::new(tx, ctx, settings, file.parsed.format)?;
    let mut import = Import {
        id: importer.id,
        format: importer.format,
        file_name: file.options.file_name.clone(),
        board_ids: Vec::new(),
        counts: importer.counts,
        warnings: None,
        warnings_total: 0,
        dry_run: false,
        created_at: importer.now,
        undone_at: None,
        undo: None,
    };
    importer.order = order(tx, ctx.workspace, file)?;
    imports::insert(tx, ctx.workspace, &import)?;
    let mut done = 0;
    file.for_each(&mut |entry| {
        done += 1;
        progress(done);
        store_entry(&mut importer, entry)
    })?;
    importer.suppress_unsubscribed()?;
    importer.warn_of_absent()?;
    let mut warnings = file.parsed.warnings.clone();
    warnings.append(&mut importer.warnings);
    import.board_ids = importer.board_ids;
    import.counts = importer.counts;
    import.warnings_total = warnings.len() as u64;
    import.warnings = Some(warnings);
    imports::complete(tx, ctx.workspace, &import)?;
    let event = NewEvent::new(EventType::ImportFinished, &import.without_warnings())?;
    tx.record(ctx, &event)?;
    Ok(import)
}

/// Reads the order of the file, if some of its objects may be known from an earlier import.
fn order(tx: &Tx<'_>, workspace: WorkspaceId, file: &ParsedFile) -> Result<Order> {
    if !imports::exist(tx, workspace)? {
        return Ok(Order::default());
    }
    let mut ordering = Ordering::new(tx, workspace, file.parsed.format);
    file.for_each(&mut |entry| ordering.add(entry))?;
    ordering.end()
}

fn store_entry(importer: &mut Importer<'_>, entry: &Entry) -> Result<()> {
    match &entry.item {
        Item::Board(new) => importer.board(entry, new),
        Item::Label(new) => importer.label(entry, new),
        Item::Lane(new) => importer.lane(entry, new),
        Item::Project(new) => importer.project(entry, new),
        Item::Task(new) => importer.task(entry, new),
        Item::Subtask(new) => importer.subtask(entry, new),
        Item::Comment(new) => importer.comment(entry, new),
        Item::Card(new) => importer.card(entry, new),
        Item::Configuration(new) => importer.configuration(entry, new),
        Item::Webhook(new) => importer.webhook(entry, new),
        Item::Recipient(new) => importer.recipient(entry, new),
    }
}

/// Checks the limits of the plan before the first row. If the workspace has earlier imports, some objects of the file may be
/// here already, so only the database can decide. Returns the usage.
fn check_limits(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    totals: &Totals,
) -> Result<Vec<(Limited, u64)>> {
    let may_be_known = imports::exist(tx, workspace)?;
    let mut before = Vec::new();
    for (resource, count) in [
        (Limited::Boards, totals.boards),
        (Limited::Projects, totals.projects),
        (Limited::Tasks, totals.tasks),
        (Limited::Cards, totals.cards),
        (Limited::Webhooks, totals.webhooks),
    ] {
        let usage = usage::resource(tx, workspace, resource)?;
        before.push((resource, usage.current));
        let present = if may_be_known { 0 } else { usage.current };
        if let Some(limit) = usage.limit
            && count > 0
            && present + count > limit
        {
            return Err(Error::ResourceLimitExceeded {
                resource,
                limit,
                current: usage.current,
            });
        }
    }
    Ok(before)
}
