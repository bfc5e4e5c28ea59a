// Chooses labels, people, dates, lanes and places for tasks.

import { plusDays, today } from '../dates.js';
import { button, h } from '../dom.js';
import { byPosition } from '../positions.js';
import { act, state } from '../store.js';
import { STATUS_NAMES, dot } from './card.js';
import { avatar } from './shell.js';
import { picker } from './picker.js';
import { float, place } from './menu.js';

/** @typedef {import('./board.js').BoardView} BoardView */

/** Colors for new labels, in turn: each can be read in light and dark. */
export const COLORS = ['#2563eb', '#16a34a', '#d97706', '#dc2626', '#9333ea', '#0891b2', '#db2777', '#65a30d', '#4f46e5', '#78716c'];

/**
 * Opens what chooses a property of tasks.
 *
 * @param {BoardView} view
 * @param {string} what
 * @param {string[]} ids
 * @param {HTMLElement} anchor
 */
export function choose(view, what, ids, anchor) {
  const choices = { labels, assignees, due, move, status, project };
  choices[/** @type {keyof typeof choices} */ (what)](view, ids, anchor);
}

/** The tasks with these ids. @param {BoardView} view @param {string[]} ids */
const tasksOf = (view, ids) => ids.map((id) => view.replica.seen.tasks.get(id)).filter(Boolean);

/** Adds an id to a field of tasks, or removes it if all have it. @param {BoardView} view @param {string[]} ids @param {'label_ids'|'assignee_ids'} field @param {string} id */
function toggle(view, ids, field, id) {
  const tasks = tasksOf(view, ids);
  const isOn = tasks.every((task) => task[field].includes(id));
  const next = (/** @type {any} */ task) => (isOn ? task[field].filter((/** @type {string} */ one) => one !== id) : [...new Set([...task[field], id])]);
  if (tasks.length === 1) act('change', { kind: 'tasks', id: tasks[0].id, set: { [field]: next(tasks[0]) } });
  else act('changeTasks', { ids, each: Object.fromEntries(tasks.map((task) => [task.id, { [field]: next(task) }])) });
}

/** Sets fields of tasks. @param {BoardView} view @param {string[]} ids @param {Record<string, any>} set */
function setAll(view, ids, set) {
  const tasks = tasksOf(view, ids);
  if (tasks.length === 1) act('change', { kind: 'tasks', id: tasks[0].id, set });
  else act('changeTasks', { ids, set });
}

/** @param {BoardView} view @param {string[]} ids @param {HTMLElement} anchor */
function labels(view, ids, anchor) {
  const { replica } = view;
  picker(anchor, {
    label: 'Labels', isMany: true, empty: 'No labels yet. Type a name to add one.',
    options: () => [...replica.seen.labels.values()].map((label) => ({ id: label.id, text: label.name, node: dot(label.color), isOn: tasksOf(view, ids).every((task) => task.label_ids.includes(label.id)) })),
    onPick: (id) => toggle(view, ids, 'label_ids', id),
    onNew: (name) => {
      const { rows } = act('addLabel', { boardId: replica.id, name: name.slice(0, 50), color: COLORS[replica.seen.labels.size % COLORS.length] });
      if (rows[0]?.temporary) toggle(view, ids, 'label_ids', rows[0].temporary);
    },
  });
}

/** @param {BoardView} view @param {string[]} ids @param {HTMLElement} anchor */
function assignees(view, ids, anchor) {
  const me = state.session?.user.id;
  const people = [...view.replica.seen.members.values()].sort((a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name));
  picker(anchor, {
    label: 'Assignees', isMany: true,
    options: () => people.map((person) => ({ id: person.id, text: person.name, hint: person.id === me ? 'you' : undefined, node: avatar(person.id, person.name), isOn: tasksOf(view, ids).every((task) => task.assignee_ids.includes(person.id)) })),
    onPick: (id) => toggle(view, ids, 'assignee_ids', id),
  });
}

/** @param {BoardView} view @param {string[]} ids @param {HTMLElement} anchor */
function status(view, ids, anchor) {
  const now = new Set(tasksOf(view, ids).map((task) => task.status));
  picker(anchor, {
    label: 'Status',
    options: () => STATUS_NAMES.map((text, at) => ({ id: String(at), text, node: h('span', { class: 'status-dot', 'data-status': at }), isOn: now.size === 1 && now.has(at) })),
    onPick: (id) => setAll(view, ids, { status: Number(id) }),
  });
}

/** @param {BoardView} view @param {string[]} ids @param {HTMLElement} anchor */
function project(view, ids, anchor) {
  const [task] = tasksOf(view, ids);
  picker(anchor, {
    label: 'Project',
    options: () => [...view.replica.seen.projects.values()].sort(byPosition).map((one) => ({ id: one.id, text: one.name, isOn: one.id === task?.project_id })),
    onPick: (id) => id !== task?.project_id && moveAll(ids, id, {}),
  });
}

/** @param {string[]} ids @param {string} projectId @param {Record<string, any>} set */
function moveAll(ids, projectId, set) {
  if (ids.length === 1) act('moveTask', { id: ids[0], projectId, set, after: null, before: null });
  else act('moveTasks', { ids, projectId, set, after: null, before: null });
}

/** Every cell of the board, those of the task's own project first. @param {BoardView} view @param {string[]} ids @param {HTMLElement} anchor */
function move(view, ids, anchor) {
  const { grid, replica } = view;
  const [task] = tasksOf(view, ids);
  const projects = [...replica.seen.projects.values()].sort((a, b) => Number(b.id === task?.project_id) - Number(a.id === task?.project_id) || byPosition(a, b));
  const here = grid.cells.places.get(ids[0]);
  const cells = projects.flatMap((one) => grid.columns.map((column) => ({ id: `${one.id}/${column.key}`, text: one.id === task?.project_id ? column.name : `${one.name}: ${column.name}` })));
  picker(anchor, {
    label: 'Move to',
    options: () => cells.filter(({ id }) => id !== here || ids.length > 1),
    onPick: (cell) => {
      const end = grid.cells.tasks(cell).length;
      if (ids.length > 1) view.actions.moveMany(ids, cell, end);
      else view.actions.moveTo(ids[0], cell, end);
      grid.focus(ids[0]);
    },
  });
}

/** Lanes of the board. @param {BoardView} view @param {string[]} ids @param {HTMLElement} anchor */
export function chooseLane(view, ids, anchor) {
  const [task] = tasksOf(view, ids);
  const lanes = [...view.replica.seen.lanes.values()].sort(byPosition);
  picker(anchor, {
    label: 'Lane', empty: 'This board has no lanes. Add them in the settings of the board.',
    options: () => [{ id: '', text: 'No lane', isOn: task?.workflow_lane_id === null }, ...lanes.map((lane) => ({ id: lane.id, text: lane.name, node: dot(lane.color ?? 'var(--open)'), isOn: lane.id === task?.workflow_lane_id }))],
    onPick: (id) => setAll(view, ids, { workflow_lane_id: id || null }),
  });
}

/** @param {BoardView} view @param {string[]} ids @param {HTMLElement} anchor */
function due(view, ids, anchor) {
  const now = today();
  const [task] = tasksOf(view, ids);
  const before = /** @type {HTMLElement|null} */ (document.activeElement);
  const field = h('input', { type: 'date', 'aria-label': 'Due date', value: task?.due_on ?? '', max: '9999-12-31' });
  const node = h('div', { class: 'menu due-picker', role: 'dialog', 'aria-label': 'Due date', popover: 'manual' });
  const close = (focus = true) => {
    document.removeEventListener('pointerdown', outside, true);
    node.remove();
    if (focus) (before?.isConnected && before !== document.body ? before : anchor).focus();
  };
  const outside = (/** @type {Event} */ event) => !node.contains(/** @type {Node} */ (event.target)) && close(false);
  const set = (/** @type {string|null} */ date) => {
    close();
    setAll(view, ids, { due_on: date });
  };
  const monday = plusDays(now, ((8 - new Date(`${now}T00:00:00Z`).getUTCDay()) % 7) || 7);
  const quick = /** @type {[string, string|null][]} */ ([['Today', now], ['Tomorrow', plusDays(now, 1)], ['Next Monday', monday], ['No date', null]]);
  node.append(h('div', { class: 'due-field' }, field, button('Set', () => field.value && set(field.value))), ...quick.map(([text, date]) => h('button', { type: 'button', onclick: () => set(date) }, h('bdi', {}, text), date ? h('small', {}, date) : null)));
  node.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Escape') close();
    if (event.key === 'Enter' && event.target === field && field.value) set(field.value);
  });
  float(node);
  node.showPopover?.();
  place(node, anchor.getBoundingClientRect());
  document.addEventListener('pointerdown', outside, true);
  field.focus();
}

