// What can be read from a file before the server reads it: its format, its lists and its columns. Pure.

import { parseCsv } from './csv.js';

/** @typedef {'tackboard'|'trello'|'wekan'|'vikunja'|'csv'} Format */
/** @typedef {{ format: Format|null, lists: string[], columns: string[] }} Look */

/** @type {Record<Format, string>} */
export const FORMATS = { tackboard: 'Tackboard', trello: 'Trello', wekan: 'Wekan', vikunja: 'Vikunja', csv: 'Table (CSV, TSV)' };

/** What a list of the file can become. @type {[string, string][]} */
export const TARGETS = [['lane', 'A lane'], ['open', 'Open'], ['in_progress', 'In progress'], ['done', 'Done']];

/** The fields of a task that a column of a table can contain. @type {[string, string][]} */
export const FIELDS = [
  ['label', 'Title'], ['description', 'Description'], ['status', 'Status'], ['lane', 'Lane'], ['project', 'Project'], ['labels', 'Labels'], ['assignees', 'Assignees'],
  ['due_on', 'Due date'], ['created_at', 'Created'], ['id', 'Id'], ['parent', 'Parent'], ['comments', 'Comments'],
];

/** Titles of columns whose values are lists. */
const LIST_TITLES = ['section/column', 'section', 'list', 'lane', 'column', 'stage', 'bucket', 'list name', 'status', 'state'];
/** Lists in tables are read from so many characters. */
const BEGINNING = 500_000;
/** A column with more values than these contains no lists. */
const MOST_LISTS = 60;

/** Looks at the text of a file. @param {string} text @param {string[]} [listColumns] The titles of the columns that contain lists. @returns {Look} */
export function lookAt(text, listColumns) {
  if (text.startsWith('PK')) return { format: 'vikunja', lists: [], columns: [] };
  const first = text.replace(/^\uFEFF/, '').trimStart()[0];
  if (first === '{' || first === '[') return lookAtJson(text);
  if (!/[,;\t]/.test(text.slice(0, 4096))) return { format: null, lists: [], columns: [] };
  return lookAtTable(text, listColumns);
}

/** @param {string} text @returns {Look} */
function lookAtJson(text) {
  let content;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { format: null, lists: [], columns: [] };
  }
  if (Array.isArray(content)) return { format: 'vikunja', lists: named(content.flatMap((project) => arrayOf(project?.buckets)), 'title'), columns: [] };
  if (content.format === 'tackboard-export') return { format: 'tackboard', lists: [], columns: [] };
  const isWekan = String(content.format).startsWith('wekan-') || content.swimlanes || content._id;
  // Archived lists become no lanes.
  const lists = arrayOf(content.lists).filter((list) => !list?.closed && !list?.archived);
  if (isWekan) return { format: 'wekan', lists: named(lists, 'title'), columns: [] };
  return content.lists && content.cards ? { format: 'trello', lists: named(lists, 'name'), columns: [] } : { format: null, lists: [], columns: [] };
}

/** @param {string} text @param {string[]} [listColumns] @returns {Look} */
function lookAtTable(text, listColumns) {
  const [header, ...rows] = parseCsv(text.slice(0, BEGINNING)).map(({ values }) => values);
  const columns = [...new Set((header ?? []).filter(Boolean))];
  const wanted = listColumns?.length ? listColumns.map((title) => title.toLowerCase()) : LIST_TITLES;
  const lists = new Set();
  for (const [at, title] of (header ?? []).entries()) {
    if (!wanted.includes(title.toLowerCase())) continue;
    const values = new Set(rows.map((row) => row[at]).filter(Boolean));
    if (values.size <= MOST_LISTS) for (const value of values) lists.add(value);
  }
  return { format: 'csv', lists: unique([...lists]), columns };
}

/** @param {any} value @returns {any[]} */
const arrayOf = (value) => (Array.isArray(value) ? value : []);

/** @param {any[]} objects @param {string} field */
const named = (objects, field) => unique(objects.map((object) => (typeof object?.[field] === 'string' ? object[field].trim() : '')).filter(Boolean));

/** The first of the names that differ only in case, as the server compares them. @param {string[]} names */
const unique = (names) => names.filter((name, at) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === at);

/**
 * The query of a request that imports a file.
 *
 * @param {{ format: string, board: string, map: [string, string][], columns: [string, string][], fileName: string }} options `map`
 * has lists and what they become, `columns` has fields and the titles of their columns. What is empty is left out.
 * @param {boolean} isDry
 */
export function importQuery({ format, board, map, columns, fileName }, isDry) {
  const query = new URLSearchParams();
  if (format) query.set('format', format);
  if (board.trim()) query.set('board', board.trim());
  for (const [list, target] of map) if (list.trim() && target) query.append('map', `${list.trim()}=${target}`);
  for (const [name, title] of columns) if (title) query.append('column', `${name}=${title}`);
  if (fileName) query.set('file_name', [...fileName].slice(0, 255).join(''));
  if (isDry) query.set('dry_run', 'true');
  return query;
}
