// Adds tasks to a cell, one after the other: Enter adds, Escape ends.

import { h } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';
import { act } from '../store.js';

/** @typedef {import('./grid.js').Grid} Grid */

/**
 * Opens the field at the end of a cell.
 *
 * @param {Grid} grid
 * @param {string} cell
 */
export function quickAdd(grid, cell) {
  const list = grid.cellNode(cell);
  if (!list?.parentElement) return;
  const [projectId, columnKey] = cell.split('/');
  const row = grid.sections.get(projectId);
  if (row?.isCollapsed) row.collapse(false);
  const column = grid.columns.find(({ key }) => key === columnKey);
  const draft = `draft:add:${projectId}`;
  const before = document.activeElement;
  const field = h('textarea', { class: 'quick-add', rows: 1, maxlength: 255, placeholder: 'What needs to be done?', 'aria-label': `New task in ${column?.name ?? ''}`, dir: 'auto' });
  field.value = draftOf(draft, '');
  let isOver = false;
  const close = () => {
    // Removing the field takes the focus from it.
    if (isOver) return;
    isOver = true;
    keepDraft(draft, field.value.trim() || undefined);
    field.remove();
  };
  const save = () => {
    const label = field.value.replace(/\s+/g, ' ').trim();
    if (label === '') return;
    field.value = '';
    keepDraft(draft, undefined);
    act('addTask', { projectId, label, status: column?.status ?? 0, laneId: column?.laneId ?? null }, { quiet: true });
    field.scrollIntoView({ block: 'nearest' });
  };
  field.addEventListener('input', () => keepDraft(draft, field.value.trim() || undefined));
  field.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      save();
    } else if (event.key === 'Escape') {
      close();
      const last = grid.cells.tasks(cell).at(-1);
      if (before instanceof HTMLElement && before.isConnected && before !== document.body && grid.node.contains(before)) before.focus();
      else if (last) grid.focus(last.id);
    }
  });
  // Several lines become several tasks.
  field.addEventListener('paste', (event) => {
    const lines = (event.clipboardData?.getData('text/plain') ?? '').split('\n').map((line) => line.trim()).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    for (const line of lines.slice(0, 100)) {
      field.value = line.slice(0, 255);
      save();
    }
  });
  field.addEventListener('blur', close);
  list.after(field);
  field.focus();
  field.scrollIntoView({ block: 'nearest' });
}
