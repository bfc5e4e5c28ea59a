// The keyboard on the board.

import { isTyping } from '../dom.js';
import { commandOf } from '../keys.js';
import { canWrite } from '../store.js';
import { addProject } from './new-project.js';
import { quickAdd } from './quick-add.js';

/** Commands that a viewer may use. */
const READING = ['go', 'filter', 'view'];

/** @param {import('./board.js').BoardView} view @returns {() => void} Removes the listener. */
export function boardKeys(view) {
  const { grid } = view;
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.defaultPrevented || isTyping(event.target) || document.querySelector('dialog[open], .menu')) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest('.panel') && event.key !== 'Escape') return;
    const card = /** @type {HTMLElement|null} */ (target.closest('.card'));
    if (event.key === 'Escape') return escape(view, event);
    // Enter and Space on other buttons belong to them.
    if (!card && target.closest('button, a, [role="radio"]') && [' ', 'Enter', 'ArrowLeft', 'ArrowRight'].includes(event.key)) return;
    if (target.closest('.side')) return;
    const command = commandOf(event, Boolean(card));
    if (!command || (!canWrite() && !READING.includes(command.name))) return;
    event.preventDefault();
    run(view, command, card?.dataset.id ?? grid.current);
  };
  grid.node.addEventListener('focusin', (/** @type {FocusEvent} */ event) => {
    const card = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest('.card'));
    if (!card) return;
    grid.current = card.dataset.id ?? null;
    grid.keepCurrent();
  });
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

/** @param {import('./board.js').BoardView} view @param {KeyboardEvent} event */
function escape(view, event) {
  if (view.panel) view.closePanel();
  else if (view.grid.selected.size > 0) view.actions.clear();
  else if (view.grid.isFiltered) view.setFilter();
  else return;
  event.preventDefault();
}

/** @param {import('./board.js').BoardView} view @param {{ name: string, direction?: import('../keys.js').Direction }} command @param {string|null} id */
function run(view, { name, direction }, id) {
  const { grid, actions } = view;
  if (name === 'project') return addProject(grid);
  if (name === 'filter') return view.head.openFilter();
  if (name === 'view') return view.nextGrouping();
  if (name === 'add') return addHere(grid, id);
  if (!id) return;
  if (name === 'go' && !grid.node.contains(document.activeElement)) return grid.focus(id);
  /** @type {Record<string, () => void>} */
  const commands = {
    go: () => direction && actions.go(id, direction), shift: () => direction && actions.shift(id, direction), cycle: () => actions.setStatus(id), open: () => actions.setStatus(id, 0), doing: () => actions.setStatus(id, 1),
    done: () => actions.setStatus(id, 2), edit: () => actions.edit(id), select: () => actions.toggle(id), archive: () => actions.archive(id), delete: () => actions.remove(id),
    move: () => view.choose('move', id), assign: () => view.choose('assignees', id), label: () => view.choose('labels', id), due: () => view.choose('due', id),
  };
  commands[name]?.();
}

/** Opens the field for a new task in the cell of a card, or in the first one. @param {import('./grid.js').Grid} grid @param {string|null} id */
function addHere(grid, id) {
  const cell = (id && grid.cells.places.get(id)) || /** @type {HTMLElement|null} */ (grid.rows.querySelector('.cards'))?.dataset.cell;
  if (cell) quickAdd(grid, cell);
  else addProject(grid);
}
