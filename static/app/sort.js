// The order of cards in a cell. Pure.

import { byPosition } from './positions.js';

/** @typedef {import('./types.js').Task} Task */
/** @typedef {'position'|'due'|'title'} Sort */

/** @param {string|null} a @param {string|null} b */
const nullsLast = (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1);
const titles = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** @type {Record<Sort, (a: Task, b: Task) => number>} */
export const orders = {
  position: byPosition,
  due: (a, b) => nullsLast(a.due_on, b.due_on) || byPosition(a, b),
  title: (a, b) => titles.compare(a.label, b.label) || byPosition(a, b),
};
