//! What all handlers share: reading, changing and responding for one request.

mod slow;

use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::Serialize;

use super::auth::{Access, Auth, Reader};
use super::body::{CheckedBody, IDEMPOTENCY_KEY, Valid};
use super::etag::{self, CheckedPrecondition, Precondition};
use super::params::unknown;
use super::request::{RequestInfo, has_body, state};
use super::response::{JsonResponse, ResponseObject, one};
use super::state::State;
use crate::app::credentials;
use crate::app::idempotency::{self, KeyedRequest, PostResponse};
use crate::error::{Error, Result};
use crate::model::context::Ctx;
use crate::model::credentials::{Caller, Digest};
use crate::model::ids::WorkspaceId;
use crate::model::position::{refuse_word, word_in};
use crate::model::scopes::Scope;
use crate::store::idempotency::KeyScope;
use crate::store::{Conn, Tx};

/// Pages of at most this many rows are read on the worker thread itself.
pub(super) const SHORT: u32 = 100;

/// The request that a handler processes.
pub(super) struct Call(pub(super) HttpRequest);

impl FromRequest for Call {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(refuse_unknown(req).map(|()| Self(req.clone())))
    }
}

/// Refuses unknown query parameters. Those of an operation with a body are reported with the fields of the body.
fn refuse_unknown(req: &HttpRequest) -> Result<()> {
    let unknown = unknown(req)?;
    match unknown.is_empty() || has_body(req) {
        true => Ok(()),
        false => Err(Error::InvalidRequest(unknown)),
    }
}

impl Call {
    /// The server's state.
    pub(super) fn state(&self) -> &State {
        state(&self.0)
    }

    /// Responds with one object.
    pub(super) fn show<A, T: ResponseObject>(
        &self,
        reader: Reader<A>,
        get: impl FnOnce(&Conn, WorkspaceId) -> Result<T>,
    ) -> Result<JsonResponse> {
        let workspace = reader.workspace();
        let object = reader.read(|conn| get(conn, workspace))?;
        Ok(JsonResponse::tagged(one(&object)?))
    }

    /// The id of this request.
    pub(super) fn request_id(&self) -> Option<String> {
        let extensions = self.0.extensions();
        let received = extensions.get::<RequestInfo>()?;
        received.id.to_str().ok().map(str::to_owned)
    }

    /// Creates an object and responds with it, once per Idempotency-Key.
    pub(super) async fn create<A: Access, N, T>(
        &self,
        auth: Auth<A>,
        body: Valid<N>,
        make: impl Fn(&Tx<'_>, &Ctx, N) -> Result<T> + Send + 'static,
    ) -> Result<JsonResponse>
    where
        N: Clone + Send + 'static,
        T: ResponseObject,
    {
        let make = move |tx: &Tx<'_>, _: &Caller, ctx: &Ctx, new| make(tx, ctx, new);
        let render = |object| PostResponse::new(201, one(&object)?);
        let response = self.post(auth, body, make, render);
        Ok(JsonResponse::from_post(response.await?, true))
    }

    /// Runs a POST, once per Idempotency-Key. The response is rendered on the worker thread. Only a response that is
    /// stored under a key is rendered inside the transaction that stores it.
    pub(super) async fn post<A: Access, N: Clone + Send + 'static, T: Send + 'static>(
        &self,
        auth: Auth<A>,
        body: Valid<N>,
        make: impl Fn(&Tx<'_>, &Caller, &Ctx, N) -> Result<T> + Send + 'static,
        render: impl Fn(T) -> Result<PostResponse> + Send + 'static,
    ) -> Result<PostResponse> {
        let new = body.value;
        match self.keyed(&auth.caller, body.digest)? {
            None => {
                let make = move |tx: &Tx<'_>, caller: &Caller, ctx: &Ctx| {
                    make(tx, caller, ctx, new.clone())
                };
                let made = self.write_as(auth, make);
                render(made.await?)
            }
            Some(keyed) => {
                let once = move |tx: &Tx<'_>, caller: &Caller, ctx: &Ctx| {
                    let make = |tx: &Tx<'_>| render(make(tx, caller, ctx, new.clone())?);
                    idempotency::once(tx, caller.workspace_id, &keyed, make)
                };
                self.write_as(auth, once).await
            }
        }
    }

    /// Returns the body of an update if it satisfies its schema. Otherwise, a word for a position is reported with the
    /// other fields, unless the object has it as its key.
    pub(super) fn valid_update<A, I, N>(
        &self,
        auth: &Auth<A>,
        id: I,
        body: CheckedBody<N>,
        position: impl Fn(&Conn, WorkspaceId, I) -> Result<String>,
    ) -> Result<N> {
        let body = body.valid_or(|body| {
            let Some(word) = word_in(body) else {
                return Ok(());
            };
            let read = |conn: &Conn| position(conn, auth.workspace(), id);
            let present = match self.state().db.read(read) {
                // The fields of the schema are reported before the missing object.
                Err(Error::Missing { .. }) => return Ok(()),
                present => present?,
            };
            refuse_word(word, Some(&present))
        })?;
        Ok(body.value)
    }

    /// Updates an object and responds with it.
    pub(super) async fn change<A: Access, I, N, T>(
        &self,
        auth: Auth<A>,
        id: I,
        change: N,
        get: impl Fn(&Conn, WorkspaceId, I) -> Result<T> + Clone + Send + 'static,
        update: impl Fn(&Tx<'_>, &Ctx, I, N) -> Result<T> + Send + 'static,
    ) -> Result<JsonResponse>
    where
        I: Copy + Send + 'static,
        N: Clone + Send + 'static,
        T: ResponseObject + PartialEq,
    {
        let precondition = self.precondition(&auth, id, get.clone(), get)?;
        let update = move |tx: &Tx<'_>, ctx: &Ctx| update(tx, ctx, id, change.clone());
        let changed = self.change_if(auth, precondition, update).await?;
        Ok(JsonResponse::tagged(one(&changed)?))
    }

    /// Deletes an object.
    pub(super) async fn delete<A: Access, I, T>(
        &self,
        auth: Auth<A>,
        id: I,
        get: impl Fn(&Conn, WorkspaceId, I) -> Result<T> + Clone + Send + 'static,
        delete: impl Fn(&Tx<'_>, &Ctx, I) -> Result<()> + Send + 'static,
    ) -> Result<JsonResponse>
    where
        I: Copy + Send + Serialize + 'static,
        T: ResponseObject + PartialEq,
    {
        let precondition = self.precondition(&auth, id, get.clone(), get)?;
        let delete = move |tx: &Tx<'_>, ctx: &Ctx| delete(tx, ctx, id);
        self.change_if(auth, precondition, delete).await?;
        Ok(JsonResponse::deleted(&id))
    }

    /// Checks `If-Match` against the current state of an object. `get` reads what the ETag is computed from. `state`
    /// reads something smaller that differs whenever the object does.
    pub(super) fn precondition<A, I, T, S>(
        &self,
        auth: &Auth<A>,
        id: I,
        get: impl Fn(&Conn, WorkspaceId, I) -> Result<T>,
        state: impl Fn(&Conn, WorkspaceId, I) -> Result<S> + Send + 'static,
    ) -> Result<Option<CheckedPrecondition>>
    where
        I: Copy + Send + 'static,
        T: ResponseObject,
        S: PartialEq + Send + 'static,
    {
        let Some(wanted) = Precondition::of(&self.0) else {
            return Ok(None);
        };
        let workspace = auth.workspace();
        let (shown, seen) = self
            .state()
            .db
            .read(|conn| Ok((get(conn, workspace, id)?, state(conn, workspace, id)?)))?;
        let tag = etag::of(&one(&shown)?);
        let is_same = move |conn: &Conn| Ok(state(conn, workspace, id)? == seen);
        Ok(Some(CheckedPrecondition::new(
            &wanted,
            tag,
            Box::new(is_same),
        )))
    }

    /// Like [`Call::precondition`], for an object that may take long to read.
    pub(super) async fn precondition_slowly<A, I, T, S>(
        &self,
        auth: &Auth<A>,
        id: I,
        get: impl Fn(&Conn, WorkspaceId, I) -> Result<T> + Send + 'static,
        state: impl Fn(&Conn, WorkspaceId, I) -> Result<S> + Copy + Send + 'static,
    ) -> Result<Option<CheckedPrecondition>>
    where
        I: Copy + Send + 'static,
        T: ResponseObject,
        S: PartialEq + Send + 'static,
    {
        let Some(wanted) = Precondition::of(&self.0) else {
            return Ok(None);
        };
        let (db, workspace) = (Arc::clone(&self.state().db), auth.workspace());
        let read = move |conn: &Conn| {
            let tag = etag::of(&one(&get(conn, workspace, id)?)?);
            Ok((tag, state(conn, workspace, id)?))
        };
        let (tag, seen) = web::block(move || db.read_slowly(read))
            .await
            .map_err(|cause| Error::internal("a blocking read was lost", cause))??;
        let is_same = move |conn: &Conn| Ok(state(conn, workspace, id)? == seen);
        Ok(Some(CheckedPrecondition::new(
            &wanted,
            tag,
            Box::new(is_same),
        )))
    }

    /// Whether the request has an `If-Match`.
    pub(super) fn has_precondition(&self) -> bool {
        Precondition::of(&self.0).is_some()
    }

    /// Makes a change, if the precondition still holds when the writer runs it. A precondition that fails is reported
    /// only after every resource that the change names was found. The change is then rolled back.
    pub(super) async fn change_if<A: Access, T: Send + 'static>(
        &self,
        auth: Auth<A>,
        precondition: Option<CheckedPrecondition>,
        change: impl Fn(&Tx<'_>, &Ctx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.change_as(auth, precondition, move |tx, _, ctx| change(tx, ctx))
            .await
    }

    /// Like [`Call::change_if`], for a change that depends on who makes it.
    pub(super) async fn change_as<A: Access, T: Send + 'static>(
        &self,
        auth: Auth<A>,
        precondition: Option<CheckedPrecondition>,
        change: impl Fn(&Tx<'_>, &Caller, &Ctx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write_as(auth, move |tx, caller, ctx| {
            let failed = match &precondition {
                None => None,
                Some(checked) => checked.failure(tx)?,
            };
            let changed = change(tx, caller, ctx)?;
            failed.map_or(Ok(changed), Err)
        })
        .await
    }

    /// Makes a change as the caller, whose credential is verified again in the same transaction: the body may arrive
    /// long after the headers with the credential.
    pub(super) async fn write_as<A: Access, T: Send + 'static>(
        &self,
        auth: Auth<A>,
        change: impl Fn(&Tx<'_>, &Caller, &Ctx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write_with(auth.caller, A::SCOPE, change).await
    }

    /// Like [`Call::write_as`], for a scope that depends on the request.
    pub(super) async fn write_with<T: Send + 'static>(
        &self,
        caller: Caller,
        scope: Scope,
        change: impl Fn(&Tx<'_>, &Caller, &Ctx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let request_id = self.request_id();
        self.write(move |tx| {
            let (caller, actor) = credentials::verify(tx, caller.clone(), scope)?;
            let ctx = Ctx {
                actor,
                workspace: caller.workspace_id,
                request_id: request_id.clone(),
            };
            change(tx, &caller, &ctx)
        })
        .await
    }

    /// Makes a change, unless the request's time limit passes first.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.state().db.write(self.deadline(), work).await
    }

    /// Makes the next search find every change that was committed before. If the writer cannot do that now, for example
    /// on a full disk, a search finds what was indexed before.
    pub(super) async fn update_search_index(&self) {
        let updated = self.state().db.update_search_index(self.deadline());
        if let Err(error) = updated.await {
            tracing::warn!(%error, "a search may miss recent changes");
        }
    }

    fn deadline(&self) -> Instant {
        let extensions = self.0.extensions();
        let received = extensions.get::<RequestInfo>();
        received.map_or_else(Instant::now, |received| received.at)
            + self.state().settings.request_timeout
    }

    /// Returns the request's Idempotency-Key and its scope.
    pub(super) fn keyed(
        &self,
        caller: &Caller,
        request: Option<Digest>,
    ) -> Result<Option<KeyedRequest>> {
        let header = self.0.headers().get(IDEMPOTENCY_KEY);
        let (Some(header), Some(request)) = (header, request) else {
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
        let scope = KeyScope {
            credential_id: caller.credential.id(),
            operation,
            key: bare.to_owned(),
        };
        Ok(Some(KeyedRequest { scope, request }))
    }
}
