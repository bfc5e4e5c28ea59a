//! Events: the journal's records of changes.

mod changes;
mod event;
mod query;
mod types;

pub use self::changes::Changes;
pub use self::event::{Event, NewEvent};
pub use self::query::{EventFilter, EventPage, EventQuery, EventRequest, Journal, Start};
pub use self::types::EventType;

#[cfg(test)]
mod tests;
