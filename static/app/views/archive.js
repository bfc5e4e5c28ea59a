// The archived tasks of a board, which can be brought back.

import { ApiError, get } from '../api.js';
import { ago } from '../dates.js';
import { button, fill, h } from '../dom.js';
import { shaped } from '../merge.js';
import { act, canWrite } from '../store.js';
import { dialog } from './dialog.js';

/** Opens the list. @param {import('./board.js').BoardView} view */
export async function archived(view) {
  const { replica } = view;
  const list = h('ul', { class: 'archive-list' });
  const status = h('p', { class: 'quiet', role: 'status' }, 'Loading …');
  const more = button('Show more', () => load(), { class: 'button quiet', hidden: true });
  dialog('Archived tasks', status, list, more);
  let cursor = '';
  const load = async () => {
    try {
      const page = await get(`/v1/tasks?board=${replica.id}&archived=true&sort=-updated_at&limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      cursor = page.next_cursor ?? '';
      more.hidden = !cursor;
      for (const task of page.tasks) list.append(item(task));
      fill(status, list.childElementCount === 0 ? 'Nothing is archived. Archive a card with Shift A, or in its menu.' : '');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(status, `${error.message}.`);
    }
  };
  /** @param {any} task */
  const item = (task) => {
    const back = button('Bring back', () => {
      act('unarchive', { tasks: [shaped('tasks', { ...task, archived_at: null })] });
      node.remove();
      fill(status, list.childElementCount === 0 ? 'Nothing is archived any more.' : '');
    }, { class: 'button quiet small' });
    const node = h('li', {}, h('span', { class: 'grow', dir: 'auto' }, task.label), h('small', { class: 'quiet' }, ago(task.archived_at, Date.now())), canWrite() && back);
    return node;
  };
  load();
}
