// The addresses that cards can be sent from.

import { get, send } from '../../api.js';
import { button, h, icon } from '../../dom.js';
import { formKey } from '../../form-key.js';
import { quoted } from '../../text.js';
import { confirm } from '../confirm.js';
import { field, formDialog } from '../dialog.js';
import { part } from '../part.js';
import { box, empty, heading } from './section.js';

/** @typedef {{ id: string, address: string, name: string|null }} EmailAccount */

/** Opens the section. */
export function open() {
  const all = part({
    nouns: ['email_account'],
    load: async (signal) => (await get('/v1/email-accounts', signal)).email_accounts,
    show: (/** @type {EmailAccount[]} */ accounts, reload) => [accounts.length > 0
      ? box('Email accounts', ...accounts.map((account) => row(account, reload)))
      : empty('No email accounts yet', 'Cards are sent from the address of the server. Add an address of your own to send from it.', button('Add an address', () => add(reload)))],
  });
  const node = h('section', {}, heading('Email accounts', 'Addresses that cards are sent from. The mail server of this program must be allowed to send for them.', button('Add an address', () => add(all.reload))), all.node);
  return { title: 'Email accounts', node, close: all.close };
}

/** @param {EmailAccount} account @param {() => void} reload */
function row({ id, address, name }, reload) {
  return h('li', { class: 'box-row' }, h('span', { class: 'box-mark' }, icon('at-sign')),
    h('div', { class: 'box-main' }, h('strong', { dir: 'auto' }, name ?? address), name && h('small', { dir: 'auto' }, address)),
    h('div', { class: 'box-actions' }, button('Remove', () => confirm(`Remove ${quoted(address)}?`, 'No more cards can be sent from it. Mails that already wait are still sent.', 'Remove', async () => {
      await send('DELETE', `/v1/email-accounts/${id}`);
      reload();
    }), { class: 'button quiet small', 'aria-label': `Remove ${address}`, 'data-focus': `remove-${id}` })));
}

/** @param {() => void} reload */
function add(reload) {
  const address = h('input', { type: 'email', name: 'address', maxlength: 254, autocomplete: 'off', autofocus: true, placeholder: 'cards@example.org' });
  const name = h('input', { type: 'text', name: 'name', maxlength: 100, autocomplete: 'off', dir: 'auto', placeholder: 'Ada of Example' });
  const keyOf = formKey();
  formDialog('Add an address', {
    fields: [field('Address', address), field('Name (optional)', name, 'Shown with the address in the inbox.')],
    action: 'Add address',
    onSave: async () => {
      const body = { address: address.value, name: name.value.trim() || null };
      await send('POST', '/v1/email-accounts', { body, key: keyOf(body) });
      reload();
    },
  });
}
