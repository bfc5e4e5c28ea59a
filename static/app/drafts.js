// Texts that a person has begun to write. They are kept twice. localStorage can be read at once, but browsers write it to the
// disk only after a while, so IndexedDB keeps what was typed last if the browser crashes.

import { objectStore, recall, remember } from './db.js';

/** @typedef {{ name: string, at: number, value?: any }} Entry Without a value, the draft was sent or discarded. */

const run = objectStore('tackboard-drafts', 'name');
/** What has to be written to the database. @type {Map<string, Entry>} */
const unwritten = new Map();
let isWriting = false;
let last = 0;

/** Keeps a draft. @param {string} name @param {any} value Undefined forgets it. */
export function keepDraft(name, value) {
  if (value === undefined && recall(name) === undefined) return;
  last = Math.max(Date.now(), last + 1);
  const entry = { name, at: last, value };
  remember(name, entry);
  unwritten.set(name, entry);
  write();
}

/** A draft that was kept. @param {string} name @param {any} [otherwise] @returns {any} */
export const draftOf = (name, otherwise) => recall(name)?.value ?? otherwise;

/** Makes a draft of a text that the server has refused. @param {import('./types.js').Row} row */
export function keepRefused(row) {
  const [, kind, id, part] = row.path.split('/').slice(1);
  const { text, description } = row.body ?? {};
  if (kind === 'tasks' && part === 'comments') keepNew(`draft:comment:${id}`, text);
  else if (kind === 'comments' && text) keepNew(`draft:edit:${id}`, text);
  else if (row.text?.field === 'description' && description) keepNew(`draft:description:${id}`, { text: description, base: row.text.base ?? '' });
}

/** Keeps a draft unless there is one already. @param {string} name @param {any} value */
function keepNew(name, value) {
  if (draftOf(name) === undefined) keepDraft(name, value);
}

/** Writes to the database, one batch after the other. */
async function write() {
  if (isWriting) return;
  isWriting = true;
  while (unwritten.size > 0) {
    const entries = [...unwritten.values()];
    unwritten.clear();
    await store(entries);
  }
  isWriting = false;
}

/** @param {Entry[]} entries */
async function store(entries) {
  await run('readwrite', (drafts) => {
    for (const entry of entries) {
      if (entry.value === undefined) drafts.delete(entry.name);
      else drafts.put(entry);
    }
  });
  for (const { name, value } of entries) if (value === undefined && !unwritten.has(name) && recall(name)?.value === undefined) remember(name, undefined);
}

/** Brings back what only the database has: the browser has crashed. */
export async function restoreDrafts() {
  const entries = /** @type {Entry[]} */ ((await run('readonly', (drafts) => drafts.getAll())) ?? []);
  for (const entry of entries) {
    const local = /** @type {Entry|undefined} */ (recall(entry.name));
    if (!local || !(local.at >= entry.at)) remember(entry.name, entry);
    else if (local.at > entry.at) unwritten.set(entry.name, local);
  }
  write();
}
