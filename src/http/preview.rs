//! `/v1/preview`

use super::auth::{Auth, Read};
use super::body::Valid;
use super::response::JsonResponse;
use crate::error::Result;
use crate::model::preview::{Preview, PreviewRequest};

pub(super) async fn render(_: Auth<Read>, body: Valid<PreviewRequest>) -> Result<JsonResponse> {
    JsonResponse::of(&Preview::of(&body.value))
}
