//! `/v1/imports`

use std::sync::Arc;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::{HttpRequest, web};
use tokio::sync::OwnedSemaphorePermit;

use super::auth::{Admin, Auth, Reader};
use super::body::Valid;
use super::call::Call;
use super::deliveries::NoFields;
use super::params::{CheckedQuery, Id, Query};
use super::response::{JsonResponse, one};
use super::upload_body;
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::app::imports::{File, ParsedFile, Settings};
use crate::error::{Error, Outage, Result};
use crate::import::{Column, MAX_TASKS, Mapping, Options, check_map};
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::ids::{ImportId, WorkspaceId};
use crate::model::imports::{Import, ImportQuery};
use crate::model::page::{PageQuery, PageRequest};
use crate::store::{Tx, imports};

/// Maximum bytes of a file.
const MAX_BYTES: usize = 100 << 20;

/// How long a file that has arrived waits for other imports.
const TURN: Duration = Duration::from_secs(10);

pub(super) async fn list(
    reader: Reader<Admin>,
    query: CheckedQuery<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = query.parse(PageRequest::from_query)?;
    call.list(reader, page, move |conn, workspace, page| {
        imports::list(conn, workspace, page)
    })
    .await
}

pub(super) async fn get(
    auth: Auth<Admin>,
    Id(id): Id<ImportId>,
    call: Call,
) -> Result<JsonResponse> {
    call.show_slowly(move |conn| imports::get(conn, auth.workspace(), id))
        .await
}

pub(super) async fn create(
    auth: Auth<Admin>,
    query: Query<ImportQuery>,
    request: HttpRequest,
    payload: web::Payload,
    call: Call,
) -> Result<JsonResponse> {
    let (workspace, payload) = (auth.workspace(), payload.into_inner());
    let received = upload_body::receive(&request, payload, workspace, MAX_BYTES, not_whole);
    let upload = received.await?;
    let turn = turn(&call).await?;
    let body = Valid {
        digest: Some(upload.digest),
        value: Arc::new(parse(workspace, &query, upload.file, &call).await?),
    };
    let store = store(&call, query.is_dry_run());
    let status = if query.is_dry_run() { 200 } else { 201 };
    let render = move |import: Import| PostResponse::new(status, one(&import)?);
    let response = call.post(auth, body, store, render).await?;
    drop((turn, upload.share));
    Ok(JsonResponse::from_post(response, false))
}

fn not_whole(cause: PayloadError) -> Error {
    Error::ImportFailed {
        format: None,
        problems: vec![(
            String::new(),
            format!("The file did not arrive whole: {cause}"),
        )],
    }
}

/// Waits until few enough other imports are parsed and stored.
async fn turn(call: &Call) -> Result<OwnedSemaphorePermit> {
    let permit = Arc::clone(&call.state().imports).acquire_owned();
    match tokio::time::timeout(TURN, permit).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Error::Unavailable(Outage::Overloaded)),
    }
}

/// Parses the file on a blocking thread.
async fn parse(
    workspace: WorkspaceId,
    query: &ImportQuery,
    file: File,
    call: &Call,
) -> Result<ParsedFile> {
    let mut options = options(query)?;
    let db = Arc::clone(&call.state().db);
    let work = move || {
        options.members = db.read_slowly(|conn| app::imports::members(conn, workspace))?;
        Ok(ParsedFile::new(file, options, MAX_TASKS)?)
    };
    web::block(work)
        .await
        .map_err(|cause| Error::internal("a file was not parsed", cause))?
}

/// The change that stores a parsed file.
fn store(
    call: &Call,
    is_dry_run: bool,
) -> impl Fn(&Tx<'_>, &Caller, &Ctx, Arc<ParsedFile>) -> Result<Import> + Send + 'static {
    let (origin, allowed) = (
        call.state().origin.clone(),
        call.state().settings.webhook_allow.clone(),
    );
    move |tx, _, ctx, file| {
        let settings = Settings {
            origin: &origin,
            allowed: &allowed,
        };
        app::imports::run(tx, ctx, &file, settings, is_dry_run, &|_| {})
    }
}

fn options(query: &ImportQuery) -> Result<Options> {
    let map = query.map.iter().map(|text| Mapping::parse(text));
    let columns = query.column.iter().map(|text| Column::parse(text));
    let wrong = |name: &str, message| Error::field(name, format!("{name} {message}"));
    let map = map
        .collect::<Result<Vec<_>, _>>()
        .and_then(|map| check_map(&map).map(|()| map))
        .map_err(|why| wrong("map", why))?;
    Ok(Options {
        format: query.format,
        preset: query.preset,
        board: query.board.clone(),
        map,
        columns: columns
            .collect::<Result<_, _>>()
            .map_err(|why| wrong("column", why))?,
        file_name: query.file_name.clone(),
        members: Default::default(),
    })
}

pub(super) async fn undo(
    auth: Auth<Admin>,
    Id(id): Id<ImportId>,
    body: Valid<NoFields>,
    call: Call,
) -> Result<JsonResponse> {
    let (origin, allowed) = (
        call.state().origin.clone(),
        call.state().settings.webhook_allow.clone(),
    );
    let undo = move |tx: &Tx<'_>, _: &Caller, ctx: &Ctx, NoFields {}| {
        let settings = Settings {
            origin: &origin,
            allowed: &allowed,
        };
        app::imports::undo(tx, ctx, id, settings)
    };
    let response = call.post(auth, body, undo, |import| {
        PostResponse::new(200, one(&import)?)
    });
    Ok(JsonResponse::from_post(response.await?, false))
}
