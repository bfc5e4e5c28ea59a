// `/app/cards/:card/recipients`: who was sent a card, and what became of it.

import { get } from '../api.js';
import { ago, timeText } from '../dates.js';
import { button, fill, h, style } from '../dom.js';
import { plain } from '../filter.js';
import { canWrite } from '../store.js';
import { counted } from '../text.js';
import { cardHead } from './card-parts.js';
import { part } from './part.js';
import { badge, select } from './settings/section.js';

/**
 * @typedef {object} Recipient
 * @property {string} id
 * @property {string} email
 * @property {string} name
 * @property {'link'|'queued'|'sent'|'failed'} status
 * @property {string|null} reply
 * @property {string|null} sent_at
 * @property {number} opens
 * @property {string|null} opened_at
 * @property {number} views
 * @property {string|null} viewed_at
 * @property {string|null} unsubscribed_at
 * @property {string} created_at
 */

/** @type {Record<string, [string, ''|'good'|'bad'|'warn']>} */
const STATES = { link: ['Only a link', ''], queued: ['Waiting', 'warn'], sent: ['Sent', 'good'], failed: ['Failed', 'bad'] };
/** @type {[string, string][]} */
const FILTERS = [['', 'All'], ['sent', 'Sent'], ['queued', 'Waiting'], ['failed', 'Failed'], ['opened', 'Opened'], ['unopened', 'Not opened'], ['unsubscribed', 'Unsubscribed']];
/** More rows than these are shown on request. */
const PAGE = 100;
const MOST = 20_000;

class RecipientsView {
  /** @param {import('./card-parts.js').Card} card */
  constructor(card) {
    this.title = `Recipients of ${card.title}`;
    this.card = card;
    /** @type {Recipient[]} */
    this.recipients = [];
    this.count = PAGE;
    this.body = h('tbody', {});
    this.foot = h('div', {});
    this.text = h('input', { type: 'search', class: 'filter-text wide', placeholder: 'Search name or address', 'aria-label': 'Search name or address', dir: 'auto', oninput: () => this.choose() });
    this.filter = select('state', FILTERS, '', { 'aria-label': 'State', onchange: () => this.choose() });
    this.part = part({
      nouns: ['card', 'recipient'],
      concerns: ({ type, data }) => type !== 'card.updated' && (data?.card_id ?? data?.id) === card.id,
      load: (signal) => all(card.id, signal),
      show: ({ recipients, totals }) => this.content(recipients, totals),
    });
    this.node = h('div', { class: 'page' }, cardHead(card, 'recipients'), this.part.node);
  }

  /** @param {Recipient[]} recipients @param {any} totals */
  content(recipients, totals) {
    this.recipients = [...recipients].reverse();
    if (recipients.length === 0) {
      return [h('div', { class: 'blank small' }, h('h2', {}, 'Nobody was sent this card yet'), h('p', {}, 'Here you see for each recipient whether the mail was delivered, opened and viewed.'), canWrite() && h('a', { class: 'button', href: `/app/cards/${this.card.id}/send` }, 'Send it'))];
    }
    this.show();
    const share = (/** @type {number} */ count) => (totals.sent > 0 ? `${Math.round((count / totals.sent) * 100)} %` : '');
    const figure = (/** @type {string} */ name, /** @type {number} */ value, /** @type {string} */ more = '') => h('div', { class: 'figure' }, h('dt', {}, name), h('dd', {}, h('strong', {}, value.toLocaleString('en')), more && h('small', {}, more)));
    const heads = ['Recipient', 'Mail', 'Opened', 'Viewed'].map((text) => h('th', { scope: 'col' }, text));
    return [
      h('dl', { class: 'figures' }, figure('Recipients', totals.recipients), figure('Sent', totals.sent), figure('Opened', totals.opened, share(totals.opened)), figure('Viewed', totals.viewed, share(totals.viewed)), figure('Failed', totals.failed), figure('Unsubscribed', totals.unsubscribed)),
      h('p', { class: 'quiet' }, 'Opens are estimates: some mail programs never load the picture that counts them, and some load every picture in advance.'),
      h('div', { class: 'tools', role: 'search', 'aria-label': 'Filter recipients' }, this.text, this.filter),
      h('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Recipients' }, h('table', { class: 'table' }, h('thead', {}, h('tr', {}, ...heads)), this.body)),
      this.foot,
    ];
  }

  choose() {
    this.count = PAGE;
    this.show();
  }

  /** @param {Recipient} recipient */
  matches(recipient) {
    const words = plain(this.text.value).split(/\s+/).filter(Boolean);
    const text = plain(`${recipient.name} ${recipient.email}`);
    if (!words.every((word) => text.includes(word))) return false;
    const wanted = this.filter.value;
    if (wanted === 'opened') return recipient.opened_at !== null;
    if (wanted === 'unopened') return recipient.status === 'sent' && recipient.opened_at === null;
    if (wanted === 'unsubscribed') return recipient.unsubscribed_at !== null;
    return !wanted || recipient.status === wanted;
  }

  show() {
    const shown = this.recipients.filter((one) => this.matches(one));
    fill(this.body, ...shown.slice(0, this.count).map(row));
    const rest = shown.length - this.count;
    fill(this.foot, shown.length === 0 ? h('p', { class: 'quiet', role: 'status' }, 'No recipient matches.') : null, rest > 0 ? button(`Show ${counted(Math.min(rest, PAGE), 'more', 'more')}`, () => {
      this.count += PAGE;
      this.show();
    }, { class: 'button quiet' }) : null);
  }

  close() {
    this.part.close();
  }
}

/** @param {Recipient} recipient */
function row({ email, name, status, reply, sent_at, opens, opened_at, views, viewed_at, unsubscribed_at }) {
  const [text, kind] = STATES[status] ?? [status, ''];
  const when = (/** @type {string|null} */ time, /** @type {number} */ count) => (time ? [h('time', { datetime: time, title: timeText(time) }, ago(time, Date.now())), count > 1 && h('small', {}, ` ${count} times`)] : [h('span', { class: 'quiet' }, '—')]);
  return h('tr', {}, h('td', {}, h('div', { class: 'who' }, h('strong', { dir: 'auto' }, name), h('small', { dir: 'auto' }, email))),
    h('td', {}, badge(text, kind), unsubscribed_at && badge('Unsubscribed', 'warn'), sent_at && h('small', {}, ` ${ago(sent_at, Date.now())}`), status !== 'sent' && reply && h('small', { class: 'reply', dir: 'auto' }, reply)),
    h('td', {}, ...when(opened_at, opens)), h('td', {}, ...when(viewed_at, views)));
}

/** All recipients of a card. @param {string} id @param {AbortSignal} signal */
async function all(id, signal) {
  const recipients = [];
  let cursor = '';
  let totals;
  do {
    const page = await get(`/v1/cards/${id}/recipients?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, signal);
    recipients.push(...page.recipients);
    totals ??= page.totals;
    cursor = page.next_cursor ?? '';
  } while (cursor && recipients.length < MOST);
  return { recipients, totals };
}

/** @param {Record<string, string>} params */
export async function open({ card: id }) {
  await style('views/pages.css');
  const { card } = await get(`/v1/cards/${id}`);
  return new RecipientsView(card);
}
