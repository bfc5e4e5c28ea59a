//! What the server sends to others: mail. [`retry`] holds what every kind of delivery shares.

pub mod mail;
pub mod retry;
