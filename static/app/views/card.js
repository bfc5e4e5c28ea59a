// The card of a task on a board. Few elements each: a board can have thousands.

import { dueText, urgency } from '../dates.js';
import { h } from '../dom.js';
import { counted } from '../text.js';
import { avatar } from './shell.js';

/** @typedef {import('../types.js').Task} Task */
/** @typedef {import('../replica.js').Objects} Objects */

export const STATUS_NAMES = ['Open', 'In progress', 'Done'];

const template = h('li', { class: 'card' }, h('button', { type: 'button', class: 'status', tabindex: '-1' }), h('a', { class: 'card-title', tabindex: '-1', dir: 'auto', draggable: 'false' }));

/** A new card without content. @param {string} id */
export function newCard(id) {
  const node = /** @type {HTMLLIElement} */ (template.cloneNode(true));
  node.dataset.id = id;
  return node;
}

/**
 * Shows a task on its card.
 *
 * @param {HTMLLIElement} node
 * @param {Task} task
 * @param {Objects} objects
 * @param {{ board: string, today: string, isReadOnly: boolean }} context
 */
export function showCard(node, task, objects, { board, today, isReadOnly }) {
  const [status, title] = /** @type {[HTMLButtonElement, HTMLAnchorElement]} */ (/** @type {unknown} */ (node.children));
  node.dataset.status = String(task.status);
  const next = STATUS_NAMES[(task.status + 1) % 3].toLowerCase();
  status.setAttribute('aria-label', isReadOnly ? STATUS_NAMES[task.status] : `${STATUS_NAMES[task.status]}. Change to ${next}`);
  status.disabled = isReadOnly;
  if (title.textContent !== task.label) title.textContent = task.label;
  title.setAttribute('href', `/app/boards/${board}/tasks/${task.id}`);
  const parts = meta(task, objects, today);
  const old = node.children[2];
  if (parts.length === 0) old?.remove();
  else if (old) old.replaceChildren(...parts);
  else node.append(h('div', { class: 'card-meta' }, ...parts));
}

/** @param {Task} task @param {Objects} objects @param {string} today */
function meta(task, objects, today) {
  const parts = [];
  for (const id of task.label_ids) {
    const label = objects.labels.get(id);
    if (label) parts.push(labelChip(label));
  }
  if (task.due_on) parts.push(h('time', { class: `due ${urgency(task.due_on, today, task.status)}`, datetime: task.due_on }, dueText(task.due_on, today)));
  if (task.subtasks_total > 0) {
    const text = `${task.subtasks_completed}/${task.subtasks_total}`;
    const isDone = task.subtasks_completed === task.subtasks_total;
    parts.push(h('span', { class: isDone ? 'count subtasks done' : 'count subtasks', title: `${text} subtasks` }, text));
  }
  if (task.comments_total > 0) parts.push(h('span', { class: 'count comments', title: counted(task.comments_total, 'comment') }, task.comments_total));
  if (task.has_description) parts.push(h('span', { class: 'count text', title: 'Has a description' }));
  const people = task.assignee_ids.map((id) => objects.members.get(id)).filter(Boolean);
  if (people.length > 0) {
    parts.push(h('span', { class: 'people' }, ...people.slice(0, 3).map((person) => avatar(person.id, person.name)), people.length > 3 && `+${people.length - 3}`));
  }
  return parts;
}

/** @param {{ name: string, color: string }} label */
export function labelChip(label) {
  const node = h('span', { class: 'label', dir: 'auto' }, label.name);
  node.style.setProperty('--own', label.color);
  return node;
}

/** A dot in the color of a label or lane. @param {string} color */
export function dot(color) {
  const node = h('span', { class: 'lane-dot' });
  node.style.setProperty('--own', color);
  return node;
}
