// Dialogs around things that cannot be undone: a question before, and a secret that is shown once.

import { copy } from '../clipboard.js';
import { button, h, icon } from '../dom.js';
import { dialog, formDialog } from './dialog.js';

/**
 * Asks before something is done that cannot be undone.
 *
 * @param {string} title
 * @param {string} text
 * @param {string} action
 * @param {() => Promise<any>|void} run
 */
export function confirm(title, text, action, run) {
  formDialog(title, { fields: [h('p', { class: 'quiet', dir: 'auto' }, text)], action, isBad: true, onSave: async () => void (await run()) });
}

/**
 * Shows a secret that the server does not return again.
 *
 * @param {string} title
 * @param {{ label: string, value: string, text: string, warning?: string }} secret
 * @returns {Promise<void>} Resolves when the dialog is closed.
 */
export function showSecret(title, { label, value, text, warning = 'It is shown only now. If you lose it, make a new one.' }) {
  const field = h('input', { type: 'text', id: 'secret-value', class: 'secret-value', readonly: true, value, spellcheck: 'false', dir: 'ltr', onfocus: () => field.select() });
  const copied = h('span', { role: 'status', class: 'quiet' });
  const copyButton = button('', async () => {
    await copy(value);
    copied.textContent = 'Copied';
    copyButton.focus();
  });
  copyButton.append(icon('copy'), 'Copy');
  const node = dialog(title,
    h('p', { class: 'quiet' }, text),
    h('div', { class: 'field' }, h('label', { for: 'secret-value' }, label), h('div', { class: 'secret' }, field, copyButton)),
    h('p', { class: 'note warn' }, icon('triangle-alert'), h('span', {}, warning)),
    h('div', { class: 'dialog-foot' }, copied, button('Done', () => node.close(), { class: 'button quiet' })));
  node.classList.add('wide-form');
  copyButton.focus();
  return new Promise((resolve) => {
    node.addEventListener('close', () => resolve());
  });
}
