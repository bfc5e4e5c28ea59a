//! What extractors and handlers read from a request.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Instant;

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, web};

use super::client;
use super::disconnect::Disconnect;
use super::state::State;
use crate::contract::{Contract, Operation};
use crate::error::{Error, Result};
use crate::model::sessions;

/// Names the workspace of a call.
const X_WORKSPACE: &str = "x-workspace";

/// What is recorded about a request when its headers have arrived.
#[derive(Clone)]
pub(super) struct RequestInfo {
    /// The arrival time.
    pub at: Instant,
    /// The request id.
    pub id: HeaderValue,
}

/// The server's state.
pub(super) fn state(req: &HttpRequest) -> &State {
    match req.app_data::<web::Data<State>>() {
        Some(state) => state,
        None => unreachable!("the server is built with its state"),
    }
}

/// What closes the connection of a request.
pub(super) fn disconnect(req: &HttpRequest) -> Disconnect {
    let switch = req.conn_data::<Disconnect>().cloned();
    switch.unwrap_or_default()
}

/// The contract of the requested operation. HEAD uses that of GET.
pub(super) fn operation(req: &HttpRequest) -> Result<&'static Operation> {
    let contract = Contract::get().map_err(Error::bug)?;
    let path = req.app_data::<ApiPath>();
    path.and_then(|path| contract.path(path.0)?.get(contract_method(req)))
        .ok_or_else(|| Error::bug("a route without a contract"))
}

/// Whether the requested operation takes a JSON body.
pub(super) fn has_body(req: &HttpRequest) -> bool {
    operation(req).is_ok_and(|operation| operation.body.is_some())
}

/// The template of a path that the contract describes.
#[derive(Clone, Copy)]
pub(super) struct ApiPath(pub &'static str);

/// The request's method as the contract names it.
fn contract_method(req: &HttpRequest) -> &'static str {
    match *req.method() {
        Method::POST => "post",
        Method::PUT => "put",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        _ => "get",
    }
}

/// Whether the path is a web page that is not part of the contract.
pub(super) fn is_page(req: &HttpRequest) -> bool {
    req.app_data::<ApiPath>().is_none()
}

/// Returns the credential of `Authorization: Bearer …`. The scheme is case-insensitive.
pub(super) fn bearer(req: &HttpRequest) -> Option<&str> {
    let value = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    // The server has already trimmed the space at the end of "Bearer ".
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Returns the id or slug of the workspace that a request names in `X-Workspace` or in its query.
///
/// # Errors
/// `invalid_request` if the two differ.
pub(super) fn named_workspace(req: &HttpRequest) -> Result<Option<Cow<'_, str>>> {
    let header = req.headers().get(X_WORKSPACE);
    let header = header.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let query = form_urlencoded::parse(req.query_string().as_bytes())
        .filter(|(name, value)| name == "workspace" && !value.is_empty())
        .last();
    match (header, query) {
        (Some(header), Some((_, query))) if header != query => Err(Error::field(
            "workspace",
            "Workspace must be the same in the query and in X-Workspace",
        )),
        (Some(named), _) | (None, Some((_, named))) => Ok(Some(named)),
        (None, None) => Ok(None),
    }
}

/// The client's address, as far as it is known.
pub(super) fn client_address(req: &HttpRequest) -> Option<IpAddr> {
    let peer = req.peer_addr().map(|peer| peer.ip());
    client::address(&state(req).settings, peer, req.headers())
}

/// The browser's name for itself, shortened.
pub(super) fn user_agent(req: &HttpRequest) -> Option<String> {
    let text = req.headers().get(header::USER_AGENT)?;
    sessions::user_agent(text.to_str().ok()?)
}
