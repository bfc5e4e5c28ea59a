// The checked lines of a list of recipients: first what has to be corrected.

import { fill, h } from '../dom.js';
import { counted } from '../text.js';
import { badge } from './settings/section.js';

/** @typedef {import('../recipients.js').Line} Line */

/** More rows than these are counted, not shown. */
const SHOWN = 200;

export class RecipientTable {
  /** @param {(index: number) => void} onPick Called with the index of a line that is chosen for the preview. */
  constructor(onPick) {
    this.onPick = onPick;
    this.node = h('div', { class: 'recipient-lines' });
  }

  /** @param {Line[]} lines @param {boolean} allowsGaps @param {number} at The line of the preview. */
  show(lines, allowsGaps, at) {
    const isBad = (/** @type {Line} */ line) => line.problems.length > 0 || (!allowsGaps && line.gaps.length > 0);
    const order = lines.map((line, index) => ({ line, index })).sort((a, b) => Number(isBad(b.line)) - Number(isBad(a.line)) || a.index - b.index);
    const rows = order.slice(0, SHOWN).map(({ line, index }) => this.row(line, index, isBad(line), index === at));
    this.node.hidden = lines.length === 0;
    const focused = document.activeElement?.getAttribute('data-line');
    fill(this.node, h('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'The checked list' }, h('table', { class: 'table' }, h('thead', {}, h('tr', {}, ...['Line', 'Name', 'Email', 'Check'].map((text) => h('th', { scope: 'col' }, text)))), h('tbody', {}, ...rows))),
      lines.length > SHOWN ? h('p', { class: 'quiet' }, `And ${counted(lines.length - SHOWN, 'more line')}.`) : null);
    if (focused) /** @type {HTMLElement|null} */ (this.node.querySelector(`[data-line="${focused}"]`))?.focus({ preventScroll: true });
  }

  /** @param {Line} line @param {number} index @param {boolean} isBad @param {boolean} isShown */
  row(line, index, isBad, isShown) {
    const { values, problems, gaps, notes } = line;
    const missing = gaps.length > 0 ? `No value for ${gaps.join(', ')}` : '';
    const said = [...problems, missing, ...notes].filter(Boolean).join('. ');
    const state = isBad ? badge(said, 'bad') : said ? badge(said, 'warn') : badge('Ready', 'good');
    const pick = h('button', { type: 'button', class: 'link button', 'data-line': index, 'aria-pressed': String(isShown), title: 'Show the card of this recipient', onclick: () => this.pick(index) }, h('bdi', {}, values.name || '—'));
    return h('tr', { class: isBad ? 'bad' : '' }, h('td', {}, line.line), h('td', {}, pick), h('td', { dir: 'auto' }, values.email || '—'), h('td', {}, state));
  }

  /** @param {number} index */
  pick(index) {
    for (const node of this.node.querySelectorAll('[data-line]')) node.setAttribute('aria-pressed', String(node.getAttribute('data-line') === String(index)));
    this.onPick(index);
  }
}
