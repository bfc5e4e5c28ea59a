// The filter of a board: a text, and conditions as chips that can be removed.

import { button, fill, h, icon, iconButton } from '../dom.js';
import { conditions, isEmpty } from '../filter.js';
import { byPosition } from '../positions.js';
import { state } from '../store.js';
import { STATUS_NAMES, dot } from './card.js';
import { picker } from './picker.js';
import { avatar } from './shell.js';

/** @typedef {import('../filter.js').Filter} Filter */
/** @typedef {'assignees'|'labels'|'statuses'|'lanes'|'due'} Field */

/** Names of the conditions on the due date. @type {Record<string, string>} */
const DUE = { overdue: 'Overdue', today: 'Due today', week: 'Due in 7 days', none: 'Without a due date' };

export class FilterBar {
  /** @param {import('./board.js').BoardView} view */
  constructor(view) {
    this.view = view;
    this.field = h('input', { type: 'search', class: 'filter-text', placeholder: 'Filter', 'aria-label': 'Filter by title', dir: 'auto' });
    this.chips = h('div', { class: 'chips', role: 'group', 'aria-label': 'Conditions' });
    this.more = h('button', { type: 'button', class: 'button quiet filter-more', 'aria-label': 'Add a condition', 'aria-haspopup': 'dialog', onclick: () => this.add() }, icon('filter'));
    this.node = h('div', { class: 'filter' }, this.field, this.more);
    this.field.addEventListener('input', () => this.set({ text: this.field.value }));
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      if (this.field.value) this.set({ text: '' });
      else view.grid.focus(view.grid.current ?? '');
    });
  }

  /** @returns {Filter} */
  get filter() {
    return this.view.grid.filter;
  }

  /** @param {Partial<Filter>} changes */
  set(changes) {
    this.view.setFilter({ ...this.filter, ...changes });
  }

  /** @param {Filter} filter */
  show(filter) {
    if (this.field.value.trim() !== filter.text.trim()) this.field.value = filter.text;
    this.more.classList.toggle('on', conditions(filter) > 0);
    const chips = this.options().filter(({ isOn }) => isOn).map((option) => {
      const node = h('span', { class: 'chip' }, option.node ?? null, h('bdi', {}, option.text), iconButton('x', `Remove ${option.text}`, () => {
        this.toggle(option.id);
        (/** @type {HTMLElement|null} */ (this.chips.querySelector('button')) ?? this.more).focus();
      }));
      return node;
    });
    fill(this.chips, ...chips, !isEmpty(filter) && button('Clear', () => this.view.setFilter(), { class: 'link button' }));
    this.chips.hidden = conditions(filter) === 0;
  }

  /** Every condition. */
  options() {
    const { filter } = this;
    const { seen } = this.view.replica;
    const me = state.session?.user.id;
    const one = (/** @type {Field} */ field, /** @type {string} */ value, /** @type {string} */ text, /** @type {Node|undefined} */ node, /** @type {string} */ hint = '') => {
      const set = /** @type {any} */ (filter)[field];
      const isOn = field === 'due' ? set === value : set.map(String).includes(value);
      return { id: `${field}:${value}`, text, node, isOn, hint };
    };
    return [
      one('assignees', 'me', 'Assigned to me', undefined),
      one('assignees', 'none', 'Nobody assigned', undefined),
      ...Object.entries(DUE).map(([value, text]) => one('due', value, text, undefined)),
      ...STATUS_NAMES.map((text, at) => one('statuses', String(at), text, h('span', { class: 'status-dot', 'data-status': at }), 'status')),
      ...[...seen.labels.values()].map((label) => one('labels', label.id, label.name, dot(label.color), 'label')),
      ...[...seen.members.values()].filter(({ id }) => id !== me).map((person) => one('assignees', person.id, person.name, avatar(person.id, person.name), 'assignee')),
      ...[...seen.lanes.values()].sort(byPosition).map((lane) => one('lanes', lane.id, lane.name, dot(lane.color ?? 'var(--open)'), 'lane')),
    ];
  }

  /** @param {string} id */
  toggle(id) {
    const [field, value] = /** @type {[Field, string]} */ (id.split(':'));
    if (field === 'due') return this.set({ due: this.filter.due === value ? '' : /** @type {Filter['due']} */ (value) });
    const present = /** @type {(string|number)[]} */ (this.filter[field]);
    const wanted = field === 'statuses' ? Number(value) : value;
    this.set({ [field]: present.includes(wanted) ? present.filter((one) => one !== wanted) : [...present, wanted] });
  }

  /** Opens the list of conditions. */
  add() {
    picker(this.more, { label: 'Add a condition', isMany: true, options: () => this.options(), onPick: (id) => this.toggle(id) });
  }

  focus() {
    this.field.focus();
    this.field.select();
  }
}
