// Export and import: the export, earlier imports, and the page of one import.

import { get, send } from '../../api.js';
import { ago, timeText, today } from '../../dates.js';
import { newKey } from '../../db.js';
import { button, h, icon } from '../../dom.js';
import { FORMATS } from '../../import-file.js';
import { state, subscribe } from '../../store.js';
import { counted, quoted } from '../../text.js';
import { confirm } from '../confirm.js';
import { part } from '../part.js';
import { boardLinks, figures, undone, warnings } from './import-report.js';
import { openNewImport } from './import-new.js';
import { back, badge, box, empty, heading } from './section.js';

/** @typedef {import('./import-report.js').Report} Report */

/** Opens the section, a new import, or an earlier one. @param {string|undefined} id */
export function open(id) {
  if (id === 'new') return openNewImport();
  return id ? openImport(id) : openAll();
}

function openAll() {
  const add = () => h('a', { class: 'button', href: '/app/settings/import/new' }, 'Import a file');
  const all = part({
    nouns: ['import'],
    load: async (signal) => (await get('/v1/imports', signal)).imports,
    show: (/** @type {Report[]} */ imports) => [imports.length > 0
      ? box('Imports', ...imports.reverse().map(row))
      : empty('No imports yet', 'Boards of Trello, Wekan and Vikunja, tables of any program, and exports of Tackboard become boards here. You see what happens before anything is stored.', add())],
  });
  const node = h('section', {}, heading('Import', 'Files of this and other programs become boards. An import can be undone.', add()), all.node,
    h('p', { class: 'quiet' }, h('a', { href: '/docs/moving' }, 'How to export from other programs')), exportBox());
  return { title: 'Import and export', node, close: all.close };
}

/** @param {Report} report */
function row({ id, file_name, format, counts, undone_at, created_at }) {
  return h('li', { class: 'box-row linked' }, h('span', { class: 'box-mark' }, icon('upload')),
    h('div', { class: 'box-main' },
      h('a', { href: `/app/settings/import/${id}`, class: 'box-link', 'data-focus': `import-${id}`, dir: 'auto' }, file_name ?? FORMATS[format]), undone_at && badge('Undone', 'warn'),
      h('small', {}, `${FORMATS[format]} · ${counted(counts.created, 'new object')} · ${ago(created_at, Date.now())}`)),
    icon('chevron-right'));
}

/** Everything in the workspace as one file. The browser downloads it itself, so that its size does not matter. */
function exportBox() {
  const { workspace } = state;
  const link = h('a', { class: 'button', download: `${workspace?.slug}-${today()}.json` }, icon('download'), 'Download the export');
  const recipients = h('input', { type: 'checkbox', onchange: () => show() });
  const show = () => {
    const query = new URLSearchParams({ workspace: workspace?.id ?? '' });
    if (recipients.checked) query.set('with_recipients', 'true');
    link.href = `/v1/export?${query}`;
  };
  show();
  return h('div', { class: 'export' }, heading('Export', 'Everything in this workspace as one JSON file, which can be imported here or elsewhere. It contains no passwords, tokens or secrets.'),
    h('label', { class: 'check' }, recipients, h('span', {}, 'With the recipients of cards', h('small', { class: 'quiet' }, 'Their names and addresses are personal data: keep the file safe.'))), h('p', {}, link));
}

/** The page of an import. @param {string} id */
function openImport(id) {
  const all = part({
    nouns: ['import'],
    concerns: ({ data }) => data?.id === id,
    load: async (signal) => (await get(`/v1/imports/${id}`, signal)).import,
    show: content,
  });
  // The boards of the import can become known after its report.
  const stop = subscribe((changed) => changed.includes('boards') && all.reload());
  const close = () => {
    stop();
    all.close();
  };
  return { title: 'Import', node: h('section', {}, back('/app/settings/import', 'Import and export'), all.node), close };
}

/** @param {Report} report @param {() => void} reload */
function content(report, reload) {
  const { file_name, format, created_at, undone_at } = report;
  const name = file_name ?? FORMATS[format];
  const undo = button('Undo the import', () => confirm(`Undo the import of ${quoted(name)}?`, 'What the import has created and nobody has changed since is deleted. What it has updated stays as it is. This cannot be taken back.', 'Undo the import', async () => {
    await send('POST', `/v1/imports/${report.id}/undo`, { body: {}, key: newKey() });
    reload();
  }), { class: 'button quiet', 'data-focus': 'undo' });
  return [
    h('div', { class: 'section-head' }, h('div', {}, h('h2', { dir: 'auto' }, name), ' ', undone_at && badge('Undone', 'warn'),
      h('p', { class: 'quiet' }, `${FORMATS[format]} · imported ${timeText(created_at)}${undone_at ? ` · undone ${timeText(undone_at)}` : ''}`)), undone_at ? null : undo),
    boardLinks(report), undone(report), figures(report), warnings(report),
  ];
}
