//! Events: the journal's records of changes.

mod changes;
mod filter;
mod query;
mod record;
mod types;

pub use self::changes::Changes;
pub use self::filter::EventFilter;
pub use self::query::{EventPage, EventQuery, EventRequest, Journal, Start};
pub use self::record::{Event, NewEvent};
pub use self::types::EventType;

#[cfg(test)]
mod tests;
