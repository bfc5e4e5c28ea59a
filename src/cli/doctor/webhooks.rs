//! Checks of the webhooks.

use super::finding::{Finding, all_of, wrong};
use super::installation::Installation;
use crate::error::failure::Failure;
use crate::model::webhooks::WebhookProgress;
use crate::model::workspaces::Workspace;
use crate::store::{db, webhooks, workspaces};

/// Checks that deliveries arrive: names each webhook that fails, or that the server has switched off.
pub(super) fn state(installation: &Installation<'_>) -> Finding {
    let read = db::read_once(&installation.common.data_dir().database(), |conn| {
        let mut found = Vec::new();
        for workspace in workspaces::list(conn)? {
            for webhook in webhooks::list_with_progress(conn, workspace.id)? {
                found.push((workspace.clone(), webhook));
            }
        }
        Ok::<_, Failure>(found)
    });
    let found = match read {
        Ok(found) => found,
        Err(error) => return wrong(format!("the webhooks cannot be read: {error}")),
    };
    let problems = found
        .iter()
        .filter_map(|(workspace, webhook)| problem(workspace, webhook));
    all_of(problems.collect(), || match found.len() {
        0 => "there are none".to_owned(),
        1 => "1 webhook, and it does not fail".to_owned(),
        many => format!("{many} webhooks, and none of them fails"),
    })
}

fn problem(workspace: &Workspace, progress: &WebhookProgress) -> Option<String> {
    let webhook = &progress.webhook;
    let (name, id, slug) = (&webhook.name, webhook.id, &workspace.slug);
    if let (Some(at), Some(reason)) = (webhook.disabled_at, &webhook.disabled_reason) {
        return Some(format!(
            "{name} ({id}) of {slug} was switched off at {at}: {reason}; repair its receiver and run: \
             tackboard webhook enable {id}"
        ));
    }
    let since = progress.failing_since?;
    Some(format!(
        "deliveries to {name} ({id}) of {slug} have failed since {since}; to see why, run: \
         tackboard webhook deliveries {id} --status failed"
    ))
}
