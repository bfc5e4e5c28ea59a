//! What extractors and handlers read from a request.

use std::time::Instant;

use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, web};

use super::disconnect::Disconnect;
use super::state::State;
use crate::contract::{Operation, PathContract};
use crate::error::{Error, Result};

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
pub(super) fn operation(req: &HttpRequest) -> Result<&Operation> {
    let path = req.app_data::<web::Data<PathContract>>();
    path.and_then(|path| path.get(contract_method(req)))
        .ok_or_else(without_contract)
}

/// The contract of the path, for other threads.
pub(super) fn contract(req: &HttpRequest) -> Result<web::Data<PathContract>> {
    let path = req.app_data::<web::Data<PathContract>>();
    path.cloned().ok_or_else(without_contract)
}

/// The request's method as the contract names it.
pub(super) fn contract_method(req: &HttpRequest) -> &'static str {
    match *req.method() {
        Method::POST => "post",
        Method::PUT => "put",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        _ => "get",
    }
}

pub(super) fn without_contract() -> Error {
    Error::bug("a route without a contract")
}
