// How much of the plan is used. Pure.

/** @typedef {{ limit: number|null, current: number }} Resource */
/** @typedef {{ limit: number|null, used: number, reset: string }} Quota */
/** @typedef {{ name: string, used: number, limit: number|null, share: number, level: ''|'near'|'full' }} Line */

/** @type {Record<string, string>} */
const NAMES = {
  boards: 'Boards', projects: 'Projects', tasks: 'Tasks', cards: 'Cards', tokens: 'API tokens', webhooks: 'Webhooks', members: 'Members',
  api_calls: 'API calls', card_sends: 'Sent cards', webhook_deliveries: 'Webhook deliveries',
};

/** @param {string} name @param {number} used @param {number|null} limit @returns {Line} */
export function lineOf(name, used, limit) {
  const share = limit === null ? 0 : limit === 0 ? 1 : Math.min(1, used / limit);
  const level = limit === null || (limit === 0 && used === 0) ? '' : share >= 1 ? 'full' : share >= 0.8 ? 'near' : '';
  return { name: NAMES[name] ?? name.replaceAll('_', ' '), used, limit, share, level };
}

/** @param {Line} line */
export function lineText({ used, limit }) {
  const count = used.toLocaleString('en');
  if (limit === null) return `${count}, no limit`;
  return limit === 0 && used === 0 ? 'Not in this plan' : `${count} of ${limit.toLocaleString('en')}`;
}

/** What exists, and what is counted by the month. @param {Record<string, any>} usage */
export function usageOf(usage) {
  const resources = Object.entries(/** @type {Record<string, Resource>} */ (usage.resources)).map(([name, { limit, current }]) => lineOf(name, current, limit));
  const quotas = ['api_calls', 'card_sends', 'webhook_deliveries'].filter((name) => usage[name]).map((name) => lineOf(name, usage[name].used, usage[name].limit));
  return { resources, quotas, reset: /** @type {string|null} */ (usage.api_calls?.reset ?? null) };
}
