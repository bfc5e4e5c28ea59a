//! `tackboard import FILE`

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::common::Common;
use super::export::chosen;
use super::messages::{plain, shown};
use super::progress::Progress;
use crate::app;
use crate::app::imports::{File, ParsedFile, Settings};
use crate::config::Given;
use crate::error::failure::{Failure, refuse};
use crate::import::{Column, Failed, MAX_TASKS, Mapping, Options as ImportOptions, check_map};
use crate::model::context::Ctx;
use crate::model::ids::WorkspaceId;
use crate::model::imports::{Format, Import, Preset};

/// Problems of a file that are printed. `--json` is not needed to see the rest: the first ones are what to fix.
const SHOWN_PROBLEMS: usize = 5;

#[derive(Args)]
pub(super) struct Options {
    /// File to import: an export of Tackboard, Trello, Wekan or Vikunja, or a table (CSV or TSV)
    file: PathBuf,
    /// Workspace, by id or slug [default: the only one]
    #[arg(long, value_name = "W")]
    workspace: Option<String>,
    /// Format of the file [default: found from the content]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Product that a table is from [default: found from the header]
    #[arg(long, value_enum)]
    preset: Option<Preset>,
    /// Name of the board [default: the one in the file]
    #[arg(long, value_name = "NAME", value_parser = board_name)]
    board: Option<String>,
    /// What a list becomes: List=open, List=in_progress, List=done or List=lane; repeatable [default: lanes]
    #[arg(long, value_name = "LIST=TARGET", value_parser = Mapping::parse)]
    map: Vec<Mapping>,
    /// Column of a table that contains a field: label=Title; repeatable [default: found from the header]
    #[arg(long, value_name = "FIELD=TITLE", value_parser = Column::parse)]
    column: Vec<Column>,
    /// Only report what would be imported
    #[arg(long)]
    dry_run: bool,
}

fn board_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    match (1..=255).contains(&name.chars().count()) && !name.contains('\0') {
        true => Ok(name.to_owned()),
        false => Err("must be 1 to 255 characters".to_owned()),
    }
}

pub(super) fn run(common: &Common, options: &Options) -> Result<(), Failure> {
    check_map(&options.map).map_err(|why| refuse(format!("--map {why}")))?;
    let (workspace, members) = common.read(|conn| {
        let workspace = chosen(conn, options.workspace.as_deref())?.id;
        Ok((workspace, app::imports::members(conn, workspace)?))
    })?;
    let name = options
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let chosen = ImportOptions {
        format: options.format,
        preset: options.preset,
        board: options.board.clone(),
        map: options.map.clone(),
        columns: options.column.clone(),
        file_name: name,
        members,
    };
    let open = std::fs::File::open(&options.file).map_err(|cause| {
        refuse(format!(
            "{} cannot be opened: {cause}",
            shown(&options.file)
        ))
    })?;
    let file = ParsedFile::new(File::Open(Arc::new(open)), chosen, u64::MAX)
        .map_err(|failed| explain(options, &failed))?;
    let import = store(common, options, workspace, &file)?;
    common.show(&json!({ "import": import }), || text(&import))
}

/// Stores the file. A large one keeps others from writing for long, so no server may run.
fn store(
    common: &Common,
    options: &Options,
    workspace: WorkspaceId,
    file: &ParsedFile,
) -> Result<Import, Failure> {
    let totals = file.totals();
    let _lock = match totals.tasks > MAX_TASKS {
        true => Some(common.data_dir().lock().map_err(|_| {
            refuse(format!(
                "the file has {} tasks; stop the server to import more than {MAX_TASKS}",
                totals.tasks
            ))
        })?),
        false => None,
    };
    let settings = common.settings(Given::default())?;
    let origin = settings
        .public_url
        .as_ref()
        .map(|url| url.as_str().to_owned());
    let settings = Settings {
        origin: origin.as_deref().unwrap_or("http://127.0.0.1:8080"),
        allowed: &settings.webhook_allow,
    };
    let progress = Progress::new(common);
    let show = |done| progress.show("importing", done, totals.all);
    let ctx = Ctx::command(workspace);
    let stored = common.write(|tx| {
        Ok(app::imports::run(
            tx,
            &ctx,
            file,
            settings,
            options.dry_run,
            &show,
        )?)
    });
    progress.clear();
    stored
}

fn explain(options: &Options, failed: &Failed) -> Failure {
    let problems = failed.problems.iter().take(SHOWN_PROBLEMS);
    let lines: Vec<_> = problems
        .map(|problem| match problem.path.as_str() {
            "" => problem.message.clone(),
            path => format!("{path}: {}", problem.message),
        })
        .collect();
    let more = failed.problems.len().saturating_sub(SHOWN_PROBLEMS);
    let more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    refuse(format!(
        "{} could not be imported; nothing was changed: {}{more}",
        shown(&options.file),
        lines.join("; ")
    ))
}

fn text(import: &Import) -> String {
    let counts = &import.counts;
    let what = match import.dry_run {
        true => "Would import",
        false => "Imported",
    };
    let mut text = format!(
        "{what} {} ({}): {} created, {} updated, {} unchanged, {} skipped.",
        import.file_name.as_deref().unwrap_or("the file"),
        import.format.as_str(),
        counts.created,
        counts.updated,
        counts.unchanged,
        counts.skipped
    );
    if !import.dry_run {
        text += &format!("\nImport: {}", import.id);
        for board in &import.board_ids {
            text += &format!("\nBoard: {board}");
        }
    }
    let warnings = import.warnings.as_deref().unwrap_or_default();
    if !warnings.is_empty() {
        text += &format!("\n\nLost or changed ({}):", warnings.len());
    }
    for warning in warnings {
        text += &format!("\n  {}: {}", plain(&warning.path), plain(&warning.message));
    }
    text
}
