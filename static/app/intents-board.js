// What a person does to a board itself: projects, lanes, labels, subtasks and comments. Pure, as intents.js.

import { lastOf } from './intents.js';
import { between, byPosition } from './positions.js';
import { quoted } from './text.js';

/** @typedef {import('./types.js').Outcome} Outcome */
/** @typedef {import('./types.js').Effect} Effect */
/** @typedef {import('./intents.js').World} World */

/**
 * Adds an object, and returns what that does.
 *
 * @param {World} world
 * @param {import('./types.js').Kind} kind
 * @param {string} path
 * @param {any} body
 * @param {(id: string) => any} object
 * @param {string} name
 * @param {(id: string) => Effect[]} [more]
 * @returns {Outcome}
 */
function add({ key }, kind, path, body, object, name, more = () => []) {
  const id = `new-${key()}`;
  return {
    rows: [{ key: key(), method: 'POST', path, body, temporary: id, what: `Add ${name}`, effects: [{ kind, id, create: { id, ...object(id) } }, ...more(id)] }],
    undo: { name: 'remove', args: { kind, id } },
    say: `Added ${name}`,
  };
}

/** @param {World} world @param {{ boardId: string, name: string }} args @returns {Outcome} */
export function addProject(world, { boardId, name }) {
  const position = lastOf(world.objects.projects, () => true);
  return add(world, 'projects', '/v1/projects', { board_id: boardId, name }, () => ({ board_id: boardId, name, description: null, position }), quoted(name));
}

/** @param {World} world @param {{ boardId: string, name: string }} args @returns {Outcome} */
export function addLane(world, { boardId, name }) {
  const position = lastOf(world.objects.lanes, () => true);
  return add(world, 'lanes', `/v1/boards/${boardId}/lanes`, { name }, () => ({ board_id: boardId, name, position, wip_limit: null, color: null }), `lane ${quoted(name)}`);
}

/** @param {World} world @param {{ boardId: string, name: string, color: string }} args @returns {Outcome} */
export function addLabel(world, { boardId, name, color }) {
  return add(world, 'labels', `/v1/boards/${boardId}/labels`, { name, color }, () => ({ board_id: boardId, name, color }), `label ${quoted(name)}`);
}

/** @param {World} world @param {{ taskId: string, label: string }} args @returns {Outcome} */
export function addSubtask(world, { taskId, label }) {
  const position = lastOf(world.objects.subtasks, (one) => one.task_id === taskId);
  const task = world.objects.tasks.get(taskId);
  /** @type {Effect[]} */
  const counter = task ? [{ kind: 'tasks', id: taskId, set: { subtasks_total: task.subtasks_total + 1 } }] : [];
  return add(world, 'subtasks', `/v1/tasks/${taskId}/subtasks`, { label }, () => ({ task_id: taskId, label, is_completed: false, position }), quoted(label), () => counter);
}

/** @param {World} world @param {{ taskId: string, text: string, author: any, at: string }} args @returns {Outcome} */
export function addComment(world, { taskId, text, author, at }) {
  const task = world.objects.tasks.get(taskId);
  /** @type {Effect[]} */
  const counter = task ? [{ kind: 'tasks', id: taskId, set: { comments_total: task.comments_total + 1 } }] : [];
  return add(world, 'comments', `/v1/tasks/${taskId}/comments`, { text }, () => ({ task_id: taskId, text, author, created_at: at, edited_at: null }), 'a comment', () => counter);
}

/**
 * Moves a project, lane or subtask between two others.
 *
 * @param {World} world
 * @param {{ kind: 'projects'|'lanes'|'subtasks', id: string, after: string|null, before: string|null }} args
 * @returns {Outcome}
 */
export function reorder({ objects, key }, { kind, id, after, before }) {
  const object = objects[kind].get(id);
  if (!object) return { rows: [], say: '' };
  const siblings = [...objects[kind].values()].filter((one) => one.task_id === object.task_id).sort(byPosition);
  const at = siblings.findIndex((one) => one.id === id);
  const undo = { kind, id, after: siblings[at - 1]?.id ?? null, before: siblings[at + 1]?.id ?? null };
  const position = between(objects[kind].get(after ?? '')?.position, objects[kind].get(before ?? '')?.position);
  const name = quoted(object.name ?? object.label);
  const body = { position: after ? { after } : before ? { before } : 'last' };
  return {
    rows: [{ key: key(), method: 'PATCH', path: `/v1/${kind}/${id}`, body, what: `Move ${name}`, effects: [{ kind, id, set: { position } }] }],
    undo: { name: 'reorder', args: undo },
    say: `Moved ${name}`,
  };
}

/**
 * Changes or deletes many tasks at once.
 *
 * @param {World} world
 * @param {{ ids: string[], set?: Record<string, any>, each?: Record<string, Record<string, any>> }} args `each` has other fields per task.
 * @returns {Outcome}
 */
export function changeTasks({ objects, key }, { ids, set = {}, each = {} }) {
  const tasks = ids.map((id) => objects.tasks.get(id)).filter(Boolean);
  if (tasks.length === 0) return { rows: [], say: '' };
  /** @type {Record<string, Record<string, any>>} */
  const before = {};
  const update = tasks.map((task) => {
    const fields = { ...set, ...each[task.id] };
    before[task.id] = Object.fromEntries(Object.keys(fields).map((name) => [name, task[name]]));
    return { id: task.id, ...fields };
  });
  const what = `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`;
  return {
    rows: [{ key: key(), method: 'POST', path: '/v1/tasks/batch', body: { update }, what: `Change ${what}`, effects: update.map(({ id, ...fields }) => ({ kind: 'tasks', id, set: fields })) }],
    undo: { name: 'changeTasks', args: { ids, each: before } },
    say: `Changed ${what}`,
  };
}

/** Deletes many tasks after a while. @param {World} world @param {{ ids: string[] }} args @returns {Outcome} */
export function removeTasks({ objects, key, now }, { ids }) {
  const known = ids.filter((id) => objects.tasks.has(id));
  if (known.length === 0) return { rows: [], say: '' };
  const what = `${known.length} ${known.length === 1 ? 'task' : 'tasks'}`;
  const row = { key: key(), method: /** @type {const} */ ('POST'), path: '/v1/tasks/batch', body: { delete: known }, notBefore: now + 8000, what: `Delete ${what}`, effects: known.map((id) => ({ kind: /** @type {const} */ ('tasks'), id, remove: /** @type {const} */ (true) })) };
  return { rows: [row], undo: { name: 'cancel', args: { keys: [row.key] } }, say: `Deleted ${what}` };
}

/**
 * Moves many tasks into a cell, in their order, after or before a task that stays.
 *
 * @param {World} world
 * @param {{ ids: string[], projectId: string, set: Record<string, any>, after: string|null, before: string|null }} args
 * @returns {Outcome}
 */
export function moveTasks({ objects, key }, { ids, projectId, set, after, before }) {
  const tasks = ids.map((id) => objects.tasks.get(id)).filter(Boolean).sort(byPosition);
  if (tasks.length === 0) return { rows: [], say: '' };
  /** @type {Effect[]} */
  const effects = [];
  /** @type {Record<string, Record<string, any>>} */
  const old = {};
  const upper = objects.tasks.get(before ?? '')?.position;
  let last = objects.tasks.get(after ?? '')?.position;
  const update = tasks.map((task, at) => {
    last = between(last, upper);
    effects.push({ kind: 'tasks', id: task.id, set: { ...set, project_id: projectId, position: last } });
    old[task.id] = Object.fromEntries([...Object.keys(set), 'project_id', 'position'].map((name) => [name, task[name]]));
    const anchor = at > 0 ? { after: tasks[at - 1].id } : after ? { after } : before ? { before } : 'last';
    return { id: task.id, ...set, project_id: projectId, position: anchor };
  });
  const what = `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`;
  return {
    rows: [{ key: key(), method: 'POST', path: '/v1/tasks/batch', body: { update }, what: `Move ${what}`, effects }],
    undo: { name: 'changeTasks', args: { ids: tasks.map((task) => task.id), each: old } },
    say: `Moved ${what}`,
  };
}
