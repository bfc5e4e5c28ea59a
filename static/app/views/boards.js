// `/app`: all boards of the workspace.

import { arrange, button, fill, h } from '../dom.js';
import { canWrite, state, subscribe } from '../store.js';
import { boardMark } from './shell.js';

/** @returns {import('../types.js').View} */
export function open() {
  const list = h('ul', { class: 'tiles' });
  const node = h('div', { class: 'page' });
  const create = () => import('./new-board.js').then((module) => module.newBoard());
  const add = canWrite() && button('New board', create, { class: 'button main' });
  fill(node, h('div', { class: 'page-head' }, h('h1', {}, 'Boards'), add), list);
  const tiles = new Map();
  const show = () => {
    if (!state.boards) return;
    const boards = [...state.boards.values()];
    const items = boards.map((board) => {
      const tile = tiles.get(board.id) ?? h('li', { class: 'tile' });
      tiles.set(board.id, tile);
      tile.style.setProperty('--own', board.accent_color ?? 'var(--accent)');
      return fill(tile, h('a', { href: `/app/boards/${board.id}` }, boardMark(board), h('strong', { dir: 'auto' }, board.name), board.description ? h('p', { dir: 'auto' }, board.description) : null));
    });
    if (boards.length === 0) items.push(empty(create));
    arrange(list, items);
  };
  show();
  const stop = subscribe((changed) => changed.includes('boards') && show());
  return { node, title: 'Boards', close: stop };
}

/** @param {() => void} create */
function empty(create) {
  const text = canWrite()
    ? h('p', {}, 'A board has projects as rows, and a column for each status or lane. Begin with one for what you are working on now.')
    : h('p', {}, 'There are no boards in this workspace yet. Members and administrators can add one.');
  return h('li', { class: 'tile blank' }, h('strong', {}, 'No boards yet'), text, canWrite() && button('New board', create));
}
