//! What the server sends to others: mail, live events and webhooks. [`retry`] holds what the queues of deliveries share.

pub mod mail;
pub mod retry;
pub mod streams;
mod tls;
pub mod webhooks;
