// The head of a board: its name, the grouping, the filter, and the menu.

import { button, fill, h, icon, iconButton } from '../dom.js';
import { act, canWrite } from '../store.js';
import { boardMark } from './shell.js';
import { editInPlace } from './edit.js';
import { FilterBar } from './filter-bar.js';
import { menu } from './menu.js';
import { addProject } from './new-project.js';

/** @typedef {import('./board.js').BoardView} BoardView */

const GROUPINGS = /** @type {const} */ ([['status', 'Status', 'square-kanban'], ['lane', 'Lanes', 'columns-3'], ['list', 'List', 'list']]);

export class BoardHead {
  /** @param {BoardView} view */
  constructor(view) {
    this.view = view;
    this.mark = h('span', { class: 'head-mark' });
    this.name = h('h1', { class: 'board-name', dir: 'auto' });
    if (canWrite()) this.name.addEventListener('dblclick', () => this.rename());
    this.switch = h('div', { class: 'switch', role: 'radiogroup', 'aria-label': 'Group by' });
    for (const [key, text, image] of GROUPINGS) this.switch.append(this.choice(key, text, image));
    this.showGrouping(view.grid.grouping);
    const add = canWrite() && fill(button('', () => addProject(view.grid), { class: 'button quiet add-project' }), icon('folder-plus'), h('span', {}, 'New project'));
    this.filter = new FilterBar(view);
    const more = iconButton('ellipsis', 'Board menu', () => this.menu(more), { 'aria-haspopup': 'menu' });
    this.node = h('header', { class: 'board-head' }, this.mark, this.name, this.filter.node, this.switch, add, more, this.filter.chips);
  }

  /** @param {import('../cells.js').Grouping} key @param {string} text @param {string} image */
  choice(key, text, image) {
    return h('button', {
      type: 'button', role: 'radio', 'data-grouping': key, 'aria-label': text, title: text, onclick: () => this.view.group(key),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const at = GROUPINGS.findIndex(([one]) => one === key);
        const [next] = GROUPINGS[(at + step + GROUPINGS.length) % GROUPINGS.length];
        this.view.group(next);
        /** @type {HTMLElement|null} */ (this.switch.querySelector(`[data-grouping="${next}"]`))?.focus();
      },
    }, icon(image), h('span', {}, text));
  }

  /** @param {string} grouping */
  showGrouping(grouping) {
    for (const node of this.switch.children) {
      const isOn = /** @type {HTMLElement} */ (node).dataset.grouping === grouping;
      node.setAttribute('aria-checked', String(isOn));
      node.setAttribute('tabindex', isOn ? '0' : '-1');
    }
  }

  /** @param {import('../types.js').Board} board */
  show(board) {
    fill(this.mark, boardMark(board));
    if (!this.name.querySelector('input')) this.name.textContent = board.name;
  }

  /** @param {import('../filter.js').Filter} filter */
  showFilter(filter) {
    this.filter.show(filter);
  }

  openFilter() {
    this.filter.focus();
  }

  /** @param {HTMLElement} anchor */
  menu(anchor) {
    const { view } = this;
    const sort = (/** @type {import('../sort.js').Sort} */ key, /** @type {string} */ text) => ({ text, isChecked: view.grid.sort === key, run: () => view.grid.set({ sort: key }) });
    menu(anchor, [
      sort('position', 'In your own order'), sort('due', 'By due date'), sort('title', 'By title'),
      null,
      canWrite() && { text: 'New project', image: 'folder-plus', keys: 'N', run: () => addProject(view.grid) },
      { text: 'Archived tasks', image: 'archive', run: () => view.openArchive() },
      canWrite() && { text: 'Board settings', image: 'settings', run: () => view.openSettings() },
      { text: 'Print', image: 'download', run: () => print() },
    ]);
  }

  rename() {
    const { replica, board } = this.view;
    editInPlace(this.name, board.name, 'Name of the board', (name) => act('change', { kind: 'board', id: replica.id, set: { name } }), { longest: 100 });
  }
}

