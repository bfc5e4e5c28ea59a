//! `/v1/imports`

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use tokio::sync::OwnedSemaphorePermit;

use super::auth::{Admin, Auth};
use super::body::{self, Valid};
use super::call::Call;
use super::deliveries::NoFields;
use super::params::{Id, Query};
use super::request::state;
use super::response::{JsonResponse, one};
use crate::app;
use crate::app::idempotency::PostResponse;
use crate::app::imports::{File, ParsedFile, Settings};
use crate::error::{Error, Outage, Result};
use crate::import::{Column, MAX_TASKS, Mapping, Options};
use crate::model::context::Ctx;
use crate::model::credentials::{Caller, Digest};
use crate::model::ids::ImportId;
use crate::model::imports::{Import, ImportQuery};
use crate::model::page::{PageQuery, PageRequest};
use crate::store::{Tx, imports};

/// Maximum bytes of a file.
const MAX_BYTES: usize = 100 << 20;

/// How long an import waits for others.
const TURN: Duration = Duration::from_secs(10);

/// The file in a request.
pub(super) struct Upload {
    bytes: Vec<u8>,
    digest: Digest,
    _permit: OwnedSemaphorePermit,
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let permit = Arc::clone(&state(&req).imports).acquire_owned();
            let permit = tokio::time::timeout(TURN, permit).await;
            let Ok(Ok(permit)) = permit else {
                return Err(Error::Unavailable(Outage::Overloaded));
            };
            let broken = |cause| Error::ImportFailed {
                format: None,
                problems: vec![(
                    String::new(),
                    format!("The file did not arrive whole: {cause}"),
                )],
            };
            let bytes = body::receive(&req, payload, MAX_BYTES, broken).await?;
            Ok(Self {
                digest: Digest::of(&bytes),
                bytes: bytes.into(),
                _permit: permit,
            })
        })
    }
}

pub(super) async fn list(
    auth: Auth<Admin>,
    query: Query<PageQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let page = PageRequest::from_query(&query)?;
    call.list(page, move |conn, page| {
        imports::list(conn, auth.workspace(), page)
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
    upload: Upload,
    call: Call,
) -> Result<JsonResponse> {
    let is_dry_run = query.is_dry_run();
    let Upload {
        bytes,
        digest,
        _permit: permit,
    } = upload;
    let parsed = parse(&auth, &query, bytes, &call).await?;
    let (origin, allowed) = (
        call.state().origin.clone(),
        call.state().settings.webhook_allow.clone(),
    );
    let store = move |tx: &Tx<'_>, _: &Caller, ctx: &Ctx, file: Arc<ParsedFile>| {
        let settings = Settings {
            origin: &origin,
            allowed: &allowed,
        };
        app::imports::run(tx, ctx, &file, settings, is_dry_run, &|_| {})
    };
    let status = if is_dry_run { 200 } else { 201 };
    let render = move |import: Import| PostResponse::new(status, one(&import)?);
    let body = Valid {
        value: Arc::new(parsed),
        digest,
    };
    let response = call.post(auth, body, store, render).await?;
    drop(permit);
    Ok(JsonResponse::from_post(response, false))
}

/// Parses the file on a blocking thread.
async fn parse(
    auth: &Auth<Admin>,
    query: &ImportQuery,
    bytes: Vec<u8>,
    call: &Call,
) -> Result<ParsedFile> {
    let mut options = options(query)?;
    let (db, workspace) = (Arc::clone(&call.state().db), auth.workspace());
    let work = move || {
        options.members = db.read_slowly(|conn| app::imports::members(conn, workspace))?;
        Ok(ParsedFile::new(File::Bytes(bytes), options, MAX_TASKS)?)
    };
    web::block(work)
        .await
        .map_err(|cause| Error::internal("a file was not parsed", cause))?
}

fn options(query: &ImportQuery) -> Result<Options> {
    let map = query.map.iter().map(|text| Mapping::parse(text));
    let columns = query.column.iter().map(|text| Column::parse(text));
    let wrong = |name: &str, message| Error::field(name, format!("{name} {message}"));
    Ok(Options {
        format: query.format,
        board: query.board.clone(),
        map: map
            .collect::<Result<_, _>>()
            .map_err(|why| wrong("map", why))?,
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
