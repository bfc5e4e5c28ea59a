//! Three-state members of a PATCH: absent, `null`, or a value.

use serde::{Deserialize, Deserializer};

/// Tells a member that is `null` (`Some(None)`) from one that is not there (`None`, by `#[serde(default)]`).
pub(crate) fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
