// Webhooks: the list, or one with its deliveries.

import { get } from '../../api.js';
import { button, h, icon } from '../../dom.js';
import { patternText } from '../../event-types.js';
import { state } from '../../store.js';
import { part } from '../part.js';
import { openWebhook } from './webhook.js';
import { editWebhook } from './webhook-form.js';
import { badge, box, empty, heading } from './section.js';

/**
 * @typedef {object} Webhook
 * @property {string} id
 * @property {string} name
 * @property {string} url
 * @property {string[]} events
 * @property {string|null} board_id
 * @property {'full'|'thin'} payload
 * @property {boolean} is_active
 * @property {string|null} disabled_reason
 * @property {string|null} disabled_at
 */

/** Opens the list or a webhook. @param {string|undefined} id */
export function open(id) {
  if (id) return openWebhook(id);
  const add = () => editWebhook(null, () => all.reload());
  const all = part({
    nouns: ['webhook'],
    load: async (signal) => (await get('/v1/webhooks', signal)).webhooks,
    show: (/** @type {Webhook[]} */ webhooks) => [webhooks.length > 0
      ? box('Webhooks', ...webhooks.map(row))
      : empty('No webhooks yet', 'A webhook sends every change to an address of yours as soon as it happens: to a chat, an automation or a mirror.', button('New webhook', add))],
  });
  const node = h('section', {}, heading('Webhooks', 'Send events to an address of yours, signed and with retries.', button('New webhook', add)), all.node,
    h('p', { class: 'quiet' }, h('a', { href: '/docs/webhooks' }, 'How to receive and verify them')));
  return { title: 'Webhooks', node, close: all.close };
}

/** @param {Webhook} webhook */
function row(webhook) {
  const { id, name, url, events, board_id } = webhook;
  const board = board_id ? state.boards?.get(board_id)?.name ?? 'one board' : '';
  return h('li', { class: 'box-row linked' }, h('span', { class: 'box-mark' }, icon('webhook')),
    h('div', { class: 'box-main' },
      h('a', { href: `/app/settings/webhooks/${id}`, class: 'box-link', 'data-focus': `webhook-${id}`, dir: 'auto' }, name), stateOf(webhook),
      h('small', { class: 'cut', dir: 'ltr' }, url), h('small', { dir: 'auto' }, patternText(events), board && ` · only ${board}`)),
    icon('chevron-right'));
}

/** @param {Webhook} webhook */
export function stateOf({ is_active, disabled_reason }) {
  if (is_active) return badge('On', 'good');
  return disabled_reason ? badge('Switched off by the server', 'bad') : badge('Off');
}
