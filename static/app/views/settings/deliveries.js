// The log of a webhook's deliveries.

import { ApiError, get, send } from '../../api.js';
import { ago, timeText } from '../../dates.js';
import { newKey } from '../../db.js';
import { button, fill, h, icon, iconButton } from '../../dom.js';
import { keepingFocus, part } from '../part.js';
import { attempt, badge, select } from './section.js';

/**
 * @typedef {object} Delivery
 * @property {string} id
 * @property {string} event_id
 * @property {string} event
 * @property {'pending'|'delivered'|'failed'|'skipped'} status
 * @property {number} attempts
 * @property {string|null} next_attempt_at
 * @property {number|null} response_status
 * @property {number|null} duration_ms
 * @property {string|null} error
 * @property {string|null} response_excerpt
 * @property {string} created_at
 * @property {string|null} delivered_at
 */

/** Names and kinds of the states. @type {Record<string, [string, ''|'good'|'bad'|'warn']>} */
const STATES = { pending: ['Waiting', 'warn'], delivered: ['Delivered', 'good'], failed: ['Failed', 'bad'], skipped: ['Skipped', ''] };
const PAGE = 50;
/** Milliseconds between two looks at deliveries that wait. */
const AGAIN = 4000;

export class DeliveryLog {
  /** @param {string} webhook */
  constructor(webhook) {
    this.path = `/v1/webhooks/${webhook}/deliveries`;
    this.status = '';
    /** @type {Delivery[]} */
    this.more = [];
    /** @type {string|null} */
    this.cursor = null;
    /** @type {Set<string>} */
    this.opened = new Set();
    /** The first page. @type {Delivery[]} */
    this.first = [];
    this.timer = 0;
    this.list = h('ul', { class: 'box', 'aria-label': 'Deliveries' });
    this.foot = h('div', {});
    this.part = part({
      load: (signal) => get(this.query(), signal),
      show: ({ deliveries, next_cursor }) => {
        this.first = deliveries;
        this.more = [];
        this.cursor = next_cursor;
        this.watch();
        this.show();
        return [this.list, this.foot];
      },
    });
    const filter = select('status', [['', 'All'], ...Object.entries(STATES).map(([value, [text]]) => /** @type {[string, string]} */ ([value, text]))], '', { 'aria-label': 'Show deliveries' });
    filter.addEventListener('change', () => {
      this.status = filter.value;
      this.reload();
    });
    const renew = iconButton('refresh-cw', 'Load the log again', () => this.reload());
    this.node = h('div', {}, h('div', { class: 'section-head' }, h('h3', {}, 'Deliveries'), h('div', { class: 'box-actions' }, filter, renew)), this.part.node);
  }

  /** @param {string|null} [cursor] */
  query(cursor) {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (this.status) query.set('status', this.status);
    if (cursor) query.set('cursor', cursor);
    return `${this.path}?${query}`;
  }

  reload() {
    clearTimeout(this.timer);
    return this.part.reload();
  }

  /** Looks again while something waits, and the reader has not gone on to older deliveries. */
  watch() {
    clearTimeout(this.timer);
    if (this.first.some(({ status }) => status === 'pending')) this.timer = setTimeout(() => (document.hidden || this.more.length > 0 ? this.watch() : this.reload()), AGAIN);
  }

  show() {
    const deliveries = [...this.first, ...this.more];
    keepingFocus(this.list, () => fill(this.list, ...deliveries.map((one) => this.row(one))));
    if (deliveries.length === 0) fill(this.list, h('li', { class: 'box-row quiet' }, this.status ? 'No deliveries with this state.' : 'Nothing was delivered yet. Send a test, or change something on a board.'));
    fill(this.foot, this.cursor ? button('Show older deliveries', () => this.next(), { class: 'button quiet' }) : null);
  }

  async next() {
    try {
      const { deliveries, next_cursor } = await get(this.query(this.cursor));
      this.more.push(...deliveries);
      this.cursor = next_cursor;
      this.show();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.foot, h('p', { class: 'problem', role: 'alert' }, `${error.message}.`), button('Try again', () => this.next(), { class: 'button quiet' }));
    }
  }

  /** @param {Delivery} delivery */
  row(delivery) {
    const { id, event, status, created_at, response_status, error } = delivery;
    const [text, kind] = STATES[status];
    const summary = h('summary', { class: 'box-row', 'data-focus': `delivery-${id}` }, badge(text, kind), h('code', { class: 'grow' }, event),
      h('small', { class: 'quiet cut' }, response_status ? `Status ${response_status}` : error ?? ''), h('time', { datetime: created_at, class: 'quiet', title: timeText(created_at) }, ago(created_at, Date.now())), icon('chevron-down'));
    const again = button('Deliver again', () => this.redeliver(delivery), { class: 'button quiet small', 'data-focus': `again-${id}`, disabled: status === 'pending' });
    const node = h('details', { open: this.opened.has(id) }, summary, deliveryDetails(delivery), h('div', { class: 'detail-foot' }, again));
    node.addEventListener('toggle', () => (node.open ? this.opened.add(id) : this.opened.delete(id)));
    return h('li', {}, node);
  }

  /** @param {Delivery} delivery */
  async redeliver({ id }) {
    if (await attempt(() => send('POST', `${this.path}/${id}/redeliver`, { key: newKey() }), 'It is delivered again.')) this.reload();
  }

  close() {
    clearTimeout(this.timer);
    this.part.close();
  }
}

/** What is known about a delivery. @param {Delivery} delivery */
export function deliveryDetails(delivery) {
  const { event, event_id, status, attempts, next_attempt_at, response_status, duration_ms, error, response_excerpt, created_at, delivered_at } = delivery;
  /** @type {[string, string|null|undefined][]} */
  const facts = [
    ['Event', event], ['Event id', event_id], ['State', STATES[status]?.[0]], ['Attempts', String(attempts)], ['Next attempt', next_attempt_at && timeText(next_attempt_at)],
    ['Response', response_status === null ? null : `Status ${response_status}`], ['Duration', duration_ms === null ? null : `${duration_ms} ms`], ['Problem', error],
    ['Created', timeText(created_at)], ['Delivered', delivered_at && timeText(delivered_at)],
  ];
  return h('div', { class: 'details' }, h('dl', { class: 'facts' }, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [h('dt', {}, name), h('dd', { dir: 'auto' }, value)])),
    response_excerpt && h('pre', { class: 'excerpt', tabindex: '0', 'aria-label': 'Beginning of the response' }, response_excerpt));
}
