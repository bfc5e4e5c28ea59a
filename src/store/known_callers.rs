//! The callers that a connection remembers; `callers.rs` finds them.

use std::collections::HashMap;

use siphasher::sip128::SipHasher24;

use crate::error::Result;
use crate::model::context::Actor;
use crate::model::credentials::Caller;
use crate::model::ids::{TokenId, WorkspaceId};
use crate::model::scopes::Scopes;

/// Callers that one connection remembers.
const MAX_CALLERS: usize = 1_000;

/// What a token can do now, and who acts with it.
pub(super) type Authority = (Scopes, Actor);

/// The callers that were found since something has changed that decides who they are. Each connection has its own.
#[derive(Default)]
pub(super) struct KnownCallers {
    /// What `PRAGMA data_version` returned. Every commit of another connection changes it, also those of other processes.
    pub(super) version: i64,
    /// A number that triggers change with credentials, members, users and plans.
    changes: i64,
    by_secret: HashMap<u128, Caller>,
    by_token: HashMap<(WorkspaceId, TokenId), Authority>,
    keys: Option<(u64, u64)>,
}

impl KnownCallers {
    /// Forgets all callers if there were changes.
    pub(super) fn note_changes(&mut self, changes: i64) {
        if self.changes != changes {
            self.changes = changes;
            self.by_secret.clear();
            self.by_token.clear();
        }
    }

    /// A hash of a secret. Nobody can find two secrets with the same hash, because its keys are random.
    pub(super) fn hash(&mut self, secret: &str) -> Result<u128> {
        let keys = match self.keys {
            Some(keys) => keys,
            None => *self.keys.insert((getrandom::u64()?, getrandom::u64()?)),
        };
        Ok(SipHasher24::new_with_keys(keys.0, keys.1)
            .hash(secret.as_bytes())
            .into())
    }

    /// The caller of a secret with this hash.
    pub(super) fn get(&self, hash: u128) -> Option<&Caller> {
        self.by_secret.get(&hash)
    }

    /// Remembers a caller.
    pub(super) fn insert(&mut self, hash: u128, caller: Caller) {
        if self.by_secret.len() >= MAX_CALLERS {
            self.by_secret.clear();
        }
        self.by_secret.insert(hash, caller);
    }

    /// The authority of a token.
    pub(super) fn authority(&self, workspace: WorkspaceId, token: TokenId) -> Option<&Authority> {
        self.by_token.get(&(workspace, token))
    }

    /// Remembers the authority of a token.
    pub(super) fn insert_authority(
        &mut self,
        workspace: WorkspaceId,
        token: TokenId,
        authority: Authority,
    ) {
        if self.by_token.len() >= MAX_CALLERS {
            self.by_token.clear();
        }
        self.by_token.insert((workspace, token), authority);
    }
}
