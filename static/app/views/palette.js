// Search and commands in one box: type to find a task, a board or something to do.

import { ApiError, get } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { plain } from '../filter.js';
import { go } from '../router.js';
import { app, canWrite, state, undo } from '../store.js';
import { commandsOf } from './board-commands.js';
import { dialog } from './dialog.js';
import { boardMark } from './shell.js';

/** @typedef {{ text: string, image?: string, node?: Node, detail?: Node|null, keys?: string, run: () => void }} Entry */

/** Milliseconds after the last key before the server is asked. */
const PAUSE = 120;

/** Opens the box. @param {string} [text] */
export function palette(text = '') {
  if (document.querySelector('dialog.palette')) return;
  const field = h('input', { type: 'text', role: 'combobox', 'aria-label': 'Search or run a command', placeholder: 'Search tasks and boards, or type a command', 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-autocomplete': 'list', autocomplete: 'off', spellcheck: 'false', dir: 'auto', maxlength: 255, autofocus: true });
  const list = h('div', { id: 'palette-list', role: 'listbox', 'aria-label': 'Results' });
  const status = h('p', { class: 'palette-status', role: 'status' });
  const node = dialog('Search', h('div', { class: 'palette-field' }, icon('search'), field), list, status);
  node.classList.add('palette');
  /** @type {Entry[]} */
  let entries = [];
  /** @type {Entry[]} */
  let found = [];
  let at = 0;
  /** @type {any} */
  let timer;
  let turn = 0;

  const run = (/** @type {number} */ index) => {
    const entry = entries[index];
    if (!entry) return;
    node.close();
    entry.run();
  };
  const show = () => {
    const typed = plain(field.value.trim());
    const own = [...boards(), ...commands()].filter((entry) => typed === '' || plain(entry.text).includes(typed));
    entries = [...own.slice(0, typed === '' ? 40 : 8), ...found];
    at = Math.min(at, Math.max(0, entries.length - 1));
    fill(list, ...entries.map((entry, index) => h('div', { id: `palette-${index}`, role: 'option', 'aria-selected': 'false', onclick: () => run(index) }, entry.node ?? icon(entry.image ?? 'circle'), h('span', { class: 'palette-text' }, h('bdi', {}, entry.text), entry.detail ?? null), entry.keys ? h('kbd', {}, entry.keys) : null)));
    mark();
  };
  const mark = () => {
    for (const [index, row] of [...list.children].entries()) {
      row.classList.toggle('active', index === at);
      row.setAttribute('aria-selected', String(index === at));
    }
    if (entries[at]) field.setAttribute('aria-activedescendant', `palette-${at}`);
    else field.removeAttribute('aria-activedescendant');
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  const search = async () => {
    turn += 1;
    const mine = turn;
    const typed = field.value.trim();
    if (typed === '') {
      found = [];
      status.textContent = '';
      return show();
    }
    try {
      const { results } = await get(`/v1/search?q=${encodeURIComponent(typed)}&limit=20`);
      if (mine !== turn) return;
      found = results.filter((/** @type {any} */ one) => one.type !== 'board').map(result);
      status.textContent = '';
    } catch (error) {
      if (mine !== turn) return;
      found = [];
      status.textContent = error instanceof ApiError ? `${error.message}.` : '';
    }
    show();
    if (entries.length === 0 && !status.textContent) status.textContent = `Nothing found for “${typed}”.`;
  };
  field.addEventListener('input', () => {
    at = 0;
    show();
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  field.addEventListener('keydown', (event) => {
    const to = { ArrowDown: at === entries.length - 1 ? 0 : at + 1, ArrowUp: at === 0 ? entries.length - 1 : at - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      at = to;
      mark();
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      run(at);
    }
  });
  list.addEventListener('mousedown', (event) => event.preventDefault());
  field.value = text;
  show();
  field.focus();
}

/** @returns {Entry[]} */
function boards() {
  return [...(state.boards ?? new Map()).values()].map((board) => ({ text: board.name, node: boardMark(board), run: () => go(`/app/boards/${board.id}`) }));
}

/** @returns {Entry[]} */
function commands() {
  return [
    ...(app.view ? commandsOf(app.view) : []),
    { text: 'All boards', image: 'layout-grid', keys: 'G B', run: () => go('/app') },
    ...(canWrite() ? [{ text: 'New board', image: 'plus', run: () => import('./new-board.js').then((module) => module.newBoard()) }, { text: 'Undo', image: 'undo-2', keys: 'Ctrl Z', run: undo }] : []),
    { text: 'Keyboard shortcuts', image: 'keyboard', keys: '?', run: () => import('./shortcuts.js').then((module) => module.shortcuts()) },
    { text: 'Your account', image: 'users', run: () => location.assign('/account') },
    { text: 'Documentation', image: 'book-open', run: () => location.assign('/docs/getting-started') },
  ];
}

/** @param {any} hit @returns {Entry} */
function result(hit) {
  const board = state.boards?.get(hit.board_id);
  const isTask = hit.type === 'task';
  const path = isTask ? `/app/boards/${hit.board_id}/tasks/${hit.id}` : `/app/boards/${hit.board_id}`;
  return { text: hit.title, image: isTask ? 'circle' : 'folder', detail: h('small', {}, ...(hit.snippet === hit.title ? [] : [marked(hit), ' · ']), h('bdi', {}, board?.name ?? '')), run: () => go(path) };
}

/** The text around a match, with the match marked. @param {{ snippet: string, highlights: [number, number][] }} hit */
function marked({ snippet, highlights }) {
  const characters = [...snippet];
  const node = h('bdi', {});
  let from = 0;
  for (const [start, end] of highlights) {
    node.append(characters.slice(from, start).join(''), h('mark', {}, characters.slice(start, end).join('')));
    from = end;
  }
  node.append(characters.slice(from).join(''));
  return node;
}
