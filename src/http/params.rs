//! Ids in the path and parameters in the query.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::request::{is_page, operation};
use crate::contract::{Invalid, add};
use crate::error::{Error, Fields, Result};
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
        ready(CheckedQuery::read(req).and_then(CheckedQuery::valid))
    }
}

/// The query's parameters, of which some may be invalid. Other parameters have rules that a schema cannot express, and
/// all that fail are reported together.
pub(super) struct CheckedQuery<T> {
    /// The valid parameters; `None` if a required one is invalid.
    valid: Option<T>,
    failed: Fields,
}

impl<T: DeserializeOwned + 'static> FromRequest for CheckedQuery<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::read(req))
    }
}

impl<T: DeserializeOwned> CheckedQuery<T> {
    fn read(req: &HttpRequest) -> Result<Self> {
        let query = &operation(req)?.query;
        let read = query.read(req.query_string());
        let (value, failed) = read.map_err(|why| Error::from(Invalid::Schema(why)))?;
        let valid = match serde_json::from_value(value) {
            Ok(valid) => Some(valid),
            Err(_) if !failed.is_empty() => None,
            Err(cause) => return Err(Error::internal("the schema let a bad query pass", cause)),
        };
        Ok(Self { valid, failed })
    }

    fn valid(self) -> Result<Query<T>> {
        match self.valid {
            Some(valid) if self.failed.is_empty() => Ok(Query(valid)),
            _ => Err(Error::InvalidRequest(self.failed)),
        }
    }

    /// Returns the parameters if they are valid. Only on the card integration API, an id that is no UUID is `invalid_uuid`.
    pub(super) fn valid_or_uuid(self, req: &HttpRequest, id: &str) -> Result<Query<T>> {
        let given = form_urlencoded::parse(req.query_string().as_bytes());
        let given = given.filter(|(name, _)| name == id).last();
        match given {
            Some((_, value)) if !value.is_empty() && self.failed.keys().eq([id]) => {
                Err(Error::InvalidUuid {
                    field: id.to_owned(),
                    value: value.into_owned(),
                })
            }
            _ => self.valid(),
        }
    }

    /// Parses the parameters.
    ///
    /// # Errors
    /// `invalid_request` with every parameter that violates the schema or that `parse` refuses; other errors of `parse`.
    pub(super) fn parse<P>(mut self, parse: impl FnOnce(&T) -> Result<P>) -> Result<P> {
        let parsed = self.valid.as_ref().map(parse);
        match parsed {
            Some(parsed) if self.failed.is_empty() => return parsed,
            Some(Err(Error::InvalidRequest(more))) => add(&mut self.failed, more),
            _ => {}
        }
        Err(Error::InvalidRequest(self.failed))
    }
}

/// Returns the parameters in the query of an operation that has none, so its handler has no [`Query`]. Web pages ignore
/// unknown parameters.
pub(super) fn unknown(req: &HttpRequest) -> Result<Fields> {
    if req.query_string().is_empty() || is_page(req) {
        return Ok(Fields::new());
    }
    let query = &operation(req)?.query;
    if !query.is_empty() {
        return Ok(Fields::new());
    }
    let read = query.read(req.query_string());
    let (_, failed) = read.map_err(|why| Error::from(Invalid::Schema(why)))?;
    Ok(failed)
}
