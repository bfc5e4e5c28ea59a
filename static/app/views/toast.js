// Short messages at the edge of the window.

import { announce, button, h, iconButton } from '../dom.js';

const SHOWN = 8000;
/** @type {HTMLElement|undefined} */
let area;

/**
 * Shows a message.
 *
 * @param {string} text
 * @param {{ action?: string, onAction?: () => void, kind?: ''|'bad', stays?: boolean }} [options]
 */
export function toast(text, { action, onAction, kind = '', stays = false } = {}) {
  area ??= document.body.appendChild(h('section', { class: 'toasts', 'aria-label': 'Notices' }));
  const close = () => node.remove();
  const node = h('div', { class: `toast ${kind}` }, h('p', { dir: 'auto' }, text));
  if (action && onAction) {
    node.append(button(action, () => {
      close();
      onAction();
    }, { class: 'link' }));
  }
  node.append(iconButton('x', 'Dismiss', close));
  area.append(node);
  while (area.childElementCount > 3) area.firstElementChild?.remove();
  if (kind) announce(text);
  if (!stays) setTimeout(close, SHOWN);
  return close;
}
