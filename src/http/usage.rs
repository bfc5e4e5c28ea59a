//! `/v1/usage`

use super::auth::{Auth, ReadUncounted};
use super::call::Call;
use super::response::JsonResponse;
use crate::error::Result;
use crate::model::time::{Month, Timestamp};
use crate::store::usage;

pub(super) async fn get(auth: Auth<ReadUncounted>, call: Call) -> Result<JsonResponse> {
    let (state, month) = (call.state(), Month::of(Timestamp::now()));
    let mut usage = state
        .db
        .read(|conn| usage::get(conn, auth.workspace(), month))?;
    // The stored figure includes calls that are leased but not yet made; the one in memory is exact.
    usage.api_calls.used = state.quotas.used(auth.workspace(), month)?;
    JsonResponse::object(&usage)
}
