//! A POST that is sent twice with one Idempotency-Key is carried out once.

use crate::error::{Error, Result};
use crate::model::credentials::Digest;
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;
use crate::store::Tx;
use crate::store::idempotency::{self, Scope};

/// Milliseconds that an answer is kept: 24 hours.
pub const LIFE: i64 = 24 * 3_600_000;

/// A request that carries a key.
#[derive(Clone, Debug)]
pub struct Keyed {
    /// Where the key holds.
    pub scope: Scope,
    /// The digest of the request's body, so that another body is told from the same one.
    pub request: Digest,
}

/// An answer, ready to send.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Vec<u8>,
    /// The body to keep, where the answer shows a secret that must not be kept.
    pub without_secret: Option<Vec<u8>>,
    /// Whether it was given before.
    pub replayed: bool,
}

impl Answer {
    /// A new answer that shows no secret.
    ///
    /// # Errors
    /// Never; a renderer's type asks for a result.
    pub const fn new(status: u16, body: Vec<u8>) -> Result<Self> {
        Ok(Self {
            status,
            body,
            without_secret: None,
            replayed: false,
        })
    }

    /// A new answer that shows no secret, in a form of its own.
    ///
    /// # Errors
    /// An internal error for what cannot be JSON.
    pub fn of(status: u16, body: &impl serde::Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body)
            .map_err(|cause| Error::internal("an answer could not be serialized", cause))?;
        Self::new(status, body)
    }
}

/// Gives the kept answer, or makes one and keeps it in the same transaction. Failures are not kept.
///
/// # Errors
/// `idempotency_key_reused`, and those of `make`.
pub fn once(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    Keyed { scope, request }: Keyed,
    make: impl FnOnce(&Tx<'_>) -> Result<Answer>,
) -> Result<Answer> {
    let now = Timestamp::now();
    match idempotency::find(tx, workspace, &scope, now.plus_millis(-LIFE))? {
        Some(kept) if kept.request == *request.as_bytes() => Ok(Answer {
            status: kept.status,
            body: kept.body,
            without_secret: None,
            replayed: true,
        }),
        Some(_) => Err(Error::IdempotencyKeyReused { key: scope.key }),
        None => {
            let answer = make(tx)?;
            let kept = answer.without_secret.as_ref().unwrap_or(&answer.body);
            idempotency::keep(tx, workspace, &scope, &request, answer.status, kept, now)?;
            Ok(answer)
        }
    }
}
