//! Events: the journal's records of changes.

mod changes;
mod query;
mod record;
mod types;

pub use self::changes::Changes;
pub use self::query::{EventFilter, EventPage, EventQuery, EventRequest, Journal, Start};
pub use self::record::{Event, NewEvent};
pub use self::types::EventType;

#[cfg(test)]
mod tests;
