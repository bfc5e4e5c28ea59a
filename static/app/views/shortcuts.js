// The list of shortcuts.

import { h } from '../dom.js';
import { SHORTCUTS } from '../keys.js';
import { dialog } from './dialog.js';

/** Opens the list. */
export function shortcuts() {
  const isMac = /mac|iphone|ipad/i.test(navigator.platform);
  const keys = (/** @type {string} */ text) => text.split(' ').map((key) => h('kbd', {}, isMac ? key.replace('Ctrl', '⌘').replace('Shift', '⇧') : key));
  const groups = SHORTCUTS.map(({ group, items }) => h('section', {}, h('h3', {}, group), h('dl', { class: 'shortcuts' }, ...items.map(([text, what]) => h('div', {}, h('dt', {}, what), h('dd', {}, ...keys(text)))))));
  dialog('Keyboard shortcuts', h('div', { class: 'shortcut-groups' }, ...groups)).classList.add('wide');
}
