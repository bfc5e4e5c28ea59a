// `/app/boards/…`: a board, and the panel of a task on it.

import { get } from '../api.js';
import { recall, remember } from '../db.js';
import { h } from '../dom.js';
import { fromQuery } from '../filter.js';
import { Replica } from '../replica.js';
import { go } from '../router.js';
import { app, forgetHistory } from '../store.js';
import { Grid } from './grid.js';
import { BoardHead } from './board-head.js';
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
  app.replica = replica;
  forgetHistory();
  const view = new BoardView(replica, snapshot.latest);
  view.update(params, query);
  return view;
}

/** @implements {View} */
class BoardView {
  /** @param {Replica} replica @param {number} latest */
  constructor(replica, latest) {
    this.replica = replica;
    this.grid = new Grid(replica, recall(`grouping:${replica.id}`) ?? groupingOf(replica));
    this.head = new BoardHead(this);
    this.aside = h('div', { class: 'panel-place' });
    this.node = h('div', { class: 'board-page' }, this.head.node, this.grid.node, this.aside);
    this.paint();
    this.stop = replica.subscribe((touched) => {
      this.grid.update(touched);
      if (!touched || touched.some(({ kind }) => kind === 'board')) this.paint();
    });
    this.follower = app.stream.follow(latest, (events) => {
      const { reload: isStale, gone } = replica.apply(events);
      if (gone) this.leave();
      else if (isStale) this.refresh();
    }, () => this.refresh());
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
    this.task = params.task;
  }

  /** Applies the name and the colors of the board. */
  paint() {
    const board = this.board;
    if (!board) return;
    this.head.show(board);
    const style = this.node.style;
    if (board.accent_color) style.setProperty('--own', board.accent_color);
    else style.removeProperty('--own');
    if (board.background_color) style.setProperty('--board', board.background_color);
    else style.removeProperty('--board');
    this.node.classList.toggle('tinted', Boolean(board.background_color));
  }

  /** Reads the board again, after events were missed. */
  async refresh() {
    try {
      const snapshot = await get(`/v1/boards/${this.replica.id}/snapshot`);
      this.follower.moveTo(snapshot.latest);
      this.replica.load(snapshot);
    } catch (error) {
      if (/** @type {any} */ (error).status === 404) this.leave();
      else setTimeout(() => this.refresh(), 5000);
    }
  }

  leave() {
    toast('This board was deleted.', { kind: 'bad' });
    go('/app', { replace: true });
  }

  /** @param {import('../cells.js').Grouping} grouping */
  group(grouping) {
    remember(`grouping:${this.replica.id}`, grouping);
    this.grid.set({ grouping });
    this.head.showGrouping(grouping);
  }

  close() {
    this.stop();
    this.follower.close();
    if (app.replica === this.replica) app.replica = null;
  }
}

/** @param {Replica} replica @returns {import('../cells.js').Grouping} */
function groupingOf(replica) {
  return replica.seen.board.get(replica.id)?.layout_preference === 'simple' ? 'list' : 'status';
}

