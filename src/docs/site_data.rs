//! The data of the pages, collected from the contract, the error catalog, the plans and the settings.

use serde::Serialize;
use serde_json::Value;

use super::format::{grouped, reason_phrase, seconds, size, text};
use super::json;
use super::reference::{self, Tag};
use crate::config::{Setting, Settings, settings_table};
use crate::contract;
use crate::error::Code;
use crate::model::plans::Plan;

/// The data that templates and guides can use.
#[derive(Serialize)]
pub(super) struct SiteData {
    /// The program's version.
    pub version: &'static str,
    /// The origin of this server.
    pub origin: String,
    /// The introduction of the contract, in Markdown.
    pub conventions: String,
    /// The operations by tag, in the order of the contract.
    pub tags: Vec<Tag>,
    /// The error catalog.
    pub errors: Vec<ErrorEntry>,
    /// The current plans, and the same as table rows.
    pub plans: Vec<Plan>,
    pub plan_rows: Vec<PlanRow>,
    /// All settings.
    pub settings: Vec<Setting>,
    pub server: ServerLimits,
}

/// An error code, and what clients should do about it.
#[derive(Serialize)]
pub(super) struct ErrorEntry {
    pub code: &'static str,
    pub status: u16,
    pub reason: &'static str,
    pub message: &'static str,
    pub cause: String,
    pub remedy: String,
    /// An example response body as JSON.
    pub sample: String,
}

/// One limit or quota of all plans.
#[derive(Serialize)]
pub(super) struct PlanRow {
    pub name: &'static str,
    pub period: &'static str,
    /// One per plan; `no limit` if there is none.
    pub figures: Vec<String>,
}

/// The settings of this server that limit its clients.
#[derive(Serialize)]
pub(super) struct ServerLimits {
    pub body_limit: String,
    pub request_timeout: String,
    /// Calls per second and token; empty for no limit.
    pub burst: String,
}

impl SiteData {
    /// Collects the data.
    ///
    /// # Errors
    /// A message that describes a problem in the contract.
    pub(super) fn collect(
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
            errors: Code::ALL
                .iter()
                .map(|code| error(&document, *code))
                .collect::<Result<_, _>>()?,
            plan_rows: plan_rows(&plans),
            plans,
            settings: settings_table(),
            server: ServerLimits::of(settings),
        })
    }
}

impl ServerLimits {
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

fn error(document: &Value, code: Code) -> Result<ErrorEntry, String> {
    let responses = document["components"]["responses"].as_object();
    let own = |response: &&Value| {
        response.pointer("/content/application~1json/example/error/code")
            == Some(&Value::from(code.as_str()))
    };
    let response = responses
        .and_then(|all| all.values().find(own))
        .ok_or_else(|| format!("schema/api has no response for {}", code.as_str()))?;
    let content = contract::inline(document, &response["content"]["application/json"]);
    let description = text(&response["description"]);
    let cause = description
        .split_once("`: ")
        .map_or(description.as_str(), |(_, cause)| cause);
    Ok(ErrorEntry {
        code: code.as_str(),
        status: code.status(),
        reason: reason_phrase(code.status()),
        message: code.message(),
        cause: cause.to_owned(),
        remedy: text(&response["x-remedy"]),
        sample: json::pretty(&content["example"], &content["schema"]),
    })
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
        ("API calls", "per month", |plan| plan.api_calls),
        ("Webhook deliveries", "per month", |plan| {
            plan.webhook_deliveries
        }),
        ("Cards sent", "per month", |plan| plan.card_sends),
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
