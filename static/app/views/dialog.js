// A modal dialog with a form.

import { ApiError } from '../api.js';
import { button, fill, h, iconButton } from '../dom.js';

/**
 * Opens a dialog, which returns the focus when it is closed.
 *
 * @param {string} title
 * @param {...(Node|null|false)} content
 */
export function dialog(title, ...content) {
  const node = h('dialog', { 'aria-labelledby': 'dialog-title' });
  const head = h('div', { class: 'dialog-head' }, h('h2', { id: 'dialog-title', dir: 'auto' }, title), iconButton('x', 'Close', () => node.close()));
  const body = h('div', { class: 'dialog' }, head);
  body.append(.../** @type {Node[]} */ (content.filter(Boolean)));
  node.append(body);
  node.addEventListener('close', () => node.remove());
  node.addEventListener('keydown', (event) => event.stopPropagation());
  // A click beside the dialog closes it; a press that began inside does not.
  let isOutside = false;
  node.addEventListener('pointerdown', (event) => { isOutside = event.target === node; });
  node.addEventListener('click', (event) => event.target === node && isOutside && node.close());
  document.body.append(node);
  node.showModal();
  return node;
}

/**
 * A dialog with fields, which stays open while something is wrong with them.
 *
 * @param {string} title
 * @param {{ fields: HTMLElement[], action: string, onSave: () => Promise<void>|void, isBad?: boolean }} options
 */
export function formDialog(title, { fields, action, onSave, isBad = false }) {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const save = h('button', { type: 'submit', class: isBad ? 'button bad' : 'button' }, action);
  const form = h('form', { class: 'dialog-form', novalidate: true }, ...fields, problem, h('div', { class: 'dialog-foot' }, button('Cancel', () => node.close(), { class: 'button quiet' }), save));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    save.disabled = true;
    clear(form);
    try {
      await onSave();
      node.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      show(form, problem, error);
    } finally {
      save.disabled = false;
    }
  });
  const node = dialog(title, form);
  /** @type {HTMLElement|null} */ (form.querySelector('[autofocus], input, textarea, select'))?.focus();
  return node;
}

/** @param {HTMLFormElement} form */
function clear(form) {
  for (const old of form.querySelectorAll('.field-problem')) old.remove();
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
}

/** Shows an error at its fields. @param {HTMLFormElement} form @param {HTMLElement} problem @param {ApiError} error */
function show(form, problem, error) {
  const rest = [];
  for (const [name, message] of Object.entries(error.fields)) {
    const field = form.elements.namedItem(name);
    if (!(field instanceof HTMLElement)) {
      rest.push(message);
      continue;
    }
    field.setAttribute('aria-invalid', 'true');
    field.closest('.field')?.append(h('span', { class: 'problem field-problem' }, message));
  }
  fill(problem, rest.join('. ') || (Object.keys(error.fields).length > 0 ? '' : `${error.message}.`));
  /** @type {HTMLElement|null} */ (form.querySelector('[aria-invalid]'))?.focus();
}

/**
 * A field with its label.
 *
 * @param {string} label
 * @param {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} input
 * @param {string} [hint]
 */
export function field(label, input, hint) {
  input.id ||= `field-${input.name}`;
  return h('div', { class: 'field' }, h('label', { for: input.id }, label), hint ? h('small', {}, hint) : null, input);
}
