// The comments of a task.

import { ago, timeText } from '../dates.js';
import { arrange, button, fill, h, iconButton } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';
import { showMarkdown } from '../markdown.js';
import { act, canManage, canWrite, state, undo } from '../store.js';
import { menu } from './menu.js';
import { avatar } from './shell.js';
import { toast } from './toast.js';

/** @typedef {import('../types.js').Comment} Comment */

export class TaskComments {
  /** @param {import('./task.js').TaskPanel} panel */
  constructor(panel) {
    this.panel = panel;
    this.list = h('ol', { class: 'comment-list' });
    this.field = h('textarea', { class: 'write comment-field', rows: 2, maxlength: 20_000, placeholder: 'Write a comment …', 'aria-label': 'New comment', dir: 'auto' });
    this.send = button('Comment', () => this.add(), { title: 'Ctrl Enter' });
    this.node = h('section', { class: 'panel-part', 'aria-label': 'Comments' }, h('div', { class: 'part-head' }, h('h3', {}, 'Comments')), this.list, canWrite() && this.field, canWrite() && h('div', { class: 'write-foot' }, h('small', {}, 'Markdown'), this.send));
    /** @type {Map<string, HTMLElement>} */
    this.items = new Map();
    this.field.value = draftOf(this.draft, '');
    this.field.addEventListener('input', () => keepDraft(this.draft, this.field.value.trim() ? this.field.value : undefined));
    this.field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.add();
    });
  }

  get draft() {
    return `draft:comment:${this.panel.id}`;
  }

  add() {
    const text = this.field.value.trim();
    if (text === '') return this.field.focus();
    const { user } = /** @type {import('../types.js').Session} */ (state.session);
    act('addComment', { taskId: this.panel.id, text, author: { id: user.id, name: user.name }, at: new Date().toISOString() });
    this.field.value = '';
    keepDraft(this.draft, undefined);
  }

  /** @returns {Comment[]} */
  get comments() {
    const own = [...this.panel.replica.seen.comments.values()].filter((one) => one.task_id === this.panel.id);
    return own.sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.id < b.id ? -1 : 1));
  }

  show() {
    // The text of a comment that was refused comes back.
    if (this.field.value === '') this.field.value = draftOf(this.draft, '');
    const { comments } = this;
    const known = new Set(comments.map(({ id }) => id));
    for (const [id] of this.items) if (!known.has(id)) this.items.delete(id);
    arrange(this.list, comments.map((comment) => this.item(comment)));
  }

  /** @param {Comment} comment */
  item(comment) {
    const node = this.items.get(comment.id) ?? this.newItem(comment);
    this.items.set(comment.id, node);
    const time = /** @type {HTMLElement} */ (node.querySelector('time'));
    time.textContent = `${ago(comment.created_at, Date.now())}${comment.edited_at ? ', edited' : ''}`;
    const text = /** @type {HTMLElement|null} */ (node.querySelector('.markdown'));
    if (text) showMarkdown(text, comment.text);
    return node;
  }

  /** @param {Comment} comment */
  newItem(comment) {
    const { id, author, imported_author: importedAuthor } = comment;
    const isOwn = author?.id === state.session?.user.id && canWrite();
    const text = h('div', { class: 'markdown' });
    const place = h('div', { class: 'comment-text' }, text);
    const more = (isOwn || canManage()) && iconButton('ellipsis', 'Comment menu', () => menu(/** @type {HTMLElement} */ (more), [
      isOwn && { text: 'Edit', image: 'pencil', run: () => this.edit(id, place, text) },
      { text: 'Delete', image: 'trash-2', isBad: true, run: () => toast(`${act('remove', { kind: 'comments', id }).say}.`, { action: 'Undo', onAction: undo }) },
    ]), { 'aria-haspopup': 'menu' });
    const name = author?.name ?? importedAuthor ?? 'Somebody';
    return h('li', { class: 'comment' }, avatar(author?.id ?? '', name), h('div', { class: 'comment-head' }, h('strong', {}, h('bdi', {}, name)), importedAuthor && h('span', { class: 'comment-mark', title: author ? `Not written here. Author in the file: ${importedAuthor}` : 'This person is not a member here' }, 'Imported'), h('time', { datetime: comment.created_at, title: timeText(comment.created_at) }), more), place);
  }

  /** @param {string} id @param {HTMLElement} place @param {HTMLElement} text */
  edit(id, place, text) {
    const comment = this.panel.replica.seen.comments.get(id);
    const name = `draft:edit:${id}`;
    const field = h('textarea', { class: 'write', rows: 4, maxlength: 20_000, 'aria-label': 'Comment', dir: 'auto' });
    field.value = draftOf(name, comment.text);
    const end = () => fill(place, text);
    const save = () => {
      keepDraft(name, undefined);
      end();
      const next = field.value.trim();
      if (next) act('change', { kind: 'comments', id, set: { text: next } });
    };
    field.addEventListener('input', () => keepDraft(name, field.value));
    field.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') end();
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
    });
    fill(place, field, h('div', { class: 'write-foot' }, button('Cancel', () => {
      keepDraft(name, undefined);
      end();
    }, { class: 'button quiet' }), button('Save', save)));
    field.focus();
  }
}
