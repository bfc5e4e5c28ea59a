// Copies a text. The clipboard of the browser needs a secure context; without one, the text is selected and copied.

import { h } from './dom.js';
import { toast } from './views/toast.js';

/** @param {string} text */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copied.');
    return;
  } catch {
    // No permission, or no secure context.
  }
  const field = h('textarea', { class: 'hidden', readonly: true, 'aria-hidden': 'true' }, text);
  // What is outside of an open dialog cannot be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  toast(isDone ? 'Copied.' : `Copy this: ${text}`);
}
