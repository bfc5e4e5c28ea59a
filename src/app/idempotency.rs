//! Runs a POST only once per Idempotency-Key.

use crate::error::{Error, Result};
use crate::model::credentials::Digest;
use crate::model::ids::WorkspaceId;
use crate::model::time::Timestamp;
use crate::store::Tx;
use crate::store::idempotency::{self, KeyScope};

/// How long a response is stored, in milliseconds: 24 hours.
pub const LIFE: i64 = 24 * 3_600_000;

/// The key of a request.
#[derive(Clone, Debug)]
pub struct KeyedRequest {
    /// The key and its scope.
    pub scope: KeyScope,
    /// The digest of the request body, to detect another body under the same key.
    pub request: Digest,
}

/// A response, ready to send.
#[derive(Clone, Debug)]
pub struct PostResponse {
    /// The status code.
    pub status: u16,
    /// The JSON body.
    pub body: Vec<u8>,
    /// The body to store, if the response contains a secret that must not be stored.
    pub without_secret: Option<Vec<u8>>,
    /// Whether the response was sent before.
    pub replayed: bool,
}

impl PostResponse {
    /// Creates a response without a secret.
    ///
    /// # Errors
    /// Never. It returns a result because callers need one.
    pub const fn new(status: u16, body: Vec<u8>) -> Result<Self> {
        Ok(Self {
            status,
            body,
            without_secret: None,
            replayed: false,
        })
    }

    /// Creates a response without a secret from any JSON value.
    ///
    /// # Errors
    /// An internal error if the value cannot be serialized.
    pub fn of(status: u16, body: &impl serde::Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body)
            .map_err(|cause| Error::internal("a response could not be serialized", cause))?;
        Self::new(status, body)
    }
}

/// Returns the stored response, or makes one and stores it in the same transaction. Failures are not stored.
///
/// # Errors
/// `idempotency_key_reused`, and the errors of `make`.
pub fn once(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    KeyedRequest { scope, request }: &KeyedRequest,
    make: impl FnOnce(&Tx<'_>) -> Result<PostResponse>,
) -> Result<PostResponse> {
    let now = Timestamp::now();
    match idempotency::find(tx, workspace, scope, now.plus_millis(-LIFE))? {
        Some(stored) if stored.request == *request.as_bytes() => Ok(PostResponse {
            status: stored.status,
            body: stored.body,
            without_secret: None,
            replayed: true,
        }),
        Some(_) => Err(Error::IdempotencyKeyReused {
            key: scope.key.clone(),
        }),
        None => {
            let response = make(tx)?;
            let stored = response.without_secret.as_ref().unwrap_or(&response.body);
            idempotency::put(tx, workspace, scope, request, response.status, stored, now)?;
            Ok(response)
        }
    }
}
