// One webhook: its state, what can be done with it, and the log of its deliveries.

import { get, send } from '../../api.js';
import { timeText } from '../../dates.js';
import { newKey } from '../../db.js';
import { button, h, icon } from '../../dom.js';
import { patternText } from '../../event-types.js';
import { formKey } from '../../form-key.js';
import { go } from '../../router.js';
import { state } from '../../store.js';
import { quoted } from '../../text.js';
import { confirm, showSecret } from '../confirm.js';
import { dialog, field, formDialog } from '../dialog.js';
import { menu } from '../menu.js';
import { part } from '../part.js';
import { toast } from '../toast.js';
import { DeliveryLog, deliveryDetails } from './deliveries.js';
import { attempt, back, badge, select } from './section.js';
import { editWebhook } from './webhook-form.js';

/** @typedef {import('./webhooks.js').Webhook} Webhook */

/** Opens the page of a webhook. @param {string} id */
export function openWebhook(id) {
  const log = new DeliveryLog(id);
  const all = part({
    nouns: ['webhook'],
    concerns: ({ data }) => data?.id === id,
    load: async (signal) => (await get(`/v1/webhooks/${id}`, signal)).webhook,
    show: (webhook, reload) => head(webhook, reload, log),
  });
  const close = () => {
    all.close();
    log.close();
  };
  return { title: 'Webhook', node: h('section', {}, back('/app/settings/webhooks', 'Webhooks'), all.node, log.node), close };
}

/** @param {Webhook} webhook @param {() => void} reload @param {DeliveryLog} log */
function head(webhook, reload, log) {
  const { id, name, url, events, board_id, payload, is_active, disabled_reason, disabled_at } = webhook;
  const set = (/** @type {any} */ body, /** @type {string} */ done) => attempt(() => send('PATCH', `/v1/webhooks/${id}`, { body }), done).then(reload);
  const more = button('', () => menu(more, [
    { text: 'Edit', image: 'pencil', run: () => editWebhook(webhook, reload) },
    is_active ? { text: 'Deliver events again', image: 'refresh-cw', run: () => recover(webhook, log) } : false,
    { text: 'Rotate the secret', image: 'key-round', run: () => rotate(webhook) },
    null,
    { text: 'Delete', image: 'trash-2', isBad: true, run: () => remove(webhook) },
  ]), { class: 'button quiet', 'aria-haspopup': 'menu', 'aria-label': 'More', 'data-focus': 'more' });
  more.append(icon('ellipsis'));
  const board = board_id ? state.boards?.get(board_id)?.name ?? 'one board' : 'All boards, and everything else';
  return [
    h('div', { class: 'section-head' }, h('div', {}, h('h2', { dir: 'auto' }, name), ' ', is_active ? badge('On', 'good') : badge('Off', disabled_reason ? 'bad' : '')),
      h('div', { class: 'box-actions' }, button('Send a test', () => test(webhook, log), { class: 'button quiet', 'data-focus': 'test' }),
        is_active ? button('Switch off', () => set({ isActive: false }, 'The webhook is off.'), { class: 'button quiet', 'data-focus': 'switch' }) : button('Switch on', () => set({ isActive: true }, 'The webhook is on. It starts with the next event.'), { 'data-focus': 'switch' }), more)),
    !is_active && disabled_reason && h('p', { class: 'note bad', role: 'status' }, icon('triangle-alert'), h('span', { dir: 'auto' }, `Switched off by the server${disabled_at ? ` on ${timeText(disabled_at)}` : ''}: ${disabled_reason}. Switch it on when the receiver works again, then deliver the missed events again.`)),
    h('dl', { class: 'facts' },
      h('dt', {}, 'Address'), h('dd', {}, h('code', { dir: 'ltr' }, url)),
      h('dt', {}, 'Events'), h('dd', {}, patternText(events)),
      h('dt', {}, 'Boards'), h('dd', { dir: 'auto' }, board),
      h('dt', {}, 'Content'), h('dd', {}, payload === 'full' ? 'The whole object' : 'Only ids')),
  ];
}

/** @param {Webhook} webhook @param {DeliveryLog} log */
async function test({ id }, log) {
  const close = toast('Sending a test …', { stays: true });
  await attempt(async () => {
    const { body } = await send('POST', `/v1/webhooks/${id}/test`, { body: {}, key: newKey() });
    const { delivery } = body;
    dialog(delivery.status === 'delivered' ? 'The receiver accepted the test' : 'The test failed', deliveryDetails(delivery));
  });
  close();
  log.reload();
}

/** @param {Webhook} webhook */
function rotate({ id }) {
  confirm('Rotate the secret?', 'For 24 hours, deliveries are signed with both secrets, so that you can change the receiver in between.', 'Rotate', async () => {
    const { body } = await send('POST', `/v1/webhooks/${id}/secret/rotate`, { body: {}, key: newKey() });
    setTimeout(() => showSecret('New secret', { label: 'Secret', value: body.webhook.secret, text: 'Give it to the receiver within 24 hours.', warning: 'The secret is shown only now. If you lose it, rotate it again.' }));
  });
}

/** @param {Webhook} webhook */
function remove({ id, name }) {
  confirm(`Delete ${quoted(name)}?`, 'Its log is deleted too, and no more events are sent. This cannot be undone.', 'Delete', async () => {
    await send('DELETE', `/v1/webhooks/${id}`);
    go('/app/settings/webhooks', { replace: true });
  });
}

/** @param {Webhook} webhook @param {DeliveryLog} log */
function recover({ id }, log) {
  const since = select('since', [['1', 'The last hour'], ['24', 'The last 24 hours'], ['168', 'The last 7 days'], ['720', 'The last 30 days']], '24', { class: '' });
  const only = select('only', [['failed', 'Only what failed or was missed'], ['all', 'Everything, also what was delivered']], 'failed', { class: '' });
  const keyOf = formKey();
  formDialog('Deliver events again', {
    fields: [h('p', { class: 'quiet' }, 'Events keep their ids, so that the receiver can recognize them. Each counts against the deliveries of this month.'), field('Events of', since), field('Which', only)],
    action: 'Deliver again',
    onSave: async () => {
      const from = new Date(Date.now() - Number(since.value) * 3_600_000);
      const time = `${from.toISOString().slice(0, 19)}Z`;
      const body = { since: time, only: only.value };
      await send('POST', `/v1/webhooks/${id}/recover`, { body, key: keyOf(body) });
      toast('The events are delivered again in the background.');
      log.reload();
    },
  });
}
