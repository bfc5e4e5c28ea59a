//! `/v1/search`

use super::auth::{Auth, Read};
use super::call::Call;
use super::params::Query;
use super::response::JsonResponse;
use crate::error::Result;
use crate::model::page::{PageRequest, PageRows};
use crate::model::search::{DEFAULT_HITS, Search, SearchQuery};
use crate::store::search;

pub(super) async fn search(
    auth: Auth<Read>,
    query: Query<SearchQuery>,
    call: Call,
) -> Result<JsonResponse> {
    let (search, limit) = (Search::of(&query.q), query.limit.unwrap_or(DEFAULT_HITS));
    call.update_search_index().await;
    let archived = query.archived;
    let all = PageRequest::<i64>::ALL;
    call.list_slowly(auth.workspace(), all, move |conn, workspace, _| {
        let found = search
            .as_ref()
            .map(|search| search::find(conn, workspace, search, archived, limit));
        Ok(PageRows {
            rows: found.transpose()?.unwrap_or_default(),
            next_cursor: None,
        })
    })
    .await
}
