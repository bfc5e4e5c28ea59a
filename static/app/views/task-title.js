// The title of a task in its panel. It is saved when the field is left, or with Enter.

import { h } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';
import { act, canWrite } from '../store.js';
import { conflict } from './conflict.js';

/** @typedef {import('../types.js').Task} Task */

export class TaskTitle {
  /** @param {import('./task.js').TaskPanel} panel */
  constructor(panel) {
    this.panel = panel;
    this.field = h('textarea', { class: 'panel-name', rows: 1, maxlength: 255, 'aria-label': 'Title', dir: 'auto', readonly: !canWrite() });
    this.node = h('div', { class: 'grow' }, this.field);
    /** The title that the person began with. */
    this.base = '';
    this.field.addEventListener('input', () => keepDraft(this.draft, this.field.value === this.base ? undefined : { text: this.field.value, base: this.base }));
    this.field.addEventListener('blur', () => this.save());
    this.field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) {
        event.preventDefault();
        this.field.blur();
      } else if (event.key === 'Escape' && this.field.value !== this.base) {
        event.stopPropagation();
        this.field.value = this.base;
        keepDraft(this.draft, undefined);
      }
    });
  }

  get draft() {
    return `draft:title:${this.panel.id}`;
  }

  save() {
    const text = this.field.value.replace(/\s+/g, ' ').trim();
    keepDraft(this.draft, undefined);
    if (text === '' || text === this.base) {
      this.field.value = this.base;
      return;
    }
    const { base } = this;
    this.base = text;
    this.field.value = text;
    act('write', { kind: 'tasks', id: this.panel.id, field: 'label', text, base });
  }

  /** @param {Task} task */
  show(task) {
    const isDirty = this.field.value !== this.base;
    if (!isDirty) {
      const draft = this.base === '' ? draftOf(this.draft) : undefined;
      this.base = draft?.base ?? task.label;
      const text = draft?.text ?? task.label;
      if (this.field.value !== text) this.field.value = text;
    }
    conflict(this.node, task, 'label', (text) => act('write', { kind: 'tasks', id: task.id, field: 'label', text, base: task.label }));
  }
}
