//! `tackboard export [FILE]`

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::args;
use super::common::Common;
use super::messages::shown;
use super::progress::Progress;
use crate::error::failure::{Failure, refuse};
use crate::model::workspaces::Workspace;
use crate::store::export::{self, Export};
use crate::store::{Conn, new_file, workspaces};

#[derive(Args)]
pub(super) struct Options {
    /// File to write; without it, the document goes to standard output
    file: Option<PathBuf>,
    /// Workspace, by id or slug [default: the only one]
    #[arg(long, value_name = "W")]
    workspace: Option<String>,
    /// Include the recipients of cards, with their addresses
    #[arg(long)]
    with_recipients: bool,
}

pub(super) fn run(common: &Common, options: &Options) -> Result<(), Failure> {
    let Some(file) = &options.file else {
        let progress = Progress::new(common);
        let out = std::io::stdout().lock();
        let written = common.read(|conn| write(conn, options, out, &progress));
        progress.clear();
        return written.map(drop);
    };
    let progress = Progress::new(common);
    let written = common
        .read(|conn| new_file::write(file, |out: &File| write(conn, options, out, &progress)));
    progress.clear();
    let (workspace, rows) = written?;
    let bytes = std::fs::metadata(file).map_or(0, |file| file.len());
    report(common, file, &workspace, rows, bytes)
}

fn report(
    common: &Common,
    file: &Path,
    workspace: &Workspace,
    rows: u64,
    bytes: u64,
) -> Result<(), Failure> {
    let path = shown(file).to_string();
    common.show(
        &json!({
            "id": workspace.id, "path": path, "bytes": bytes, "workspace_id": workspace.id, "objects": rows,
        }),
        || {
            format!(
                "Exported the workspace {} to {path} ({rows} objects, {bytes} bytes).",
                workspace.slug
            )
        },
    )
}

/// Writes the document, and returns the workspace and the number of objects.
fn write(
    conn: &Conn,
    options: &Options,
    out: impl Write,
    progress: &Progress,
) -> Result<(Workspace, u64), Failure> {
    let workspace = chosen(conn, options.workspace.as_deref())?;
    let all = export::size(conn, workspace.id)?;
    let show = |rows| progress.show("exporting", rows, all);
    let export = Export::new(conn, workspace.id, options.with_recipients, &show);
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let written = serde_json::to_writer(&mut out, &export);
    let written = written.map_err(std::io::Error::from);
    let written = written
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
    match (written, export.failure()) {
        (_, Some(error)) => Err(error.into()),
        (Err(cause), None) if cause.kind() == ErrorKind::BrokenPipe => {
            Err(refuse("the export was not read to its end"))
        }
        (Err(cause), None) => Err(refuse(format!("cannot write the export: {cause}"))),
        (Ok(()), None) => Ok((workspace, export.written())),
    }
}

/// The named workspace, or the only one.
pub(super) fn chosen(conn: &Conn, named: Option<&str>) -> Result<Workspace, Failure> {
    if let Some(named) = named {
        return args::workspace(conn, named);
    }
    let mut all = workspaces::list(conn)?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(refuse(
            "there is no workspace; create one with `tackboard workspace create`",
        )),
        _ => Err(refuse(
            "there are several workspaces; choose one with --workspace (`tackboard workspace list` shows all)",
        )),
    }
}
