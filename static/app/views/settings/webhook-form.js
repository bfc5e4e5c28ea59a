// The dialog that adds or changes a webhook.

import { send } from '../../api.js';
import { h } from '../../dom.js';
import { EVENT_TYPES, patternsOf, typesOf } from '../../event-types.js';
import { formKey } from '../../form-key.js';
import { go } from '../../router.js';
import { state } from '../../store.js';
import { showSecret } from '../confirm.js';
import { field, formDialog } from '../dialog.js';
import { select } from './section.js';

/** @param {import('./webhooks.js').Webhook|null} webhook Null adds one. @param {() => void} reload */
export function editWebhook(webhook, reload) {
  const name = h('input', { type: 'text', name: 'name', maxlength: 100, autocomplete: 'off', dir: 'auto', autofocus: true, value: webhook?.name ?? '', placeholder: 'Chat' });
  const url = h('input', { type: 'url', name: 'url', maxlength: 2048, autocomplete: 'off', dir: 'ltr', value: webhook?.url ?? '', placeholder: 'https://example.com/hooks/tackboard' });
  const boards = /** @type {[string, string][]} */ ([['', 'All boards, and everything else'], ...[...(state.boards?.values() ?? [])].map((board) => /** @type {[string, string]} */ ([board.id, board.name]))]);
  const board = select('boardId', boards, webhook?.board_id ?? '', { class: '' });
  const payload = select('payload', [['full', 'The whole object'], ['thin', 'Only ids']], webhook?.payload ?? 'full', { class: '' });
  const secret = h('input', { type: 'text', name: 'secret', maxlength: 128, autocomplete: 'off', spellcheck: 'false', dir: 'ltr' });
  const events = eventsField(webhook?.events ?? ['*']);
  const keyOf = formKey();
  const dialog = formDialog(webhook ? 'Edit webhook' : 'New webhook', {
    fields: [
      field('Name', name), field('Address', url, 'It begins with https:// and must be reachable from this server.'), events.node, field('Boards', board), field('Content', payload),
      ...(webhook ? [] : [h('details', { class: 'about' }, h('summary', {}, 'Use a secret of your own'), field('Secret', secret, 'Without one, a secret is generated. It signs each delivery.'))]),
    ],
    action: webhook ? 'Save' : 'Create webhook',
    onSave: async () => {
      /** @type {Record<string, any>} */
      const body = { name: name.value, url: url.value.trim(), events: events.value(), payload: payload.value };
      if (webhook) return change(webhook, { ...body, boardId: board.value || null }, reload);
      if (board.value) body.boardId = board.value;
      if (secret.value) body.secret = secret.value;
      const created = (await send('POST', '/v1/webhooks', { body, key: keyOf(body) })).body.webhook;
      reload();
      setTimeout(async () => {
        await showSecret('Webhook created', { label: 'Secret', value: created.secret, text: 'The receiver verifies each delivery with this secret.', warning: 'The secret is shown only now. If you lose it, rotate it.' });
        go(`/app/settings/webhooks/${created.id}`);
      });
    },
  });
  dialog.classList.add('wide-form');
}

/** @param {import('./webhooks.js').Webhook} webhook @param {any} body @param {() => void} reload */
async function change({ id }, body, reload) {
  await send('PATCH', `/v1/webhooks/${id}`, { body });
  reload();
}

/** All events, or those that are chosen. @param {string[]} patterns */
function eventsField(patterns) {
  const isAll = patterns.includes('*');
  const chosen = isAll ? new Set() : typesOf(patterns);
  const groups = h('div', { class: 'event-groups', hidden: isAll }, ...EVENT_TYPES.map(([noun, title, verbs]) => group(noun, title, verbs, chosen)));
  const radio = (/** @type {string} */ value, /** @type {string} */ text, /** @type {boolean} */ checked) => h('label', { class: 'check' }, h('input', { type: 'radio', name: 'which', value, checked, onchange: () => { groups.hidden = value === 'all'; } }), h('span', {}, text));
  const node = h('fieldset', { class: 'field', name: 'events' }, h('legend', {}, 'Events'), h('div', { class: 'check-line' }, radio('all', 'All events', isAll), radio('some', 'Only these', !isAll)), groups);
  const value = () => {
    if (groups.hidden) return ['*'];
    const boxes = /** @type {HTMLInputElement[]} */ ([...groups.querySelectorAll('input[data-type]')]);
    return patternsOf(new Set(boxes.filter(({ checked }) => checked).map(({ dataset }) => dataset.type ?? '')));
  };
  return { node, value };
}

/** @param {string} noun @param {string} title @param {string[]} verbs @param {Set<string>} chosen */
function group(noun, title, verbs, chosen) {
  const boxes = verbs.map((verb) => h('input', { type: 'checkbox', 'data-type': `${noun}.${verb}`, checked: chosen.has(`${noun}.${verb}`) }));
  const all = h('input', { type: 'checkbox', 'aria-label': `All events about ${title.toLowerCase()}` });
  const show = () => {
    const on = boxes.filter(({ checked }) => checked).length;
    all.checked = on === boxes.length;
    all.indeterminate = on > 0 && on < boxes.length;
  };
  all.addEventListener('change', () => {
    for (const one of boxes) one.checked = all.checked;
  });
  for (const one of boxes) one.addEventListener('change', show);
  show();
  const items = boxes.map((one, at) => h('label', { class: 'check' }, one, h('code', {}, verbs[at])));
  return h('div', { class: 'event-group' }, all, h('details', {}, h('summary', {}, title), h('div', { class: 'check-line' }, ...items)));
}
