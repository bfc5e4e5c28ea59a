//! Ids in the path and parameters in the query.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::request::{is_page, operation};
use crate::error::{Error, Result};
use crate::model::ids::{
    BoardId, CardId, CommentId, CoverId, DeliveryId, EmailAccountId, ImportId, IntegrationId,
    InvitationId, LabelId, LaneId, ProjectId, RecipientId, SessionId, SubtaskId, TaskId, TokenId,
    UserId, WebhookId,
};
use crate::model::secrets::Secret;

/// An id that a path can carry.
pub(super) trait PathId: FromStr + 'static {
    /// The parameter's name in the route.
    const PARAM: &'static str;
}

macro_rules! path_ids {
    ($($id:ident),*) => {$(
        impl PathId for $id {
            const PARAM: &'static str = $id::PARAM;
        }
    )*};
}

path_ids!(
    BoardId,
    ProjectId,
    LabelId,
    LaneId,
    TaskId,
    SubtaskId,
    CommentId,
    TokenId,
    CardId,
    CoverId,
    RecipientId,
    EmailAccountId,
    DeliveryId,
    IntegrationId,
    ImportId,
    InvitationId,
    SessionId,
    UserId,
    WebhookId
);

/// The id in the path.
pub(super) struct Id<I>(pub I);

impl<I: PathId> FromRequest for Id<I> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let Some(text) = req.match_info().get(I::PARAM) else {
            return ready(Err(Error::bug("a route without the id of its handler")));
        };
        let id = text.parse().map(Id);
        ready(id.map_err(|_| Error::InvalidUuid {
            field: I::PARAM.to_owned(),
            value: text.to_owned(),
        }))
    }
}

/// The code of a link in the path. A text that cannot be a code is one that nobody has.
pub(super) struct Code(pub Secret);

impl FromRequest for Code {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let code = req.match_info().get("code").and_then(Secret::parse);
        ready(code.map(Self).ok_or(Error::SignInLinkInvalid))
    }
}

/// The query's parameters, checked against the operation's.
pub(super) struct Query<T>(T);

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read(req))
    }
}

/// Refuses parameters where the operation has none, so its handler has no [`Query`]. Web pages ignore unknown parameters.
pub(super) fn refuse_unknown(req: &HttpRequest) -> Result<()> {
    if req.query_string().is_empty() || is_page(req) {
        return Ok(());
    }
    let query = &operation(req)?.query;
    match query.is_empty() {
        true => query
            .read(req.query_string())
            .map(drop)
            .map_err(Error::from),
        false => Ok(()),
    }
}

fn read<T: DeserializeOwned>(req: &HttpRequest) -> Result<Query<T>> {
    let query = &operation(req)?.query;
    let value = query.read(req.query_string())?;
    serde_json::from_value(value)
        .map(Query)
        .map_err(|cause| Error::internal("the schema let a bad query pass", cause))
}
