// Which cards are in which cell of a board, in order. A change costs as much as the cell is long, at most. Pure.

/** @typedef {import('./types.js').Task} Task */
/** @typedef {import('./types.js').Lane} Lane */
/** @typedef {'status'|'lane'|'list'} Grouping */
/** @typedef {{ key: string, name: string, status?: 0|1|2, laneId?: string|null, limit?: number|null, color?: string|null }} Column */

/** The columns of the statuses. @type {Column[]} */
export const STATUSES = [
  { key: '0', name: 'Open', status: 0 },
  { key: '1', name: 'In progress', status: 1 },
  { key: '2', name: 'Done', status: 2 },
];
/** The key of the column of tasks without a lane. */
export const NO_LANE = 'none';

/**
 * The columns of a board.
 *
 * @param {Grouping} grouping
 * @param {Lane[]} lanes In order.
 * @returns {Column[]}
 */
export function columnsOf(grouping, lanes) {
  if (grouping === 'status') return STATUSES;
  if (grouping === 'list') return [{ key: 'all', name: 'Tasks' }];
  const own = lanes.map((lane) => ({ key: lane.id, name: lane.name, laneId: lane.id, limit: lane.wip_limit, color: lane.color }));
  return [{ key: NO_LANE, name: 'No lane', laneId: null }, ...own];
}

export class Cells {
  /**
   * @param {Column[]} columns
   * @param {Grouping} grouping
   * @param {(task: Task) => boolean} isShown
   * @param {(a: Task, b: Task) => number} order
   */
  constructor(columns, grouping, isShown, order) {
    this.known = new Set(columns.map(({ key }) => key));
    this.grouping = grouping;
    this.isShown = isShown;
    this.order = order;
    /** The tasks of each cell, in order. @type {Map<string, Task[]>} */
    this.cells = new Map();
    /** The cell of each task. @type {Map<string, string>} */
    this.places = new Map();
  }

  /** The column of a task. @param {Task} task */
  columnOf(task) {
    if (this.grouping === 'status') return String(task.status);
    if (this.grouping === 'list') return 'all';
    return task.workflow_lane_id && this.known.has(task.workflow_lane_id) ? task.workflow_lane_id : NO_LANE;
  }

  /** @param {Task} task */
  cellOf(task) {
    return `${task.project_id}/${this.columnOf(task)}`;
  }

  /** Takes all tasks. @param {Iterable<Task>} tasks */
  load(tasks) {
    this.cells.clear();
    this.places.clear();
    for (const task of tasks) {
      if (!this.isShown(task)) continue;
      const cell = this.cellOf(task);
      const list = this.cells.get(cell);
      if (list) list.push(task);
      else this.cells.set(cell, [task]);
      this.places.set(task.id, cell);
    }
    for (const list of this.cells.values()) list.sort(this.order);
  }

  /** The tasks of a cell, in order. @param {string} cell @returns {Task[]} */
  tasks(cell) {
    return this.cells.get(cell) ?? [];
  }

  /**
   * Takes a task that has changed; undefined if it is gone.
   *
   * @param {string} id
   * @param {Task|undefined} task
   * @returns {{ from: string|undefined, to: string|undefined, moved: boolean, index: number }}
   */
  place(id, task) {
    const from = this.places.get(id);
    const to = task && this.isShown(task) ? this.cellOf(task) : undefined;
    const old = from === undefined ? [] : this.tasks(from);
    const was = from === undefined ? -1 : old.findIndex((one) => one.id === id);
    if (was >= 0) old.splice(was, 1);
    if (to === undefined || !task) {
      this.places.delete(id);
      return { from, to, moved: from !== undefined, index: -1 };
    }
    const list = this.cells.get(to) ?? [];
    this.cells.set(to, list);
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.order(list[middle], task) < 0) low = middle + 1;
      else high = middle;
    }
    list.splice(low, 0, task);
    this.places.set(id, to);
    return { from, to, moved: from !== to || was !== low, index: low };
  }
}
