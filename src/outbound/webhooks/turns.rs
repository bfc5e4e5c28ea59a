//! Turns between workspaces, and between the webhooks of each.

use std::collections::{HashMap, VecDeque};

use crate::model::ids::{WebhookId, WorkspaceId};

/// Webhooks that wait for their turn. Each workspace has one turn after the other, however many webhooks it has, and its
/// webhooks share them. Adding and taking one costs the same for any number of webhooks.
#[derive(Default)]
pub(super) struct Turns {
    workspaces: VecDeque<WorkspaceId>,
    webhooks: HashMap<WorkspaceId, VecDeque<WebhookId>>,
}

impl Turns {
    /// Adds a webhook behind those that wait. It must not wait already.
    pub(super) fn add(&mut self, workspace: WorkspaceId, webhook: WebhookId) {
        let waiting = self.webhooks.entry(workspace).or_default();
        if waiting.is_empty() {
            self.workspaces.push_back(workspace);
        }
        waiting.push_back(webhook);
    }

    /// Takes the webhook whose turn it is.
    pub(super) fn next(&mut self) -> Option<WebhookId> {
        let workspace = self.workspaces.pop_front()?;
        let waiting = self.webhooks.get_mut(&workspace)?;
        let webhook = waiting.pop_front();
        match waiting.is_empty() {
            true => drop(self.webhooks.remove(&workspace)),
            false => self.workspaces.push_back(workspace),
        }
        webhook
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.workspaces.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workspaces_take_turns_and_so_do_their_webhooks() {
        let (large, small) = (WorkspaceId::new(), WorkspaceId::new());
        let [a, b, c, d] = std::array::from_fn(|_| WebhookId::new());
        let mut turns = Turns::default();
        for (workspace, webhook) in [(large, a), (large, b), (large, c), (small, d)] {
            turns.add(workspace, webhook);
        }
        let taken: Vec<_> = std::iter::from_fn(|| turns.next()).collect();
        assert_eq!(taken, [a, d, b, c]);
        assert!(turns.is_empty());
        turns.add(large, a);
        turns.add(small, d);
        assert_eq!(turns.next(), Some(a));
        turns.add(large, a);
        assert_eq!(
            [turns.next(), turns.next(), turns.next()],
            [Some(d), Some(a), None]
        );
    }
}
