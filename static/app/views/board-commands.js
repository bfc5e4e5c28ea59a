// What the command palette and the menu of a board offer on the open board.

import { go } from '../router.js';
import { canWrite } from '../store.js';
import { addProject } from './new-project.js';
import { quickAdd } from './quick-add.js';

/** @typedef {import('./palette.js').Entry} Entry */

/** @param {import('./board.js').BoardView} view @returns {Entry[]} */
export function commandsOf(view) {
  const { grid, actions, panel } = view;
  const id = panel?.id ?? grid.current;
  const task = id ? grid.objects.tasks.get(id) : undefined;
  const cell = (id && grid.cells.places.get(id)) || /** @type {HTMLElement|null} */ (grid.rows.querySelector('.cards'))?.dataset.cell;
  /** @type {(Entry|false)[]} */
  const all = [
    canWrite() && Boolean(cell) && { text: 'New task', image: 'plus', keys: 'T', run: () => quickAdd(grid, cell ?? '') },
    canWrite() && { text: 'New project', image: 'folder-plus', keys: 'N', run: () => addProject(grid) },
    { text: 'Group by status', image: 'square-kanban', run: () => view.group('status') },
    { text: 'Group by lane', image: 'columns-3', run: () => view.group('lane') },
    { text: 'Show as a list', image: 'list', run: () => view.group('list') },
    { text: 'Filter', image: 'filter', keys: 'F', run: () => view.head.openFilter() },
    { text: 'Archived tasks', image: 'archive', run: () => view.openArchive() },
    canWrite() && { text: 'Board settings', image: 'settings', run: () => view.openSettings() },
    Boolean(task) && { text: `Open “${task.label}”`, image: 'panel-left', keys: '↵', run: () => go(`/app/boards/${view.replica.id}/tasks/${id}`) },
    canWrite() && Boolean(task) && { text: `Move “${task.label}” to …`, image: 'arrow-right', keys: 'M', run: () => view.choose('move', id ?? '') },
    canWrite() && Boolean(task) && { text: `Archive “${task.label}”`, image: 'archive', keys: '⇧A', run: () => actions.archive(id ?? '') },
  ];
  return /** @type {Entry[]} */ (all.filter(Boolean));
}
