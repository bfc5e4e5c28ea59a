// A project on the board: a header that can be collapsed, and a cell for each column.

import { recall, remember } from '../db.js';
import { arrange, fill, h, icon, iconButton } from '../dom.js';
import { act, canWrite } from '../store.js';
import { counted } from '../text.js';
import { editInPlace } from './edit.js';
import { menu } from './menu.js';
import { quickAdd } from './quick-add.js';

/** @typedef {import('./grid.js').Grid} Grid */
/** @typedef {import('../types.js').Project} Project */

export class Row {
  /** @param {Grid} grid @param {string} id */
  constructor(grid, id) {
    this.grid = grid;
    this.id = id;
    /** @type {Map<string, HTMLElement>} */
    this.cells = new Map();
    this.name = h('h2', { class: 'row-name', dir: 'auto' });
    this.text = h('p', { class: 'row-text', dir: 'auto' });
    this.bar = h('span', { class: 'bar', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 });
    this.counts = h('span', { class: 'row-counts' });
    this.folder = iconButton('chevron-down', 'Collapse', () => this.collapse(!this.isCollapsed), { class: 'icon-button fold' });
    this.body = h('div', { class: 'cells' });
    const tools = canWrite() && iconButton('ellipsis', 'Project menu', () => this.menu(), { class: 'icon-button row-menu', 'aria-haspopup': 'menu' });
    this.tools = tools || null;
    this.head = h('header', { class: 'row-head' }, this.folder, this.name, this.bar, this.counts, tools, this.text);
    this.node = h('section', { class: 'row', 'data-project': id }, this.head, this.body);
    if (canWrite()) this.name.addEventListener('dblclick', () => this.rename());
    this.collapse(recall(`collapsed:${id}`, false));
  }

  /** @param {boolean} isCollapsed */
  collapse(isCollapsed) {
    this.isCollapsed = isCollapsed;
    this.node.classList.toggle('collapsed', isCollapsed);
    this.body.hidden = isCollapsed;
    this.folder.setAttribute('aria-expanded', String(!isCollapsed));
    remember(`collapsed:${this.id}`, isCollapsed || undefined);
  }

  /** @param {Project} project */
  show(project) {
    this.id = project.id;
    this.node.dataset.project = project.id;
    if (this.name.textContent !== project.name && !this.name.querySelector('input')) this.name.textContent = project.name;
    this.text.textContent = project.description ?? '';
    this.text.hidden = !project.description;
    this.folder.setAttribute('aria-label', `Tasks of ${project.name}`);
    this.bar.setAttribute('aria-label', `Progress of ${project.name}`);
    this.node.setAttribute('aria-label', project.name);
  }

  /** Fills all cells with their cards, in order. */
  fillCells() {
    const { columns, cells } = this.grid;
    const nodes = columns.map(({ key, name, ...column }) => {
      const list = this.cells.get(key) ?? h('ul', { class: 'cards' });
      this.cells.set(key, list);
      list.dataset.cell = `${this.id}/${key}`;
      list.setAttribute('aria-label', name);
      arrange(list, cells.tasks(`${this.id}/${key}`).map((task) => this.grid.card(task)));
      return list.parentElement ?? this.newCell(list, { key, name, ...column });
    });
    for (const [key] of this.cells) if (!columns.some((column) => column.key === key)) this.cells.delete(key);
    arrange(this.body, nodes);
  }

  /** @param {HTMLElement} list @param {import('../cells.js').Column} column */
  newCell(list, column) {
    const cell = h('div', { class: 'cell' }, list);
    if (!canWrite()) return cell;
    const add = h('button', { type: 'button', class: 'add', tabindex: '-1', 'aria-label': `Add task to ${column.name}`, onclick: () => quickAdd(this.grid, `${this.id}/${column.key}`) }, icon('plus'), h('span', {}, 'Add task'));
    cell.append(add);
    return cell;
  }

  /** @param {number[]} counts Open, in progress, done. */
  count(counts) {
    const [open, doing, done] = counts;
    const total = open + doing + done;
    const progress = total === 0 ? 0 : Math.round((done / total) * 100);
    const text = `${open} open, ${doing} in progress, ${done} done`;
    if (this.counts.title === text) return;
    this.counts.title = text;
    this.bar.style.setProperty('--done-at', `${progress}%`);
    this.bar.style.setProperty('--doing-at', `${total === 0 ? 0 : (doing / total) * 100}%`);
    this.bar.setAttribute('aria-valuenow', String(progress));
    fill(this.counts, ...counts.map((count, status) => h('span', { class: 'row-count', 'data-status': status, title: `${count} ${['open', 'in progress', 'done'][status]}` }, count)));
    this.counts.append(h('span', { class: 'hidden' }, text));
  }

  rename() {
    const project = this.grid.objects.projects.get(this.id);
    editInPlace(this.name, project.name, 'Name of the project', (name) => act('change', { kind: 'projects', id: this.id, set: { name } }));
  }

  menu() {
    const rows = [...this.grid.rows.children];
    const at = rows.indexOf(this.node);
    const idAt = (/** @type {number} */ index) => /** @type {HTMLElement|undefined} */ (rows[index])?.dataset.project ?? null;
    const move = (/** @type {string|null} */ after, /** @type {string|null} */ before) => act('reorder', { kind: 'projects', id: this.id, after, before });
    const tasks = [...this.grid.objects.tasks.values()].filter((task) => task.project_id === this.id).length;
    menu(/** @type {HTMLElement} */ (this.tools), [
      { text: 'Rename', image: 'pencil', run: () => this.rename() },
      { text: 'Description', image: 'align-left', run: () => this.describe() },
      at > 0 && { text: 'Move up', image: 'arrow-up', run: () => move(idAt(at - 2), idAt(at - 1)) },
      at < rows.length - 1 && { text: 'Move down', image: 'arrow-down', run: () => move(idAt(at + 1), idAt(at + 2)) },
      null,
      { text: tasks > 0 ? `Delete with ${counted(tasks, 'task')}` : 'Delete', image: 'trash-2', isBad: true, run: () => act('remove', { kind: 'projects', id: this.id }) },
    ]);
  }

  describe() {
    const project = this.grid.objects.projects.get(this.id);
    this.text.hidden = false;
    editInPlace(this.text, project.description ?? '', 'Description of the project', (description) => act('change', { kind: 'projects', id: this.id, set: { description: description || null } }), { isOptional: true });
  }
}
