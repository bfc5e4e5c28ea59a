// The settings of a board: name, icon, colors, layout, lanes and labels.

import { send } from '../api.js';
import { button, fill, h, icon, iconButton } from '../dom.js';
import { byPosition } from '../positions.js';
import { go } from '../router.js';
import { act } from '../store.js';
import { counted } from '../text.js';
import { COLORS } from './choose.js';
import { dialog, field, formDialog } from './dialog.js';
import { toast } from './toast.js';

/** @typedef {import('./board.js').BoardView} BoardView */

/** Icons to choose from; any other can be typed. */
const ICONS = ['🚀', '📋', '💡', '🛠️', '🎯', '📦', '🧪', '📣', '🌱', '🏠', '🎨', '📚'];

/** Opens the settings. @param {BoardView} view */
export function boardSettings(view) {
  const { replica } = view;
  const content = h('div', { class: 'settings' });
  const show = () => fill(content, general(view), look(view), lanes(view), labels(view), danger(view, () => node.close()));
  const node = dialog('Board settings', content);
  node.classList.add('wide-form');
  show();
  const stop = replica.subscribe((touched) => {
    const isOurs = !touched || touched.some(({ kind }) => kind === 'lanes' || kind === 'labels' || kind === 'board');
    // A field that is being typed in stays.
    if (isOurs && !content.contains(document.activeElement)) show();
    else if (isOurs) renew(view, content);
  });
  node.addEventListener('close', stop);
}

/** Renews the lists, and keeps the focus. @param {BoardView} view @param {HTMLElement} content */
function renew(view, content) {
  const focused = document.activeElement;
  const name = focused?.getAttribute('data-focus');
  for (const part of [lanes(view), labels(view)]) {
    const old = content.querySelector(`[data-part="${part.dataset.part}"]`);
    if (old && !(old.contains(focused) && focused instanceof HTMLInputElement && focused.value !== focused.defaultValue)) old.replaceWith(part);
  }
  if (name && !focused?.isConnected) /** @type {HTMLElement|null} */ (content.querySelector(`[data-focus="${name}"]`))?.focus();
}

/** @param {BoardView} view @param {Record<string, any>} set */
const setBoard = (view, set) => act('change', { kind: 'board', id: view.replica.id, set });

/** @param {BoardView} view */
function general(view) {
  const { board } = view;
  const name = h('input', { type: 'text', name: 'name', maxlength: 100, value: board.name, dir: 'auto' });
  const description = h('textarea', { name: 'description', rows: 2, maxlength: 2000, dir: 'auto' }, board.description ?? '');
  name.addEventListener('change', () => name.value.trim() && setBoard(view, { name: name.value.trim() }));
  description.addEventListener('change', () => setBoard(view, { description: description.value.trim() || null }));
  const layout = h('select', { name: 'layout' }, h('option', { value: 'kanban', selected: board.layout_preference !== 'simple' }, 'Columns'), h('option', { value: 'simple', selected: board.layout_preference === 'simple' }, 'List'));
  layout.addEventListener('change', () => {
    setBoard(view, { layout_preference: layout.value });
    view.group(layout.value === 'simple' ? 'list' : 'status');
  });
  return h('section', {}, field('Name', name), field('Description', description), field('Layout', layout, 'How the board opens for people who have not chosen a view.'));
}

/** @param {BoardView} view */
function look(view) {
  const { board } = view;
  const own = h('input', { type: 'text', class: 'icon-text', name: 'icon', maxlength: 16, value: board.icon ?? '', 'aria-label': 'Another icon', placeholder: 'Other' });
  own.addEventListener('change', () => setBoard(view, { icon: own.value.trim() || null }));
  const icons = [null, ...ICONS].map((one) => h('button', { type: 'button', class: 'swatch emoji', 'aria-pressed': String((board.icon ?? null) === one), 'aria-label': one ?? 'No icon', onclick: (/** @type {Event} */ event) => press(event, () => setBoard(view, { icon: one })) }, one ?? icon('x')));
  return h('section', {},
    h('div', { class: 'field' }, h('span', {}, 'Icon'), h('div', { class: 'swatches' }, ...icons, own)),
    h('div', { class: 'field' }, h('span', {}, 'Accent'), colors(board.accent_color, (color) => setBoard(view, { accent_color: color }), 'accent')),
    h('div', { class: 'field' }, h('span', {}, 'Background'), colors(board.background_color, (color) => setBoard(view, { background_color: color }), 'background')));
}

/** Marks the pressed one of a group of buttons. @param {Event} event @param {() => void} run */
function press(event, run) {
  const pressed = /** @type {HTMLElement} */ (event.currentTarget);
  for (const one of pressed.parentElement?.querySelectorAll('[aria-pressed]') ?? []) one.setAttribute('aria-pressed', String(one === pressed));
  run();
}

/** @param {string|null|undefined} value @param {(color: string|null) => void} onPick @param {string} name */
function colors(value, onPick, name) {
  const swatches = [null, ...COLORS].map((color) => {
    const node = h('button', { type: 'button', class: 'swatch', 'aria-pressed': String((value ?? null) === color), 'aria-label': color ?? `No ${name}`, title: color ?? 'None', onclick: (/** @type {Event} */ event) => press(event, () => onPick(color)) }, color ? null : icon('x'));
    if (color) node.style.setProperty('--own', color);
    return node;
  });
  const own = h('input', { type: 'color', value: value ?? '#1b6650', 'aria-label': `Another ${name}` });
  own.addEventListener('change', () => onPick(own.value));
  return h('div', { class: 'swatches' }, ...swatches, own);
}

/** @param {BoardView} view */
function lanes(view) {
  const all = [...view.replica.seen.lanes.values()].sort(byPosition);
  const rows = all.map((lane, at) => {
    const name = text(lane.name, `Name of the lane ${lane.name}`, `lane-${lane.id}`, (value) => act('change', { kind: 'lanes', id: lane.id, set: { name: value } }), 50);
    const limit = h('input', { type: 'number', class: 'limit', min: 1, max: 1000, value: lane.wip_limit ?? '', placeholder: 'No limit', 'aria-label': `Limit of ${lane.name}`, 'data-focus': `limit-${lane.id}` });
    limit.addEventListener('change', () => limit.checkValidity() && act('change', { kind: 'lanes', id: lane.id, set: { wip_limit: limit.value ? Number(limit.value) : null } }));
    const move = (/** @type {number} */ by) => {
      const rest = all.filter((one) => one !== lane);
      act('reorder', { kind: 'lanes', id: lane.id, after: rest[at + by - 1]?.id ?? null, before: rest[at + by]?.id ?? null });
    };
    return h('li', { class: 'edit-row' }, color(lane.color ?? '#7c828a', `Color of ${lane.name}`, (value) => act('change', { kind: 'lanes', id: lane.id, set: { color: value } })), name, limit,
      iconButton('arrow-up', `Move ${lane.name} up`, () => move(-1), { disabled: at === 0, 'data-focus': `up-${lane.id}` }),
      iconButton('arrow-down', `Move ${lane.name} down`, () => move(1), { disabled: at === all.length - 1, 'data-focus': `down-${lane.id}` }),
      iconButton('trash-2', `Delete ${lane.name}`, () => confirmed(`Delete the lane “${lane.name}”?`, 'Its tasks stay on the board, without a lane.', () => act('remove', { kind: 'lanes', id: lane.id }))));
  });
  const add = line('Add a lane', 50, (name) => act('addLane', { boardId: view.replica.id, name }), 'add-lane');
  return h('section', { 'data-part': 'lanes' }, h('h3', {}, 'Lanes'), h('p', { class: 'quiet' }, 'Columns for your own workflow. A limit is shown when it is exceeded; nothing is refused.'), h('ul', {}, ...rows), add);
}

/** @param {BoardView} view */
function labels(view) {
  const rows = [...view.replica.seen.labels.values()].map((label) => h('li', { class: 'edit-row' },
    color(label.color, `Color of ${label.name}`, (value) => act('change', { kind: 'labels', id: label.id, set: { color: value } })),
    text(label.name, `Name of the label ${label.name}`, `label-${label.id}`, (value) => act('change', { kind: 'labels', id: label.id, set: { name: value } }), 50),
    iconButton('trash-2', `Delete ${label.name}`, () => confirmed(`Delete the label “${label.name}”?`, 'It is removed from all tasks of the board.', () => act('remove', { kind: 'labels', id: label.id })))));
  const add = line('Add a label', 50, (name) => act('addLabel', { boardId: view.replica.id, name, color: COLORS[view.replica.seen.labels.size % COLORS.length] }), 'add-label');
  return h('section', { 'data-part': 'labels' }, h('h3', {}, 'Labels'), h('ul', {}, ...rows), add);
}

/** @param {string} value @param {string} label @param {string} name @param {(value: string) => void} onSave @param {number} longest */
function text(value, label, name, onSave, longest) {
  const node = h('input', { type: 'text', class: 'in-place', value, 'aria-label': label, maxlength: longest, dir: 'auto', 'data-focus': name });
  node.addEventListener('change', () => {
    if (node.value.trim()) onSave(node.value.trim());
    else node.value = value;
  });
  return node;
}

/** @param {string} value @param {string} label @param {(value: string) => void} onSave */
function color(value, label, onSave) {
  const node = h('input', { type: 'color', value, 'aria-label': label });
  node.addEventListener('change', () => onSave(node.value));
  return node;
}

/** A field that adds something with Enter. @param {string} label @param {number} longest @param {(text: string) => void} onAdd @param {string} name */
function line(label, longest, onAdd, name) {
  const node = h('input', { type: 'text', class: 'add-line', placeholder: label, 'aria-label': label, maxlength: longest, dir: 'auto', 'data-focus': name });
  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing || !node.value.trim()) return;
    event.preventDefault();
    const value = node.value.trim();
    node.value = '';
    onAdd(value);
  });
  return node;
}

/** Asks before something is deleted. @param {string} title @param {string} what @param {() => void} run */
function confirmed(title, what, run) {
  formDialog(title, { fields: [h('p', {}, what)], action: 'Delete', isBad: true, onSave: run });
}

/** @param {BoardView} view @param {() => void} close */
function danger(view, close) {
  const { replica, board } = view;
  const tasks = counted(replica.seen.tasks.size, 'task');
  const remove = button('Delete this board', () => formDialog(`Delete “${board.name}”?`, {
    fields: [h('p', {}, `Its ${counted(replica.seen.projects.size, 'project')} and ${tasks} are deleted with it, for everybody. This cannot be undone.`)],
    action: 'Delete the board', isBad: true,
    onSave: async () => {
      await send('DELETE', `/v1/boards/${replica.id}`);
      close();
      go('/app', { replace: true });
      toast(`Deleted “${board.name}”.`);
    },
  }), { class: 'button bad' });
  return h('section', {}, remove);
}
