//! `tackboard plan …`

use clap::{Args, Subcommand};
use serde::Serialize;

use super::args;
use super::args::LimitArg;
use super::common::Common;
use crate::error::failure::{Failure, refuse};
use crate::model::plans::Plan;
use crate::store::plans;

#[derive(Subcommand)]
pub(super) enum Command {
    /// List all plans with their limits, smallest first
    List,
    /// Change a plan immediately, or add a plan; existing items above a new limit are kept
    Set(Set),
}

#[derive(Args)]
pub(super) struct Set {
    /// Name of the plan; a new name adds a plan
    #[arg(value_parser = args::plan_name)]
    plan: String,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Args)]
#[command(
    next_help_heading = "Limits: a number, or none for no limit [default: unchanged, or none in a new plan]"
)]
struct LimitArgs {
    /// Boards per workspace
    #[arg(long, value_name = "N")]
    boards: Option<LimitArg>,
    /// Projects per workspace
    #[arg(long, value_name = "N")]
    projects: Option<LimitArg>,
    /// Tasks per workspace
    #[arg(long, value_name = "N")]
    tasks: Option<LimitArg>,
    /// Cards per workspace
    #[arg(long, value_name = "N")]
    cards: Option<LimitArg>,
    /// API tokens per workspace
    #[arg(long, value_name = "N")]
    tokens: Option<LimitArg>,
    /// Webhooks per workspace
    #[arg(long, value_name = "N")]
    webhooks: Option<LimitArg>,
    /// Members per workspace
    #[arg(long, value_name = "N")]
    members: Option<LimitArg>,
    /// API calls per month
    #[arg(long, value_name = "N")]
    api_calls: Option<LimitArg>,
    /// Webhook deliveries per month
    #[arg(long, value_name = "N")]
    webhook_deliveries: Option<LimitArg>,
    /// Cards sent per month
    #[arg(long, value_name = "N")]
    card_sends: Option<LimitArg>,
}

impl LimitArgs {
    /// Sets the given limits in a plan. Returns how many were given.
    fn put_into(&self, plan: &mut Plan) -> usize {
        let limits = [
            (self.boards, &mut plan.boards),
            (self.projects, &mut plan.projects),
            (self.tasks, &mut plan.tasks),
            (self.cards, &mut plan.cards),
            (self.tokens, &mut plan.tokens),
            (self.webhooks, &mut plan.webhooks),
            (self.members, &mut plan.members),
            (self.api_calls, &mut plan.api_calls),
            (self.webhook_deliveries, &mut plan.webhook_deliveries),
            (self.card_sends, &mut plan.card_sends),
        ];
        let mut given = 0;
        for (limit, place) in limits {
            if let Some(LimitArg(limit)) = limit {
                *place = limit;
                given += 1;
            }
        }
        given
    }
}

/// A plan with its name as its id.
#[derive(Serialize)]
struct PlanOutput<'p> {
    id: &'p str,
    #[serde(flatten)]
    plan: &'p Plan,
}

impl<'p> PlanOutput<'p> {
    fn new(plan: &'p Plan) -> Self {
        Self {
            id: &plan.name,
            plan,
        }
    }
}

pub(super) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::List => list(common),
        Command::Set(set) => self::set(common, &set),
    }
}

fn list(common: &Common) -> Result<(), Failure> {
    let all = common.read(|conn| Ok(plans::list(conn)?))?;
    let shown: Vec<_> = all.iter().map(PlanOutput::new).collect();
    common.show_list(
        &shown,
        [
            "PLAN",
            "BOARDS",
            "PROJECTS",
            "TASKS",
            "CARDS",
            "TOKENS",
            "WEBHOOKS",
            "MEMBERS",
            "API CALLS",
            "DELIVERIES",
            "CARD SENDS",
        ],
        |PlanOutput { plan, .. }| {
            let limit =
                |limit: Option<u64>| limit.map_or_else(|| "none".to_owned(), |n| n.to_string());
            [
                plan.name.clone(),
                limit(plan.boards),
                limit(plan.projects),
                limit(plan.tasks),
                limit(plan.cards),
                limit(plan.tokens),
                limit(plan.webhooks),
                limit(plan.members),
                limit(plan.api_calls),
                limit(plan.webhook_deliveries),
                limit(plan.card_sends),
            ]
        },
        "No plans yet. Add one with `tackboard plan set NAME --tasks 500`.",
    )
}

fn set(common: &Common, set: &Set) -> Result<(), Failure> {
    let (plan, is_new) = common.write(|tx| {
        let found = plans::find(tx, &set.plan)?;
        let is_new = found.is_none();
        let mut plan = found.unwrap_or_else(|| Plan::unlimited(&set.plan));
        if set.limits.put_into(&mut plan) == 0 && !is_new {
            let name = &plan.name;
            return Err(refuse(format!(
                "nothing to change in plan {name}; give a limit, such as --tasks 5000"
            )));
        }
        plans::put(tx, &plan)?;
        Ok((plan, is_new))
    })?;
    let done = if is_new { "Added" } else { "Changed" };
    common.show(&PlanOutput::new(&plan), || {
        format!(
            "{done} plan {}. `tackboard plan list` shows its limits.",
            plan.name
        )
    })
}
