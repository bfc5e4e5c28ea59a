//! How much of its plan a workspace uses.

use std::collections::BTreeMap;

use serde::Serialize;

use super::plans::{COMMENTS_PER_TASK, LABELS_PER_BOARD, LANES_PER_BOARD};
use super::time::Timestamp;

/// The usage of one limited kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceUsage {
    /// The plan's limit; `None` means no limit.
    pub limit: Option<u64>,
    /// How many exist.
    pub current: u64,
}

/// The usage of a monthly quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QuotaUsage {
    /// The quota of the plan and the top-ups; `None` means no limit.
    pub limit: Option<u64>,
    /// How many were counted this month.
    pub used: u64,
    /// The start of the next month.
    pub reset: Timestamp,
}

/// The limits that are the same on every plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FixedLimits {
    /// Lanes per board.
    pub lanes_per_board: u64,
    /// Labels per board.
    pub labels_per_board: u64,
    /// Comments per task.
    pub comments_per_task: u64,
}

impl FixedLimits {
    /// The limits of this version.
    pub const CURRENT: Self = Self {
        lanes_per_board: LANES_PER_BOARD,
        labels_per_board: LABELS_PER_BOARD,
        comments_per_task: COMMENTS_PER_TASK,
    };
}

/// A workspace's plan and its usage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Usage {
    /// The plan's name.
    pub plan: String,
    /// The usage of the limited kinds, by name.
    pub resources: BTreeMap<&'static str, ResourceUsage>,
    /// Limits that do not depend on the plan.
    pub limits: FixedLimits,
    /// API calls.
    pub api_calls: QuotaUsage,
    /// Cards sent.
    pub card_sends: QuotaUsage,
    /// Webhook deliveries.
    pub webhook_deliveries: QuotaUsage,
}
