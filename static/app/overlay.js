// What a person sees: the objects as the server has confirmed them, and over them the changes that it has not confirmed yet.

/** @typedef {import('./types.js').Row} Row */
/** @typedef {import('./types.js').Kind} Kind */

/**
 * Returns an object with all unconfirmed changes.
 *
 * @param {any} confirmed
 * @param {Row[]} rows In the order in which they were made.
 * @param {Kind} kind
 * @param {string} id
 * @returns {any} Undefined if it does not exist.
 */
export function overlay(confirmed, rows, kind, id) {
  let object = confirmed;
  for (const row of rows) {
    for (const effect of row.effects) {
      if (effect.id !== id || effect.kind !== kind) continue;
      if (effect.create) object = object ?? effect.create;
      else if (effect.remove) object = undefined;
      else if (object) object = { ...object, ...effect.set };
    }
  }
  return object;
}

/**
 * Replaces a temporary id in a row by the one that the server has given.
 *
 * @param {Row} row
 * @param {string} temporary
 * @param {string} id
 * @returns {Row}
 */
export function withId(row, temporary, id) {
  const text = JSON.stringify(row);
  return text.includes(temporary) ? JSON.parse(text.replaceAll(temporary, id)) : row;
}

/** Whether a row needs an object that does not exist yet, other than the one that it creates. @param {Row} row */
export function waitsForId(row) {
  const { effects, temporary, ...request } = row;
  return JSON.stringify([request.path, request.body ?? null, request.anchors ?? null]).includes('new-');
}
