// `/app/cards/new` and `/app/cards/:card`: the editor of a card, with a preview. What is not saved is kept in the browser.

import { ApiError, get, send } from '../api.js';
import { recall, remember } from '../db.js';
import { announce, button, fill, h, icon, style } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';
import { formKey } from '../form-key.js';
import { exampleValues, tagsIn } from '../merge-tags.js';
import { go } from '../router.js';
import { app, canWrite } from '../store.js';
import { quoted } from '../text.js';
import { CardPreview, cardHead } from './card-parts.js';
import { CardFields } from './card-fields.js';
import { confirm } from './confirm.js';
import { menu } from './menu.js';
import { toast } from './toast.js';

/** @typedef {import('./card-parts.js').Card} Card */
/** @typedef {import('./card-fields.js').Content} Content */

const NEW = { title: '', message: '', cover_url: null, accent_color: '#1b6650', subject: null, sender_name: null };

class CardEditor {
  /** @param {Card|null} card @param {string|null} etag */
  constructor(card, etag) {
    this.card = card;
    this.etag = etag;
    this.title = card?.title ?? 'New card';
    this.keyOf = formKey();
    this.copyKeyOf = formKey();
    this.isReadOnly = !canWrite();
    this.draftName = `draft:card:${card?.id ?? 'new'}`;
    this.preview = new CardPreview();
    /** @type {Record<string, string>} */
    this.examples = recall('card-examples', {});
    const draft = this.isReadOnly ? undefined : draftOf(this.draftName);
    this.fields = new CardFields({ isReadOnly: this.isReadOnly, onInput: () => this.onInput(), onCover: (file) => this.uploadCover(file) });
    this.notice = h('div', { class: 'notices' });
    this.saveButton = button('Save', () => this.save(), { class: 'button', 'aria-keyshortcuts': 'Control+S' });
    this.state = h('span', { class: 'quiet', role: 'status' });
    this.values = h('div', { class: 'example-values' });
    this.examplesBox = h('details', { class: 'about' }, h('summary', {}, 'Example values of the preview'), this.values);
    this.head = h('div', {});
    const side = h('div', { class: 'editor-preview' }, h('h2', { class: 'hidden' }, 'Preview'), this.preview.node, this.examplesBox);
    this.node = h('div', { class: 'page editor-page' }, this.head, this.notice, h('div', { class: 'editor' }, this.isReadOnly ? null : this.fields.node, side));
    this.node.addEventListener('keydown', (event) => this.onKey(event));
    this.fields.show(draft ?? card ?? NEW);
    if (draft && !same(draft, card ?? NEW)) this.showDraft();
    this.show();
    this.follow();
  }

  /** What is saved. @returns {Content} */
  get base() {
    return this.card ?? NEW;
  }

  get isDirty() {
    return !this.isReadOnly && !same(this.fields.value(), this.base);
  }

  show() {
    const { card } = this;
    const value = this.isReadOnly ? /** @type {Content} */ (card ?? NEW) : this.fields.value();
    const tags = tagsIn(value.title, value.message, value.subject);
    const more = button('', () => menu(more, [
      { text: 'Duplicate', image: 'copy', run: () => this.duplicate() },
      { text: 'Delete', image: 'trash-2', isBad: true, run: () => this.remove() },
    ]), { class: 'button quiet', 'aria-haspopup': 'menu', 'aria-label': 'More' });
    more.append(icon('ellipsis'));
    if (!this.head.hasChildNodes()) fill(this.head, cardHead(card, 'edit', h('div', { class: 'head-actions' }, this.state, this.isReadOnly ? null : this.saveButton, card && !this.isReadOnly ? more : null)));
    this.state.textContent = this.isReadOnly ? '' : this.isDirty ? 'Not saved' : card ? 'Saved' : '';
    this.saveButton.disabled = Boolean(this.isSaving) || (card !== null && !this.isDirty);
    this.preview.show(value, exampleValues(tags, this.examples));
    this.showExamples(tags);
  }

  /** @param {string[]} tags */
  showExamples(tags) {
    this.examplesBox.hidden = tags.length === 0;
    if (this.values.dataset.tags === tags.join()) return;
    this.values.dataset.tags = tags.join();
    const values = exampleValues(tags, this.examples);
    fill(this.values, ...tags.map((tag, at) => {
      const input = h('input', { type: 'text', id: `example-${at}`, value: values[tag], maxlength: 200, dir: 'auto' });
      input.addEventListener('input', () => {
        this.examples = { ...this.examples, [tag]: input.value };
        remember('card-examples', this.examples);
        this.show();
      });
      return h('div', { class: 'field' }, h('label', { for: `example-${at}` }, tag), input);
    }));
  }

  onInput() {
    keepDraft(this.draftName, this.isDirty ? this.fields.value() : undefined);
    this.show();
  }

  showDraft() {
    const text = h('span', {}, 'These changes were not saved last time. ');
    const discard = button('Discard them', () => {
      keepDraft(this.draftName, undefined);
      this.fields.show(this.base);
      fill(this.notice);
      this.show();
      this.fields.focus();
    }, { class: 'link button' });
    fill(this.notice, h('p', { class: 'note warn', role: 'status' }, icon('info'), h('span', {}, text, discard)));
  }

  /** Saves the card. Returns whether that worked. */
  async save() {
    if (this.isSaving || this.isReadOnly) return false;
    this.isSaving = true;
    this.fields.clearProblems();
    this.show();
    const value = this.fields.value();
    const wanted = bodyOf(value, this.card);
    try {
      const { body, etag } = this.card
        ? await send('PATCH', `/v1/cards/${this.card.id}`, { body: wanted, etag: this.etag ?? undefined })
        : await send('POST', '/v1/cards', { body: wanted, key: this.keyOf(wanted) });
      this.saved(body.card, etag, value);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 412) this.fields.showProblems(error);
      else await this.conflict().catch((failure) => this.fields.showProblems(failure));
      return false;
    } finally {
      this.isSaving = false;
      this.show();
    }
  }

  /** @param {Card} card @param {string|null} etag @param {Content} sent */
  saved(card, etag, sent) {
    keepDraft(this.draftName, undefined);
    fill(this.notice);
    const isNew = !this.card;
    // What was typed in the meantime stays.
    const isSame = same(this.fields.value(), sent);
    this.card = card;
    this.etag = etag;
    this.title = card.title;
    document.title = `${card.title} · Tackboard`;
    if (isSame) this.fields.show(card);
    announce('Saved');
    if (isNew) {
      if (!isSame) keepDraft(`draft:card:${card.id}`, this.fields.value());
      return go(`/app/cards/${card.id}`, { replace: true });
    }
    const heading = this.head.querySelector('h1');
    if (heading) heading.textContent = card.title;
  }

  /** Somebody else has changed the card. */
  async conflict() {
    const { body, etag } = await send('GET', `/v1/cards/${this.card?.id}`);
    const mine = this.fields.value();
    const base = this.base;
    this.card = body.card;
    this.etag = etag;
    // What only one of both has changed needs no question.
    const merged = merge(base, mine, body.card);
    this.fields.show(merged.value);
    if (merged.conflicts.length === 0) return void (await this.afterConflict());
    const take = (/** @type {Content} */ value) => {
      this.fields.show(value);
      fill(this.notice);
      this.onInput();
      this.fields.focus();
    };
    fill(this.notice, h('div', { class: 'note warn', role: 'alert' }, icon('triangle-alert'), h('div', {},
      h('p', {}, `Somebody else has changed ${merged.conflicts.join(' and ')} too. Your version is still in the fields.`),
      h('div', { class: 'check-line' }, button('Keep mine and save', () => this.save(), { class: 'button small' }), button('Take theirs', () => take({ ...merged.value, ...merged.theirs }), { class: 'button quiet small' })))));
  }

  async afterConflict() {
    this.isSaving = false;
    await this.save();
    toast('Somebody else has changed other parts of this card. Both changes are kept.');
  }

  /** @param {File} file */
  async uploadCover(file) {
    if (!['image/png', 'image/jpeg', 'image/webp'].includes(file.type)) return this.fields.coverProblem('Choose a PNG, JPEG or WebP picture.');
    if (file.size > 2 * 1024 * 1024) return this.fields.coverProblem('The picture may have at most 2 MB. Make it smaller first.');
    if (!this.card || this.isDirty) {
      if (!(await this.save())) return;
    }
    const id = this.card?.id ?? '';
    this.fields.coverProblem('');
    this.state.textContent = 'Uploading …';
    try {
      const { body, etag } = await send('PUT', `/v1/cards/${id}/cover`, { body: file });
      this.card = body.card;
      this.etag = etag;
      this.fields.show({ ...this.fields.value(), cover_url: body.card.cover_url });
      announce('Uploaded');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.fields.coverProblem(`${Object.values(error.fields)[0] ?? error.message}.`);
    }
    this.show();
  }

  async duplicate() {
    const copy = bodyOf({ ...this.fields.value(), title: `${this.fields.value().title} (copy)`.slice(0, 255) }, null);
    const { body } = await send('POST', '/v1/cards', { body: copy, key: this.copyKeyOf(copy) }).catch((error) => {
      toast(`${error.message}.`, { kind: 'bad' });
      return { body: null };
    });
    if (body) go(`/app/cards/${body.card.id}`);
  }

  remove() {
    const { card } = this;
    if (!card) return;
    confirm(`Delete ${quoted(card.title)}?`, 'Its recipients and figures are deleted, and links that were sent no longer work. This cannot be undone.', 'Delete', async () => {
      await send('DELETE', `/v1/cards/${card.id}`);
      keepDraft(this.draftName, undefined);
      go('/app/cards', { replace: true });
    });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
    event.preventDefault();
    this.save();
  }

  /** Takes over changes by others while nothing is being changed here. */
  async follow() {
    if (!this.card) return;
    const id = this.card.id;
    const { latest } = await get('/v1/events?limit=1').catch(() => ({ latest: undefined }));
    if (latest === undefined || this.isClosed) return;
    const read = async () => {
      const { body, etag } = await send('GET', `/v1/cards/${id}`);
      if (this.isDirty || this.isSaving) return;
      this.card = body.card;
      this.etag = etag;
      if (!same(this.fields.value(), body.card)) this.fields.show(body.card);
      this.show();
    };
    this.follower = app.stream.follow(latest, (events) => {
      if (events.some(({ type, data }) => type === 'card.updated' && data.id === id) && !this.isDirty && !this.isSaving) read().catch(() => {});
    }, () => read().catch(() => {}));
    // No event tells what has changed between the reading of the card and that of the position.
    if (!this.isDirty && !this.isSaving) await read().catch(() => {});
  }

  close() {
    this.isClosed = true;
    this.follower?.close();
  }
}

const FIELDS = /** @type {const} */ ({ title: 'the title', message: 'the message', cover_url: 'the cover', accent_color: 'the color', subject: 'the subject', sender_name: 'the sender' });
const names = /** @type {(keyof Content)[]} */ (Object.keys(FIELDS));

/** A field to compare: colors are the same in upper and lower case. @param {Content} content @param {keyof Content} name */
const valueOf = (content, name) => (name === 'accent_color' ? content[name].toLowerCase() : content[name] || null);

/** @param {Content} a @param {Content} b */
const same = (a, b) => names.every((name) => valueOf(a, name) === valueOf(b, name));

/** The fields of a request: all of a new card, else those that have changed. @param {Content} value @param {Content|null} base */
function bodyOf(value, base) {
  const keys = { title: 'title', message: 'message', cover_url: 'coverUrl', accent_color: 'accentColor', subject: 'subject', sender_name: 'senderName' };
  return Object.fromEntries(names.filter((name) => !base || valueOf(value, name) !== valueOf(base, name)).map((name) => [keys[name], value[name]]));
}

/** Puts two changes of the same card together. @param {Content} base @param {Content} mine @param {Content} theirs */
function merge(base, mine, theirs) {
  const value = /** @type {any} */ ({});
  const other = /** @type {any} */ ({});
  const conflicts = [];
  for (const name of names) {
    const isMine = valueOf(mine, name) !== valueOf(base, name);
    const isTheirs = valueOf(theirs, name) !== valueOf(base, name);
    value[name] = isMine ? mine[name] : theirs[name];
    if (isMine && isTheirs && valueOf(mine, name) !== valueOf(theirs, name)) {
      conflicts.push(FIELDS[name]);
      other[name] = theirs[name];
    }
  }
  return { value: /** @type {Content} */ (value), theirs: other, conflicts };
}

/** @param {Record<string, string>} params */
export async function open({ card: id }) {
  await style('views/pages.css');
  if (!id) return new CardEditor(null, null);
  const { body, etag } = await send('GET', `/v1/cards/${id}`);
  return new CardEditor(body.card, etag);
}
