// The shortcuts of the board, and where the arrow keys lead. Pure.

/** @typedef {import('./types.js').Task} Task */
/** @typedef {{ rows: string[], columns: string[], tasks: (cell: string) => Task[] }} Layout The shown projects and columns, in order. */
/** @typedef {'up'|'down'|'left'|'right'|'first'|'last'} Direction */

/** What the keys do. @type {{ group: string, items: [string, string][] }[]} */
export const SHORTCUTS = [
  {
    group: 'Everywhere',
    items: [['Ctrl K', 'Find a command or a board'], ['/', 'Search'], ['G B', 'Go to the boards'], ['G M', 'Go to my tasks'], ['Ctrl Z', 'Undo'], ['?', 'Show the shortcuts']],
  },
  {
    group: 'On the board',
    items: [['← ↑ → ↓', 'Go from card to card'], ['T', 'New task here'], ['N', 'New project'], ['F', 'Filter'], ['V', 'Next view: status, lanes, list'], ['Escape', 'Close or clear what is open']],
  },
  {
    group: 'On a card',
    items: [
      ['Enter', 'Open'], ['Space', 'Next status'], ['1 2 3', 'Open, in progress, done'], ['Shift ← ↑ → ↓', 'Move the card'], ['M', 'Move to …'], ['E', 'Edit the title'], ['A', 'Assign'], ['L', 'Labels'],
      ['D', 'Due date'], ['X', 'Select'], ['Shift A', 'Archive'], ['Delete', 'Delete'],
    ],
  },
];

/** @type {Record<string, string>} */
const ON_CARD = { ' ': 'cycle', m: 'move', e: 'edit', a: 'assign', l: 'label', d: 'due', x: 'select', 1: 'open', 2: 'doing', 3: 'done', Delete: 'delete', Backspace: 'delete', A: 'archive' };
/** @type {Record<string, string>} */
const ON_BOARD = { t: 'add', n: 'project', f: 'filter', v: 'view' };
/** @type {Record<string, Direction>} */
const ARROWS = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right', Home: 'first', End: 'last' };

/**
 * The command of a key on the board; null for none.
 *
 * @param {{ key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} event
 * @param {boolean} isOnCard Whether a card has the focus.
 * @returns {{ name: string, direction?: Direction }|null}
 */
export function commandOf(event, isOnCard) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const direction = ARROWS[event.key];
  if (direction) return { name: event.shiftKey && isOnCard ? 'shift' : 'go', direction };
  const key = event.shiftKey || event.key.length > 1 ? event.key : event.key.toLowerCase();
  const name = (isOnCard && ON_CARD[key]) || ON_BOARD[key];
  return name ? { name } : null;
}

/**
 * Where a task is.
 *
 * @param {Layout} layout
 * @param {string} cell
 * @param {string} id
 */
function placeOf(layout, cell, id) {
  const [row, column] = cell.split('/');
  return { row: layout.rows.indexOf(row), column: layout.columns.indexOf(column), index: layout.tasks(cell).findIndex((task) => task.id === id) };
}

/**
 * The task next to another in a direction; null at the edge.
 *
 * @param {Layout} layout
 * @param {string} cell The cell of the task.
 * @param {string} id
 * @param {Direction} direction
 * @returns {string|null}
 */
export function step(layout, cell, id, direction) {
  const { row, column, index } = placeOf(layout, cell, id);
  const at = (/** @type {number} */ r, /** @type {number} */ c) => layout.tasks(`${layout.rows[r]}/${layout.columns[c]}`);
  if (direction === 'first' || direction === 'last') return at(row, column).at(direction === 'first' ? 0 : -1)?.id ?? null;
  if (direction === 'up' || direction === 'down') {
    const by = direction === 'up' ? -1 : 1;
    const near = at(row, column)[index + by];
    if (near) return near.id;
    for (let r = row + by; r >= 0 && r < layout.rows.length; r += by) {
      const task = at(r, column).at(by > 0 ? 0 : -1);
      if (task) return task.id;
    }
    return null;
  }
  const by = direction === 'left' ? -1 : 1;
  for (let c = column + by; c >= 0 && c < layout.columns.length; c += by) {
    const tasks = at(row, c);
    if (tasks.length > 0) return tasks[Math.min(index, tasks.length - 1)].id;
  }
  return null;
}

/**
 * Where a move in a direction puts a task; null at the edge.
 *
 * @param {Layout} layout
 * @param {string} cell
 * @param {string} id
 * @param {Direction} direction
 * @returns {{ cell: string, index: number }|null} The index among the other tasks of the cell.
 */
export function shift(layout, cell, id, direction) {
  const { row, column, index } = placeOf(layout, cell, id);
  const name = (/** @type {number} */ r, /** @type {number} */ c) => `${layout.rows[r]}/${layout.columns[c]}`;
  const count = layout.tasks(cell).length;
  if (direction === 'first') return { cell, index: 0 };
  if (direction === 'last') return { cell, index: count - 1 };
  if (direction === 'up') {
    if (index > 0) return { cell, index: index - 1 };
    return row > 0 ? { cell: name(row - 1, column), index: layout.tasks(name(row - 1, column)).length } : null;
  }
  if (direction === 'down') {
    if (index < count - 1) return { cell, index: index + 1 };
    return row < layout.rows.length - 1 ? { cell: name(row + 1, column), index: 0 } : null;
  }
  const to = column + (direction === 'left' ? -1 : 1);
  if (to < 0 || to >= layout.columns.length) return null;
  return { cell: name(row, to), index: Math.min(index, layout.tasks(name(row, to)).length) };
}
