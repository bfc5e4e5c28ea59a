// A list to choose from, with a field that narrows it down: labels, people, lanes, places.

import { fill, h, icon } from '../dom.js';
import { plain } from '../filter.js';
import { float, place } from './menu.js';

/** @typedef {{ id: string, text: string, node?: Node, isOn?: boolean, hint?: string }} Option */

let count = 0;

/**
 * Opens a picker next to an element, which gets the focus back.
 *
 * @param {HTMLElement} anchor
 * @param {{ label: string, options: () => Option[], onPick: (id: string) => void, isMany?: boolean, onNew?: (text: string) => void, empty?: string, onClose?: () => void }} settings
 */
export function picker(anchor, { label, options, onPick, isMany = false, onNew, empty = 'Nothing found', onClose }) {
  count += 1;
  const listId = `picker-${count}`;
  const before = /** @type {HTMLElement|null} */ (document.activeElement);
  const field = h('input', { type: 'text', role: 'combobox', 'aria-label': label, 'aria-expanded': 'true', 'aria-controls': listId, 'aria-autocomplete': 'list', placeholder: label, autocomplete: 'off', dir: 'auto' });
  const list = h('div', { id: listId, role: 'listbox', 'aria-label': label, 'aria-multiselectable': isMany ? 'true' : null });
  const node = h('div', { class: 'menu picker', role: 'dialog', 'aria-label': label, popover: 'manual' }, field, list);
  /** @type {(Option & { isNew?: boolean })[]} */
  let shown = [];
  let at = 0;

  const close = (focus = true) => {
    document.removeEventListener('pointerdown', outside, true);
    node.remove();
    onClose?.();
    if (focus) (before?.isConnected && before !== document.body ? before : anchor).focus();
  };
  const outside = (/** @type {Event} */ event) => !node.contains(/** @type {Node} */ (event.target)) && close(false);
  const pick = (/** @type {number} */ index) => {
    const option = shown[index];
    if (!option) return;
    if (!isMany) close();
    if (option.isNew) onNew?.(field.value.trim());
    else onPick(option.id);
    if (isMany) {
      if (option.isNew) field.value = '';
      at = index;
      show();
    }
  };
  const show = () => {
    const typed = plain(field.value.trim());
    shown = options().filter((option) => plain(option.text).includes(typed));
    if (onNew && field.value.trim() && !shown.some((option) => plain(option.text) === typed)) shown.push({ id: '', text: `Add “${field.value.trim()}”`, isNew: true });
    at = Math.min(at, Math.max(0, shown.length - 1));
    fill(list, ...shown.map((option, index) => {
      const row = h('div', { id: `${listId}-${index}`, role: 'option', 'aria-selected': isMany || option.isOn !== undefined ? String(Boolean(option.isOn)) : String(index === at), class: index === at ? 'active' : '', onclick: () => pick(index) });
      row.append(isMany || option.isOn !== undefined ? (option.isOn ? icon('check') : h('span', { class: 'icon' })) : '', option.node ?? '', h('bdi', {}, option.text), option.hint ? h('small', {}, option.hint) : '');
      return row;
    }));
    if (shown.length === 0) fill(list, h('p', { class: 'picker-empty' }, empty));
    mark();
  };
  const mark = () => {
    for (const [index, row] of [...list.children].entries()) row.classList.toggle('active', index === at);
    if (shown[at]) field.setAttribute('aria-activedescendant', `${listId}-${at}`);
    else field.removeAttribute('aria-activedescendant');
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  field.addEventListener('input', () => {
    at = 0;
    show();
  });
  node.addEventListener('keydown', (event) => {
    event.stopPropagation();
    const last = shown.length - 1;
    const to = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at === 0 ? last : at - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      at = to;
      mark();
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      pick(at);
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close();
    }
  });
  // A click on an option leaves the focus in the field.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  float(node);
  node.showPopover?.();
  show();
  place(node, anchor.getBoundingClientRect());
  document.addEventListener('pointerdown', outside, true);
  field.focus();
}
