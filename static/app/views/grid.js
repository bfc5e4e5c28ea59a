// The projects of a board as rows, with a cell for each column. Nodes are keyed by id and changed in place.

import { Cells, columnsOf } from '../cells.js';
import { today } from '../dates.js';
import { arrange, h } from '../dom.js';
import { byPosition } from '../positions.js';
import { orders } from '../sort.js';
import { canWrite, state } from '../store.js';
import { EVERYTHING, isEmpty, matcher } from '../filter.js';
import { newCard, showCard } from './card.js';
import { ColumnHeads } from './column-heads.js';
import { Row } from './row.js';

/** @typedef {import('../replica.js').Replica} Replica */
/** @typedef {import('../replica.js').Touched} Touched */
/** @typedef {import('../cells.js').Grouping} Grouping */

export class Grid {
  /** @param {Replica} replica @param {Grouping} grouping */
  constructor(replica, grouping) {
    this.replica = replica;
    this.grouping = grouping;
    /** @type {import('../sort.js').Sort} */
    this.sort = 'position';
    this.filter = EVERYTHING;
    this.today = today();
    /** @type {import('../cells.js').Column[]} */
    this.columns = [];
    this.cells = new Cells([], grouping, () => true, orders.position);
    this.heads = new ColumnHeads(this);
    this.rows = h('div', { class: 'rows' });
    this.node = h('div', { class: 'board', role: 'region', 'aria-label': 'Board' }, this.heads.node, this.rows);
    /** @type {Map<string, Row>} */
    this.sections = new Map();
    /** @type {Map<string, HTMLLIElement>} */
    this.cards = new Map();
    /** The card that is dragged: changes of it wait. @type {string|null} */
    this.held = null;
    /** The card that Tab leads to. @type {string|null} */
    this.current = null;
    /** @type {Set<string>} */
    this.selected = new Set();
    this.build();
  }

  get objects() {
    return this.replica.seen;
  }

  get isFiltered() {
    return !isEmpty(this.filter);
  }

  /** @param {Partial<{ grouping: Grouping, filter: import('../filter.js').Filter, sort: import('../sort.js').Sort }>} changes */
  set(changes) {
    Object.assign(this, changes);
    this.build();
  }

  /** Builds everything anew; cards are used again. */
  build() {
    const { objects, grouping } = this;
    const lanes = [...objects.lanes.values()].sort(byPosition);
    this.node.dataset.grouping = grouping;
    const shown = matcher(this.filter, { today: this.today, me: state.session?.user.id ?? '' });
    let columns = columnsOf(grouping, lanes);
    this.cells = new Cells(columns, grouping, shown, orders[this.sort]);
    this.cells.load(objects.tasks.values());
    if (grouping === 'lane' && lanes.length > 0 && ![...this.cells.cells.keys()].some((key) => key.endsWith('/none'))) columns = columns.slice(1);
    this.columns = columns;
    this.node.style.setProperty('--columns', String(columns.length));
    this.heads.build();
    for (const [id] of this.cards) if (!this.cells.places.has(id)) this.dropCard(id);
    this.buildRows();
    for (const row of this.sections.values()) row.fillCells();
    this.count();
    this.keepCurrent();
  }

  /** Makes the rows those of the projects, in order. */
  buildRows() {
    const projects = [...this.objects.projects.values()].sort(byPosition);
    const nodes = projects.map((project) => {
      const row = this.sections.get(project.id) ?? new Row(this, project.id);
      this.sections.set(project.id, row);
      row.show(project);
      return row.node;
    });
    for (const [id] of this.sections) if (!this.objects.projects.has(id)) this.sections.delete(id);
    arrange(this.rows, nodes);
    this.node.classList.toggle('empty', projects.length === 0);
  }

  /** The card of a task, up to date. @param {import('../types.js').Task} task */
  card(task) {
    const node = this.cards.get(task.id) ?? newCard(task.id);
    if (!this.cards.has(task.id)) this.cards.set(task.id, node);
    showCard(node, task, this.objects, { board: this.replica.id, today: this.today, isReadOnly: !canWrite() });
    return node;
  }

  /** @param {string} id */
  dropCard(id) {
    this.cards.get(id)?.remove();
    this.cards.delete(id);
    this.selected.delete(id);
  }

  /** Shows what has changed. @param {Touched|null} touched Null for everything. */
  update(touched) {
    if (!touched || touched.some(({ kind }) => kind === 'lanes')) return this.build();
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    if (touched.some(({ kind }) => kind === 'projects')) {
      this.buildRows();
      for (const one of touched) if (one.kind === 'projects') this.fillNew(one);
    }
    const shared = touched.filter(({ kind }) => kind === 'labels' || kind === 'members');
    if (shared.length > 0) for (const task of this.objects.tasks.values()) if (this.cards.has(task.id)) this.card(task);
    for (const one of touched) if (one.kind === 'tasks') this.updateTask(one);
    if (touched.some(({ kind }) => kind === 'tasks' || kind === 'projects')) this.count();
    this.keepCurrent();
    if (focused?.isConnected && document.activeElement !== focused && this.node.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** A project that was added, or whose id has become known. @param {Touched[number]} touched */
  fillNew({ id, was }) {
    const old = was && this.sections.get(was);
    if (old && was) this.sections.delete(was);
    this.sections.get(id)?.fillCells();
  }

  /** @param {Touched[number]} touched */
  updateTask({ id, was }) {
    if (was) this.rename(was, id);
    if (id === this.held) return;
    const task = this.objects.tasks.get(id);
    const { to, moved, index } = this.cells.place(id, task);
    if (to === undefined || !task) {
      if (this.cards.has(id)) this.focusNear(id);
      return this.dropCard(id);
    }
    const node = this.card(task);
    const cell = this.cellNode(to);
    if (!cell || (!moved && node.parentElement === cell)) return;
    const next = this.cells.tasks(to)[index + 1];
    cell.insertBefore(node, (next && this.cards.get(next.id)) ?? null);
  }

  /** A new task has been given its id. @param {string} was @param {string} id */
  rename(was, id) {
    this.cells.place(was, undefined);
    const node = this.cards.get(was);
    if (!node) return;
    this.cards.delete(was);
    node.dataset.id = id;
    this.cards.set(id, node);
    if (this.current === was) this.current = id;
    if (this.selected.delete(was)) this.selected.add(id);
  }

  /** @param {string} cell @returns {HTMLElement|undefined} */
  cellNode(cell) {
    const [project, column] = cell.split('/');
    return this.sections.get(project)?.cells.get(column);
  }

  /** Lets changes of a dragged card wait; null shows them. @param {string|null} id */
  hold(id) {
    const held = this.held;
    this.held = id;
    if (held && !id) this.update([{ kind: 'tasks', id: held }]);
  }

  /** Counts the tasks of projects and columns. */
  count() {
    /** @type {Map<string, number[]>} */
    const counts = new Map();
    const perColumn = new Map();
    for (const task of this.objects.tasks.values()) {
      const own = counts.get(task.project_id);
      if (own) own[task.status] += 1;
      else counts.set(task.project_id, [0, 1, 2].map((status) => Number(status === task.status)));
      const column = this.cells.columnOf(task);
      perColumn.set(column, (perColumn.get(column) ?? 0) + 1);
    }
    for (const [id, row] of this.sections) row.count(counts.get(id) ?? [0, 0, 0]);
    this.heads.count(perColumn);
    this.node.classList.toggle('nothing-found', this.isFiltered && this.cards.size === 0);
  }

  /** Makes exactly one card reachable with Tab. */
  keepCurrent() {
    if (!this.current || !this.cards.has(this.current)) this.current = this.rows.querySelector('.card')?.getAttribute('data-id') ?? null;
    const title = this.cards.get(this.current ?? '')?.querySelector('a');
    const old = this.rows.querySelector('.card-title[tabindex="0"]');
    if (old === (title ?? null)) return;
    old?.setAttribute('tabindex', '-1');
    title?.setAttribute('tabindex', '0');
  }

  /** Moves the focus to a card. @param {string} id */
  focus(id) {
    const node = this.cards.get(id);
    if (!node) return;
    this.current = id;
    this.keepCurrent();
    node.querySelector('a')?.focus({ preventScroll: true });
    node.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Moves the focus from a card that goes to one next to it. @param {string} id */
  focusNear(id) {
    const node = this.cards.get(id);
    if (!node?.contains(document.activeElement)) return;
    const next = node.nextElementSibling ?? node.previousElementSibling ?? this.rows.querySelector('.card');
    const nextId = next instanceof HTMLElement ? next.dataset.id : undefined;
    if (nextId && nextId !== id) this.focus(nextId);
  }
}
