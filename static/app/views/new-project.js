// Adds a project to the open board.

import { h } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';
import { act } from '../store.js';
import { quickAdd } from './quick-add.js';

/** Opens a field under the last project. @param {import('./grid.js').Grid} grid */
export function addProject(grid) {
  const draft = `draft:project:${grid.replica.id}`;
  const field = h('input', { type: 'text', class: 'in-place new-project', maxlength: 100, placeholder: 'Name of the project', 'aria-label': 'Name of the new project', dir: 'auto' });
  field.value = draftOf(draft, '');
  let isOver = false;
  const end = (/** @type {boolean} */ isSaved) => {
    if (isOver) return;
    isOver = true;
    const name = field.value.trim();
    field.remove();
    if (!isSaved) return keepDraft(draft, name || undefined);
    if (name === '') return;
    keepDraft(draft, undefined);
    const { rows } = act('addProject', { boardId: grid.replica.id, name });
    const id = rows[0]?.temporary;
    if (id && grid.columns[0]) quickAdd(grid, `${id}/${grid.columns[0].key}`);
  };
  field.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter' && !event.isComposing) end(true);
    if (event.key === 'Escape') end(false);
  });
  field.addEventListener('blur', () => end(false));
  grid.rows.after(field);
  field.focus();
  field.scrollIntoView({ block: 'nearest' });
}
