//! `/v1/preview`

use super::auth::{Auth, Read};
use super::body::CheckedBody;
use super::response::JsonResponse;
use crate::error::Result;
use crate::model::preview::{Preview, PreviewRequest, check_length};

pub(super) async fn render(
    _: Auth<Read>,
    body: CheckedBody<PreviewRequest>,
) -> Result<JsonResponse> {
    let body = body.valid_or(|body| check_length(body["markdown"].as_str().unwrap_or_default()))?;
    check_length(&body.value.markdown)?;
    JsonResponse::of(&Preview::of(&body.value))
}
