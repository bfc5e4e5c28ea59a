// The fields of the card editor.

import { button, fill, h, icon } from '../dom.js';
import { tagsIn } from '../merge-tags.js';
import { COLORS } from './choose.js';
import { coverHost, coverPath } from './card-parts.js';
import { formDialog, field } from './dialog.js';
import { menu } from './menu.js';

/** @typedef {{ title: string, message: string, cover_url: string|null, accent_color: string, subject: string|null, sender_name: string|null }} Content */

/** Names of fields in requests. @type {Record<string, string>} */
const OF_REQUEST = { title: 'title', message: 'message', coverUrl: 'cover', accentColor: 'accent', subject: 'subject', senderName: 'sender' };

export class CardFields {
  /** @param {{ isReadOnly: boolean, onInput: () => void, onCover: (file: File) => void }} options */
  constructor({ onInput, onCover }) {
    this.onInput = onInput;
    /** @type {string|null} */
    this.cover = null;
    const on = { oninput: () => onInput(), dir: 'auto' };
    this.title = h('input', { type: 'text', name: 'title', maxlength: 255, autocomplete: 'off', placeholder: 'Welcome, {{name}}', ...on });
    this.message = h('textarea', { name: 'message', class: 'write message-field', rows: 12, maxlength: 20_000, placeholder: 'Hello {{name}},\n\nthank you for …', ...on });
    this.subject = h('input', { type: 'text', name: 'subject', maxlength: 255, autocomplete: 'off', placeholder: 'The title', ...on });
    this.sender = h('input', { type: 'text', name: 'sender', maxlength: 100, autocomplete: 'off', placeholder: 'The name of the address', ...on });
    this.color = h('input', { type: 'color', 'aria-label': 'Another color', oninput: () => this.setColor(this.color.value) });
    this.swatches = COLORS.map((color) => {
      const node = h('button', { type: 'button', class: 'swatch', 'aria-label': color, title: color, onclick: () => this.setColor(color) });
      node.style.setProperty('--own', color);
      return node;
    });
    /** Where a merge tag is put. @type {HTMLInputElement|HTMLTextAreaElement} */
    this.last = this.message;
    for (const node of [this.title, this.message, this.subject]) node.addEventListener('focus', () => { this.last = node; });
    this.problem = h('p', { class: 'problem', role: 'alert' });
    const insert = button('', () => this.chooseTag(insert), { class: 'button quiet small', 'aria-haspopup': 'menu' });
    insert.append(icon('plus'), 'Merge tag');
    this.node = h('form', { class: 'editor-form', novalidate: true, onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
      field('Title', this.title), this.coverField(onCover),
      h('div', { class: 'field' }, h('div', { class: 'label-line' }, h('label', { for: 'field-message' }, 'Message'), insert), this.message, h('small', {}, 'Markdown: **bold**, *italic*, [link](https://…), - list. Merge tags such as {{name}} are filled in for each recipient.')),
      h('div', { class: 'field', role: 'group', 'aria-label': 'Accent color' }, h('span', {}, 'Accent color'), h('div', { class: 'swatches' }, ...this.swatches, this.color)),
      field('Subject of the mail (optional)', this.subject), field('Name of the sender (optional)', this.sender), this.problem);
    this.message.id = 'field-message';
  }

  /** @param {(file: File) => void} onCover */
  coverField(onCover) {
    this.coverState = h('div', { class: 'cover-state' });
    this.coverError = h('span', { class: 'problem', role: 'alert' });
    const file = h('input', { type: 'file', id: 'cover-file', class: 'hidden', accept: 'image/png,image/jpeg,image/webp', 'aria-label': 'Upload a cover picture' });
    file.addEventListener('change', () => {
      if (file.files?.[0]) onCover(file.files[0]);
      file.value = '';
    });
    const node = h('div', { class: 'field cover-field', role: 'group', 'aria-label': 'Cover' }, h('span', {}, 'Cover'), file, this.coverState, this.coverError);
    node.addEventListener('dragover', (event) => {
      event.preventDefault();
      node.classList.add('over');
    });
    node.addEventListener('dragleave', () => node.classList.remove('over'));
    node.addEventListener('drop', (event) => {
      event.preventDefault();
      node.classList.remove('over');
      if (event.dataTransfer?.files[0]) onCover(event.dataTransfer.files[0]);
    });
    this.chooseFile = () => file.click();
    return node;
  }

  showCover() {
    const path = coverPath(this.cover);
    const picture = path ? h('img', { src: path, alt: 'The cover' }) : null;
    const upload = button(this.cover ? 'Replace' : 'Upload a picture', () => this.chooseFile?.(), { class: 'button quiet small' });
    const address = button('Use an address', () => this.chooseAddress(), { class: 'button quiet small' });
    const remove = button('Remove', () => this.setCover(null), { class: 'button quiet small' });
    const text = this.cover && !path ? h('span', { class: 'quiet cut' }, coverHost(this.cover)) : !this.cover ? h('small', {}, 'PNG, JPEG or WebP, at most 2 MB. Drop it here or choose it.') : null;
    if (this.coverState) fill(this.coverState, picture, text, h('div', { class: 'check-line' }, upload, address, this.cover ? remove : null));
  }

  /** @param {string|null} url */
  setCover(url) {
    this.cover = url;
    this.coverProblem('');
    this.showCover();
    this.onInput();
  }

  chooseAddress() {
    const url = h('input', { type: 'url', name: 'coverUrl', maxlength: 2048, autofocus: true, value: coverPath(this.cover) ? '' : this.cover ?? '', placeholder: 'https://example.com/picture.jpg', dir: 'ltr' });
    formDialog('Cover from an address', { fields: [field('Address of the picture', url, 'It begins with https://.')], action: 'Use it', onSave: () => this.setCover(url.value.trim() || null) });
  }

  /** @param {string} text */
  coverProblem(text) {
    if (this.coverError) this.coverError.textContent = text;
  }

  /** @param {string} color */
  setColor(color) {
    this.color.value = color;
    for (const [at, node] of this.swatches.entries()) node.setAttribute('aria-pressed', String(COLORS[at] === color));
    this.onInput();
  }

  /** @param {HTMLElement} anchor */
  chooseTag(anchor) {
    const used = tagsIn(this.title.value, this.message.value, this.subject.value);
    const common = ['name', 'email', 'company'];
    const tags = [...new Set([...used, ...common])].slice(0, 12);
    menu(anchor, [...tags.map((tag) => ({ text: tag, run: () => this.insert(`{{${tag}}}`) })), null, { text: 'Another …', image: 'pencil', run: () => this.otherTag() }]);
  }

  otherTag() {
    const name = h('input', { type: 'text', name: 'tag', maxlength: 64, autofocus: true, autocomplete: 'off', placeholder: 'city' });
    formDialog('Insert a merge tag', { fields: [field('Name', name, 'Letters, digits, spaces, dots and hyphens. Use the same name as the column of your list.')], action: 'Insert', onSave: () => { if (name.value.trim()) setTimeout(() => this.insert(`{{${name.value.trim()}}}`)); } });
  }

  /** @param {string} text */
  insert(text) {
    const node = this.last;
    node.focus();
    node.setRangeText(text, node.selectionStart ?? node.value.length, node.selectionEnd ?? node.value.length, 'end');
    this.onInput();
  }

  /** @returns {Content} */
  value() {
    return { title: this.title.value, message: this.message.value, cover_url: this.cover, accent_color: this.color.value, subject: this.subject.value.trim() || null, sender_name: this.sender.value.trim() || null };
  }

  /** @param {Content} content */
  show({ title, message, cover_url, accent_color, subject, sender_name }) {
    const set = (/** @type {HTMLInputElement|HTMLTextAreaElement} */ node, /** @type {string|null} */ text) => {
      if (node.value !== (text ?? '')) node.value = text ?? '';
    };
    set(this.title, title);
    set(this.message, message);
    set(this.subject, subject);
    set(this.sender, sender_name);
    set(this.color, accent_color);
    for (const [at, node] of this.swatches.entries()) node.setAttribute('aria-pressed', String(COLORS[at] === accent_color));
    if (this.cover !== cover_url || !this.coverState?.hasChildNodes()) {
      this.cover = cover_url;
      this.showCover();
    }
  }

  clearProblems() {
    this.problem.textContent = '';
    this.coverProblem('');
    for (const old of this.node.querySelectorAll('.field-problem')) old.remove();
    for (const node of this.node.querySelectorAll('[aria-invalid]')) node.removeAttribute('aria-invalid');
  }

  /** @param {import('../api.js').ApiError} error */
  showProblems(error) {
    const rest = [];
    for (const [name, message] of Object.entries(error.fields)) {
      if (name === 'coverUrl') this.coverProblem(message);
      const node = this.node.elements.namedItem(OF_REQUEST[name] ?? name);
      if (node instanceof HTMLElement) {
        node.setAttribute('aria-invalid', 'true');
        node.closest('.field')?.append(h('span', { class: 'problem field-problem' }, message));
      } else if (name !== 'coverUrl') rest.push(message);
    }
    this.problem.textContent = rest.join('. ') || (Object.keys(error.fields).length > 0 ? '' : error.status === 0 ? 'The server cannot be reached. Your changes are kept in this browser.' : `${error.message}.`);
    /** @type {HTMLElement|null} */ (this.node.querySelector('[aria-invalid]'))?.focus();
  }

  focus() {
    this.title.focus();
  }
}
