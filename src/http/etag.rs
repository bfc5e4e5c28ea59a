//! Entity tags: a hash of what is shown, and the conditions that name one.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};

use crate::error::{Error, Result};
use crate::model::credentials::Digest;

/// The strong tag of these bytes, quotes included.
pub(super) fn of(body: &[u8]) -> String {
    format!("\"{}\"", Digest::of(body).short())
}

/// Whether the client has this very state already.
pub(super) fn is_known(req: &HttpRequest, etag: &str) -> bool {
    condition(req, &IF_NONE_MATCH).is_some_and(|tags| {
        tags.any
            || tags
                .list
                .iter()
                .any(|tag| tag.trim_start_matches("W/") == etag)
    })
}

/// What `If-Match` demands of the present state.
#[derive(Clone, Debug)]
pub(super) struct Precondition(Tags);

impl Precondition {
    /// The request's, if it has one.
    pub(super) fn of(req: &HttpRequest) -> Option<Self> {
        condition(req, &IF_MATCH).map(Self)
    }

    /// That the state with this tag is the one that the client has seen. Weak tags never match here.
    pub(super) fn check(&self, current: &str) -> Result<()> {
        if self.0.any || self.0.list.iter().any(|tag| tag == current) {
            return Ok(());
        }
        Err(Error::PreconditionFailed {
            current_etag: current.to_owned(),
        })
    }
}

#[derive(Clone, Debug)]
struct Tags {
    any: bool,
    list: Vec<String>,
}

fn condition(req: &HttpRequest, name: &HeaderName) -> Option<Tags> {
    let mut tags: Option<Tags> = None;
    for value in req.headers().get_all(name) {
        let tags = tags.get_or_insert_with(|| Tags {
            any: false,
            list: Vec::new(),
        });
        let text = value.to_str().unwrap_or_default();
        tags.any |= text.trim() == "*";
        tags.list
            .extend(text.split(',').map(|tag| tag.trim().to_owned()));
    }
    tags
}
