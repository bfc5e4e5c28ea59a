// `/app/boards/…`: a board, and the panel of a task on it.

import { get } from '../api.js';
import { today } from '../dates.js';
import { recall, remember } from '../db.js';
import { h, style } from '../dom.js';
import { EVERYTHING, fromQuery, toQuery } from '../filter.js';
import { Replica } from '../replica.js';
import { go, setQuery } from '../router.js';
import { app, canWrite, forgetHistory } from '../store.js';
import { BoardActions } from './board-actions.js';
import { BoardHead } from './board-head.js';
import { boardKeys } from './board-keys.js';
import { choose } from './choose.js';
import { Drag } from './drag.js';
import { Grid } from './grid.js';
import { menu } from './menu.js';
import { SelectionBar } from './selection.js';
import { toast } from './toast.js';

/** @typedef {import('../types.js').View} View */

/**
 * @param {Record<string, string>} params
 * @param {URLSearchParams} query
 * @returns {Promise<View>}
 */
export async function open(params, query) {
  const snapshot = await get(`/v1/boards/${params.board}/snapshot`);
  const replica = new Replica(snapshot, app.queue.rows.filter((row) => row.board === params.board));
  const view = new BoardView(replica, snapshot.latest);
  view.update(params, query);
  return view;
}

/** The background of a board that has none. */
const WHITE = '#ffffff';

/** @implements {View} */
export class BoardView {
  /** @param {Replica} replica @param {number} latest */
  constructor(replica, latest) {
    this.replica = replica;
    this.grid = new Grid(replica, recall(`grouping:${replica.id}`) ?? groupingOf(replica));
    this.actions = new BoardActions(this.grid);
    this.head = new BoardHead(this);
    this.selection = new SelectionBar(this);
    this.aside = h('div', { class: 'panel-place' });
    this.node = h('div', { class: 'board-page' }, this.head.node, this.grid.node, this.aside, this.selection.node);
    /** @type {import('./task.js').TaskPanel|null} */
    this.panel = null;
    /** The task whose panel is to be open. @type {string|undefined} */
    this.wanted = undefined;
    this.isClosed = false;
    this.paint();
    this.listen();
    this.stop = replica.subscribe((touched) => {
      this.grid.update(touched);
      this.rename(touched);
      if (!touched || touched.some(({ kind }) => kind === 'board')) this.paint();
    });
    // Due dates are told relative to the present day.
    this.onVisible = () => {
      if (document.hidden || this.grid.today === today()) return;
      this.grid.today = today();
      this.grid.build();
    };
    document.addEventListener('visibilitychange', this.onVisible);
    this.follower = app.stream.follow(latest, (events) => {
      const { reload: isStale, gone } = replica.apply(events);
      if (gone) this.leave();
      else if (isStale) this.refresh();
    }, () => this.refresh());
  }

  enter() {
    app.replica = this.replica;
    app.view = this;
    forgetHistory();
  }

  /** Listens to pointers and keys on the cards. */
  listen() {
    const { grid, actions } = this;
    if (canWrite()) this.drag = new Drag(grid, actions);
    this.stopKeys = boardKeys(this);
    const cardOf = (/** @type {Event} */ event) => /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest('.card'))?.dataset.id;
    grid.rows.addEventListener('pointerover', () => loadPanel().catch(() => {}), { once: true });
    grid.node.addEventListener('click', (event) => {
      const id = cardOf(event);
      if (!id) return;
      if (/** @type {Element} */ (event.target).closest('.status')) actions.setStatus(id);
      else if (event.shiftKey && canWrite()) {
        event.preventDefault();
        actions.toggle(id);
      }
    });
    grid.node.addEventListener('contextmenu', (event) => {
      const id = cardOf(event);
      if (!id || event.defaultPrevented || event.shiftKey || !canWrite()) return;
      event.preventDefault();
      this.cardMenu(id);
    });
  }

  /** @param {string} id */
  cardMenu(id) {
    const { actions, grid } = this;
    const anchor = grid.cards.get(id);
    if (!anchor) return;
    grid.focus(id);
    menu(anchor, [
      { text: 'Open', image: 'panel-left', keys: '↵', run: () => go(`/app/boards/${this.replica.id}/tasks/${id}`) },
      { text: 'Move to …', image: 'arrow-right', keys: 'M', run: () => this.choose('move', id) },
      { text: 'Labels', image: 'tag', keys: 'L', run: () => this.choose('labels', id) },
      { text: 'Assignees', image: 'users', keys: 'A', run: () => this.choose('assignees', id) },
      { text: 'Due date', image: 'calendar', keys: 'D', run: () => this.choose('due', id) },
      { text: 'Edit the title', image: 'pencil', keys: 'E', run: () => actions.edit(id) },
      { text: 'Select', image: 'check', keys: 'X', run: () => actions.toggle(id) },
      null,
      { text: 'Archive', image: 'archive', keys: '⇧A', run: () => actions.archive(id) },
      { text: 'Delete', image: 'trash-2', isBad: true, run: () => actions.remove(id) },
    ]);
  }

  /** Opens what chooses a property of a card, or of the selected ones. @param {string} what @param {string} id */
  choose(what, id) {
    const anchor = this.grid.cards.get(id)?.querySelector('a') ?? this.node;
    return this.chooseFor(what, this.actions.targets(id), anchor);
  }

  /** @param {string} what @param {string[]} ids @param {HTMLElement} anchor */
  chooseFor(what, ids, anchor) {
    choose(this, what, ids, anchor);
  }

  /** Opens the panel of a task, or closes it. @param {string|undefined} id */
  async showTask(id) {
    this.wanted = id;
    if (this.panel && this.panel.id === id) return;
    const last = this.panel?.id;
    this.panel?.close();
    this.panel = null;
    if (!id) {
      if (last) this.grid.focus(last);
      return;
    }
    const module = await loadPanel().catch(() => null);
    if (this.wanted !== id || this.panel) return;
    if (!module) {
      toast('The task could not be opened. Try it again.', { kind: 'bad' });
      return this.closePanel();
    }
    this.panel = new module.TaskPanel(this, id);
    this.aside.replaceChildren(this.panel.node);
    this.panel.node.focus({ preventScroll: true });
  }

  closePanel() {
    go(`/app/boards/${this.replica.id}${location.search}`);
  }

  /** The open task has been given its id. @param {import('../replica.js').Touched|null} touched */
  rename(touched) {
    const path = location.pathname.split('/');
    const renamed = touched?.find(({ was }) => was && was === path[5]);
    if (renamed) go(`/app/boards/${this.replica.id}/tasks/${renamed.id}${location.search}`, { replace: true });
  }

  get title() {
    return this.board?.name ?? 'Board';
  }

  get board() {
    return this.replica.seen.board.get(this.replica.id);
  }

  /** @param {Record<string, string>} params @param {URLSearchParams} query */
  update(params, query) {
    const filter = fromQuery(query);
    if (JSON.stringify(filter) !== JSON.stringify(this.grid.filter)) this.grid.set({ filter });
    this.head.showFilter(filter);
    this.showTask(params.task);
  }

  /** Applies the name and the colors of the board. */
  paint() {
    const board = this.board;
    if (!board) return;
    this.head.show(board);
    const style = this.node.style;
    if (board.accent_color) style.setProperty('--own', board.accent_color);
    else style.removeProperty('--own');
    const background = board.background_color?.toLowerCase() === WHITE ? null : board.background_color;
    if (background) style.setProperty('--board', background);
    else style.removeProperty('--board');
    this.node.classList.toggle('tinted', Boolean(background));
  }

  /** Reads the board again, after events were missed. */
  async refresh() {
    if (this.isClosed) return;
    try {
      const snapshot = await get(`/v1/boards/${this.replica.id}/snapshot`);
      if (this.isClosed) return;
      this.follower.moveTo(snapshot.latest);
      this.replica.load(snapshot);
    } catch (error) {
      if (/** @type {any} */ (error).status === 404) this.leave();
      else setTimeout(() => this.refresh(), 5000);
    }
  }

  leave() {
    // The person may be on the way to another page.
    if (this.isClosed || !location.pathname.startsWith(`/app/boards/${this.replica.id}`)) return;
    toast('This board was deleted.', { kind: 'bad' });
    go('/app', { replace: true });
  }

  /** @param {import('../cells.js').Grouping} grouping */
  group(grouping) {
    remember(`grouping:${this.replica.id}`, grouping);
    this.grid.set({ grouping });
    this.head.showGrouping(grouping);
  }

  openArchive() {
    import('./archive.js').then((module) => module.archived(this));
  }

  openSettings() {
    import('./board-settings.js').then((module) => module.boardSettings(this));
  }

  nextGrouping() {
    const all = /** @type {const} */ (['status', 'lane', 'list']);
    this.group(all[(all.indexOf(this.grid.grouping) + 1) % all.length]);
  }

  /** @param {import('../filter.js').Filter} [filter] Without one, everything is shown. */
  setFilter(filter = EVERYTHING) {
    setQuery(toQuery(filter, new URLSearchParams(location.search)));
    this.grid.set({ filter });
    this.head.showFilter(filter);
  }

  close() {
    this.isClosed = true;
    this.wanted = undefined;
    this.panel?.close();
    document.removeEventListener('visibilitychange', this.onVisible);
    this.stopKeys?.();
    this.drag?.end();
    this.stop();
    this.follower.close();
    if (app.view !== this) return;
    app.replica = null;
    app.view = null;
  }
}

/** Loads the panel of tasks, which the board itself does not need. */
async function loadPanel() {
  const [module] = await Promise.all([import('./task.js'), style('views/task.css')]);
  return module;
}

/** @param {Replica} replica @returns {import('../cells.js').Grouping} */
function groupingOf(replica) {
  return replica.seen.board.get(replica.id)?.layout_preference === 'simple' ? 'list' : 'status';
}

