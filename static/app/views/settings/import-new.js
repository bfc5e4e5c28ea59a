// Imports a file: choose it, see what happens, then import it.

import { ApiError, send } from '../../api.js';
import { newKey } from '../../db.js';
import { announce, button, fill, h, icon, iconButton } from '../../dom.js';
import { FIELDS, FORMATS, TARGETS, importQuery, lookAt } from '../../import-file.js';
import { go } from '../../router.js';
import { counted } from '../../text.js';
import { field } from '../dialog.js';
import { toast } from '../toast.js';
import { figures, remarkList, warnings } from './import-report.js';
import { back, heading, select } from './section.js';

/** @typedef {import('./import-report.js').Report} Report */

/** The largest file that the server accepts, in bytes. */
const LARGEST = 100 * 1024 * 1024;
/** Milliseconds without a change before the file is checked again. */
const PAUSE = 300;
const ACCEPTED = '.json,.csv,.tsv,.txt,.zip,application/json,text/csv,text/tab-separated-values,application/zip';

/** Opens the page of a new import. */
export function openNewImport() {
  const form = new NewImport();
  return { title: 'Import a file', node: form.node, close: () => form.close() };
}

class NewImport {
  constructor() {
    /** The content of the file: a copy, so that it stays what was checked. @type {Blob|null} */
    this.content = null;
    this.fileName = '';
    this.text = '';
    this.timer = 0;
    this.checking = new AbortController();
    this.isImporting = false;
    /** The query that was checked, and the key of its import: importing it again imports nothing twice. */
    this.checked = { query: '', key: '' };
    this.input = h('input', { type: 'file', class: 'hidden', accept: ACCEPTED, 'aria-label': 'Choose a file to import', tabindex: '-1' });
    this.input.addEventListener('change', () => this.choose(this.input.files?.[0]));
    this.chosen = h('div', { class: 'part' });
    this.options = h('div', { class: 'editor-form', hidden: true });
    this.result = h('div', { class: 'part' });
    this.save = button('Import', () => this.run(), { disabled: true });
    this.foot = h('div', { class: 'dialog-foot', hidden: true }, h('a', { class: 'button quiet', href: '/app/settings/import' }, 'Cancel'), this.save);
    this.node = h('section', {}, back('/app/settings/import', 'Import and export'), heading('Import a file', 'First you see what happens to the file. Nothing is stored until you choose Import.'), this.chosen, this.options, this.result, this.foot);
    this.showFile();
    this.leaving = (/** @type {BeforeUnloadEvent} */ event) => this.isImporting && event.preventDefault();
    addEventListener('beforeunload', this.leaving);
  }

  showFile() {
    const pick = button(this.content ? 'Choose another file' : 'Choose a file', () => this.input.click(), { class: this.content ? 'button quiet' : 'button', disabled: this.isImporting });
    const drop = h('div', { class: 'cover-state drop-file' }, this.input, icon('upload'),
      this.content ? h('p', {}, h('strong', { dir: 'auto' }, this.fileName), ' ', h('small', { class: 'quiet' }, sizeText(this.content.size))) : h('p', { class: 'quiet' }, 'The export of Trello, Wekan, Vikunja or Tackboard, or a table in CSV. Drop it here or choose it.'), pick);
    drop.addEventListener('dragover', (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
    drop.addEventListener('dragleave', () => drop.classList.remove('over'));
    drop.addEventListener('drop', (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      this.choose(event.dataTransfer?.files[0]);
    });
    const hadFocus = this.chosen.contains(document.activeElement);
    fill(this.chosen, drop);
    if (hadFocus) pick.focus();
  }

  /** @param {File|undefined} file */
  async choose(file) {
    this.input.value = '';
    if (!file || this.isImporting) return;
    if (file.size > LARGEST) return this.problem('The file has more than 100 MB', 'Import it on the server with the command tackboard import.');
    try {
      this.content = new Blob([await file.arrayBuffer()], { type: 'application/octet-stream' });
    } catch {
      return this.problem('The file cannot be read', 'It may be open in another program, or you have no right to read it.');
    }
    this.fileName = file.name;
    this.text = await this.content.text();
    this.showFile();
    this.showOptions();
    this.check();
  }

  showOptions() {
    const look = lookAt(this.text);
    const formats = /** @type {[string, string][]} */ ([['', look.format ? `Found: ${FORMATS[look.format]}` : 'Found by the server'], ...Object.entries(FORMATS)]);
    this.format = select('format', formats, '', { class: '', onchange: () => this.soon() });
    this.board = h('input', { type: 'text', name: 'board', maxlength: 255, autocomplete: 'off', dir: 'auto', placeholder: 'As in the file', oninput: () => this.soon() });
    this.lists = h('ul', { class: 'mapping' });
    fill(this.lists, ...look.lists.map((name) => this.listRow(name, look.format === 'csv')));
    this.columns = FIELDS.map(([name, title]) => this.columnField(name, title, look.columns));
    const add = button('', () => {
      const row = this.listRow(null, look.format === 'csv');
      this.lists?.append(row);
      row.querySelector('input')?.focus();
    }, { class: 'button quiet small' });
    add.append(icon('plus'), 'Another list');
    fill(this.options, h('div', { class: 'two-fields' }, field('Format', this.format), field('Name of the board', this.board)),
      look.format !== 'tackboard' && h('fieldset', { class: 'field' }, h('legend', {}, 'Lists'), h('small', {}, 'A list becomes a lane of the board. A list such as “Done” can become a status instead.'), this.lists, h('div', {}, add)),
      look.columns.length > 0 && h('details', { class: 'about' }, h('summary', {}, 'Columns of the table'), h('p', { class: 'quiet' }, 'Columns are found by their titles. Choose those that are not found. Other columns are kept in the description.'), h('div', { class: 'example-values' }, ...this.columns)));
    this.options.hidden = false;
    this.foot.hidden = false;
  }

  /** What a list becomes. @param {string|null} name Null lets the person name it. @param {boolean} isTable */
  listRow(name, isTable) {
    const input = name === null ? h('input', { type: 'text', class: 'in-place', maxlength: 255, 'aria-label': 'Name of the list', dir: 'auto', oninput: () => this.soon() }) : null;
    // In a table, common states become a status unless they are named here.
    const targets = isTable ? /** @type {[string, string][]} */ ([['', 'By its name'], ...TARGETS]) : TARGETS;
    const target = select('target', targets, isTable ? '' : 'lane', { 'aria-label': name === null ? 'What the list becomes' : `What the list ${name} becomes`, onchange: () => this.soon() });
    const row = h('li', { class: 'edit-row' }, input ?? h('span', { class: 'grow', dir: 'auto' }, name), target);
    if (name !== null) row.dataset.list = name;
    else row.append(iconButton('x', 'Remove this list', () => {
      row.remove();
      this.soon();
    }));
    return row;
  }

  /** @param {string} name @param {string} title @param {string[]} columns */
  columnField(name, title, columns) {
    const choice = select(`column-${name}`, [['', 'By its title'], ...columns.map((column) => /** @type {[string, string]} */ ([column, column]))], '', { class: '', onchange: () => {
      if (name === 'lane' || name === 'status') this.showTableLists();
      this.soon();
    } });
    choice.dataset.field = name;
    return field(title, choice);
  }

  /** Shows the lists of the columns that contain the lanes and states. */
  showTableLists() {
    const chosen = this.value().columns.filter(([name]) => name === 'lane' || name === 'status').map(([, title]) => title);
    fill(/** @type {HTMLElement} */ (this.lists), ...lookAt(this.text, chosen).lists.map((name) => this.listRow(name, true)));
  }

  /** What the person has chosen. */
  value() {
    const rows = /** @type {HTMLElement[]} */ ([...(this.lists?.children ?? [])]);
    const map = rows.map((row) => /** @type {[string, string]} */ ([row.dataset.list ?? row.querySelector('input')?.value ?? '', row.querySelector('select')?.value ?? '']));
    const selects = (this.columns ?? []).flatMap((node) => node.querySelector('select') ?? []);
    const columns = selects.map((one) => /** @type {[string, string]} */ ([one.dataset.field ?? '', one.value])).filter(([, title]) => title);
    // Without a choice, a list becomes a lane. In a table, a common state does not.
    return { format: this.format?.value ?? '', board: this.board?.value ?? '', map: map.filter(([, target]) => target !== 'lane' || this.isTable), columns, fileName: this.fileName };
  }

  get isTable() {
    return (this.format?.value || lookAt(this.text.slice(0, 4096)).format) === 'csv';
  }

  soon() {
    clearTimeout(this.timer);
    this.save.disabled = true;
    this.timer = setTimeout(() => this.check(), PAUSE);
  }

  /** Lets the server read the file without storing anything, and shows its report. */
  async check() {
    clearTimeout(this.timer);
    this.checking.abort();
    const checking = new AbortController();
    this.checking = checking;
    this.save.disabled = true;
    this.result.setAttribute('aria-busy', 'true');
    if (this.result.childElementCount === 0) fill(this.result, h('p', { class: 'quiet', role: 'status' }, 'Checking the file …'));
    try {
      const { body } = await send('POST', `/v1/imports?${importQuery(this.value(), true)}`, { body: this.content, signal: checking.signal });
      if (checking.signal.aborted) return;
      this.preview(body.import);
    } catch (error) {
      if (checking.signal.aborted) return;
      this.failed(error, () => this.check());
    } finally {
      if (!checking.signal.aborted) this.result.setAttribute('aria-busy', 'false');
    }
  }

  /** @param {Report} report */
  preview(report) {
    const { created, updated } = report.counts;
    this.checked = { query: importQuery(this.value(), false).toString(), key: newKey() };
    this.save.disabled = created + updated === 0;
    this.save.textContent = created + updated === 0 ? 'Nothing to import' : `Import ${counted(created + updated, 'object')}`;
    fill(this.result, h('h3', {}, 'What happens'), h('p', { class: 'quiet' }, `Boards, projects, lanes, labels, tasks, subtasks and comments of ${FORMATS[report.format]}:`), figures(report), warnings(report));
    announce(`The file can be imported. ${counted(report.warnings_total, 'remark')}.`);
  }

  async run() {
    this.isImporting = true;
    this.save.disabled = true;
    this.save.textContent = 'Importing …';
    this.showFile();
    try {
      const { body } = await send('POST', `/v1/imports?${this.checked.query}`, { body: this.content, key: this.checked.key });
      this.isImporting = false;
      toast('The file was imported.');
      go(`/app/settings/import/${body.import.id}`, { replace: true });
    } catch (error) {
      this.isImporting = false;
      this.failed(error, () => this.run());
      this.showFile();
      this.save.textContent = 'Import';
    }
  }

  /** @param {unknown} error @param {() => void} again */
  failed(error, again) {
    if (!(error instanceof ApiError)) throw error;
    const { details } = error;
    const retry = error.isTemporary && h('p', {}, button('Try again', again, { class: 'button quiet' }));
    if (error.code === 'import_failed') return this.problem(details.format ? `The file is not a ${FORMATS[/** @type {import('../../import-file.js').Format} */ (details.format)]} file that can be imported` : 'The file cannot be imported', '', remarkList('Problems', details.problems));
    const wrong = Object.values(error.fields).join('. ');
    const limit = error.code === 'resource_limit_exceeded' ? ` The plan allows ${details.limit.toLocaleString('en')}, and ${details.current.toLocaleString('en')} exist.` : '';
    this.problem(error.status === 0 ? 'The server cannot be reached' : 'The file was not imported', error.status === 0 ? 'Try again when the connection is back. The file is never imported twice.' : `${wrong || error.message}.${limit}`, retry);
  }

  /** @param {string} title @param {string} text @param {...(Node|null|false)} more */
  problem(title, text, ...more) {
    fill(this.result, h('div', { class: 'note bad', role: 'alert' }, icon('triangle-alert'), h('div', {}, h('strong', {}, title), text && h('p', { dir: 'auto' }, text))), ...more);
  }

  close() {
    clearTimeout(this.timer);
    this.checking.abort();
    removeEventListener('beforeunload', this.leaving);
  }
}

/** @param {number} bytes */
function sizeText(bytes) {
  if (bytes < 1024) return counted(bytes, 'byte');
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
