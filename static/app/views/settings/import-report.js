// The report of an import: figures, boards, what is lost or changed, and what undoing it kept.

import { get } from '../../api.js';
import { button, fill, h, icon } from '../../dom.js';
import { state } from '../../store.js';
import { counted, shortened } from '../../text.js';

/** @typedef {{ path: string, message: string }} Remark Something about a place in the file. */
/** @typedef {{ type: string, id: string, reason: string }} Kept */
/**
 * @typedef {object} Report
 * @property {string} id
 * @property {import('../../import-file.js').Format} format
 * @property {string|null} file_name
 * @property {string[]} board_ids
 * @property {{ created: number, updated: number, unchanged: number, skipped: number }} counts
 * @property {Remark[]} warnings
 * @property {number} warnings_total
 * @property {string} created_at
 * @property {string|null} undone_at
 * @property {{ removed: number, kept: Kept[] }|null} undo
 */

/** More remarks than these are shown on request. */
const SHOWN = 50;
/** The names of so many kept tasks are read. */
const NAMED = 100;

/** What happened to the objects of the file. @param {Report} report */
export function figures({ counts }) {
  const figure = (/** @type {string} */ name, /** @type {number} */ value) => h('div', { class: 'figure' }, h('dt', {}, name), h('dd', {}, h('strong', {}, value.toLocaleString('en'))));
  return h('dl', { class: 'figures' }, figure('New', counts.created), figure('Updated', counts.updated), figure('Unchanged', counts.unchanged), figure('Left out', counts.skipped));
}

/** What is lost or changed. @param {Report} report */
export function warnings({ warnings: remarks, warnings_total }) {
  if (warnings_total === 0) return h('p', { class: 'note good' }, icon('circle-check'), h('span', {}, 'Everything in the file has its place. Nothing is lost or changed.'));
  return h('div', { class: 'remarks' }, h('h3', {}, `Lost or changed: ${counted(warnings_total, 'remark')}`), remarkList('Lost or changed', remarks));
}

/** A list of remarks, the first ones at once. @param {string} label @param {Remark[]} remarks */
export function remarkList(label, remarks) {
  const row = (/** @type {Remark} */ { path, message }) => h('li', { class: 'box-row remark' }, path && h('code', { dir: 'ltr' }, path), h('span', { dir: 'auto' }, message));
  const list = h('ul', { class: 'box', 'aria-label': label }, ...remarks.slice(0, SHOWN).map(row));
  const node = h('div', { class: 'part' }, list);
  if (remarks.length > SHOWN) {
    const more = button(`Show all ${remarks.length.toLocaleString('en')}`, () => {
      list.append(...remarks.slice(SHOWN).map(row));
      more.remove();
      list.tabIndex = -1;
      list.focus({ preventScroll: true });
    }, { class: 'button quiet small' });
    node.append(more);
  }
  return node;
}

/** The boards of an import that still exist. @param {Report} report */
export function boardLinks({ board_ids }) {
  const boards = board_ids.flatMap((id) => state.boards?.get(id) ?? []);
  if (boards.length === 0) return null;
  return h('ul', { class: 'check-line', 'aria-label': 'Boards' }, ...boards.map(({ id, name }) => h('li', {}, h('a', { class: 'button quiet', href: `/app/boards/${id}` }, 'Open ', h('bdi', {}, shortened(name, 60))))));
}

/** What undoing an import removed and kept. @param {Report} report */
export function undone({ undo }) {
  if (!undo) return null;
  /** @type {Map<string, Kept[]>} */
  const groups = new Map();
  for (const one of undo.kept) {
    const name = `${one.type} ${one.reason}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return h('div', { class: 'remarks' }, h('h3', {}, 'Undone'),
    h('p', {}, `${counted(undo.removed, 'object was', 'objects were')} removed. ${undo.kept.length === 0 ? 'Nothing was kept.' : `${counted(undo.kept.length, 'object was', 'objects were')} kept:`}`),
    undo.kept.length > 0 && h('ul', { class: 'box', 'aria-label': 'Kept' }, ...[...groups.values()].map(keptGroup)));
}

/** Objects of one kind that were kept for the same reason. @param {Kept[]} kept */
function keptGroup(kept) {
  const [{ type, reason }] = kept;
  const names = h('ul', { class: 'kept-names' });
  const node = h('details', { 'data-open': `${type} ${reason}` }, h('summary', { class: 'box-row', 'data-focus': `${type} ${reason}` }, h('span', { class: 'grow' }, counted(kept.length, type.replaceAll('_', ' '))), h('span', { class: 'quiet' }, reason), icon('chevron-down')), h('div', { class: 'details' }, names));
  node.addEventListener('toggle', () => node.open && names.childElementCount === 0 && showNames(names, kept));
  return h('li', {}, node);
}

/** Shows the names of kept objects that have a page, and the ids of others. @param {HTMLElement} list @param {Kept[]} kept */
async function showNames(list, kept) {
  const items = new Map(kept.map(({ id }) => [id, h('li', {}, h('code', {}, id))]));
  fill(list, ...items.values());
  const link = (/** @type {string} */ id, /** @type {string} */ path, /** @type {string} */ name) => fill(/** @type {HTMLElement} */ (items.get(id)), h('a', { href: `/app/boards/${path}`, dir: 'auto' }, name));
  const [{ type }] = kept;
  if (type === 'board') for (const { id, name } of kept.flatMap((one) => state.boards?.get(one.id) ?? [])) link(id, id, name);
  if (type !== 'task') return;
  // Without an answer, the ids stay.
  const { tasks } = await get(`/v1/tasks?ids=${kept.slice(0, NAMED).map(({ id }) => id).join(',')}`).catch(() => ({ tasks: [] }));
  for (const task of tasks) link(task.id, `${task.board_id}/tasks/${task.id}`, task.label);
}
