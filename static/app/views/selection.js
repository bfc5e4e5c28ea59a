// What can be done with the selected cards, at the edge of the board.

import { button, fill, h, icon } from '../dom.js';
import { counted } from '../text.js';

export class SelectionBar {
  /** @param {import('./board.js').BoardView} view */
  constructor(view) {
    this.view = view;
    this.text = h('strong', {});
    const { actions, grid } = view;
    const first = () => [...grid.selected][0];
    const tool = (/** @type {string} */ image, /** @type {string} */ text, /** @type {(anchor: HTMLElement) => void} */ run) => {
      const node = button('', () => run(node), { class: 'button quiet', title: text });
      return fill(node, icon(image), h('span', {}, text));
    };
    const choice = (/** @type {string} */ what) => (/** @type {HTMLElement} */ anchor) => view.chooseFor(what, [...grid.selected], anchor);
    this.node = h('div', { class: 'selection', role: 'toolbar', 'aria-label': 'Selected tasks', hidden: true }, this.text,
      tool('circle-dot', 'Status', choice('status')), tool('arrow-right', 'Move', choice('move')), tool('tag', 'Labels', choice('labels')), tool('users', 'Assign', choice('assignees')), tool('calendar', 'Due', choice('due')),
      tool('archive', 'Archive', () => actions.archive(first())), tool('trash-2', 'Delete', () => actions.remove(first())), tool('x', 'Clear', () => actions.clear()));
    actions.onSelect = () => this.show();
  }

  show() {
    const count = this.view.grid.selected.size;
    this.node.hidden = count === 0;
    this.text.textContent = `${counted(count, 'task')} selected`;
  }
}
