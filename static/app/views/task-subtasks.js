// The subtasks of a task: add, tick, rename, reorder, delete.

import { arrange, h, iconButton } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';
import { byPosition } from '../positions.js';
import { act, canWrite, undo } from '../store.js';
import { editInPlace } from './edit.js';
import { menu } from './menu.js';
import { toast } from './toast.js';

/** @typedef {import('../types.js').Task} Task */
/** @typedef {import('../types.js').Subtask} Subtask */

export class TaskSubtasks {
  /** @param {import('./task.js').TaskPanel} panel */
  constructor(panel) {
    this.panel = panel;
    this.list = h('ul', { class: 'subtask-list', 'aria-label': 'Subtasks' });
    this.count = h('span', { class: 'quiet' });
    this.field = h('input', { type: 'text', class: 'add-line', placeholder: 'Add a subtask', 'aria-label': 'New subtask', maxlength: 255, dir: 'auto' });
    this.node = h('section', { class: 'panel-part', 'aria-label': 'Subtasks' }, h('div', { class: 'part-head' }, h('h3', {}, 'Subtasks'), this.count), this.list, canWrite() && this.field);
    /** @type {Map<string, HTMLElement>} */
    this.items = new Map();
    this.field.value = draftOf(this.draft, '');
    this.field.addEventListener('input', () => keepDraft(this.draft, this.field.value.trim() || undefined));
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      this.add();
    });
  }

  get draft() {
    return `draft:subtask:${this.panel.id}`;
  }

  /** @returns {Subtask[]} */
  get subtasks() {
    return [...this.panel.replica.seen.subtasks.values()].filter((one) => one.task_id === this.panel.id).sort(byPosition);
  }

  add() {
    const label = this.field.value.replace(/\s+/g, ' ').trim();
    if (label === '') return;
    this.field.value = '';
    keepDraft(this.draft, undefined);
    act('addSubtask', { taskId: this.panel.id, label });
    this.field.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Task} task */
  show(task) {
    this.count.textContent = task.subtasks_total > 0 ? `${task.subtasks_completed} of ${task.subtasks_total}` : '';
    const { subtasks } = this;
    const known = new Set(subtasks.map(({ id }) => id));
    for (const [id] of this.items) if (!known.has(id)) this.items.delete(id);
    arrange(this.list, subtasks.map((subtask) => this.item(subtask)));
  }

  /** @param {Subtask} subtask */
  item(subtask) {
    const node = this.items.get(subtask.id) ?? this.newItem(subtask.id);
    this.items.set(subtask.id, node);
    const box = /** @type {HTMLInputElement} */ (node.querySelector('input[type="checkbox"]'));
    const text = /** @type {HTMLElement} */ (node.querySelector('.subtask-text'));
    box.checked = subtask.is_completed;
    box.setAttribute('aria-label', subtask.label);
    if (!text.querySelector('input') && text.textContent !== subtask.label) text.textContent = subtask.label;
    node.classList.toggle('done', subtask.is_completed);
    return node;
  }

  /** @param {string} id */
  newItem(id) {
    const box = h('input', { type: 'checkbox', disabled: !canWrite(), onchange: () => act('change', { kind: 'subtasks', id, set: { is_completed: box.checked } }) });
    const text = h('span', { class: 'subtask-text', dir: 'auto' });
    const rename = () => {
      const subtask = this.panel.replica.seen.subtasks.get(id);
      editInPlace(text, subtask.label, 'Subtask', (label) => act('write', { kind: 'subtasks', id, field: 'label', text: label, base: subtask.label }), { onEnd: () => box.focus() });
    };
    if (canWrite()) text.addEventListener('click', rename);
    const more = iconButton('ellipsis', 'Subtask menu', () => menu(more, [
      { text: 'Rename', image: 'pencil', run: rename },
      { text: 'Move up', image: 'arrow-up', keys: 'Alt ↑', run: () => this.move(id, -1) },
      { text: 'Move down', image: 'arrow-down', keys: 'Alt ↓', run: () => this.move(id, 1) },
      null,
      { text: 'Delete', image: 'trash-2', isBad: true, run: () => this.remove(id) },
    ]), { class: 'icon-button', 'aria-haspopup': 'menu' });
    const node = h('li', { class: 'subtask' }, box, text, canWrite() && more);
    node.addEventListener('keydown', (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || !by || !canWrite()) return;
      event.preventDefault();
      this.move(id, by);
      box.focus();
    });
    return node;
  }

  /** @param {string} id @param {number} by */
  move(id, by) {
    const { subtasks } = this;
    const at = subtasks.findIndex((one) => one.id === id);
    const rest = subtasks.filter((one) => one.id !== id);
    const to = at + by;
    if (to < 0 || to > rest.length) return;
    act('reorder', { kind: 'subtasks', id, after: rest[to - 1]?.id ?? null, before: rest[to]?.id ?? null });
  }

  /** @param {string} id */
  remove(id) {
    const outcome = act('remove', { kind: 'subtasks', id });
    toast(`${outcome.say}.`, { action: 'Undo', onAction: undo });
    this.field.focus();
  }
}
