//! What the pages tell, gathered from where it is decided.

use serde::Serialize;
use serde_json::Value;

use super::reference::{self, Tag};
use super::{answers, json};
use crate::config::{Setting, Settings, settings_table};
use crate::contract;
use crate::error::Code;
use crate::model::plans::Plan;

/// Everything that templates and guides may name.
#[derive(Serialize)]
pub(super) struct Facts {
    /// The program's version.
    pub version: &'static str,
    /// The origin of this server.
    pub origin: String,
    /// What the contract says beside its operations, in Markdown.
    pub conventions: String,
    /// The operations by tag, in the contract's order.
    pub tags: Vec<Tag>,
    /// The headers that the contract describes, by name.
    pub headers: Vec<HeaderNote>,
    /// The catalogue.
    pub errors: Vec<ErrorNote>,
    /// The plans as they are now, and the same as rows of figures.
    pub plans: Vec<Plan>,
    pub plan_rows: Vec<PlanRow>,
    /// Every setting, and those of this server that a client meets.
    pub settings: Vec<Setting>,
    pub server: ServerNote,
}

/// A header and what it means.
#[derive(Serialize)]
pub(super) struct HeaderNote {
    pub name: String,
    pub description: String,
}

/// An error code with what a client should do about it.
#[derive(Serialize)]
pub(super) struct ErrorNote {
    pub code: &'static str,
    pub status: u16,
    pub reason: &'static str,
    pub message: &'static str,
    pub cause: String,
    pub remedy: String,
    /// The answer's body, as JSON.
    pub sample: String,
}

/// One figure of every plan.
#[derive(Serialize)]
pub(super) struct PlanRow {
    pub name: &'static str,
    pub period: &'static str,
    /// In the order of the plans; `no limit` where there is none.
    pub figures: Vec<String>,
}

/// What a client meets of the server's settings.
#[derive(Serialize)]
pub(super) struct ServerNote {
    pub body_limit: String,
    pub request_timeout: String,
    /// Calls a second of one token; empty for no limit.
    pub burst: String,
}

impl Facts {
    /// Gathers them.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the contract.
    pub(super) fn gather(
        origin: &str,
        settings: &Settings,
        plans: Vec<Plan>,
    ) -> Result<Self, String> {
        let document = contract::document()?;
        Ok(Self {
            version: env!("CARGO_PKG_VERSION"),
            origin: origin.to_owned(),
            conventions: text(&document["info"]["description"]),
            tags: reference::tags(&document, origin),
            headers: headers(&document),
            errors: Code::ALL
                .iter()
                .map(|code| error(&document, *code))
                .collect(),
            plan_rows: plan_rows(&plans),
            plans,
            settings: settings_table(),
            server: ServerNote::of(settings),
        })
    }
}

impl ServerNote {
    fn of(settings: &Settings) -> Self {
        Self {
            body_limit: size(settings.body_limit),
            request_timeout: seconds(settings.request_timeout),
            burst: settings
                .burst_per_second
                .map_or_else(String::new, |calls| grouped(calls.into())),
        }
    }
}

/// A text of the document, or nothing.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn headers(document: &Value) -> Vec<HeaderNote> {
    let headers = document["components"]["headers"].as_object();
    let note = |(name, header): (&String, &Value)| HeaderNote {
        name: name.clone(),
        description: text(&header["description"]),
    };
    headers.into_iter().flatten().map(note).collect()
}

fn error(document: &Value, code: Code) -> ErrorNote {
    let responses = document["components"]["responses"].as_object();
    let own = |response: &&Value| {
        response.pointer("/content/application~1json/example/error/code")
            == Some(&Value::from(code.as_str()))
    };
    let response = responses
        .and_then(|all| all.values().find(own))
        .cloned()
        .unwrap_or_default();
    let content = contract::inline(document, &response["content"]["application/json"]);
    let description = text(&response["description"]);
    let cause = description
        .split_once("`: ")
        .map_or(description.as_str(), |(_, cause)| cause);
    ErrorNote {
        code: code.as_str(),
        status: code.status(),
        reason: answers::reason(code.status()),
        message: code.message(),
        cause: cause.to_owned(),
        remedy: text(&response["x-remedy"]),
        sample: json::pretty(&content["example"], &content["schema"]),
    }
}

fn plan_rows(plans: &[Plan]) -> Vec<PlanRow> {
    type Figure = fn(&Plan) -> Option<u64>;
    let rows: [(&str, &str, Figure); 9] = [
        ("Boards", "", |plan| plan.boards),
        ("Projects", "", |plan| plan.projects),
        ("Tasks", "", |plan| plan.tasks),
        ("Cards", "", |plan| plan.cards),
        ("API tokens", "", |plan| plan.tokens),
        ("Webhooks", "", |plan| plan.webhooks),
        ("API calls", "a month", |plan| plan.api_calls),
        ("Webhook deliveries", "a month", |plan| {
            plan.webhook_deliveries
        }),
        ("Cards sent", "a month", |plan| plan.card_sends),
    ];
    let row = |(name, period, figure): (&'static str, &'static str, Figure)| PlanRow {
        name,
        period,
        figures: plans
            .iter()
            .map(|plan| figure(plan).map_or_else(|| "no limit".to_owned(), grouped))
            .collect(),
    };
    rows.into_iter().map(row).collect()
}

/// A number with its thousands apart: `12,000`.
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

/// A number of bytes in the largest unit that leaves it whole.
fn size(bytes: usize) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let fits = units
        .into_iter()
        .find(|(unit, _)| bytes.is_multiple_of(*unit));
    match fits {
        Some((unit, name)) => format!("{} {name}", grouped((bytes / unit) as u64)),
        None => format!("{} bytes", grouped(bytes as u64)),
    }
}

fn seconds(time: std::time::Duration) -> String {
    match time.as_secs_f64() {
        1.0 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, seconds, size};
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
}
