//! `tackboard plan …`

use clap::{Args, Subcommand};
use serde::Serialize;

use super::args;
use super::args::Figure;
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
    figures: Figures,
}

#[derive(Args)]
#[command(
    next_help_heading = "Limits: a number, or none for no limit [default: unchanged, or none in a new plan]"
)]
struct Figures {
    /// Boards per workspace
    #[arg(long, value_name = "N")]
    boards: Option<Figure>,
    /// Projects per workspace
    #[arg(long, value_name = "N")]
    projects: Option<Figure>,
    /// Tasks per workspace
    #[arg(long, value_name = "N")]
    tasks: Option<Figure>,
    /// Cards per workspace
    #[arg(long, value_name = "N")]
    cards: Option<Figure>,
    /// API tokens per workspace
    #[arg(long, value_name = "N")]
    tokens: Option<Figure>,
    /// Webhooks per workspace
    #[arg(long, value_name = "N")]
    webhooks: Option<Figure>,
    /// API calls per month
    #[arg(long, value_name = "N")]
    api_calls: Option<Figure>,
    /// Webhook deliveries per month
    #[arg(long, value_name = "N")]
    webhook_deliveries: Option<Figure>,
    /// Cards sent per month
    #[arg(long, value_name = "N")]
    card_sends: Option<Figure>,
}

impl Figures {
    /// Sets the given limits in a plan. Returns how many were given.
    fn put_into(&self, plan: &mut Plan) -> usize {
        let figures = [
            (self.boards, &mut plan.boards),
            (self.projects, &mut plan.projects),
            (self.tasks, &mut plan.tasks),
            (self.cards, &mut plan.cards),
            (self.tokens, &mut plan.tokens),
            (self.webhooks, &mut plan.webhooks),
            (self.api_calls, &mut plan.api_calls),
            (self.webhook_deliveries, &mut plan.webhook_deliveries),
            (self.card_sends, &mut plan.card_sends),
        ];
        let mut given = 0;
        for (figure, place) in figures {
            if let Some(Figure(figure)) = figure {
                *place = figure;
                given += 1;
            }
        }
        given
    }
}

/// A plan with its name as its id.
#[derive(Serialize)]
struct Shown<'p> {
    id: &'p str,
    #[serde(flatten)]
    plan: &'p Plan,
}

impl<'p> Shown<'p> {
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
    let shown: Vec<_> = all.iter().map(Shown::new).collect();
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
            "API CALLS",
            "DELIVERIES",
            "CARD SENDS",
        ],
        |Shown { plan, .. }| {
            let figure =
                |figure: Option<u64>| figure.map_or_else(|| "none".to_owned(), |n| n.to_string());
            [
                plan.name.clone(),
                figure(plan.boards),
                figure(plan.projects),
                figure(plan.tasks),
                figure(plan.cards),
                figure(plan.tokens),
                figure(plan.webhooks),
                figure(plan.api_calls),
                figure(plan.webhook_deliveries),
                figure(plan.card_sends),
            ]
        },
        "No plans yet. Add one with `tackboard plan set NAME --tasks 500`.",
    )
}

fn set(common: &Common, set: &Set) -> Result<(), Failure> {
    let (plan, is_new) = common.write(|tx| {
        let found = plans::find(tx, &set.plan)?;
        let is_new = found.is_none();
        let mut plan = found.unwrap_or_else(|| unlimited(&set.plan));
        if set.figures.put_into(&mut plan) == 0 && !is_new {
            let name = &plan.name;
            return Err(refuse(format!(
                "nothing to change in plan {name}; give a limit, such as --tasks 5000"
            )));
        }
        plans::put(tx, &plan)?;
        Ok((plan, is_new))
    })?;
    let done = if is_new { "Added" } else { "Changed" };
    common.show(&Shown::new(&plan), || {
        format!(
            "{done} plan {}. `tackboard plan list` shows its limits.",
            plan.name
        )
    })
}

fn unlimited(name: &str) -> Plan {
    Plan {
        name: name.to_owned(),
        boards: None,
        projects: None,
        tasks: None,
        cards: None,
        tokens: None,
        webhooks: None,
        api_calls: None,
        webhook_deliveries: None,
        card_sends: None,
    }
}
