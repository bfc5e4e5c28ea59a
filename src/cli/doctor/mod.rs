//! `tackboard doctor`: checks a data folder and reports each problem with its fix. Changes nothing.

mod database;
mod finding;
mod folder;
mod installation;
mod mails;
mod webhooks;

use serde::Serialize;
use serde_json::json;

use self::finding::Finding;
use self::installation::Installation;
use super::common::Common;
use super::messages::plain;
use super::output;
use crate::config::Given;
use crate::error::failure::{Failure, refuse};

/// A check and its name.
type Check = (&'static str, fn(&Installation<'_>) -> Finding);

/// All checks, in stages. If the last check of a stage fails, the following stages are skipped.
const STAGES: [&[Check]; 3] = [
    &[("folder", folder::exists)],
    &[
        ("file system", folder::file_system),
        ("permissions", folder::permissions),
        ("free space", folder::free_space),
        ("settings", folder::settings),
        ("mail", mails::settings),
        ("metrics", folder::metrics),
        ("database", database::version),
    ],
    &[
        ("proxy", database::proxy),
        ("integrity", database::integrity),
        ("rows", database::rows),
        ("webhooks", webhooks::state),
    ],
];

#[derive(Serialize)]
struct CheckResult {
    id: &'static str,
    ok: bool,
    found: Option<String>,
    problems: Vec<String>,
}

pub(super) fn run(common: &Common, given: Given) -> Result<(), Failure> {
    let settings = common.settings(given);
    let checks = run_all(&Installation { common, settings })?;
    let problems = checks
        .iter()
        .flat_map(|check| check.problems.iter().map(|why| (check.id, why)));
    let (count, first) = (problems.clone().count(), problems.into_iter().next());
    if common.json {
        let version = env!("CARGO_PKG_VERSION");
        let report = json!({ "ok": count == 0, "version": version, "checks": checks });
        common.show(&report, String::new)?;
    }
    match first {
        None => Ok(()),
        Some((id, why)) if count == 1 => Err(refuse(format!("{id}: {why}"))),
        Some((id, why)) => Err(refuse(format!(
            "{id}: {why} (and {} more, see standard output)",
            count - 1
        ))),
    }
}

fn run_all(installation: &Installation<'_>) -> Result<Vec<CheckResult>, Failure> {
    let mut checks: Vec<CheckResult> = Vec::new();
    for stage in STAGES {
        if checks.last().is_some_and(|check| !check.ok) {
            break;
        }
        for (id, run_check) in stage {
            let check = match run_check(installation) {
                Ok(found) => CheckResult {
                    id,
                    ok: true,
                    found: Some(found),
                    problems: Vec::new(),
                },
                Err(problems) => CheckResult {
                    id,
                    ok: false,
                    found: None,
                    problems,
                },
            };
            // Printed as soon as it is known, because some checks of a large database take long.
            if !installation.common.json {
                output::print(&lines(&check))?;
            }
            checks.push(check);
        }
    }
    Ok(checks)
}

fn lines(check: &CheckResult) -> String {
    let line = |state, text| format!("{state:5}  {:11}  {}\n", check.id, plain(text));
    let found = check.found.iter().map(|text| line("ok", text));
    found
        .chain(check.problems.iter().map(|text| line("WRONG", text)))
        .collect()
}
