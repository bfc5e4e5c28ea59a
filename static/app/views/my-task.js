// Reads the tasks of the person, and shows what belongs to each.

import { get } from '../api.js';
import { dueText, urgency } from '../dates.js';
import { h } from '../dom.js';
import { state } from '../store.js';
import { labelChip } from './card.js';
import { boardMark } from './shell.js';

/** @typedef {import('../my-tasks.js').MyTask} MyTask */

/** More tasks than this are not read at once. */
const MOST = 2000;

/** Reads all pages. @param {string} query @param {AbortSignal} signal @returns {Promise<MyTask[]>} */
export async function all(query, signal) {
  const tasks = [];
  let cursor = '';
  do {
    const page = await get(`/v1/tasks?assignee=me&limit=500&${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, signal);
    tasks.push(...page.tasks);
    cursor = page.next_cursor ?? '';
  } while (cursor && tasks.length < MOST);
  return tasks;
}

/**
 * What a row shows next to the title.
 *
 * @param {MyTask} task
 * @param {{ day: string, labels: Map<string, { name: string, color: string }>, hasBoard: boolean }} context
 */
export function meta(task, { day, labels, hasBoard }) {
  const board = state.boards?.get(task.board_id);
  const parts = [];
  if (board && hasBoard) parts.push(h('span', { class: 'task-board' }, boardMark(board), h('bdi', {}, board.name)));
  for (const id of task.label_ids) {
    const label = labels.get(id);
    if (label) parts.push(labelChip(label));
  }
  if (task.subtasks_total > 0) parts.push(h('span', { class: `count subtasks ${task.subtasks_completed === task.subtasks_total ? 'done' : ''}` }, `${task.subtasks_completed}/${task.subtasks_total}`, h('span', { class: 'hidden' }, ' subtasks')));
  if (task.comments_total > 0) parts.push(h('span', { class: 'count comments' }, String(task.comments_total), h('span', { class: 'hidden' }, ' comments')));
  if (task.due_on) parts.push(h('time', { class: `due ${urgency(task.due_on, day, task.status)}`, datetime: task.due_on }, dueText(task.due_on, day)));
  return parts;
}
