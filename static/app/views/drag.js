// Drags cards between cells, and projects among themselves, with a copy under the pointer and a line where the drop goes.

import { h } from '../dom.js';
import { act } from '../store.js';

/** @typedef {import('./grid.js').Grid} Grid */
/** @typedef {import('./board-actions.js').BoardActions} BoardActions */

/** Pixels that the mouse moves before a drag begins. */
const SLACK = 5;
/** Milliseconds that a finger rests before a drag begins; a finger that moves sooner scrolls. */
const HOLD = 250;
/** Pixels from an edge of the board where it begins to scroll, and the most pixels per frame. */
const EDGE = 56;
const SPEED = 18;

export class Drag {
  /** @param {Grid} grid @param {BoardActions} actions */
  constructor(grid, actions) {
    this.grid = grid;
    this.actions = actions;
    this.marker = h('div', { class: 'drop-marker', hidden: true });
    /** @type {HTMLElement|null} */
    this.source = null;
    this.isDragging = false;
    this.point = { x: 0, y: 0 };
    this.frame = 0;
    grid.node.addEventListener('pointerdown', (event) => this.press(event));
    // Once a drag has begun, the finger must not scroll.
    grid.node.addEventListener('touchmove', (event) => this.isDragging && event.cancelable && event.preventDefault(), { passive: false });
    grid.node.addEventListener('contextmenu', (event) => this.isTouch && this.source && event.preventDefault());
  }

  /** @param {PointerEvent} event */
  press(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.button !== 0 || this.source || target.closest('button, input, textarea')) return;
    const card = /** @type {HTMLElement|null} */ (target.closest('.card'));
    const head = /** @type {HTMLElement|null} */ (target.closest('.row-head'));
    this.source = card ?? /** @type {HTMLElement|null} */ (head?.closest('.row') ?? null);
    if (!this.source) return;
    this.isCard = Boolean(card);
    this.isTouch = event.pointerType !== 'mouse';
    this.pointer = event.pointerId;
    this.start = { x: event.clientX, y: event.clientY };
    this.point = { ...this.start };
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    addEventListener('pointermove', (next) => this.move(next), { signal });
    addEventListener('pointerup', (next) => next.pointerId === this.pointer && this.release(), { signal });
    addEventListener('pointercancel', (next) => next.pointerId === this.pointer && this.end(), { signal });
    addEventListener('keydown', (next) => this.onKey(next), { signal, capture: true });
    addEventListener('blur', () => this.end(), { signal });
    if (this.isTouch) this.timer = setTimeout(() => this.begin(), HOLD);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== 'Escape' || !this.isDragging) return;
    event.preventDefault();
    event.stopPropagation();
    this.end();
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (event.pointerId !== this.pointer || !this.start) return;
    this.point = { x: event.clientX, y: event.clientY };
    if (this.isDragging) return;
    const far = Math.hypot(this.point.x - this.start.x, this.point.y - this.start.y) > SLACK * (this.isTouch ? 2 : 1);
    if (!far) return;
    if (this.isTouch) this.end();
    else this.begin();
  }

  begin() {
    const { source } = this;
    if (!source || !this.start) return this.end();
    this.isDragging = true;
    const shape = this.isCard ? source : /** @type {HTMLElement} */ (source.querySelector('.row-head'));
    const box = shape.getBoundingClientRect();
    this.grip = { x: this.start.x - box.left, y: this.start.y - box.top };
    this.copy = /** @type {HTMLElement} */ (shape.cloneNode(true));
    this.copy.classList.add('drag-copy');
    this.copy.setAttribute('aria-hidden', 'true');
    this.copy.style.setProperty('width', `${box.width}px`);
    this.copy.style.setProperty('height', `${box.height}px`);
    const count = this.isCard ? this.actions.targets(source.dataset.id ?? '').length : 1;
    if (count > 1) this.copy.append(h('span', { class: 'drag-count' }, count));
    document.body.append(this.copy, this.marker);
    document.body.classList.add('dragging');
    source.classList.add('dragged');
    if (this.isCard) this.grid.hold(source.dataset.id ?? null);
    if (this.isTouch) navigator.vibrate?.(10);
    getSelection()?.removeAllRanges();
    this.frame = requestAnimationFrame(() => this.draw());
  }

  /** Once per frame: moves the copy, scrolls at the edges, and finds the place of the drop. */
  draw() {
    if (!this.isDragging || !this.copy || !this.grip) return;
    const { x, y } = this.point;
    this.copy.style.setProperty('transform', `translate(${x - this.grip.x}px, ${y - this.grip.y}px)`);
    this.scroll();
    if (this.isCard) this.aimCard();
    else this.aimRow();
    this.frame = requestAnimationFrame(() => this.draw());
  }

  scroll() {
    const box = this.grid.node.getBoundingClientRect();
    const pull = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high) => {
      if (at < low + EDGE) return -Math.min(1, (low + EDGE - at) / EDGE);
      return at > high - EDGE ? Math.min(1, (at - high + EDGE) / EDGE) : 0;
    };
    const by = { left: pull(this.point.x, box.left, box.right) * SPEED, top: pull(this.point.y, box.top, box.bottom) * SPEED };
    if (by.left || by.top) this.grid.node.scrollBy(by);
  }

  /** Finds the cell and the index under the pointer. */
  aimCard() {
    const { x, y } = this.point;
    const under = document.elementFromPoint(x, y);
    const row = under?.closest('.row');
    const list = under?.closest('.cell')?.querySelector('.cards') ?? this.nearestList(row, x);
    if (!(list instanceof HTMLElement)) {
      this.target = undefined;
      this.marker.hidden = true;
      return;
    }
    const cards = list.children;
    let [low, high] = [0, cards.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const box = cards[middle].getBoundingClientRect();
      if (box.top + box.height / 2 < y) low = middle + 1;
      else high = middle;
    }
    this.target = { cell: list.dataset.cell ?? '', index: low, list };
    const box = list.getBoundingClientRect();
    const edge = cards[low] ? cards[low].getBoundingClientRect().top - 3 : (cards[low - 1]?.getBoundingClientRect().bottom ?? box.top) + 3;
    this.mark(box.left, edge, box.width);
  }

  /** The list of a row in the column at this place. @param {Element|null|undefined} row @param {number} x */
  nearestList(row, x) {
    for (const list of row?.querySelectorAll('.cards') ?? []) {
      const box = list.getBoundingClientRect();
      if (x >= box.left && x <= box.right) return list;
    }
    return null;
  }

  aimRow() {
    const rows = [...this.grid.rows.children].filter((row) => row !== this.source);
    const at = rows.findIndex((row) => {
      const box = row.getBoundingClientRect();
      return this.point.y < box.top + box.height / 2;
    });
    this.target = { index: at < 0 ? rows.length : at, rows };
    const box = this.grid.rows.getBoundingClientRect();
    const edge = at < 0 ? rows.at(-1)?.getBoundingClientRect().bottom ?? box.top : rows[at].getBoundingClientRect().top;
    this.mark(Math.max(box.left, this.grid.node.getBoundingClientRect().left + 8), edge - 6, Math.min(box.width, this.grid.node.clientWidth - 16));
  }

  /** @param {number} left @param {number} top @param {number} width */
  mark(left, top, width) {
    this.marker.hidden = false;
    this.marker.style.setProperty('width', `${width}px`);
    this.marker.style.setProperty('transform', `translate(${left}px, ${top - 1.5}px)`);
  }

  release() {
    const { target, source, isDragging, isCard } = this;
    if (!isDragging || !source) return this.end();
    // The click that follows must not open the card.
    addEventListener('click', (event) => {
      event.preventDefault();
      event.stopPropagation();
    }, { capture: true, once: true, signal: AbortSignal.timeout(50) });
    this.end();
    if (!target) return;
    if (isCard) this.drop(source.dataset.id ?? '', target);
    else this.dropRow(source, target);
  }

  /** @param {string} id @param {any} target */
  drop(id, { cell, index, list }) {
    const ids = this.actions.targets(id);
    if (ids.length > 1) return this.actions.moveMany(ids, cell, index);
    const before = [...list.children].slice(0, index).some((node) => node.dataset.id === id);
    this.actions.moveTo(id, cell, before ? index - 1 : index);
    this.grid.focus(id);
  }

  /** @param {HTMLElement} source @param {any} target */
  dropRow(source, { index, rows }) {
    const id = source.dataset.project ?? '';
    const after = rows[index - 1]?.dataset.project ?? null;
    const before = rows[index]?.dataset.project ?? null;
    if (source.previousElementSibling === (rows[index - 1] ?? null)) return;
    act('reorder', { kind: 'projects', id, after, before });
  }

  end() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.listeners?.abort();
    this.source?.classList.remove('dragged');
    document.body.classList.remove('dragging');
    this.copy?.remove();
    this.marker.remove();
    this.marker.hidden = true;
    this.copy = undefined;
    this.target = undefined;
    this.source = null;
    this.isDragging = false;
    this.grid.hold(null);
  }
}
