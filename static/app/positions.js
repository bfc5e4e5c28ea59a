// Provisional positions of objects that were moved, until the server has given them one. Positions sort bytewise.

/** Above every position of the server, whose digits end with `z`. */
const END = '~';
const DIGITS = `0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz${END}`;

/** Compares objects by position, then by id. @param {{position: string, id: string}} a @param {{position: string, id: string}} b */
export function byPosition(a, b) {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/**
 * Returns a position between two others. Without room between them it is after the first.
 *
 * @param {string|null|undefined} before The lower one; null for the start.
 * @param {string|null|undefined} after The higher one; null for the end.
 */
export function between(before, after) {
  const low = before ?? '';
  if (after === null || after === undefined) return `${low}V`;
  let prefix = '';
  for (let at = 0; at < 64; at += 1) {
    const floor = at < low.length ? DIGITS.indexOf(low[at]) : 0;
    const ceiling = at < after.length ? DIGITS.indexOf(after[at]) : at === 0 || prefix < after.slice(0, at) ? DIGITS.length : 0;
    if (ceiling - floor > 1) return prefix + DIGITS[(floor + ceiling) >> 1];
    prefix += DIGITS[floor];
    // From here on the upper bound no longer limits.
    if (ceiling - floor === 1) return prefix + tail(low.slice(at + 1));
  }
  return `${low}V`;
}

/**
 * Returns a position after all others. It stays after the positions that the server gives to objects that were added before.
 *
 * @param {string} last The highest position; an empty text if there is none.
 */
export function afterAll(last) {
  return last < END ? END : between(last, null);
}

/** The shortest text above this one. @param {string} low */
function tail(low) {
  let prefix = '';
  for (const digit of low) {
    const value = DIGITS.indexOf(digit);
    if (value < DIGITS.length - 1) return prefix + DIGITS[(value + DIGITS.length + 1) >> 1];
    prefix += digit;
  }
  return `${prefix}V`;
}
