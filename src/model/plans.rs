//! Plans: the limits and quotas of workspaces.

use serde::Serialize;

/// The kinds of rows that are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Limited {
    /// Boards.
    Boards,
    /// Projects.
    Projects,
    /// Tasks.
    Tasks,
    /// Cards.
    Cards,
    /// API tokens.
    Tokens,
    /// Webhooks.
    Webhooks,
    /// Members.
    Members,
    /// Open invitations, limited to the same number on every plan.
    Invitations,
    /// Lanes of a board, limited to the same number on every plan.
    Lanes,
    /// Labels of a board, limited to the same number on every plan.
    Labels,
    /// Comments on a task, limited to the same number on every plan.
    Comments,
}

/// The most open invitations of a workspace; the trigger `invitation_limit` refuses more.
pub const INVITATIONS_PER_WORKSPACE: u64 = 200;
/// The most lanes that a board can have; the trigger `lane_limit` refuses more.
pub const LANES_PER_BOARD: u64 = 100;
/// The most labels that a board can have; the trigger `label_limit` refuses more.
pub const LABELS_PER_BOARD: u64 = 200;
/// The most comments that a task can have; the trigger `comment_limit` refuses more.
pub const COMMENTS_PER_TASK: u64 = 5_000;

impl Limited {
    /// Every kind that a plan limits, in the order of the plan table.
    pub const ALL: [Limited; 7] = [
        Limited::Boards,
        Limited::Projects,
        Limited::Tasks,
        Limited::Cards,
        Limited::Tokens,
        Limited::Webhooks,
        Limited::Members,
    ];

    /// The name in the API, and of the database column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Limited::Boards => "boards",
            Limited::Projects => "projects",
            Limited::Tasks => "tasks",
            Limited::Cards => "cards",
            Limited::Tokens => "tokens",
            Limited::Webhooks => "webhooks",
            Limited::Members => "members",
            Limited::Invitations => "invitations",
            Limited::Lanes => "lanes",
            Limited::Labels => "labels",
            Limited::Comments => "comments",
        }
    }

    /// The singular name with a capital letter, for messages.
    pub const fn label(self) -> &'static str {
        match self {
            Limited::Boards => "Board",
            Limited::Projects => "Project",
            Limited::Tasks => "Task",
            Limited::Cards => "Card",
            Limited::Tokens => "Token",
            Limited::Webhooks => "Webhook",
            Limited::Members => "Member",
            Limited::Invitations => "Invitation",
            Limited::Lanes => "Lane",
            Limited::Labels => "Label",
            Limited::Comments => "Comment",
        }
    }
}

/// A plan's limits and quotas; `None` means no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The plan's name, which is its id.
    pub name: String,
    /// Boards per workspace.
    pub boards: Option<u64>,
    /// Projects per workspace.
    pub projects: Option<u64>,
    /// Tasks per workspace.
    pub tasks: Option<u64>,
    /// Cards per workspace.
    pub cards: Option<u64>,
    /// API tokens per workspace.
    pub tokens: Option<u64>,
    /// Webhooks per workspace.
    pub webhooks: Option<u64>,
    /// Members per workspace.
    pub members: Option<u64>,
    /// API calls per month.
    pub api_calls: Option<u64>,
    /// Webhook deliveries per month.
    pub webhook_deliveries: Option<u64>,
    /// Cards sent per month.
    pub card_sends: Option<u64>,
}

impl Plan {
    /// Creates a plan without limits.
    pub fn unlimited(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            boards: None,
            projects: None,
            tasks: None,
            cards: None,
            tokens: None,
            webhooks: None,
            members: None,
            api_calls: None,
            webhook_deliveries: None,
            card_sends: None,
        }
    }
}
