//! Entity tags: a hash of the response body, and the `If-Match` and `If-None-Match` conditions.

use actix_web::HttpRequest;
use actix_web::http::header::{EntityTag, Header, IF_MATCH, IF_NONE_MATCH, IfMatch, IfNoneMatch};
use siphasher::sip128::SipHasher13;
use uuid::Uuid;
use uuid::fmt::Simple;

use crate::error::{Error, Result};
use crate::store::Conn;

/// The keys of the hash. With fixed ones, a tag stays the same after a restart.
const KEYS: (u64, u64) = (0x5461_636b_626f_6172, 0x642d_656e_7469_7479);

/// The strong entity tag of a response body, quotes included.
pub(super) fn of(body: &[u8]) -> String {
    let hash = SipHasher13::new_with_keys(KEYS.0, KEYS.1).hash(body);
    let mut text = [0; Simple::LENGTH];
    let digits = Uuid::from_u128(hash.into())
        .simple()
        .encode_lower(&mut text);
    ["\"", digits, "\""].concat()
}

/// Whether `If-None-Match` contains this ETag, by weak comparison. A malformed header contains none.
pub(super) fn is_known(req: &HttpRequest, etag: &str) -> bool {
    // Most requests have no such header, so this avoids an allocation.
    if !req.headers().contains_key(IF_NONE_MATCH) {
        return false;
    }
    match (IfNoneMatch::parse(req), etag.parse::<EntityTag>()) {
        (Ok(IfNoneMatch::Any), _) => true,
        (Ok(IfNoneMatch::Items(tags)), Ok(current)) => tags.iter().any(|tag| tag.weak_eq(&current)),
        _ => false,
    }
}

/// The `If-Match` condition of a request.
#[derive(Clone, Debug)]
pub(super) struct Precondition(IfMatch);

impl Precondition {
    /// Returns the condition of this request, if it has one. A malformed header is a condition that never holds: the
    /// client asked for protection, so its change must not be made.
    pub(super) fn of(req: &HttpRequest) -> Option<Self> {
        let given = req.headers().contains_key(IF_MATCH);
        given.then(|| Self(IfMatch::parse(req).unwrap_or(IfMatch::Items(Vec::new()))))
    }

    /// Compares the condition with the current ETag, by strong comparison. Weak ETags never match.
    pub(super) fn is_met(&self, current: &str) -> bool {
        match (&self.0, current.parse::<EntityTag>()) {
            (IfMatch::Any, _) => true,
            (IfMatch::Items(tags), Ok(current)) => tags.iter().any(|tag| tag.strong_eq(&current)),
            _ => false,
        }
    }
}

/// Whether an object has not changed since its ETag was computed.
type SameState = Box<dyn Fn(&Conn) -> Result<bool> + Send>;

/// The result of checking `If-Match` before the change is queued.
pub(super) struct CheckedPrecondition {
    /// The ETag of the object when it was checked.
    tag: String,
    /// Whether the condition names that ETag.
    holds: bool,
    /// Whether the object is still the same.
    is_same: SameState,
}

impl CheckedPrecondition {
    /// Checks the condition of a request against the ETag of its object.
    pub(super) fn new(wanted: &Precondition, tag: String, is_same: SameState) -> Self {
        Self {
            holds: wanted.is_met(&tag),
            tag,
            is_same,
        }
    }

    /// Returns `precondition_failed` unless the condition holds in the transaction of the change.
    pub(super) fn failure(&self, conn: &Conn) -> Result<Option<Error>> {
        let holds = self.holds && (self.is_same)(conn)?;
        let failed = || Error::PreconditionFailed {
            current_etag: self.tag.clone(),
        };
        Ok((!holds).then(failed))
    }
}
