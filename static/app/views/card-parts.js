// What the pages of a card have in common: the head with its tabs, and the preview.

import { send } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { filled, pieces } from '../merge-tags.js';
import { canWrite } from '../store.js';

/**
 * @typedef {object} Card
 * @property {string} id
 * @property {string} title
 * @property {string} message
 * @property {string|null} cover_url
 * @property {string} accent_color
 * @property {string|null} subject
 * @property {string|null} sender_name
 * @property {string[]} merge_tags
 * @property {string} updated_at
 */

/** Milliseconds without typing before the message is rendered. */
const PAUSE = 200;

/** @param {{ id: string, title: string }|null} card Null for a new one. @param {'edit'|'send'|'recipients'} active @param {...(Node|false|null)} actions */
export function cardHead(card, active, ...actions) {
  const tab = (/** @type {string} */ name, /** @type {string} */ path, /** @type {string} */ text) => h('a', { href: `/app/cards/${card?.id}${path}`, 'aria-current': name === active ? 'page' : null }, text);
  const tabs = card && h('nav', { class: 'tabs', 'aria-label': 'Card' }, tab('edit', '', canWrite() ? 'Edit' : 'Card'), canWrite() && tab('send', '/send', 'Send'), tab('recipients', '/recipients', 'Recipients'));
  return h('div', { class: 'card-top' },
    h('p', {}, h('a', { class: 'back', href: '/app/cards' }, icon('arrow-left'), 'Cards')),
    h('div', { class: 'page-head' }, h('h1', { dir: 'auto' }, card?.title ?? 'New card'), ...actions), tabs);
}

/** The path of an uploaded cover; null for one of another host, which this page may not load. @param {string|null} url */
export function coverPath(url) {
  return /\/covers\/[0-9a-f-]{36}$/i.exec(url ?? '')?.[0] ?? null;
}

/** @param {string|null} url */
export function coverHost(url) {
  try {
    return new URL(url ?? '').host;
  } catch {
    return '';
  }
}

/** How a card looks to a recipient. */
export class CardPreview {
  constructor() {
    this.cover = h('div', { class: 'sheet-cover' });
    this.heading = h('h2', { class: 'sheet-title', dir: 'auto' });
    this.message = h('div', { class: 'sheet-message markdown' });
    this.sender = h('p', { class: 'sheet-sender', dir: 'auto' });
    this.sheet = h('article', { class: 'sheet', tabindex: '0', 'aria-label': 'How the card looks' }, this.cover, h('div', { class: 'sheet-text' }, this.heading, this.message, this.sender));
    this.subject = h('p', { class: 'sheet-subject', dir: 'auto' });
    this.node = h('div', { class: 'preview-side' }, this.subject, this.sheet);
    this.timer = 0;
    this.turn = 0;
    this.html = '';
    /** @type {string|null} */
    this.markdown = null;
    /** @type {Record<string, string>} */
    this.values = {};
  }

  /** @param {{ title: string, message: string, cover_url: string|null, accent_color: string, subject: string|null, sender_name: string|null }} card @param {Record<string, string>} values By merge tag. */
  show(card, values) {
    this.values = values;
    this.sheet.style.setProperty('--own', /^#[0-9a-f]{6}$/i.test(card.accent_color) ? card.accent_color : '#3b82f6');
    this.showCover(card.cover_url);
    fill(this.heading, ...this.marked(card.title || 'Without a title'));
    this.sender.hidden = !card.sender_name;
    this.sender.textContent = card.sender_name;
    fill(this.subject, h('span', { class: 'quiet' }, 'Subject: '), filled(card.subject || card.title, values));
    if (card.message === this.markdown) this.showMessage();
    else this.render(card.message);
  }

  /** @param {string|null} url */
  showCover(url) {
    if (this.cover.dataset.url === (url ?? '')) return;
    this.cover.dataset.url = url ?? '';
    const path = coverPath(url);
    this.cover.classList.toggle('band', !url);
    if (path) {
      fill(this.cover, h('img', { src: path, alt: '', onerror: () => fill(this.cover, h('p', {}, 'The cover cannot be loaded.')) }));
    } else fill(this.cover, url ? h('p', {}, icon('external-link'), `Picture from ${coverHost(url) || 'another site'}. It is shown to recipients, not here.`) : null);
  }

  /** A text whose merge tags are marked. @param {string} text @returns {(Node|string)[]} */
  marked(text) {
    return pieces(text).map(({ text: plain, tag }) => (tag === undefined ? plain ?? '' : h('mark', { class: 'tag', title: `{{${tag}}}` }, this.values[tag] || `{{${tag}}}`)));
  }

  /** @param {string} markdown */
  render(markdown) {
    this.markdown = markdown;
    clearTimeout(this.timer);
    this.turn += 1;
    const mine = this.turn;
    this.timer = setTimeout(async () => {
      try {
        const html = markdown.trim() ? (await send('POST', '/v1/preview', { body: { markdown } })).body.html : '';
        if (mine !== this.turn) return;
        this.html = html;
        this.showMessage();
      } catch {
        if (mine !== this.turn) return;
        // It is rendered with the next change. Until then the text is shown as it was written.
        this.markdown = null;
        fill(this.message, h('p', { class: 'plain', dir: 'auto' }, markdown));
      }
    }, this.html === '' ? 0 : PAUSE);
  }

  showMessage() {
    // Rendered by the server, which lets nothing through but the elements of Markdown.
    this.message.innerHTML = this.html;
    for (const block of this.message.children) block.setAttribute('dir', 'auto');
    for (const link of this.message.querySelectorAll('a')) link.setAttribute('target', '_blank');
    const walker = document.createTreeWalker(this.message, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(/** @type {Text} */ (walker.currentNode));
    for (const text of texts) if (text.data.includes('{{')) text.replaceWith(...this.marked(text.data));
  }
}
