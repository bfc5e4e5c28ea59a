// `/app/tasks`: the tasks of all boards that are assigned to the person.

import { get } from '../api.js';
import { today } from '../dates.js';
import { newKey } from '../db.js';
import { announce, arrange, button, fill, h, style } from '../dom.js';
import { SORTS, apply, fromQuery, groupsOf, isFiltered, toQuery } from '../my-tasks.js';
import { setQuery } from '../router.js';
import { app, canWrite, state, subscribe } from '../store.js';
import { quoted } from '../text.js';
import { STATUS_NAMES } from './card.js';
import { all, meta } from './my-task.js';
import { part } from './part.js';
import { select } from './settings/section.js';

/** @typedef {import('../my-tasks.js').MyTask} MyTask */
/** @typedef {import('../my-tasks.js').Choice} Choice */

class TasksView {
  /** @param {URLSearchParams} query */
  constructor(query) {
    this.title = 'My tasks';
    this.choice = fromQuery(query);
    /** @type {Map<string, MyTask>} */
    this.tasks = new Map();
    /** Changes of the status that the server has not confirmed. @type {Map<string, { status: 0|1|2, key: string }>} */
    this.unsent = new Map();
    /** @type {Map<string, { name: string, color: string }>} */
    this.labels = new Map();
    /** @type {Set<string>} */
    this.labelsOf = new Set();
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    /** What a task was before it was changed here: it stays in its place until the page is opened again. @type {Map<string, 0|1|2>} */
    this.kept = new Map();
    this.current = '';
    this.hasDone = false;
    /** @type {ReturnType<import('../stream.js').Stream['follow']>|undefined} */
    this.follower = undefined;
    this.list = h('div', { class: 'task-groups' });
    this.list.addEventListener('keydown', (event) => this.onKey(event));
    this.list.addEventListener('focusin', (event) => this.onFocus(event));
    this.count = h('span', { class: 'quiet', role: 'status' });
    this.part = part({ load: (signal) => this.load(signal), show: () => [this.list] });
    this.bar = this.filterBar();
    this.node = h('div', { class: 'page tasks-page' }, h('div', { class: 'page-head' }, h('h1', {}, 'My tasks'), this.count), this.bar, this.part.node);
    this.stop = subscribe((changed) => {
      if (!changed.includes('boards')) return;
      this.showBoards();
      this.show();
    });
    // "Today" ends while the page is open.
    this.day = today();
    this.clock = setInterval(() => this.day !== today() && this.show(), 60_000);
    this.onSettled = (/** @type {import('../types.js').Row} */ row, /** @type {boolean} */ isDone) => this.settle(row, isDone);
    app.settled.add(this.onSettled);
    this.showBoards();
  }

  /** A change was confirmed or refused. @param {import('../types.js').Row} row @param {boolean} isDone */
  settle(row, isDone) {
    for (const [id, { status, key }] of this.unsent) {
      if (key !== row.key) continue;
      this.unsent.delete(id);
      const task = this.tasks.get(id);
      if (isDone && task) this.tasks.set(id, { ...task, status });
      if (!isDone) this.kept.delete(id);
      this.show();
    }
  }

  filterBar() {
    const { choice } = this;
    this.text = h('input', { type: 'search', class: 'filter-text wide', placeholder: 'Filter by title', 'aria-label': 'Filter by title', value: choice.text, dir: 'auto', oninput: () => this.set({ text: this.text?.value ?? '' }) });
    this.text.addEventListener('keydown', (event) => event.key === 'Escape' && this.text?.value && this.set({ text: '' }));
    this.statuses = STATUS_NAMES.map((name, status) => h('button', { type: 'button', 'aria-pressed': String(choice.statuses.includes(status)), onclick: () => this.toggleStatus(status) }, h('span', { class: 'status-dot', 'data-status': status }), name));
    this.board = select('board', [['', 'All boards']], '', { 'aria-label': 'Board' });
    this.board.addEventListener('change', () => this.set({ board: this.board?.value ?? '' }));
    this.sort = select('sort', Object.entries(SORTS), choice.sort, { 'aria-label': 'Sort by' });
    this.sort.addEventListener('change', () => this.set({ sort: /** @type {Choice['sort']} */ (this.sort?.value) }));
    this.group = select('group', [['due', 'Group by due date'], ['board', 'Group by board']], choice.group, { 'aria-label': 'Group by' });
    this.group.addEventListener('change', () => this.set({ group: /** @type {Choice['group']} */ (this.group?.value) }));
    return h('div', { class: 'tools', role: 'search', 'aria-label': 'Filter my tasks' }, this.text, h('div', { class: 'toggles', role: 'group', 'aria-label': 'Status' }, ...this.statuses), this.board, this.group, this.sort);
  }

  /** @param {number} status */
  toggleStatus(status) {
    const { statuses } = this.choice;
    const next = statuses.includes(status) ? statuses.filter((one) => one !== status) : [...statuses, status];
    this.set({ statuses: next.length > 0 ? next : [0, 1] });
  }

  /** @param {Partial<Choice>} changes */
  set(changes) {
    this.choice = { ...this.choice, ...changes };
    if (changes.statuses) this.kept.clear();
    setQuery(toQuery(this.choice));
    this.showChoice();
    if (this.choice.statuses.includes(2) && !this.hasDone) return this.part.reload();
    this.show();
  }

  showChoice() {
    const { choice } = this;
    if (this.text && this.text.value.trim() !== choice.text.trim()) this.text.value = choice.text;
    for (const [status, node] of this.statuses?.entries() ?? []) node.setAttribute('aria-pressed', String(choice.statuses.includes(status)));
    if (this.board) this.board.value = choice.board;
    if (this.sort) this.sort.value = choice.sort;
    if (this.group) this.group.value = choice.group;
  }

  showBoards() {
    if (!this.board) return;
    const options = [['', 'All boards'], ...[...(state.boards?.values() ?? [])].map((board) => [board.id, board.name])];
    fill(this.board, ...options.map(([value, text]) => h('option', { value }, text)));
    this.board.value = this.choice.board;
  }

  /** @param {AbortSignal} signal */
  async load(signal) {
    if (!this.follower) {
      const { latest } = await get('/v1/events?limit=1', signal);
      this.follower ??= app.stream.follow(latest, (events) => this.take(events), () => {
        this.follower?.close();
        this.follower = undefined;
        this.part.reload();
      });
    }
    const wantsDone = this.choice.statuses.includes(2);
    const [open, done] = await Promise.all([all('status=0,1&sort=due_on', signal), wantsDone ? all('status=2&sort=-updated_at', signal) : []]);
    this.hasDone = wantsDone;
    this.tasks = new Map([...open, ...done].map((task) => [task.id, task]));
    await this.loadLabels(signal);
    this.show();
    return this.tasks;
  }

  /** Reads the labels of the boards whose tasks have some. @param {AbortSignal} [signal] */
  async loadLabels(signal) {
    const boards = new Set([...this.tasks.values()].filter((task) => task.label_ids.some((id) => !this.labels.has(id))).map((task) => task.board_id));
    await Promise.all([...boards].map(async (id) => {
      const { labels } = await get(`/v1/boards/${id}/labels`, signal).catch(() => ({ labels: [] }));
      for (const label of labels) this.labels.set(label.id, label);
    }));
  }

  /** @param {import('../types.js').JournalEvent[]} events */
  take(events) {
    const me = state.session?.user.id ?? '';
    const results = events.map((event) => {
      if (event.type.startsWith('label.') && this.labels.has(event.data.id)) this.labels.set(event.data.id, event.data);
      return apply(this.tasks, event, me);
    });
    if (results.includes('reload')) this.part.reload();
    else this.show();
  }

  /** @param {MyTask} task @returns {MyTask} */
  seen(task) {
    const change = this.unsent.get(task.id);
    return change ? { ...task, status: change.status } : task;
  }

  show() {
    this.day = today();
    const tasks = [...this.tasks.values()].map((task) => this.seen(task));
    const shown = tasks.map((task) => ({ ...task, status: this.kept.get(task.id) ?? task.status }));
    const groups = groupsOf(shown, this.choice, { today: this.day, boards: state.boards ?? new Map() });
    const byId = new Map(tasks.map((task) => [task.id, task]));
    const order = groups.flatMap((group) => group.tasks.map(({ id }) => id));
    if (!order.includes(this.current)) this.current = order[0] ?? '';
    for (const id of [...this.rows.keys()]) if (!order.includes(id)) this.rows.delete(id);
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const sections = groups.map(({ key, title, tasks: inGroup }) => {
      const old = /** @type {HTMLElement|null} */ (this.list.querySelector(`[data-group="${CSS.escape(key)}"]`));
      const section = old ?? h('section', { 'data-group': key, 'aria-labelledby': `group-${key}` }, h('h2', { id: `group-${key}` }), h('ul', { class: 'box' }));
      const [head, list] = section.children;
      fill(head, h('bdi', {}, title), h('span', { class: 'quiet' }, String(inGroup.length)));
      arrange(list, inGroup.map((task) => this.row(byId.get(task.id) ?? task)));
      return section;
    });
    arrange(this.list, sections.length > 0 ? sections : [this.empty()]);
    if (focused instanceof HTMLElement && !focused.isConnected) this.rows.get(this.current)?.querySelector('a')?.focus();
    else if (focused instanceof HTMLElement && document.activeElement !== focused) focused.focus({ preventScroll: true });
    const open = tasks.filter(({ status }) => status !== 2).length;
    const text = `${open.toLocaleString('en')} open`;
    if (this.count.textContent !== text) this.count.textContent = text;
  }

  empty() {
    if (isFiltered(this.choice)) return h('div', { class: 'blank small' }, h('h2', {}, 'No task matches the filter'), button('Clear the filter', () => this.set({ text: '', board: '', statuses: [0, 1] }), { class: 'button quiet' }));
    return h('div', { class: 'blank small' }, h('h2', {}, 'Nothing is assigned to you'), h('p', {}, 'Tasks that somebody assigns to you are shown here, from all boards. To take one yourself, open a task on a board and assign it to you.'), h('a', { class: 'button quiet', href: '/app' }, 'Open your boards'));
  }

  /** @param {MyTask} task */
  row(task) {
    const row = this.rows.get(task.id) ?? this.newRow(task.id);
    const [status, main] = /** @type {HTMLElement[]} */ ([...row.children]);
    const next = STATUS_NAMES[(task.status + 1) % 3].toLowerCase();
    row.dataset.status = String(task.status);
    status.setAttribute('aria-label', canWrite() ? `${STATUS_NAMES[task.status]}. Change to ${next}` : STATUS_NAMES[task.status]);
    const link = /** @type {HTMLAnchorElement} */ (main.firstElementChild);
    if (link.textContent !== task.label) link.textContent = task.label;
    link.href = `/app/boards/${task.board_id}/tasks/${task.id}`;
    link.tabIndex = task.id === this.current ? 0 : -1;
    status.tabIndex = task.id === this.current ? 0 : -1;
    fill(/** @type {HTMLElement} */ (main.lastElementChild), ...meta(task, { day: this.day, labels: this.labels, hasBoard: this.choice.group !== 'board' }));
    return row;
  }

  /** @param {string} id */
  newRow(id) {
    const status = h('button', { type: 'button', class: 'status', disabled: !canWrite(), onclick: () => this.cycle(id) });
    const row = h('li', { class: 'task-row', 'data-id': id }, status, h('div', { class: 'task-main' }, h('a', { class: 'task-link', dir: 'auto' }), h('div', { class: 'card-meta' })));
    this.rows.set(id, row);
    return row;
  }

  /** Sets the next status. @param {string} id @param {0|1|2} [to] */
  cycle(id, to) {
    const task = this.tasks.get(id);
    if (!task || !canWrite()) return;
    const now = this.seen(task);
    const status = to ?? /** @type {0|1|2} */ ((now.status + 1) % 3);
    if (status === now.status) return;
    if (!this.kept.has(id)) this.kept.set(id, now.status);
    const key = newKey();
    this.unsent.set(id, { status, key });
    app.queue.add([{ key, method: 'PATCH', path: `/v1/tasks/${id}`, body: { status }, effects: [{ kind: 'tasks', id, set: { status } }], what: `Change ${quoted(task.label)}` }]);
    announce(`${quoted(task.label)}: ${STATUS_NAMES[status].toLowerCase()}`);
    this.show();
  }

  /** @param {FocusEvent} event */
  onFocus(event) {
    const row = event.target instanceof Element ? event.target.closest('[data-id]') : null;
    const id = row instanceof HTMLElement ? row.dataset.id ?? '' : '';
    if (!id || id === this.current) return;
    const old = this.rows.get(this.current);
    this.current = id;
    for (const node of old?.querySelectorAll('a, button') ?? []) /** @type {HTMLElement} */ (node).tabIndex = -1;
    for (const node of row?.querySelectorAll('a, button') ?? []) /** @type {HTMLElement} */ (node).tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const all = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll('[data-id]')]);
    const at = all.findIndex((row) => row.dataset.id === this.current);
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: all.length - 1 };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all[Math.max(0, Math.min(to, all.length - 1))]?.querySelector('a')?.focus();
      return;
    }
    /** @type {Record<string, 0|1|2>} */
    const statuses = { 1: 0, 2: 1, 3: 2 };
    if (event.key in statuses) this.cycle(this.current, statuses[event.key]);
    else if (event.key === ' ' && event.target instanceof HTMLAnchorElement) {
      event.preventDefault();
      this.cycle(this.current);
    }
  }

  /** @param {Record<string, string>} _params @param {URLSearchParams} query */
  update(_params, query) {
    this.choice = fromQuery(query);
    this.showChoice();
    if (this.choice.statuses.includes(2) && !this.hasDone) this.part.reload();
    else this.show();
  }

  close() {
    clearInterval(this.clock);
    app.settled.delete(this.onSettled);
    this.follower?.close();
    this.part.close();
    this.stop();
  }
}

/** @param {Record<string, string>} _params @param {URLSearchParams} query */
export async function open(_params, query) {
  await style('views/pages.css');
  return new TasksView(query);
}
