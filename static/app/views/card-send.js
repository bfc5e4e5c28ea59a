// `/app/cards/:card/send`: sends a card to a pasted list or a CSV file. Every line is checked before anything is sent.

import { ApiError, get, send } from '../api.js';
import { newKey } from '../db.js';
import { announce, button, fill, h, icon, style } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';
import { exampleValues } from '../merge-tags.js';
import { bodyOf, checkRecipients, errorsOf, sendable } from '../recipients.js';
import { canWrite, state } from '../store.js';
import { counted } from '../text.js';
import { CardPreview, cardHead } from './card-parts.js';
import { dialog } from './dialog.js';
import { RecipientTable } from './recipient-table.js';
import { select } from './settings/section.js';

/** @typedef {import('./card-parts.js').Card} Card */
/** @typedef {import('../recipients.js').Line} Line */

/** The most recipients of a request. */
const CHUNK = 500;
/** Milliseconds without typing before a list is checked. */
const PAUSE = 150;
/** The largest file, in bytes. */
const LARGEST = 5 * 1024 * 1024;

class SendView {
  /** @param {Card} card @param {any} known What is known: recipients by address, senders, and the quota. */
  constructor(card, known) {
    this.card = card;
    this.known = known;
    this.title = `Send ${card.title}`;
    this.tags = card.merge_tags;
    this.draftName = `draft:send:${card.id}`;
    this.at = 0;
    /** @type {Line[]} */
    this.lines = [];
    /** Refusals of the server by address. @type {Map<string, string>} */
    this.refused = new Map();
    /** @type {{ names: string, key: string }} One key for each list that is sent: sending the same again sends nothing twice. */
    this.batch = { names: '', key: newKey() };
    const columns = ['name', 'email', ...this.tags.filter((tag) => tag !== 'name' && tag !== 'email')];
    this.text = h('textarea', { id: 'list', name: 'list', class: 'write list-field', rows: 8, spellcheck: 'false', dir: 'auto', placeholder: `${columns.join(', ')}\n${columns.map((name) => exampleValues([name])[name]).join(', ')}` });
    this.text.value = draftOf(this.draftName, '');
    this.text.addEventListener('input', () => this.soon());
    this.file = h('input', { type: 'file', class: 'hidden', accept: '.csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values', 'aria-label': 'Choose a CSV file' });
    this.file.addEventListener('change', () => this.read(this.file.files?.[0]));
    this.problem = h('p', { class: 'problem', role: 'alert' });
    this.table = new RecipientTable((index) => this.preview(index));
    this.gaps = h('input', { type: 'checkbox', onchange: () => this.show() });
    this.gapsBox = h('label', { class: 'check' }, this.gaps, h('span', {}, 'Leave values that are missing empty'));
    this.account = select('account', [['', 'The address of the server'], ...known.senders], '', { class: '', id: 'sender-account' });
    this.button = button('Send', () => this.send());
    this.summary = h('p', { role: 'status' });
    this.quota = h('p', { class: 'quiet' });
    this.cardPreview = new CardPreview();
    this.previewOf = h('div', { class: 'preview-of' });
    this.node = h('div', { class: 'page editor-page' }, cardHead(card, 'send'), h('div', { class: 'editor' }, this.form(columns), h('div', { class: 'editor-preview' }, this.previewOf, this.cardPreview.node)));
    this.check();
  }

  /** @param {string[]} columns */
  form(columns) {
    const help = h('details', { class: 'about' }, h('summary', {}, 'How a list looks'), h('p', {}, 'A first line with the names of the columns, then a line for each recipient, separated by commas, semicolons or tabs:'), h('pre', { class: 'excerpt', tabindex: '0' }, `${columns.join(',')}\n${columns.map((name) => exampleValues([name])[name]).join(',')}`), h('p', {}, 'Or only addresses: ', h('code', {}, 'Ada Lovelace <ada@example.org>')));
    const drop = h('div', { class: 'field drop' }, h('div', { class: 'label-line' }, h('label', { for: 'list' }, 'Recipients'), button('Choose a CSV file', () => this.file.click(), { class: 'button quiet small' })), this.file, this.text, h('small', {}, 'Paste a list, or drop a CSV file here.'));
    drop.addEventListener('dragover', (event) => event.preventDefault());
    drop.addEventListener('drop', (event) => {
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      this.read(file);
    });
    return h('div', { class: 'editor-form' }, drop, help, this.problem, this.summary, this.gapsBox, this.table.node, h('div', { class: 'field' }, h('label', { for: 'sender-account' }, 'Send from'), this.account), this.quota, h('div', { class: 'send-foot' }, this.button));
  }

  /** @param {File|undefined} file */
  async read(file) {
    this.file.value = '';
    if (!file) return;
    if (file.size > LARGEST) {
      this.problem.textContent = 'The file is larger than 5 MB. Send it in parts.';
      return;
    }
    this.text.value = await textOf(file);
    this.check();
    announce(this.summary.textContent ?? '');
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), PAUSE);
  }

  check() {
    const { lines, unused, problem } = checkRecipients(this.text.value, this.tags, this.known.recipients);
    keepDraft(this.draftName, this.text.value.length < 200_000 && this.text.value.trim() ? this.text.value : undefined);
    for (const line of lines) {
      const refusal = this.refused.get(line.values.email.toLowerCase());
      if (refusal) line.problems.push(refusal);
    }
    this.lines = lines;
    this.problem.textContent = problem || (unused.length > 0 ? `The card does not use ${unused.length === 1 ? 'the column' : 'the columns'} ${unused.join(', ')}.` : '');
    this.problem.classList.toggle('warn-text', !problem);
    this.at = Math.min(this.at, Math.max(0, lines.length - 1));
    this.show();
  }

  show() {
    const { lines } = this;
    const ready = sendable(lines, this.gaps.checked);
    const bad = lines.length - ready.length;
    this.gapsBox.hidden = !lines.some(({ gaps }) => gaps.length > 0);
    this.table.show(lines, this.gaps.checked, this.at);
    this.summary.textContent = lines.length === 0 ? '' : `${counted(ready.length, 'recipient')} ready.${bad > 0 ? ` ${counted(bad, 'line')} cannot be sent: correct or remove ${bad === 1 ? 'it' : 'them'}, or send the others.` : ''}`;
    const { left } = this.known;
    const isTooMany = left !== null && ready.length > left;
    this.quota.hidden = left === null;
    this.quota.classList.toggle('problem', isTooMany);
    this.quota.textContent = left === null ? '' : `${left.toLocaleString('en')} of the cards of this month are left.`;
    this.button.disabled = ready.length === 0 || Boolean(this.isSending) || isTooMany;
    this.button.textContent = this.isSending ? 'Sending …' : ready.length === 0 ? 'Send' : `Send to ${counted(ready.length, 'person', 'people')}`;
    this.preview(this.at);
  }

  /** Shows how the card looks to a recipient. @param {number} index */
  preview(index) {
    const line = this.lines[index];
    this.at = line ? index : 0;
    fill(this.previewOf, line ? h('p', {}, h('span', { class: 'quiet' }, 'For '), h('bdi', {}, line.values.name || line.values.email || `line ${line.line}`)) : h('p', { class: 'quiet' }, 'With example values'));
    this.cardPreview.show(this.card, line ? Object.fromEntries(this.tags.map((tag) => [tag, line.values[tag] || '\u200b'])) : exampleValues(this.tags));
  }

  async send() {
    const ready = sendable(this.lines, this.gaps.checked);
    if (this.isSending || ready.length === 0) return;
    this.isSending = true;
    this.problem.textContent = '';
    this.show();
    const names = JSON.stringify([ready.map((line) => bodyOf(line, this.tags)), this.account.value]);
    if (names !== this.batch.names) this.batch = { names, key: newKey() };
    let sent = 0;
    try {
      const integrationId = await configOf(this.card.id);
      for (let at = 0; at < ready.length; at += CHUNK) {
        const chunk = ready.slice(at, at + CHUNK);
        const body = { card: this.card.id, integrationId, mergeTags: chunk.map((line) => bodyOf(line, this.tags)), emailAccount: this.account.value || null };
        try {
          await send('POST', '/api/integration/send-card', { body, key: `${this.batch.key}-${at}` });
        } catch (error) {
          if (error instanceof ApiError) this.refuse(error, chunk);
          throw error;
        }
        sent += chunk.length;
        this.done(chunk);
        this.summary.textContent = `${sent.toLocaleString('en')} of ${counted(ready.length, 'recipient')} …`;
      }
      this.finish(sent);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.failed(error, sent);
    } finally {
      this.isSending = false;
      this.show();
    }
  }

  /** Remembers what the server has said about single recipients. @param {ApiError} error @param {Line[]} chunk */
  refuse(error, chunk) {
    const { byIndex } = errorsOf(error, chunk.map((line) => line.values.email));
    for (const [index, message] of byIndex) {
      const address = chunk[index]?.values.email.toLowerCase();
      if (address) this.refused.set(address, message);
    }
  }

  /** @param {ApiError} error @param {number} sent */
  failed(error, sent) {
    this.check();
    const before = sent > 0 ? `${counted(sent, 'card')} are on their way. The rest was not sent: ` : 'Nothing was sent: ';
    const why = error.status === 0 ? 'the connection was lost. Send again: nobody gets the card twice.' : `${errorsOf(error, []).rest}.`;
    this.problem.classList.remove('warn-text');
    this.problem.textContent = before + why;
  }

  /** @param {Line[]} lines */
  done(lines) {
    for (const { values } of lines) this.known.recipients.set(values.email.toLowerCase(), { status: 'queued', unsubscribed_at: null });
    if (this.known.left !== null) this.known.left -= lines.length;
  }

  /** @param {number} sent */
  finish(sent) {
    const wasSent = new Set(sendable(this.lines, this.gaps.checked));
    const rest = this.lines.filter((line) => !wasSent.has(line));
    // What could not be sent stays in the field, to be corrected.
    this.text.value = rest.map(({ values }) => `${values.name.includes(',') ? `"${values.name}"` : values.name}, ${values.email}`).join('\n');
    this.batch = { names: '', key: newKey() };
    this.check();
    const node = dialog(`${counted(sent, 'card')} on ${sent === 1 ? 'its' : 'their'} way`, h('p', {}, 'The mails are sent in the background. You can follow them on the page of the recipients.'),
      h('div', { class: 'dialog-foot' }, button('Send more', () => node.close(), { class: 'button quiet' }), h('a', { class: 'button', href: `/app/cards/${this.card.id}/recipients`, onclick: () => node.close() }, 'Show the recipients')));
  }

  close() {
    clearTimeout(this.timer);
  }
}

/** The text of a file: UTF-8, or what spreadsheets write on Windows. @param {File} file */
async function textOf(file) {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const isWide = new Uint8Array(bytes.slice(0, 2)).toString() === '255,254';
    return new TextDecoder(isWide ? 'utf-16le' : 'windows-1252').decode(bytes);
  }
}

/** The id of the card's configuration, which is made when the card is first sent. @param {string} card @returns {Promise<string>} */
async function configOf(card) {
  const path = `/api/integration/config/by-card?cardId=${card}`;
  try {
    return (await get(path)).data._id;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'integration_config_missing') throw error;
  }
  try {
    const body = { userId: state.session?.user.id, workspaceId: state.workspace?.id, cardId: card };
    return (await send('POST', '/api/integration/config', { body, key: newKey() })).body.data._id;
  } catch (error) {
    // Somebody else has just made it.
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    return (await get(path)).data._id;
  }
}

/** The recipients of the card by address. @param {string} id */
async function recipientsOf(id) {
  const known = new Map();
  let cursor = '';
  do {
    const page = await get(`/v1/cards/${id}/recipients?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    for (const one of page.recipients) known.set(one.email, one);
    cursor = page.next_cursor ?? '';
  } while (cursor && known.size < 20_000);
  return known;
}

/** @param {Record<string, string>} params */
export async function open({ card: id }) {
  await style('views/pages.css');
  const [{ card }, recipients, { usage }, choices] = await Promise.all([get(`/v1/cards/${id}`), recipientsOf(id), get('/v1/usage'), get('/api/integration/email-accounts')]);
  if (!canWrite()) {
    return { title: card.title, node: h('div', { class: 'page' }, cardHead(card, 'send'), h('div', { class: 'blank small' }, icon('eye'), h('h2', {}, 'You can read, but not send'), h('p', {}, 'Your role in this workspace is viewer. Ask an owner or an admin.'))) };
  }
  const { limit, used } = usage.card_sends;
  const senders = choices.flatMap((/** @type {any} */ choice) => choice.choices).map((/** @type {any} */ one) => [one.id, one.value]);
  return new SendView(card, { recipients, senders, left: limit === null ? null : Math.max(0, limit - used) });
}
