// The dialog that adds a board.

import { send } from '../api.js';
import { h } from '../dom.js';
import { formKey } from '../form-key.js';
import { go } from '../router.js';
import { state, update } from '../store.js';
import { field, formDialog } from './dialog.js';

/** Opens the dialog. */
export function newBoard() {
  const name = h('input', { type: 'text', name: 'name', maxlength: 100, autocomplete: 'off', dir: 'auto', autofocus: true });
  const project = h('input', { type: 'text', name: 'project', maxlength: 100, autocomplete: 'off', dir: 'auto', value: 'First project' });
  const keyOf = formKey();
  const projectKeyOf = formKey();
  formDialog('New board', {
    fields: [field('Name', name), field('First project', project, 'Projects are the rows of a board. You can add more later.')],
    action: 'Create board',
    onSave: async () => {
      const wanted = { name: name.value };
      const { body } = await send('POST', '/v1/boards', { body: wanted, key: keyOf(wanted) });
      const first = { boardId: body.board.id, name: project.value };
      if (project.value.trim()) await send('POST', '/v1/projects', { body: first, key: projectKeyOf(first) });
      update({ boards: new Map([...(state.boards ?? []), [body.board.id, body.board]]) });
      go(`/app/boards/${body.board.id}`);
    },
  });
}
