// The description of a task: Markdown, with a preview. What is being written survives Escape, a reload and a crash.

import { button, fill, h, icon } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';
import { showMarkdown } from '../markdown.js';
import { act, canWrite } from '../store.js';
import { conflict } from './conflict.js';

/** @typedef {import('../types.js').Task} Task */

export class TaskDescription {
  /** @param {import('./task.js').TaskPanel} panel */
  constructor(panel) {
    this.panel = panel;
    this.text = h('div', { class: 'markdown' });
    this.place = h('div', {});
    this.edit = fill(button('', () => this.open(), { class: 'button quiet small' }), icon('pencil'), 'Edit');
    this.node = h('section', { class: 'panel-part', 'aria-label': 'Description' }, h('div', { class: 'part-head' }, h('h3', {}, 'Description'), canWrite() && this.edit), this.place);
    this.isOpen = false;
  }

  get name() {
    return `draft:description:${this.panel.id}`;
  }

  /** What the person has begun to write. @returns {string|undefined} */
  draft() {
    return draftOf(this.name)?.text;
  }

  /** @param {Task} task */
  show(task) {
    conflict(this.node, task, 'description', (text) => act('write', { kind: 'tasks', id: task.id, field: 'description', text, base: task.description ?? null }));
    if (this.isOpen) return;
    const draft = this.draft();
    this.edit.hidden = task.description === undefined;
    if (draft !== undefined && canWrite() && task.description !== undefined) {
      const notice = h('p', { class: 'draft' }, 'You have an unsaved draft. ', button('Continue', () => this.open(), { class: 'link button' }), ' ', button('Discard', () => {
        keepDraft(this.name, undefined);
        this.show(task);
      }, { class: 'link button' }));
      fill(this.place, notice, this.rendered(task));
    } else fill(this.place, this.rendered(task));
  }

  /** @param {Task} task */
  rendered(task) {
    if (task.description) {
      showMarkdown(this.text, task.description);
      return this.text;
    }
    if (task.description === undefined) return h('p', { class: 'none' }, task.has_description ? 'Loading …' : '');
    if (!canWrite()) return h('p', { class: 'none' }, 'No description.');
    return h('button', { type: 'button', class: 'empty-text', onclick: () => this.open() }, 'Add a description …');
  }

  open() {
    const { task } = this.panel;
    if (!task || task.description === undefined) return;
    this.isOpen = true;
    this.edit.hidden = true;
    const kept = draftOf(this.name);
    const base = kept?.base ?? task.description ?? '';
    const field = h('textarea', { class: 'write', rows: 8, maxlength: 65_536, 'aria-label': 'Description', dir: 'auto' });
    field.value = kept?.text ?? base;
    const preview = h('div', { class: 'markdown preview', hidden: true });
    const end = () => {
      this.isOpen = false;
      const now = this.panel.task;
      if (now) this.show(now);
      this.edit.focus();
    };
    const save = () => {
      const text = field.value.trim() === '' ? null : field.value;
      keepDraft(this.name, undefined);
      act('write', { kind: 'tasks', id: this.panel.id, field: 'description', text, base: base === '' ? null : base });
      end();
    };
    const toggle = h('button', {
      type: 'button', class: 'button quiet', 'aria-pressed': 'false', onclick: () => {
        const isShown = preview.hidden;
        preview.hidden = !isShown;
        field.hidden = isShown;
        toggle.setAttribute('aria-pressed', String(isShown));
        if (isShown) showMarkdown(preview, field.value);
        else field.focus();
      },
    }, 'Preview');
    field.addEventListener('input', () => keepDraft(this.name, field.value === base ? undefined : { text: field.value, base }));
    field.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') end();
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
    });
    const discard = button('Cancel', () => {
      keepDraft(this.name, undefined);
      end();
    }, { class: 'button quiet' });
    fill(this.place, field, preview, h('div', { class: 'write-foot' }, h('small', {}, 'Markdown'), toggle, discard, button('Save', save, { title: 'Ctrl Enter' })));
    field.focus();
  }
}
