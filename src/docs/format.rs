//! Formatting of values on the documentation pages.

use serde_json::Value;

/// A string of the document; empty if it is missing.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The reason phrase of a status code; empty if the contract does not use the code.
pub(super) fn reason_phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        303 => "See Other",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}

/// A number with commas between thousands: `12,000`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of bytes in the largest unit that divides it.
pub(super) fn size(bytes: usize) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let fits = units
        .into_iter()
        .find(|(unit, _)| bytes.is_multiple_of(*unit));
    match fits {
        Some((unit, name)) => format!("{} {name}", grouped((bytes / unit) as u64)),
        None => format!("{} bytes", grouped(bytes as u64)),
    }
}

/// A time in seconds.
pub(super) fn seconds(time: std::time::Duration) -> String {
    match time.as_secs_f64() {
        1.0 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, reason_phrase, seconds, size};
    use crate::error::Code;
    use std::time::Duration;

    #[test]
    fn figures_are_easy_to_read() {
        let grouped: Vec<_> = [0, 999, 1000, 12000, 1_234_567].map(grouped).into();
        assert_eq!(grouped, ["0", "999", "1,000", "12,000", "1,234,567"]);
        let sizes: Vec<_> = [1 << 20, 500 << 10, 1000, 3 << 30].map(size).into();
        assert_eq!(sizes, ["1 MiB", "500 KiB", "1,000 bytes", "3 GiB"]);
        assert_eq!(seconds(Duration::from_millis(500)), "0.5 seconds");
        assert_eq!(seconds(Duration::from_secs(30)), "30 seconds");
    }

    #[test]
    fn every_status_of_the_contract_has_a_reason_phrase() {
        let document = crate::contract::document().unwrap_or_default();
        let paths = document["paths"].as_object().into_iter().flatten();
        let operations = paths.flat_map(|(_, path)| path.as_object().into_iter().flatten());
        let responses = operations.filter_map(|(_, operation)| operation["responses"].as_object());
        let mut statuses: Vec<u16> = responses
            .flat_map(|all| all.keys())
            .filter_map(|status| status.parse().ok())
            .collect();
        assert!(statuses.len() > 100, "the responses are not found");
        statuses.extend(Code::ALL.iter().map(|code| code.status()));
        for status in statuses {
            assert_ne!(reason_phrase(status), "", "{status}");
        }
    }
}
