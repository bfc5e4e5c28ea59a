// Edits a text where it stands.

import { h } from '../dom.js';

/**
 * Replaces a text by a field until it is saved with Enter or by leaving it. Escape keeps the old text.
 *
 * @param {HTMLElement} holder
 * @param {string} text
 * @param {string} label
 * @param {(text: string) => void} onSave Not called if nothing has changed.
 * @param {{ isOptional?: boolean, longest?: number, onEnd?: () => void }} [options]
 */
export function editInPlace(holder, text, label, onSave, { isOptional = false, longest = 255, onEnd } = {}) {
  if (holder.querySelector('input')) return;
  let isOver = false;
  const field = h('input', { type: 'text', class: 'in-place', 'aria-label': label, maxlength: longest, value: text, dir: 'auto' });
  const end = (/** @type {boolean} */ isSaved) => {
    if (isOver) return;
    isOver = true;
    const typed = field.value.trim();
    const next = isSaved && (typed !== '' || isOptional) ? typed : text;
    holder.textContent = next;
    if (next === '' && isOptional) holder.hidden = true;
    if (next !== text) onSave(next);
    onEnd?.();
  };
  field.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter' && !event.isComposing) end(true);
    if (event.key === 'Escape') end(false);
  });
  field.addEventListener('blur', () => end(true));
  for (const name of ['pointerdown', 'click']) field.addEventListener(name, (event) => event.stopPropagation());
  holder.replaceChildren(field);
  field.focus();
  field.select();
}
