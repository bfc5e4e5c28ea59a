// `/app/cards`: the digital cards of the workspace.

import { ApiError, get } from '../api.js';
import { ago } from '../dates.js';
import { arrange, fill, h, icon, style } from '../dom.js';
import { plain } from '../filter.js';
import { setQuery } from '../router.js';
import { canWrite } from '../store.js';
import { counted } from '../text.js';
import { coverPath } from './card-parts.js';
import { part } from './part.js';
import { badge, select } from './settings/section.js';

/** @typedef {{ id: string, title: string, cover_url: string|null, accent_color: string, created_at: string, updated_at: string }} ListedCard */
/** @typedef {{ recipients: number, queued: number, sent: number, failed: number, opened: number, viewed: number, unsubscribed: number }} Totals */

/** The totals of so many cards are read at once. */
const AT_ONCE = 4;
/** @type {[string, string][]} */
const STATES = [['', 'All cards'], ['none', 'Not sent yet'], ['sent', 'Sent'], ['failed', 'With failed mails']];

class CardsView {
  /** @param {URLSearchParams} query */
  constructor(query) {
    this.title = 'Cards';
    this.list = h('ul', { class: 'tiles card-tiles' });
    this.status = h('p', { class: 'quiet', role: 'status' });
    /** @type {ListedCard[]} */
    this.cards = [];
    /** @type {Map<string, Totals>} */
    this.totals = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.tiles = new Map();
    this.closed = false;
    this.text = h('input', { type: 'search', class: 'filter-text wide', placeholder: 'Search cards', 'aria-label': 'Search cards', value: query.get('q') ?? '', dir: 'auto', oninput: () => this.choose() });
    this.state = select('state', STATES, query.get('state') ?? '', { 'aria-label': 'State', onchange: () => this.choose() });
    this.part = part({
      nouns: ['card', 'recipient'],
      load: async (signal) => (await get('/v1/cards', signal)).cards,
      show: (cards) => {
        this.cards = [...cards].reverse();
        this.show();
        this.readTotals();
        return [this.status, this.list];
      },
    });
    const add = canWrite() && h('a', { class: 'button', href: '/app/cards/new' }, 'New card');
    this.node = h('div', { class: 'page' }, h('div', { class: 'page-head' }, h('h1', {}, 'Cards'), add), h('div', { class: 'tools', role: 'search', 'aria-label': 'Filter cards' }, this.text, this.state), this.part.node);
  }

  choose() {
    const query = new URLSearchParams();
    if (this.text.value.trim()) query.set('q', this.text.value.trim());
    if (this.state.value) query.set('state', this.state.value);
    setQuery(query);
    this.show();
  }

  /** @param {ListedCard} card */
  matches(card) {
    const totals = this.totals.get(card.id);
    const words = plain(this.text.value).split(/\s+/).filter(Boolean);
    if (!words.every((word) => plain(card.title).includes(word))) return false;
    if (!this.state.value) return true;
    if (!totals) return false;
    const sent = totals.queued + totals.sent + totals.failed;
    return { none: sent === 0, sent: sent > 0, failed: totals.failed > 0 }[this.state.value] ?? true;
  }

  show() {
    const shown = this.cards.filter((card) => this.matches(card));
    const isFiltered = this.text.value.trim() !== '' || this.state.value !== '';
    arrange(this.list, shown.map((card) => this.tile(card)));
    this.list.hidden = shown.length === 0;
    this.status.classList.toggle('hidden', shown.length > 0);
    if (shown.length > 0) this.status.textContent = isFiltered ? counted(shown.length, 'card') : '';
    else if (isFiltered) this.status.textContent = 'No card matches the filter.';
    else fill(this.status, empty());
  }

  /** Reads how the cards stand, a few at a time. */
  async readTotals() {
    const wanted = [...this.cards];
    const next = async () => {
      for (let card = wanted.shift(); card && !this.closed; card = wanted.shift()) {
        try {
          this.totals.set(card.id, (await get(`/v1/cards/${card.id}/recipients?limit=1`)).totals);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          return;
        }
        if (this.state.value) this.show();
        else if (this.tiles.has(card.id)) this.tile(card);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  /** @param {ListedCard} card */
  tile(card) {
    const tile = this.tiles.get(card.id) ?? h('li', { class: 'tile card-tile' }, h('a', { href: `/app/cards/${card.id}` }, h('span', { class: 'thumb' }), h('strong', { dir: 'auto' }), h('span', { class: 'tile-state' })));
    this.tiles.set(card.id, tile);
    tile.style.setProperty('--own', card.accent_color);
    const [thumb, title, state] = /** @type {HTMLElement[]} */ ([...(tile.firstElementChild?.children ?? [])]);
    const path = coverPath(card.cover_url) ?? '';
    if (thumb.dataset.path !== path) {
      thumb.dataset.path = path;
      fill(thumb, path ? h('img', { src: path, alt: '', loading: 'lazy', onerror: () => fill(thumb) }) : null);
    }
    if (title.textContent !== card.title) title.textContent = card.title;
    fill(state, ...stateText(this.totals.get(card.id), card));
    return tile;
  }

  close() {
    this.closed = true;
    this.part.close();
  }
}

/** @param {Totals|undefined} totals @param {ListedCard} card @returns {(Node|string|null|false)[]} */
function stateText(totals, card) {
  if (!totals) return [h('small', {}, `Changed ${ago(card.updated_at, Date.now())}`)];
  const sent = totals.queued + totals.sent + totals.failed;
  if (sent === 0) return [badge('Not sent'), h('small', {}, `Changed ${ago(card.updated_at, Date.now())}`)];
  return [totals.queued > 0 ? badge(`${totals.queued} waiting`, 'warn') : null, h('small', {}, `Sent to ${totals.sent} · opened by ${totals.opened}`), totals.failed > 0 ? badge(`${totals.failed} failed`, 'bad') : null];
}

function empty() {
  return h('span', { class: 'blank small' }, icon('mail'), h('strong', {}, 'No cards yet'), h('span', {}, 'A card is a personal page and mail for each recipient: an invitation, a greeting, a thank-you. Names and other values are filled in for each of them.'), canWrite() && h('a', { class: 'button', href: '/app/cards/new' }, 'New card'));
}

/** @param {Record<string, string>} _params @param {URLSearchParams} query */
export async function open(_params, query) {
  await style('views/pages.css');
  return new CardsView(query);
}
