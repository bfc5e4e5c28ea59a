// The panel of a task.

import { ApiError, get } from '../api.js';
import { button, fill, h, icon, iconButton, isTyping } from '../dom.js';
import { go } from '../router.js';
import { act, canWrite } from '../store.js';
import { STATUS_NAMES } from './card.js';
import { menu } from './menu.js';
import { TaskActivity } from './task-activity.js';
import { TaskComments } from './task-comments.js';
import { TaskDescription } from './task-description.js';
import { TaskProperties } from './task-properties.js';
import { TaskSubtasks } from './task-subtasks.js';
import { TaskTitle } from './task-title.js';

/** @typedef {import('./board.js').BoardView} BoardView */
/** @typedef {import('../replica.js').Touched} Touched */

export class TaskPanel {
  /** @param {BoardView} view @param {string} id */
  constructor(view, id) {
    this.view = view;
    this.replica = view.replica;
    this.id = id;
    this.status = h('button', { type: 'button', class: 'status', onclick: () => view.actions.setStatus(this.id) });
    this.title = new TaskTitle(this);
    this.properties = new TaskProperties(this);
    this.description = new TaskDescription(this);
    this.subtasks = new TaskSubtasks(this);
    this.comments = new TaskComments(this);
    this.activity = new TaskActivity(this);
    this.trail = h('p', { class: 'panel-trail', dir: 'auto' });
    const more = iconButton('ellipsis', 'Task menu', () => this.menu(more), { 'aria-haspopup': 'menu' });
    this.body = h('div', { class: 'panel-body' });
    this.node = h('aside', { class: 'panel', 'aria-label': 'Task', tabindex: '-1' },
      h('header', { class: 'panel-head' }, this.trail, canWrite() && more, iconButton('x', 'Close (Escape)', () => view.closePanel())),
      this.body);
    // Escape leaves a field first, and closes the panel then.
    this.node.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.defaultPrevented || !isTyping(event.target)) return;
      event.preventDefault();
      this.node.focus();
    });
    /** @type {any} */
    this.timer = 0;
    this.stop = this.replica.subscribe((touched) => this.update(touched));
    this.show();
    this.load();
  }

  /** The task as it is seen; undefined if it is gone. */
  get task() {
    return this.replica.seen.tasks.get(this.id);
  }

  /** Reads what the board does not have: description, subtasks, comments. */
  async load() {
    if (this.id.startsWith('new-')) return;
    const { id } = this;
    const { confirmed } = this.replica;
    const known = { subtasks: [...confirmed.subtasks.keys()], comments: [...confirmed.comments.keys()] };
    try {
      const [{ task }, { subtasks }, { comments }] = await Promise.all([get(`/v1/tasks/${id}`), get(`/v1/tasks/${id}/subtasks`), get(`/v1/tasks/${id}/comments`)]);
      if (this.isClosed || this.id !== id) return;
      if (!this.replica.confirmed.tasks.has(id)) return await this.elsewhere(task);
      const { description, created_at, created_by } = task;
      // What was there before the request and was not returned is gone. What has come since is not known to the response.
      for (const [kind, returned] of /** @type {const} */ ([['subtasks', subtasks], ['comments', comments]])) {
        this.replica.unlearn(kind, known[kind].filter((one) => !returned.some((/** @type {any} */ other) => other.id === one)));
      }
      this.replica.learn('tasks', [{ id, description, created_at, created_by }]);
      this.replica.learn('subtasks', subtasks);
      this.replica.learn('comments', comments);
      this.isLoaded = true;
      this.show();
      this.activity.load();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (this.isClosed || this.id !== id) return;
      if (error.status === 404) return this.gone();
      this.fail(error);
    }
  }

  /** Says why the task could not be loaded. What is temporary is tried again. @param {ApiError} error */
  fail(error) {
    const again = error.isTemporary ? ' Trying again …' : '';
    const text = `The task could not be loaded: ${error.message}.${again}`;
    if (this.task) this.properties.fail(text);
    else fill(this.body, h('p', { class: 'problem', role: 'alert' }, text));
    clearTimeout(this.timer);
    if (again) this.timer = setTimeout(() => this.load(), error.wait);
  }

  /** The task is not on this board: it is archived, or was moved. @param {any} task */
  async elsewhere(task) {
    if (!task.archived_at) {
      const { project } = await get(`/v1/projects/${task.project_id}`);
      if (project.board_id !== this.replica.id) return go(`/app/boards/${project.board_id}/tasks/${task.id}`, { replace: true });
      return this.view.refresh();
    }
    const back = button('Bring it back', async () => {
      act('unarchive', { tasks: [{ ...task, has_description: Boolean(task.description), label_ids: task.labels.map((/** @type {any} */ one) => one.id), assignee_ids: task.assignees.map((/** @type {any} */ one) => one.id), subtasks_total: task.subtasks.length, subtasks_completed: task.subtasks.filter((/** @type {any} */ one) => one.is_completed).length }] });
      this.isGone = false;
      this.show();
      this.load();
    });
    this.isGone = true;
    fill(this.body, h('div', { class: 'blank' }, icon('archive'), h('h2', { dir: 'auto' }, task.label), h('p', {}, 'This task is archived.'), canWrite() && back));
  }

  gone() {
    this.isGone = true;
    const draft = this.description.draft();
    fill(this.body, h('div', { class: 'blank' }, h('h2', {}, 'This task is gone'), h('p', {}, 'It was deleted, archived, or moved to another board.'), draft ? h('div', { class: 'field' }, h('span', {}, 'What you were writing:'), h('textarea', { readonly: true, rows: 8, 'aria-label': 'What you were writing' }, draft)) : null, button('Close', () => this.view.closePanel(), { class: 'button quiet' })));
  }

  show() {
    const { task } = this;
    if (!task) {
      if (this.isLoaded && !this.isGone) this.gone();
      return;
    }
    if (!this.title.node.isConnected || this.isGone) {
      this.isGone = false;
      fill(this.body, h('div', { class: 'panel-title' }, this.status, this.title.node), this.properties.node, this.description.node, this.subtasks.node, this.comments.node, this.activity.node);
    }
    this.status.parentElement?.setAttribute('data-status', String(task.status));
    this.status.setAttribute('aria-label', `${STATUS_NAMES[task.status]}. Change to ${STATUS_NAMES[(task.status + 1) % 3].toLowerCase()}`);
    this.status.disabled = !canWrite();
    this.trail.textContent = this.replica.seen.projects.get(task.project_id)?.name ?? '';
    for (const part of [this.title, this.properties, this.description, this.subtasks, this.comments]) part.show(task);
  }

  /** @param {Touched|null} touched */
  update(touched) {
    const renamed = touched?.find(({ was }) => was === this.id);
    if (renamed) {
      this.id = renamed.id;
      this.load();
    }
    // The board was read again, after events were missed.
    if (touched === null && this.isLoaded) this.load();
    const isMine = touched === null || touched.some(({ kind, id }) => kind !== 'tasks' || id === this.id);
    if (!isMine) return;
    this.show();
    if (this.isLoaded && touched?.some(({ kind, id }) => kind === 'tasks' && id === this.id)) this.activity.later();
    // A text that was too long for its event is read again.
    if (this.isLoaded && this.task && this.task.description === undefined) {
      this.isLoaded = false;
      this.load();
    }
  }

  /** @param {HTMLElement} anchor */
  menu(anchor) {
    const { actions } = this.view;
    menu(anchor, [
      { text: 'Copy the link', image: 'link', run: () => this.copyLink() },
      { text: 'Archive', image: 'archive', keys: '⇧A', run: () => actions.archive(this.id) },
      null,
      { text: 'Delete', image: 'trash-2', isBad: true, run: () => actions.remove(this.id) },
    ]);
  }

  async copyLink() {
    const { copy } = await import('../clipboard.js');
    copy(location.origin + location.pathname);
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.title.save();
    this.stop();
    this.activity.close();
    this.replica.forget('subtasks');
    this.replica.forget('comments');
    if (this.replica.confirmed.tasks.has(this.id)) this.replica.learn('tasks', [{ id: this.id, description: undefined }]);
    this.node.remove();
  }
}
