//! What the server sends to others: mail and live events. [`retry`] holds what the queues of deliveries share.

pub mod mail;
pub mod retry;
pub mod streams;
