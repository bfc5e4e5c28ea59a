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
 * Shows a secret that the server does not return again. It is missing if the response that had it was lost and this is that of a
 * second attempt.
 *
 * @param {string} title
 * @param {{ label: string, value: string|undefined, text: string, warning?: string }} secret
 * @returns {Promise<void>} Resolves when the dialog is closed.
 */
export function showSecret(title, { label, value, text, warning = 'It is shown only now. If you lose it, make a new one.' }) {
  const done = button('Done', () => node.close(), { class: 'button quiet' });
  const { content, copied, focused } = value ? secret(label, value, text) : { content: [h('p', { role: 'alert' }, `${label}: lost with the first response, because the connection failed.`)], copied: null, focused: done };
  const node = dialog(title, ...content, h('p', { class: 'note warn' }, icon('triangle-alert'), h('span', {}, warning)), h('div', { class: 'dialog-foot' }, copied, done));
  node.classList.add('wide-form');
  focused.focus();
  return new Promise((resolve) => {
    node.addEventListener('close', () => resolve());
  });
}

/** A secret that can be copied. @param {string} label @param {string} value @param {string} text */
function secret(label, value, text) {
  const field = h('input', { type: 'text', id: 'secret-value', class: 'secret-value', readonly: true, value, spellcheck: 'false', dir: 'ltr', onfocus: () => field.select() });
  const copied = h('span', { role: 'status', class: 'quiet' });
  const copyButton = button('', async () => {
    await copy(value);
    copied.textContent = 'Copied';
    copyButton.focus();
  });
  copyButton.append(icon('copy'), 'Copy');
  const content = [h('p', { class: 'quiet' }, text), h('div', { class: 'field' }, h('label', { for: 'secret-value' }, label), h('div', { class: 'secret' }, field, copyButton))];
  return { content, copied, focused: copyButton };
}
