//! `/mcp`: the Model Context Protocol over HTTP. Every request stands alone; the responses are JSON.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, RETRY_AFTER};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use super::body::receive_json;
use super::call::Call;
use super::response::IDEMPOTENT_REPLAYED;
use super::{auth, origins};
use crate::app::idempotency::{self, KeyedRequest, PostResponse};
use crate::contract::json;
use crate::error::{Error, Result};
use crate::mcp::calls::{Agent, Change, Step};
use crate::mcp::protocol::{self, Headers, Message, Refusal, Request};
use crate::mcp::server::{self, Answer, ToolCall};
use crate::mcp::tools::Selection;
use crate::model::context::Ctx;
use crate::model::credentials::Caller;
use crate::model::time::{Month, Timestamp};
use crate::store::Tx;

const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
/// Bodies of at most this many bytes are parsed on the worker itself.
const SHORT: usize = 64 << 10;

pub(super) async fn post(
    request: HttpRequest,
    payload: web::Payload,
    call: Call,
) -> Result<HttpResponse> {
    origins::check_known(&request)?;
    let caller = auth::token(&request)?;
    let selection = selection(&request)?;
    let body = receive_json(&request, payload.into_inner(), true).await?;
    let message = match parse(body).await? {
        Ok(message) => protocol::read(message, Some(headers(&request))),
        Err(refusal) => Err(refusal),
    };
    match message {
        Ok(Message::Notification) => Ok(HttpResponse::Accepted().finish()),
        Ok(Message::Request(message)) => respond(&call, caller, &selection, message).await,
        Err(refusal) => Ok(refuse(&refusal)),
    }
}

/// The tools that the address selects.
fn selection(request: &HttpRequest) -> Result<Selection> {
    let (mut readonly, mut tools) = (None, None);
    for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        match &*name {
            "readonly" => readonly = Some(value),
            "tools" => tools = Some(value),
            other => {
                let message = format!("{other} is not a known query parameter");
                return Err(Error::field(other, message));
            }
        }
    }
    Selection::new(readonly.as_deref(), tools.as_deref())
}

fn headers(request: &HttpRequest) -> Headers<'_> {
    // Matches nothing: a value that is not text, or one of several.
    const AMBIGUOUS: &str = "\u{0}";
    let value = |name: &HeaderName| {
        let mut values = request.headers().get_all(name);
        let first = values.next()?.to_str().unwrap_or(AMBIGUOUS);
        Some(values.next().map_or(first, |_| AMBIGUOUS))
    };
    Headers {
        version: value(&VERSION),
        method: value(&METHOD),
        name: value(&NAME),
    }
}

/// Parses a message. A long one is parsed on a blocking thread.
async fn parse(body: Bytes) -> Result<Result<Value, Refusal>> {
    let is_short = body.len() <= SHORT;
    let parse = move || json::parse(&body).map_err(|cause| Refusal::not_json(&cause.to_string()));
    match is_short {
        true => Ok(parse()),
        false => block(move || Ok(parse())).await,
    }
}

async fn block<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    web::block(work)
        .await
        .map_err(|cause| Error::internal("the work of a blocking thread was lost", cause))?
}

async fn respond(
    call: &Call,
    caller: Caller,
    selection: &Selection,
    message: Request,
) -> Result<HttpResponse> {
    let mut replayed = false;
    let mut response = HttpResponse::Ok();
    let result = match server::answer(&message, selection, caller.scopes)? {
        Err(refusal) => return Ok(refuse(&refusal.of(&message.id))),
        Ok(Answer::Result(result)) => result,
        Ok(Answer::Call(mut tool)) => {
            let outcome = run(call, caller, &mut tool, &mut replayed).await;
            if let Err(error) = &outcome {
                note(call, error)?;
                if let Some(seconds) = error.retry_after() {
                    response.insert_header((RETRY_AFTER, seconds));
                }
            }
            tool.result(outcome, call.request_id().as_deref())
        }
    };
    if replayed {
        response.insert_header((IDEMPOTENT_REPLAYED, "true"));
    }
    Ok(response.json(protocol::response(&message, result)))
}

/// Reports a credential that was revoked since as the API does, and logs our own failures.
fn note(call: &Call, error: &Error) -> Result<()> {
    match error {
        Error::InvalidToken(_) | Error::TokenExpired { .. } => return Err(error.clone()),
        Error::Internal(context, _) => {
            let cause = std::error::Error::source(error).map(tracing::field::display);
            tracing::error!(request_id = call.request_id(), cause, "{context}");
        }
        _ => {}
    }
    Ok(())
}

fn refuse(refusal: &Refusal) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    HttpResponse::build(status).json(refusal.message())
}

/// Runs a call of a tool: checks it, reads, and makes the change.
async fn run(
    call: &Call,
    caller: Caller,
    tool: &mut ToolCall,
    replayed: &mut bool,
) -> Result<Value> {
    if tool.tool.is_counted {
        auth::count(&call.0, &caller, None)?;
    }
    tool.check(caller.scopes)?;
    if tool.searches() {
        call.update_search_index().await;
    }
    let agent = agent(call, &caller)?;
    match read(call, agent, tool.clone()).await? {
        Step::Done(result) => Ok(result),
        Step::Change(change) => {
            let keyed = call.keyed(&caller, Some(tool.digest()))?;
            write(call, caller, keyed, change, replayed).await
        }
    }
}

fn agent(call: &Call, caller: &Caller) -> Result<Agent> {
    let (state, month) = (call.state(), Month::of(Timestamp::now()));
    Ok(Agent {
        workspace: caller.workspace_id,
        user: Some(caller.user_id),
        scopes: caller.scopes,
        origin: state.origin.clone(),
        api_calls: Some(state.quotas.used(caller.workspace_id, month)?),
    })
}

/// Runs a tool as far as it only reads.
async fn read(call: &Call, agent: Agent, tool: ToolCall) -> Result<Step> {
    let db = Arc::clone(&call.state().db);
    match tool.is_slow() {
        false => db.read(|conn| tool.run(&agent, conn)),
        true => block(move || db.read_slowly(|conn| tool.run(&agent, conn))).await,
    }
}

/// Makes a change, once per Idempotency-Key.
async fn write(
    call: &Call,
    caller: Caller,
    keyed: Option<KeyedRequest>,
    Change { scope, run }: Change,
    replayed: &mut bool,
) -> Result<Value> {
    let Some(keyed) = keyed else {
        let change = move |tx: &Tx<'_>, caller: &Caller, ctx: &Ctx| run(tx, ctx, caller.scopes);
        return call.write_with(caller, scope, change).await?();
    };
    let once = move |tx: &Tx<'_>, caller: &Caller, ctx: &Ctx| {
        let make = |tx: &Tx<'_>| PostResponse::of(200, &run(tx, ctx, caller.scopes)?()?);
        idempotency::once(tx, caller.workspace_id, &keyed, make)
    };
    let response = call.write_with(caller, scope, once).await?;
    *replayed = response.replayed;
    serde_json::from_slice(&response.body)
        .map_err(|cause| Error::internal("a stored result is not JSON", cause))
}
