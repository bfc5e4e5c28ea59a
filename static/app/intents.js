// What a person wants: for each action, the requests that it sends and what it does to the board meanwhile. Pure.

import { afterAll, between, byPosition } from './positions.js';
import { quoted } from './text.js';

/** @typedef {import('./types.js').Kind} Kind */
/** @typedef {import('./types.js').Row} Row */
/** @typedef {import('./types.js').Effect} Effect */
/** @typedef {import('./types.js').Outcome} Outcome */
/** @typedef {import('./replica.js').Objects} Objects */
/** @typedef {{ objects: Objects, key: () => string, now: number }} World The board as it is seen, new keys, and the time. */

/** How long a deletion can be undone, in milliseconds. */
export const UNDO_TIME = 8000;

/** The paths and names of the kinds. @type {Record<string, { path: string, noun: string, title: string }>} */
const KINDS = {
  board: { path: '/v1/boards', noun: 'board', title: 'name' },
  projects: { path: '/v1/projects', noun: 'project', title: 'name' },
  lanes: { path: '/v1/lanes', noun: 'lane', title: 'name' },
  labels: { path: '/v1/labels', noun: 'label', title: 'name' },
  tasks: { path: '/v1/tasks', noun: 'task', title: 'label' },
  subtasks: { path: '/v1/subtasks', noun: 'subtask', title: 'label' },
  comments: { path: '/v1/comments', noun: 'comment', title: 'text' },
};

/** The name of an object, for messages. @param {Kind} kind @param {any} object */
const named = (kind, object) => (kind === 'comments' ? 'the comment' : quoted(object?.[KINDS[kind].title] ?? ''));

/**
 * Changes fields of one object.
 *
 * @param {World} world
 * @param {{ kind: Kind, id: string, set: Record<string, any>, say?: string }} args
 * @returns {Outcome}
 */
export function change({ objects, key }, { kind, id, set, say }) {
  const object = objects[kind].get(id);
  const fields = Object.keys(set).filter((name) => !same(object?.[name], set[name]));
  if (!object || fields.length === 0) return { rows: [], say: '' };
  const pick = (/** @type {any} */ from) => Object.fromEntries(fields.map((name) => [name, from[name] ?? null]));
  const wanted = pick(set);
  const row = { key: key(), method: /** @type {const} */ ('PATCH'), path: `${KINDS[kind].path}/${id}`, body: wanted, what: `Change ${named(kind, object)}`, effects: effects(objects, kind, object, wanted) };
  return { rows: [row], undo: { name: 'change', args: { kind, id, set: pick(object) } }, say: say ?? `Changed ${named(kind, object)}` };
}

/**
 * Changes a text, which is not overwritten if somebody else has changed it in the meantime.
 *
 * @param {World} world
 * @param {{ kind: Kind, id: string, field: string, text: string|null, base: string|null }} args
 * @returns {Outcome}
 */
export function write(world, { kind, id, field, text, base }) {
  const outcome = change(world, { kind, id, set: { [field]: text } });
  for (const row of outcome.rows) {
    row.text = { kind, id, field, base };
    if (kind === 'tasks' && field === 'description') row.effects.push({ kind, id, set: { has_description: Boolean(text) } });
  }
  if (outcome.undo) outcome.undo = { name: 'write', args: { kind, id, field, text: base, base: text } };
  return outcome;
}

/** The effects of changed fields: a completed subtask changes the counter of its task. @param {Objects} objects @param {Kind} kind @param {any} object @param {Record<string, any>} set @returns {Effect[]} */
function effects(objects, kind, object, set) {
  /** @type {Effect[]} */
  const own = [{ kind, id: object.id, set }];
  const task = kind === 'subtasks' && 'is_completed' in set && objects.tasks.get(object.task_id);
  if (task) own.push({ kind: 'tasks', id: task.id, set: { subtasks_completed: task.subtasks_completed + (set.is_completed ? 1 : -1) } });
  return own;
}

/** @param {any} a @param {any} b */
function same(a, b) {
  return a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, at) => one === b[at]));
}

/**
 * Adds a task at the end of its project.
 *
 * @param {World} world
 * @param {{ projectId: string, label: string, status?: 0|1|2, laneId?: string|null, more?: Record<string, any> }} args
 * @returns {Outcome}
 */
export function addTask({ objects, key }, { projectId, label, status = 0, laneId = null, more = {} }) {
  const id = `new-${key()}`;
  const task = {
    id, project_id: projectId, workflow_lane_id: laneId, label, status, position: lastOf(objects.tasks, (one) => one.project_id === projectId),
    label_ids: [], assignee_ids: [], due_on: null, subtasks_total: 0, subtasks_completed: 0, comments_total: 0, has_description: false, updated_at: '', ...more,
  };
  const body = { project_id: projectId, label, status, ...(laneId && { workflow_lane_id: laneId }), ...more };
  return {
    rows: [{ key: key(), method: 'POST', path: '/v1/tasks', body, temporary: id, what: `Add ${quoted(label)}`, effects: [{ kind: 'tasks', id, create: task }] }],
    undo: { name: 'remove', args: { kind: 'tasks', id } },
    say: `Added ${quoted(label)}`,
  };
}

/** A position after the last of some objects. @param {Map<string, any>} objects @param {(object: any) => boolean} wanted */
function lastOf(objects, wanted) {
  let last = '';
  for (const object of objects.values()) if (wanted(object) && object.position > last) last = object.position;
  return afterAll(last);
}

/**
 * Moves a task to another cell or place. `before` and `after` are its new neighbours, null at the ends of a cell.
 *
 * @param {World} world
 * @param {{ id: string, projectId: string, set?: Record<string, any>, after: string|null, before: string|null, say?: string }} args
 * @returns {Outcome}
 */
export function moveTask({ objects, key }, { id, projectId, set = {}, after, before, say }) {
  const task = objects.tasks.get(id);
  if (!task) return { rows: [], say: '' };
  const position = between(objects.tasks.get(after ?? '')?.position, objects.tasks.get(before ?? '')?.position);
  const where = after || before ? {} : { position: 'last' };
  const effect = { ...set, project_id: projectId, position: after || before ? position : lastOf(objects.tasks, (one) => one.project_id === projectId) };
  const undo = { id, projectId: task.project_id, set: Object.fromEntries(Object.keys(set).map((name) => [name, task[name]])), ...neighbours(objects.tasks, task) };
  return {
    rows: [{
      key: key(), method: 'PATCH', path: `/v1/tasks/${id}`, body: { ...set, ...(projectId !== task.project_id && { project_id: projectId }), ...where },
      anchors: after || before ? [after, before] : undefined, what: `Move ${quoted(task.label)}`, effects: [{ kind: 'tasks', id, set: effect }],
    }],
    undo: { name: 'moveTask', args: undo },
    say: say ?? `Moved ${quoted(task.label)}`,
  };
}

/** The tasks of the project next to this one. @param {Map<string, any>} tasks @param {any} task */
function neighbours(tasks, task) {
  let after = null;
  let before = null;
  for (const other of tasks.values()) {
    if (other.project_id !== task.project_id || other.id === task.id) continue;
    if (byPosition(other, task) < 0 && (!after || byPosition(other, after) > 0)) after = other;
    if (byPosition(other, task) > 0 && (!before || byPosition(other, before) < 0)) before = other;
  }
  return { after: after?.id ?? null, before: before?.id ?? null };
}

/**
 * Deletes an object after a while, until then it can be undone.
 *
 * @param {World} world
 * @param {{ kind: Kind, id: string }} args
 * @returns {Outcome}
 */
export function remove({ objects, key, now }, { kind, id }) {
  const object = objects[kind].get(id);
  if (!object) return { rows: [], say: '' };
  /** @type {Effect[]} */
  const gone = [{ kind, id, remove: true }];
  if (kind === 'projects') for (const task of objects.tasks.values()) if (task.project_id === id) gone.push({ kind: 'tasks', id: task.id, remove: true });
  const task = objects.tasks.get(object.task_id);
  if (kind === 'subtasks' && task) gone.push({ kind: 'tasks', id: task.id, set: { subtasks_total: task.subtasks_total - 1, subtasks_completed: task.subtasks_completed - Number(object.is_completed) } });
  if (kind === 'comments' && task) gone.push({ kind: 'tasks', id: task.id, set: { comments_total: task.comments_total - 1 } });
  const row = { key: key(), method: /** @type {const} */ ('DELETE'), path: `${KINDS[kind].path}/${id}`, notBefore: now + UNDO_TIME, what: `Delete ${named(kind, object)}`, effects: gone };
  return { rows: [row], undo: { name: 'cancel', args: { keys: [row.key] } }, say: `Deleted ${named(kind, object)}` };
}

/** Takes back deletions that have not been sent. @param {World} _ @param {{ keys: string[] }} args @returns {Outcome} */
export function cancel(_, { keys }) {
  return { rows: [], cancels: keys, say: 'Restored' };
}

/**
 * Archives tasks, or brings one back.
 *
 * @param {World} world
 * @param {{ ids: string[] }} args
 * @returns {Outcome}
 */
export function archive({ objects, key }, { ids }) {
  const tasks = ids.map((id) => objects.tasks.get(id)).filter(Boolean);
  if (tasks.length === 0) return { rows: [], say: '' };
  const what = tasks.length === 1 ? quoted(tasks[0].label) : `${tasks.length} tasks`;
  return {
    rows: [{ key: key(), method: 'POST', path: '/v1/tasks/batch', body: { update: ids.map((id) => ({ id, is_archived: true })) }, what: `Archive ${what}`, effects: ids.map((id) => ({ kind: 'tasks', id, remove: true })) }],
    undo: { name: 'unarchive', args: { tasks } },
    say: `Archived ${what}`,
  };
}

/** Brings archived tasks back. @param {World} world @param {{ tasks: any[] }} args @returns {Outcome} */
export function unarchive({ key }, { tasks }) {
  const ids = tasks.map((task) => task.id);
  const what = tasks.length === 1 ? quoted(tasks[0].label) : `${tasks.length} tasks`;
  return {
    rows: [{ key: key(), method: 'POST', path: '/v1/tasks/batch', body: { update: ids.map((id) => ({ id, is_archived: false })) }, what: `Bring back ${what}`, effects: tasks.map((task) => ({ kind: 'tasks', id: task.id, create: task })) }],
    undo: { name: 'archive', args: { ids } },
    say: `Brought back ${what}`,
  };
}

export { lastOf };
