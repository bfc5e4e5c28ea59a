// A menu next to a button, on the keyboard as the pattern of WAI-ARIA describes it.

import { h, icon } from '../dom.js';

/** @typedef {{ text: string, image?: string, keys?: string, isBad?: boolean, isChecked?: boolean, run: () => void }} Item */

/**
 * Opens a menu.
 *
 * @param {HTMLElement} anchor Gets the focus back.
 * @param {(Item|null|false)[]} items Null is a line between groups.
 */
export function menu(anchor, items) {
  const buttons = /** @type {HTMLElement[]} */ ([]);
  const list = h('div', { class: 'menu', role: 'menu', popover: 'manual' });
  const before = /** @type {HTMLElement|null} */ (document.activeElement);
  const close = (focus = true) => {
    document.removeEventListener('pointerdown', outside, true);
    list.remove();
    anchor.setAttribute('aria-expanded', 'false');
    if (focus) (before?.isConnected && before !== document.body ? before : anchor).focus();
  };
  const outside = (/** @type {Event} */ event) => !list.contains(/** @type {Node} */ (event.target)) && close(false);
  for (const item of items) {
    if (item === false) continue;
    if (item === null) {
      list.append(h('div', { role: 'separator' }));
      continue;
    }
    const isChoice = item.isChecked !== undefined;
    const node = h('button', {
      type: 'button', role: isChoice ? 'menuitemradio' : 'menuitem', tabindex: '-1', class: item.isBad ? 'bad' : '', 'aria-checked': isChoice ? String(item.isChecked) : null,
      onclick: () => {
        close();
        item.run();
      },
    }, item.image || isChoice ? icon(item.image ?? (item.isChecked ? 'check' : 'none')) : null, h('bdi', {}, item.text), item.keys ? h('kbd', {}, item.keys) : null);
    buttons.push(node);
    list.append(node);
  }
  list.addEventListener('keydown', (event) => onKey(event, buttons, close));
  float(list);
  list.showPopover?.();
  place(list, anchor.getBoundingClientRect());
  anchor.setAttribute('aria-expanded', 'true');
  document.addEventListener('pointerdown', outside, true);
  buttons[0]?.focus();
}

/** @param {KeyboardEvent} event @param {HTMLElement[]} buttons @param {(focus?: boolean) => void} close */
function onKey(event, buttons, close) {
  const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const last = buttons.length - 1;
  const to = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last }[event.key];
  event.stopPropagation();
  if (to !== undefined) {
    event.preventDefault();
    buttons[to].focus();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    close();
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    const rest = [...buttons.slice(at + 1), ...buttons.slice(0, at + 1)];
    rest.find((button) => button.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  }
}

/** Adds a floating element to the page, within its landmark. @param {HTMLElement} node */
export function float(node) {
  (document.querySelector('dialog[open]') ?? document.querySelector('main') ?? document.body).append(node);
}

/** Puts a floating element next to a rectangle, inside the window. @param {HTMLElement} node @param {DOMRect} by */
export function place(node, by) {
  const { width, height } = node.getBoundingClientRect();
  const below = by.bottom + 4 + height <= innerHeight || by.top < height;
  const top = below ? Math.min(by.bottom + 4, innerHeight - height - 8) : by.top - height - 4;
  const left = Math.min(Math.max(8, by.left), innerWidth - width - 8);
  node.style.setProperty('top', `${Math.max(8, top)}px`);
  node.style.setProperty('left', `${Math.max(8, left)}px`);
}
