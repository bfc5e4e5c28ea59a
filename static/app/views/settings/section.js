// What the sections of the settings have in common: a heading, boxes with rows, and the state of a row.

import { ApiError } from '../../api.js';
import { h, icon } from '../../dom.js';
import { toast } from '../toast.js';

/**
 * The heading of a section.
 *
 * @param {string} title
 * @param {string} text
 * @param {...(Node|null|false)} actions
 */
export function heading(title, text, ...actions) {
  return h('div', { class: 'section-head' }, h('div', {}, h('h2', {}, title), text ? h('p', { class: 'quiet' }, text) : null), ...actions);
}

/** The way back to the section that a page belongs to. @param {string} href @param {string} text */
export const back = (href, text) => h('p', {}, h('a', { class: 'back', href }, icon('arrow-left'), text));

/** A list with a border around it. @param {string} label @param {...Node} rows */
export const box = (label, ...rows) => h('ul', { class: 'box', 'aria-label': label }, ...rows);

/** @param {string} title @param {string} text @param {...(Node|null|false)} actions */
export const empty = (title, text, ...actions) => h('div', { class: 'box blank small' }, h('h3', {}, title), h('p', {}, text), ...actions);

/** A word about the state of something. @param {string} text @param {''|'good'|'bad'|'warn'} [kind] */
export const badge = (text, kind = '') => h('span', { class: `badge ${kind}` }, text);

/**
 * Does something that a button starts, and shows what went wrong.
 *
 * @param {() => Promise<any>} work
 * @param {string} [done] What is shown when it is done.
 */
export async function attempt(work, done) {
  try {
    await work();
    if (done) toast(done);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(`${Object.values(error.fields)[0] ?? error.message}.`, { kind: 'bad' });
    return false;
  }
}

/** A choice. @param {string} name @param {[string, string][]} options Value and text. @param {string} value @param {Record<string, any>} [more] */
export function select(name, options, value, more = {}) {
  return h('select', { name, class: 'select', ...more }, ...options.map(([one, text]) => h('option', { value: one, selected: one === value }, text)));
}
