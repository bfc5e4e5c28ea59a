//! Values that are none of several alternatives (`anyOf`).

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::{Failure, MOST_FIELDS, failures_of, field_name, unknown_field};

/// The fields of a value that is none of the alternatives: what is wrong with the alternative that the client means, or the
/// fields that no alternative has. None where only the choice itself can be explained.
pub(super) fn failures(
    schema: &Value,
    path: &str,
    alternatives: &[Vec<ValidationError<'static>>],
) -> Vec<(String, Failure)> {
    let is_here = |error: &ValidationError<'_>| error.instance_path().as_str() == path;
    let fails_by_type =
        |error: &ValidationError<'_>| is_here(error) && matches!(error.kind(), Kind::Type { .. });
    let of_its_type = alternatives
        .iter()
        .filter(|all| !all.iter().any(fails_by_type));
    let of_its_type: Vec<_> = of_its_type.collect();
    let has_fitting_fields = |errors: &&&Vec<ValidationError<'_>>| !errors.iter().any(is_here);
    let meant = match of_its_type.as_slice() {
        [only] => Some(only),
        several => several.iter().find(has_fitting_fields),
    };
    if let Some(meant) = meant {
        // Nobody understands a pattern. The message of the choice says more.
        let told = meant
            .iter()
            .filter(|error| !matches!(error.kind(), Kind::Pattern { .. }));
        return told.flat_map(|error| failures_of(schema, error)).collect();
    }
    let unknown = of_its_type.into_iter().map(|errors| {
        let names = errors.iter().filter_map(|error| match error.kind() {
            Kind::AdditionalProperties { unexpected } if is_here(error) => Some(unexpected),
            _ => None,
        });
        names.flatten().collect::<BTreeSet<_>>()
    });
    let unknown = unknown
        .reduce(|one, other| &one & &other)
        .unwrap_or_default();
    let at = field_name(path);
    let unknown = unknown.into_iter().take(MOST_FIELDS);
    unknown.map(|name| unknown_field(&at, name)).collect()
}
