// API tokens of the workspace.

import { get, send } from '../../api.js';
import { ago, dateText, daysBetween, today } from '../../dates.js';
import { button, h } from '../../dom.js';
import { formKey } from '../../form-key.js';
import { scopesOf } from '../../roles.js';
import { state } from '../../store.js';
import { quoted } from '../../text.js';
import { confirm, showSecret } from '../confirm.js';
import { field, formDialog } from '../dialog.js';
import { part } from '../part.js';
import { badge, box, empty, heading, select } from './section.js';

/** @typedef {{ id: string, name: string, prefix: string, scopes: string[], expires_at: string, last_used_at: string|null, created_at: string }} Token */

/** @type {Record<string, string>} */
const SCOPES = { read: 'List and get everything', write: 'Create and update', delete: 'Delete', admin: 'Everything, also members, tokens and webhooks' };

/** Opens the section. */
export function open() {
  const all = part({
    nouns: ['token'],
    load: async (signal) => (await get('/v1/tokens', signal)).tokens,
    show: (/** @type {Token[]} */ tokens, reload) => [tokens.length > 0
      ? box('API tokens', ...tokens.map((token) => row(token, reload)))
      : empty('No tokens yet', 'A token lets a script, an automation or another program work in this workspace.', button('New token', () => create(reload)))],
  });
  const add = button('New token', () => create(all.reload));
  const node = h('section', {}, heading('API tokens', 'For scripts and programs. A token never does more than the role of the person who made it.', add), all.node,
    h('p', { class: 'quiet' }, h('a', { href: '/docs/authentication' }, 'How to use a token')));
  return { title: 'API tokens', node, close: all.close };
}

/** @param {Token} token @param {() => void} reload */
function row(token, reload) {
  const { id, name, prefix, scopes, expires_at, last_used_at } = token;
  const days = daysBetween(today(), expires_at.slice(0, 10));
  const isOver = Date.parse(expires_at) <= Date.now();
  const end = isOver ? badge('Expired', 'bad') : days <= 7 ? badge(`Expires ${ago(expires_at, Date.now())}`, 'warn') : null;
  const used = last_used_at ? `last used ${ago(last_used_at, Date.now())}` : 'never used';
  return h('li', { class: 'box-row' },
    h('div', { class: 'box-main' }, h('strong', { dir: 'auto' }, name), end, h('small', {}, h('code', {}, `${prefix}…`), ` · ${scopes.join(', ')} · ${used} · expires ${dateText(expires_at)}`)),
    h('div', { class: 'box-actions' }, button('Revoke', () => confirm(`Revoke ${quoted(name)}?`, 'Programs that use this token are refused at once. This cannot be undone.', 'Revoke', async () => {
      await send('DELETE', `/v1/tokens/${id}`);
      reload();
    }), { class: 'button quiet small', 'aria-label': `Revoke ${name}`, 'data-focus': `revoke-${id}` })));
}

/** @param {() => void} reload */
function create(reload) {
  const name = h('input', { type: 'text', name: 'name', maxlength: 100, autocomplete: 'off', dir: 'auto', autofocus: true, placeholder: 'Nightly report' });
  const expiry = select('expiresInDays', [['7', '7 days'], ['30', '30 days'], ['90', '90 days'], ['365', 'A year, the longest']], '90', { class: '' });
  const boxes = scopesOf(state.workspace?.role ?? 'viewer').map((scope) => h('label', { class: 'check' },
    h('input', { type: 'checkbox', name: 'scope', value: scope, checked: scope === 'read' }), h('span', {}, h('code', {}, scope), h('small', {}, SCOPES[scope]))));
  // The server names this field if none is chosen.
  const scopes = h('fieldset', { class: 'field', name: 'scopes' }, h('legend', {}, 'What it may do'), ...boxes);
  const keyOf = formKey();
  formDialog('New token', {
    fields: [field('Name', name, 'Where the token is used, so that you recognize it later.'), scopes, field('Expires after', expiry)],
    action: 'Create token',
    onSave: async () => {
      const chosen = [...scopes.querySelectorAll('input')].filter(({ checked }) => checked).map(({ value }) => value);
      const wanted = { name: name.value, scopes: chosen, expiresInDays: Number(expiry.value) };
      const { body } = await send('POST', '/v1/tokens', { body: wanted, key: keyOf(wanted) });
      reload();
      setTimeout(() => showSecret('Token created', { label: body.token.name, value: body.token.secret, text: 'Send it with each request in the header Authorization: Bearer.', warning: 'The token is shown only now. If you lose it, revoke it and make another one.' }));
    },
  });
}
