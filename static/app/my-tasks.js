// What is assigned to the person: groups by due date, and the filter that the address keeps. Pure.

import { daysBetween, plusDays } from './dates.js';
import { plain } from './filter.js';

/**
 * @typedef {object} MyTask
 * @property {string} id
 * @property {string} label
 * @property {0|1|2} status
 * @property {string} project_id
 * @property {string} board_id
 * @property {string|null} due_on
 * @property {string[]} label_ids
 * @property {string[]} assignee_ids
 * @property {number} subtasks_total
 * @property {number} subtasks_completed
 * @property {number} comments_total
 * @property {string|null} archived_at
 * @property {string} created_at
 * @property {string} updated_at
 */

/** @typedef {'due'|'updated'|'created'|'title'} Sort */
/** @typedef {{ text: string, board: string, statuses: number[], sort: Sort, group: 'due'|'board' }} Choice What the person wants to see. */
/** @typedef {{ key: string, title: string, tasks: MyTask[] }} Group */

/** @type {Record<Sort, string>} */
export const SORTS = { due: 'Sort by due date', updated: 'Last changed first', created: 'Newest first', title: 'Sort by title' };

/** @param {URLSearchParams} query @returns {Choice} */
export function fromQuery(query) {
  const statuses = (query.get('status') ?? '0,1').split(',').filter(Boolean).map(Number).filter((status) => [0, 1, 2].includes(status));
  const sort = /** @type {Sort} */ (query.get('sort') ?? 'due');
  return { text: query.get('q') ?? '', board: query.get('board') ?? '', statuses: statuses.length > 0 ? statuses : [0, 1], sort: Object.hasOwn(SORTS, sort) ? sort : 'due', group: query.get('group') === 'board' ? 'board' : 'due' };
}

/** @param {Choice} choice */
export function toQuery({ text, board, statuses, sort, group }) {
  const query = new URLSearchParams();
  const status = [...statuses].sort().join();
  if (text.trim()) query.set('q', text.trim());
  if (board) query.set('board', board);
  if (status !== '0,1') query.set('status', status);
  if (sort !== 'due') query.set('sort', sort);
  if (group !== 'due') query.set('group', group);
  return query;
}

/** Whether the person has chosen to see less than everything. @param {Choice} choice */
export const isFiltered = ({ text, board, statuses }) => text.trim() !== '' || board !== '' || !(statuses.includes(0) && statuses.includes(1));

const GROUPS = [['overdue', 'Overdue'], ['today', 'Today'], ['week', 'This week'], ['later', 'Later'], ['none', 'No date'], ['done', 'Done']];

/** The group of a task by its due date. The week ends on Sunday. @param {MyTask} task @param {string} today */
export function groupOf({ status, due_on }, today) {
  if (status === 2) return 'done';
  if (!due_on) return 'none';
  const days = daysBetween(today, due_on);
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
  const sunday = plusDays(today, (7 - weekday) % 7);
  if (days < 0) return 'overdue';
  if (days === 0) return 'today';
  return due_on <= sunday ? 'week' : 'later';
}

/** @type {Record<Sort, (a: MyTask, b: MyTask) => number>} */
const ORDERS = {
  due: (a, b) => (a.due_on ?? '9999-99').localeCompare(b.due_on ?? '9999-99') || a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id),
  updated: (a, b) => b.updated_at.localeCompare(a.updated_at) || a.id.localeCompare(b.id),
  created: (a, b) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id),
  title: (a, b) => a.label.localeCompare(b.label) || a.id.localeCompare(b.id),
};

/**
 * The tasks that a person wants to see, in groups that are not empty.
 *
 * @param {Iterable<MyTask>} tasks
 * @param {Choice} choice
 * @param {{ today: string, boards: Map<string, { name: string }> }} context
 * @returns {Group[]}
 */
export function groupsOf(tasks, choice, { today, boards }) {
  const words = plain(choice.text).split(/\s+/).filter(Boolean);
  const shown = [...tasks].filter((task) => choice.statuses.includes(task.status)
    && (!choice.board || task.board_id === choice.board)
    && words.every((word) => plain(task.label).includes(word)));
  shown.sort(ORDERS[choice.sort]);
  /** @type {Map<string, MyTask[]>} */
  const groups = new Map();
  for (const task of shown) {
    const key = choice.group === 'board' ? task.board_id : groupOf(task, today);
    const group = groups.get(key);
    if (group) group.push(task);
    else groups.set(key, [task]);
  }
  const names = choice.group === 'board' ? [...boards].map(([id, { name }]) => [id, name]) : GROUPS;
  const known = new Set(names.map(([key]) => key));
  const others = [...groups.keys()].filter((key) => !known.has(key)).map((key) => [key, 'Another board']);
  return [...names, ...others].flatMap(([key, title]) => (groups.has(key) ? [{ key, title, tasks: groups.get(key) ?? [] }] : []));
}

/**
 * What an event does to the person's tasks. Returns whether something changed.
 *
 * @param {Map<string, MyTask>} tasks
 * @param {import('./types.js').JournalEvent} event
 * @param {string} me
 * @returns {boolean|'reload'} `reload`: the event does not say enough.
 */
export function apply(tasks, event, me) {
  const [noun, verb] = event.type.split('.');
  if (noun === 'task' && verb !== 'reordered') return applyTask(tasks, event, verb, me);
  if (noun === 'subtask' || noun === 'comment') {
    const id = event.task_id ?? event.data.task_id;
    const task = tasks.get(id);
    if (!task) return false;
    const counts = Object.fromEntries(['subtasks_total', 'subtasks_completed', 'comments_total'].filter((name) => typeof event.data[name] === 'number').map((name) => [name, event.data[name]]));
    tasks.set(id, { ...task, ...counts });
    return true;
  }
  if (['board', 'project'].includes(noun) && (verb === 'deleted' || event.changes?.board_id)) {
    return [...tasks.values()].some((task) => [task.board_id, task.project_id].includes(event.data.id)) ? 'reload' : false;
  }
  return false;
}

/** @param {Map<string, MyTask>} tasks @param {import('./types.js').JournalEvent} event @param {string} verb @param {string} me */
function applyTask(tasks, event, verb, me) {
  const { id } = event.data;
  const known = tasks.get(id);
  if (verb === 'deleted' || verb === 'archived') return tasks.delete(id);
  const assignees = event.data.assignee_ids ?? event.data.assignees?.map((/** @type {{ id: string }} */ one) => one.id);
  if (!assignees) return known ? 'reload' : false;
  if (!assignees.includes(me)) return tasks.delete(id);
  if (!known) return 'reload';
  /** @type {any} */
  const set = {};
  for (const [name, change] of Object.entries(event.changes ?? {})) if (name in known) set[name] = 'to' in change ? change.to : event.data[name];
  tasks.set(id, { ...known, ...set, updated_at: event.data.updated_at ?? known.updated_at });
  return true;
}
