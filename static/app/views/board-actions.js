// What a person can do with the cards of a board, whether by pointer, key or menu.

import { announce } from '../dom.js';
import { shift, step } from '../keys.js';
import { act, undo } from '../store.js';
import { counted, quoted } from '../text.js';
import { STATUS_NAMES } from './card.js';
import { editInPlace } from './edit.js';
import { toast } from './toast.js';

/** @typedef {import('./grid.js').Grid} Grid */
/** @typedef {import('../types.js').Task} Task */

export class BoardActions {
  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
  }

  /** @param {string} id @returns {Task|undefined} */
  task(id) {
    return this.grid.objects.tasks.get(id);
  }

  /** The tasks that an action is about: the selected ones if this one is among them. @param {string} id */
  targets(id) {
    const { selected } = this.grid;
    return selected.has(id) ? [...selected] : [id];
  }

  /** @returns {import('../keys.js').Layout} */
  layout() {
    const { grid } = this;
    const rows = [...grid.rows.children].map((node) => /** @type {HTMLElement} */ (node).dataset.project ?? '');
    return { rows: rows.filter((id) => !grid.sections.get(id)?.isCollapsed), columns: grid.columns.map(({ key }) => key), tasks: (cell) => grid.cells.tasks(cell) };
  }

  /** Moves the focus. @param {string} id @param {import('../keys.js').Direction} direction */
  go(id, direction) {
    const next = step(this.layout(), this.grid.cells.places.get(id) ?? '', id, direction);
    if (next) this.grid.focus(next);
  }

  /** Moves a card by one place. @param {string} id @param {import('../keys.js').Direction} direction */
  shift(id, direction) {
    const to = shift(this.layout(), this.grid.cells.places.get(id) ?? '', id, direction);
    if (!to) return announce('It is at the edge of the board');
    this.moveTo(id, to.cell, to.index);
    this.grid.focus(id);
  }

  /**
   * Moves a task into a cell.
   *
   * @param {string} id
   * @param {string} cell
   * @param {number} index Among the other tasks of the cell.
   */
  moveTo(id, cell, index) {
    const { grid } = this;
    const task = this.task(id);
    const [projectId, key] = cell.split('/');
    const column = grid.columns.find((one) => one.key === key);
    if (!task || !column) return;
    const others = grid.cells.tasks(cell).filter((one) => one.id !== id);
    const isSame = grid.cells.places.get(id) === cell && grid.cells.tasks(cell)[index]?.id === id;
    if (isSame) return;
    const set = column.status !== undefined ? { status: column.status } : column.laneId !== undefined ? { workflow_lane_id: column.laneId } : {};
    const isOrdered = grid.sort === 'position';
    const where = `${column.name}, ${index + 1} of ${others.length + 1}`;
    const project = grid.objects.projects.get(projectId);
    const say = `Moved ${quoted(task.label)} to ${where}${projectId === task.project_id ? '' : ` in ${quoted(project?.name ?? '')}`}`;
    if (!isOrdered && projectId === task.project_id) return act('change', { kind: 'tasks', id, set, say });
    const anchors = { after: (isOrdered && others[index - 1]?.id) || null, before: (isOrdered && others[index]?.id) || null };
    act('moveTask', { id, projectId, set, ...anchors, say });
    this.warn(column, others.length + 1);
  }

  /** Moves the selected tasks into a cell. @param {string[]} ids @param {string} cell @param {number} index */
  moveMany(ids, cell, index) {
    const { grid } = this;
    const [projectId, key] = cell.split('/');
    const column = grid.columns.find((one) => one.key === key);
    const tasks = grid.cells.tasks(cell);
    const stays = (/** @type {Task|undefined} */ task) => task && !ids.includes(task.id);
    const after = tasks.slice(0, index).filter(stays).at(-1)?.id ?? null;
    const before = tasks.slice(index).find(stays)?.id ?? null;
    const set = column?.status !== undefined ? { status: column.status } : column?.laneId !== undefined ? { workflow_lane_id: column.laneId } : {};
    this.done(act('moveTasks', { ids, projectId, set, after, before }));
  }

  /** Says that a lane is over its limit. @param {import('../cells.js').Column} column @param {number} count */
  warn(column, count) {
    const total = [...this.grid.cells.cells].filter(([key]) => key.endsWith(`/${column.key}`)).reduce((sum, [, tasks]) => sum + tasks.length, 0);
    if (column.limit && Math.max(total, count) > column.limit) announce(`${column.name} is over its limit of ${column.limit}`);
  }

  /** @param {string} id @param {number} [status] Without one, the next. */
  setStatus(id, status) {
    const task = this.task(id);
    if (!task) return;
    const next = status ?? (task.status + 1) % 3;
    const ids = this.targets(id);
    if (ids.length > 1) act('changeTasks', { ids, set: { status: next } });
    else act('change', { kind: 'tasks', id, set: { status: next }, say: `${quoted(task.label)} is ${STATUS_NAMES[next].toLowerCase()}` });
  }

  /** Edits the title on the card. @param {string} id */
  edit(id) {
    const node = this.grid.cards.get(id);
    const task = this.task(id);
    const link = node?.querySelector('a');
    if (!node || !task || !link) return;
    const holder = document.createElement('div');
    holder.className = 'card-edit';
    link.hidden = true;
    link.after(holder);
    editInPlace(holder, task.label, 'Title', (label) => act('write', { kind: 'tasks', id, field: 'label', text: label, base: task.label }), {
      onEnd: () => {
        holder.remove();
        link.hidden = false;
        this.grid.focus(node.dataset.id ?? id);
      },
    });
  }

  /** @param {string} id */
  toggle(id) {
    const { selected, cards } = this.grid;
    const isOn = !selected.delete(id);
    if (isOn) selected.add(id);
    cards.get(id)?.classList.toggle('selected', isOn);
    cards.get(id)?.querySelector('a')?.setAttribute('aria-description', isOn ? 'Selected' : '');
    announce(`${isOn ? 'Selected' : 'Not selected'}. ${counted(selected.size, 'task')} selected`);
    this.onSelect?.();
  }

  clear() {
    for (const id of this.grid.selected) this.grid.cards.get(id)?.classList.remove('selected');
    this.grid.selected.clear();
    this.onSelect?.();
  }

  /** @param {string} id */
  archive(id) {
    this.done(act('archive', { ids: this.targets(id) }));
  }

  /** @param {string} id */
  remove(id) {
    const ids = this.targets(id);
    this.done(ids.length > 1 ? act('removeTasks', { ids }) : act('remove', { kind: 'tasks', id }));
  }

  /** Offers to undo. @param {import('../types.js').Outcome} outcome */
  done(outcome) {
    if (outcome.rows.length === 0) return;
    this.onSelect?.();
    toast(`${outcome.say}.`, { action: 'Undo', onAction: undo });
  }

  /** Called when the selection changes. @type {(() => void)|undefined} */
  onSelect = undefined;
}
