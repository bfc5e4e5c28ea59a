//! Fields of a PATCH with three states: absent, `null`, or a value.

use serde::{Deserialize, Deserializer};

/// Distinguishes a field that is `null` (`Some(None)`) from an absent one (`None`, by `#[serde(default)]`).
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
