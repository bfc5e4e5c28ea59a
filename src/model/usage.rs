//! How much of its plan a workspace has used.

use std::collections::BTreeMap;

use serde::Serialize;

use super::plans::LANES_PER_BOARD;
use super::time::Timestamp;

/// What a workspace has of a limited kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceUsage {
    /// How many the plan allows; `None` is no limit.
    pub limit: Option<u64>,
    /// How many there are.
    pub current: u64,
}

/// What a workspace has used of a monthly quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QuotaUsage {
    /// How many the plan and the top-ups allow; `None` is no limit.
    pub limit: Option<u64>,
    /// How many were counted this month.
    pub used: u64,
    /// When the next month begins.
    pub reset: Timestamp,
}

/// The limits that are the same on every plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FixedLimits {
    /// Lanes of a board.
    pub lanes_per_board: u64,
}

impl FixedLimits {
    /// The limits of this version.
    pub const CURRENT: Self = Self {
        lanes_per_board: LANES_PER_BOARD,
    };
}

/// A workspace's plan and what is used of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Usage {
    /// The plan's name.
    pub plan: String,
    /// Limited kinds by name.
    pub resources: BTreeMap<&'static str, ResourceUsage>,
    /// Limits that no plan changes.
    pub limits: FixedLimits,
    /// API calls.
    pub api_calls: QuotaUsage,
    /// Cards sent.
    pub card_sends: QuotaUsage,
    /// Webhook deliveries.
    pub webhook_deliveries: QuotaUsage,
}
