// Reads a pasted list or a CSV file of recipients, and checks every line. Pure.

import { parseCsv } from './csv.js';

/**
 * @typedef {object} Line
 * @property {number} line The line of the text.
 * @property {Record<string, string>} values `name`, `email`, and a value per merge tag.
 * @property {string[]} problems Why it cannot be sent.
 * @property {string[]} gaps The merge tags without a value.
 * @property {string[]} notes What is worth knowing.
 */
/** @typedef {{ lines: Line[], columns: string[], unused: string[], problem: string }} Checked */

const EMAIL = /^[^@\s<>(),;:"\\[\]]+@[^@\s<>(),;:"\\[\]]+$/;
const HEADERS = { email: /^(e-?mail|mail)( ?address)?$/i, name: /^(full[ _-]?|display[ _-]?)?name$/i, first: /^(first|given)[ _-]?name$/i, last: /^(last|family)[ _-]?name$|^surname$/i };
/** More than this is a mistake. */
export const MOST = 20_000;

/**
 * Reads and checks recipients.
 *
 * @param {string} text
 * @param {string[]} tags The merge tags of the card.
 * @param {Map<string, { status: string, unsubscribed_at: string|null }>} [known] Recipients of the card by address, in lower case.
 * @returns {Checked}
 */
export function checkRecipients(text, tags, known = new Map()) {
  const records = parseCsv(text);
  if (records.length === 0) return { lines: [], columns: [], unused: [], problem: '' };
  if (records.length > MOST) return { lines: [], columns: [], unused: [], problem: `These are more than ${MOST.toLocaleString('en')} lines. Send them in parts.` };
  const header = records[0].values.some((value) => HEADERS.email.test(value)) ? records[0].values : null;
  const columns = header ? columnsOf(header, tags) : [];
  const lines = header ? records.slice(1).map((record) => fromRecord(record, columns)) : records.flatMap(fromList);
  const unused = header ? header.filter((title, at) => columns[at] && !['name', 'email', ...tags, '\0first', '\0last'].includes(columns[at]) && title) : [];
  const seen = new Map();
  for (const line of lines) check(line, tags, known, seen);
  return { lines, columns: columns.filter((column) => !column.startsWith('\0')), unused, problem: '' };
}

/** What each column is: `name`, `email`, a tag of the card, or the title itself. @param {string[]} header @param {string[]} tags */
function columnsOf(header, tags) {
  const hasName = header.some((title) => HEADERS.name.test(title));
  return header.map((title) => {
    const tag = tags.find((one) => one.toLowerCase() === title.toLowerCase());
    if (HEADERS.email.test(title)) return 'email';
    if (HEADERS.name.test(title)) return 'name';
    if (tag) return tag;
    if (!hasName && HEADERS.first.test(title)) return '\0first';
    if (!hasName && HEADERS.last.test(title)) return '\0last';
    return title;
  });
}

/** @param {{ line: number, values: string[], isOpen?: boolean }} record @param {string[]} columns @returns {Line} */
function fromRecord({ line, values, isOpen }, columns) {
  const problems = [];
  if (isOpen) problems.push('A quotation mark is not closed');
  else if (values.length > columns.length) problems.push(`${values.length} values for ${columns.length} columns`);
  const all = Object.fromEntries(columns.map((column, at) => [column, values[at] ?? '']).filter(([column]) => column));
  const { '\0first': first = '', '\0last': last = '', ...rest } = all;
  const name = rest.name || [first, last].filter(Boolean).join(' ');
  return { line, values: { ...rest, name, email: rest.email ?? '' }, problems, gaps: [], notes: [] };
}

/** Recipients of a line without a header: `Ada <ada@example.org>`, `Ada, ada@example.org`, or addresses. @param {{ line: number, values: string[] }} record @returns {Line[]} */
function fromList({ line, values }) {
  const of = (/** @type {string} */ name, /** @type {string} */ email) => ({ line, values: { name, email }, problems: [], gaps: [], notes: [] });
  const filled = values.filter(Boolean);
  const isEach = filled.length > 1 && filled.every((value) => value.includes('@'));
  if (isEach || filled.length === 1) {
    return filled.map((value) => {
      const named = /^(.*?)\s*<([^<>]*)>$/.exec(value);
      return named ? of(named[1].replace(/^"|"$/g, ''), named[2].trim()) : of('', value);
    });
  }
  const at = filled.findIndex((value) => value.includes('@'));
  const [name = '', ...more] = filled.filter((_, index) => index !== at);
  const one = of(name, at < 0 ? '' : filled[at].replace(/^<|>$/g, ''));
  return [more.length > 0 ? { ...one, notes: ['Further values are not used: add a first line with the names of the columns'] } : one];
}

/** @param {Line} line @param {string[]} tags @param {Map<string, { status: string, unsubscribed_at: string|null }>} known @param {Map<string, number>} seen */
function check(line, tags, known, seen) {
  const { values, problems, notes } = line;
  const address = values.email.toLowerCase();
  if (!values.email) problems.push('No email address');
  else if (values.email.length > 254 || !EMAIL.test(values.email)) problems.push('Not a valid email address');
  if (!values.name && !tags.includes('name') && address.includes('@')) {
    values.name = address.split('@')[0];
    notes.push('Without a name: the address is used');
  } else if (!values.name) problems.push('No name');
  else if (values.name.length > 255) problems.push('The name is too long');
  else if (/[\0-\x1f\x7f]/.test(values.name)) problems.push('The name must be one line');
  const before = address && seen.get(address);
  if (before) problems.push(before === line.line ? 'The same address twice' : `The same address as in line ${before}`);
  else if (address) seen.set(address, line.line);
  const old = known.get(address);
  if (old?.unsubscribed_at) problems.push('Has unsubscribed');
  else if (old && old.status !== 'link') notes.push('Was sent this card before');
  for (const tag of tags) if (!values[tag] && tag !== 'name' && tag !== 'email') line.gaps.push(tag);
}

/** Lines that can be sent. @param {Line[]} lines @param {boolean} allowsGaps Whether missing values are left empty. */
export const sendable = (lines, allowsGaps) => lines.filter(({ problems, gaps }) => problems.length === 0 && (allowsGaps || gaps.length === 0));

/** The values that are sent for a line: only what the card uses. @param {Line} line @param {string[]} tags */
export function bodyOf({ values }, tags) {
  const used = tags.filter((tag) => values[tag]).map((tag) => [tag, values[tag]]);
  return { ...Object.fromEntries(used), name: values.name, email: values.email };
}

/**
 * Errors of the server by index of the recipient, and what is about none.
 *
 * @param {{ message: string, fields: Record<string, string>, details: any }} error
 * @param {string[]} addresses
 * @returns {{ byIndex: Map<number, string>, rest: string }}
 */
export function errorsOf(error, addresses) {
  /** @type {Map<number, string>} */
  const byIndex = new Map();
  const rest = [];
  for (const [field, message] of Object.entries(error.fields)) {
    const index = /^mergeTags\D+(\d+)/.exec(field)?.[1];
    if (index === undefined) rest.push(message);
    else byIndex.set(Number(index), message);
  }
  const address = error.details?.email?.toLowerCase?.();
  const at = address ? addresses.findIndex((one) => one.toLowerCase() === address) : -1;
  if (at >= 0) byIndex.set(at, error.message);
  return { byIndex, rest: byIndex.size > 0 ? rest.join('. ') : rest.join('. ') || error.message };
}
