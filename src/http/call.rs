//! One request's way into the database and back: what all handlers share.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::Serialize;

use super::auth::Auth;
use super::body::Valid;
use super::etag::{self, Precondition};
use super::reply::{Reply, Shown, one};
use super::request::{Received, state};
use super::state::State;
use crate::app::idempotency::{self, Answer, Keyed};
use crate::error::{Error, Result};
use crate::model::credentials::{Caller, Digest};
use crate::model::ids::WorkspaceId;
use crate::model::page::Slice;
use crate::store::idempotency::Scope;
use crate::store::{Conn, Tx};

/// Pages of at most this many rows are read on the worker itself.
const SHORT: u32 = 100;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The request in a handler's hands.
pub(super) struct Call(HttpRequest);

impl FromRequest for Call {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(req.clone())))
    }
}

impl Call {
    /// The server's state.
    pub(super) fn state(&self) -> &State {
        state(&self.0)
    }

    /// Shows one object.
    pub(super) fn show<T: Shown>(&self, get: impl FnOnce(&Conn) -> Result<T>) -> Result<Reply> {
        let object = self.state().db.read(get)?;
        Ok(Reply::tagged(one(&object)?))
    }

    /// Shows a list: a short page at once, anything longer from a thread that may block.
    pub(super) async fn list<T: Shown>(
        &self,
        limit: Option<u32>,
        get: impl FnOnce(&Conn) -> Result<Slice<T>> + Send + 'static,
    ) -> Result<Reply> {
        match limit {
            Some(rows) if rows <= SHORT => Reply::list(&self.state().db.read(get)?, true),
            _ => self.list_slowly(limit.is_some(), get).await,
        }
    }

    /// Shows a list that may take long to read.
    pub(super) async fn list_slowly<T: Shown>(
        &self,
        paged: bool,
        get: impl FnOnce(&Conn) -> Result<Slice<T>> + Send + 'static,
    ) -> Result<Reply> {
        let db = Arc::clone(&self.state().db);
        let read = move || Reply::list(&db.read_slowly(get)?, paged);
        web::block(read)
            .await
            .map_err(|cause| Error::internal("a blocking read was lost", cause))?
    }

    /// Shows a list in a form of its own: a short page at once, anything longer from a thread that may block.
    pub(super) async fn read_list<T: Serialize>(
        &self,
        limit: Option<u32>,
        get: impl FnOnce(&Conn) -> Result<T> + Send + 'static,
    ) -> Result<Reply> {
        match limit {
            Some(rows) if rows <= SHORT => Reply::json(&self.state().db.read(get)?),
            _ => self.read_slowly(get).await,
        }
    }

    /// Shows what may take long to read.
    pub(super) async fn read_slowly<T: Serialize>(
        &self,
        get: impl FnOnce(&Conn) -> Result<T> + Send + 'static,
    ) -> Result<Reply> {
        let db = Arc::clone(&self.state().db);
        web::block(move || Reply::json(&db.read_slowly(get)?))
            .await
            .map_err(|cause| Error::internal("a blocking read was lost", cause))?
    }

    /// Whether the request has an Idempotency-Key.
    pub(super) fn has_key(&self) -> bool {
        self.0.headers().contains_key(IDEMPOTENCY_KEY)
    }

    /// Makes something and shows it, once for each Idempotency-Key.
    pub(super) async fn create<A, N, T>(
        &self,
        auth: Auth<A>,
        body: Valid<N>,
        make: impl FnOnce(&Tx<'_>, WorkspaceId, N) -> Result<T> + Send + 'static,
    ) -> Result<Reply>
    where
        N: Send + 'static,
        T: Shown,
    {
        let answer = self.post(auth.caller, body, move |tx, caller, new| {
            let body = one(&make(tx, caller.workspace_id, new)?)?;
            Ok(Answer {
                status: 201,
                body,
                without_secret: None,
                replayed: false,
            })
        });
        Ok(Reply::answer(answer.await?, true))
    }

    /// Carries out a POST, once for each Idempotency-Key.
    pub(super) async fn post<N: Send + 'static>(
        &self,
        caller: Caller,
        body: Valid<N>,
        make: impl FnOnce(&Tx<'_>, &Caller, N) -> Result<Answer> + Send + 'static,
    ) -> Result<Answer> {
        let keyed = self.keyed(&caller, body.digest)?;
        self.write(move |tx| {
            idempotency::once(tx, caller.workspace_id, keyed, |tx| {
                make(tx, &caller, body.value)
            })
        })
        .await
    }

    /// Changes an object and shows it. `If-Match` is held against the state before, but told only after every resource
    /// that the change names was found: then everything is taken back.
    pub(super) async fn change<A, I, N, T>(
        &self,
        auth: Auth<A>,
        id: I,
        change: N,
        get: impl Fn(&Conn, WorkspaceId, I) -> Result<T> + Send + 'static,
        update: impl FnOnce(&Tx<'_>, WorkspaceId, I, N) -> Result<T> + Send + 'static,
    ) -> Result<Reply>
    where
        I: Copy + Send + 'static,
        N: Send + 'static,
        T: Shown,
    {
        let (workspace, precondition) = (auth.workspace(), Precondition::of(&self.0));
        let body = self.write(move |tx| {
            let before = precondition
                .is_some()
                .then(|| tag(tx, workspace, id, &get))
                .transpose()?;
            let changed = one(&update(tx, workspace, id, change)?)?;
            check(precondition, before)?;
            Ok(changed)
        });
        Ok(Reply::tagged(body.await?))
    }

    /// Deletes an object.
    pub(super) async fn delete<A, I, T>(
        &self,
        auth: Auth<A>,
        id: I,
        get: impl Fn(&Conn, WorkspaceId, I) -> Result<T> + Send + 'static,
        delete: fn(&Tx<'_>, WorkspaceId, I) -> Result<()>,
    ) -> Result<Reply>
    where
        I: Copy + Send + serde::Serialize + 'static,
        T: Shown,
    {
        let (workspace, precondition) = (auth.workspace(), Precondition::of(&self.0));
        self.write(move |tx| {
            let before = precondition
                .is_some()
                .then(|| tag(tx, workspace, id, &get))
                .transpose()?;
            delete(tx, workspace, id)?;
            check(precondition, before)
        })
        .await?;
        Ok(Reply::deleted(&id))
    }

    /// Writes, if its turn comes before the request's time is up.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let state = self.state();
        let received = self
            .0
            .extensions()
            .get::<Received>()
            .map_or_else(Instant::now, |received| received.0);
        state
            .db
            .write(received + state.settings.request_timeout, work)
            .await
    }

    /// The request's Idempotency-Key and what it holds for.
    fn keyed(&self, caller: &Caller, request: Digest) -> Result<Option<Keyed>> {
        let Some(header) = self.0.headers().get(IDEMPOTENCY_KEY) else {
            return Ok(None);
        };
        let text = header.to_str().unwrap_or_default().trim();
        let bare = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text);
        let printable = bare.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
        if !(1..=255).contains(&bare.len()) || !printable {
            return Err(Error::field(
                "Idempotency-Key",
                "Idempotency-Key must be 1 to 255 printable characters",
            ));
        }
        let operation = format!("{} {}", self.0.method(), self.0.uri());
        let scope = Scope {
            credential_id: caller.credential_id,
            operation,
            key: bare.to_owned(),
        };
        Ok(Some(Keyed { scope, request }))
    }
}

/// The tag of an object as it is.
fn tag<I, T: Shown>(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    id: I,
    get: &impl Fn(&Conn, WorkspaceId, I) -> Result<T>,
) -> Result<String> {
    Ok(etag::of(&one(&get(tx, workspace, id)?)?))
}

fn check(precondition: Option<Precondition>, before: Option<String>) -> Result<()> {
    match (precondition, before) {
        (Some(precondition), Some(before)) => precondition.check(&before),
        _ => Ok(()),
    }
}
