//! Bodies in chunks that nobody reads to their end.
//!
//! Once its handler has let go of such a body, the connection waits for the rest of it for as long as the client likes,
//! with no timer running: some hundred of them from anybody at all, and the server has no file descriptor left. A body that
//! is still held when its answer is sent makes the connection be closed instead; so a refusal holds it.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage as _;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::Stream;

/// A request's body, shared between who reads it and who answers.
#[derive(Clone)]
pub(super) struct Shared(Rc<RefCell<Payload>>);

impl Shared {
    /// Shares the body of a request that sends it in chunks; other requests say how much there is to come.
    pub(super) fn of(request: &mut ServiceRequest) -> Option<Self> {
        request.headers().get(header::TRANSFER_ENCODING)?;
        let shared = Self(Rc::new(RefCell::new(request.take_payload())));
        let stream: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> =
            Box::pin(shared.clone());
        request.set_payload(Payload::from(stream));
        Some(shared)
    }
}

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// The body of an answer that holds the request's body until it is sent.
pub(super) struct Holding {
    /// The answer.
    pub body: BoxBody,
    /// What is held.
    pub _request: Shared,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
