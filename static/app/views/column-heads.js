// The names of the columns over the rows, with the number of their tasks and the limit of a lane.

import { fill, h } from '../dom.js';

/** @typedef {import('./grid.js').Grid} Grid */

export class ColumnHeads {
  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
    this.node = h('div', { class: 'heads' });
    /** @type {Map<string, HTMLElement>} */
    this.counts = new Map();
  }

  build() {
    this.counts.clear();
    const heads = this.grid.columns.map((column) => {
      const count = h('span', { class: 'head-count' });
      this.counts.set(column.key, count);
      const dot = h('span', { class: column.status === undefined ? 'lane-dot' : 'status-dot', 'aria-hidden': 'true', 'data-status': column.status });
      if (column.color) dot.style.setProperty('--own', column.color);
      return h('div', { class: 'head' }, dot, h('h2', { dir: 'auto' }, column.name), count);
    });
    fill(this.node, ...heads);
    this.node.hidden = this.grid.grouping === 'list';
  }

  /** @param {Map<string, number>} counts By column. */
  count(counts) {
    for (const { key, limit, name } of this.grid.columns) {
      const node = this.counts.get(key);
      if (!node) continue;
      const count = counts.get(key) ?? 0;
      const text = limit ? `${count} / ${limit}` : String(count);
      const isOver = Boolean(limit) && count > Number(limit);
      if (node.textContent === text) continue;
      node.textContent = text;
      node.classList.toggle('over', isOver);
      node.title = limit ? `${count} of at most ${limit} tasks in ${name}${isOver ? ': too many' : ''}` : '';
    }
  }
}
