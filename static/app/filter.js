// Which cards a person wants to see. Kept in the query of the address. Pure.

/** @typedef {import('./types.js').Task} Task */
/** @typedef {{ text: string, assignees: string[], labels: string[], statuses: number[], lanes: string[], due: ''|'overdue'|'today'|'week'|'none' }} Filter */

/** @type {Filter} */
export const EVERYTHING = { text: '', assignees: [], labels: [], statuses: [], lanes: [], due: '' };

const DUE = ['overdue', 'today', 'week', 'none'];

/** @param {URLSearchParams} query @returns {Filter} */
export function fromQuery(query) {
  const list = (/** @type {string} */ name) => (query.get(name) ?? '').split(',').filter(Boolean);
  const due = query.get('due') ?? '';
  return {
    text: query.get('q') ?? '',
    assignees: list('assignee'),
    labels: list('label'),
    statuses: list('status').map(Number).filter((status) => [0, 1, 2].includes(status)),
    lanes: list('lane'),
    due: /** @type {Filter['due']} */ (DUE.includes(due) ? due : ''),
  };
}

/** Writes a filter into a query, whose other parameters stay. @param {Filter} filter @param {URLSearchParams} query */
export function toQuery(filter, query) {
  const next = new URLSearchParams(query);
  const values = { q: filter.text.trim(), assignee: filter.assignees.join(), label: filter.labels.join(), status: filter.statuses.join(), lane: filter.lanes.join(), due: filter.due };
  for (const [name, value] of Object.entries(values)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}

/** How many conditions a filter has, without its text. @param {Filter} filter */
export const conditions = (filter) => filter.assignees.length + filter.labels.length + filter.statuses.length + filter.lanes.length + (filter.due ? 1 : 0);

/** @param {Filter} filter */
export const isEmpty = (filter) => conditions(filter) === 0 && filter.text.trim() === '';

/** Text without accents and case, to be searched. @param {string} text */
export const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/**
 * Returns a function that tells whether a filter lets a task through.
 *
 * @param {Filter} filter
 * @param {{ today: string, me: string }} context `today` as YYYY-MM-DD, `me` the id of the person.
 * @returns {(task: Task) => boolean}
 */
export function matcher(filter, { today, me }) {
  const words = plain(filter.text).split(/\s+/).filter(Boolean);
  const assignees = filter.assignees.map((id) => (id === 'me' ? me : id));
  const week = new Date(Date.parse(`${today}T00:00:00Z`) + 6 * 86_400_000).toISOString().slice(0, 10);
  const due = {
    '': () => true,
    overdue: (/** @type {Task} */ task) => task.due_on !== null && task.due_on < today && task.status !== 2,
    today: (/** @type {Task} */ task) => task.due_on === today,
    week: (/** @type {Task} */ task) => task.due_on !== null && task.due_on >= today && task.due_on <= week,
    none: (/** @type {Task} */ task) => task.due_on === null,
  }[filter.due];
  const has = (/** @type {string[]} */ wanted, /** @type {string[]} */ ids) => wanted.length === 0 || wanted.some((id) => (id === 'none' ? ids.length === 0 : ids.includes(id)));
  return (task) => (filter.statuses.length === 0 || filter.statuses.includes(task.status))
    && has(assignees, task.assignee_ids)
    && has(filter.labels, task.label_ids)
    && has(filter.lanes, task.workflow_lane_id ? [task.workflow_lane_id] : [])
    && due(task)
    && (words.length === 0 || words.every((word) => plain(task.label).includes(word)));
}
