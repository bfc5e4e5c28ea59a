// Shows a text that somebody else has changed too, and lets the person choose.

import { button, h } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';

/**
 * Shows both versions, if there is a conflict.
 *
 * @param {HTMLElement} place
 * @param {import('../types.js').Task} task
 * @param {'label'|'description'} field
 * @param {(text: string) => void} onKeep Saves the person's own version.
 */
export function conflict(place, task, field, onKeep) {
  const name = `conflict:${task.id}:${field}`;
  const found = draftOf(name);
  const old = place.querySelector('.conflict');
  if (!found) return old?.remove();
  if (old) return;
  const end = () => {
    keepDraft(name, undefined);
    node.remove();
  };
  const version = (/** @type {string} */ title, /** @type {string|null} */ text) => h('div', { class: 'version' }, h('h4', {}, title), h('pre', { dir: 'auto', tabindex: '0' }, text ?? 'Empty'));
  const node = h('section', { class: 'conflict', 'aria-label': 'Two versions' },
    h('p', {}, h('strong', {}, 'Somebody else changed this while you did.'), ' Nothing is lost: choose a version.'),
    version('Yours', found.mine), version('Theirs', found.theirs),
    h('div', { class: 'dialog-foot' },
      button('Keep theirs', end, { class: 'button quiet' }),
      button('Keep mine', () => {
        end();
        onKeep(found.mine);
      })));
  place.append(node);
}
