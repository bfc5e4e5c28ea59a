// Merge tags, as the server reads them: `{{name}}` is replaced by each recipient's own value. Pure.

const TAG = /\{\{\s*([\p{L}\p{N}](?:[\p{L}\p{N} ._-]{0,62}[\p{L}\p{N}])?)\s*\}\}/gu;

/** The tags in these texts, without duplicates, in order of first use. @param {...(string|null|undefined)} texts */
export function tagsIn(...texts) {
  const names = texts.flatMap((text) => [...(text ?? '').matchAll(TAG)].map((match) => match[1]));
  return [...new Set(names)];
}

/** The pieces of a text: plain texts, and names of tags. @param {string} text @returns {{ text?: string, tag?: string }[]} */
export function pieces(text) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(TAG)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ tag: match[1] });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

/** A text with the values of its tags. @param {string} text @param {Record<string, string>} values */
export const filled = (text, values) => pieces(text).map((piece) => piece.text ?? values[piece.tag ?? ''] ?? '').join('');

/** Values for a preview. @param {string[]} tags @param {Record<string, string>} [known] @returns {Record<string, string>} */
export function exampleValues(tags, known = {}) {
  /** @type {Record<string, string>} */
  const examples = { name: 'Ada Lovelace', email: 'ada@example.org', company: 'Analytical Engines', first_name: 'Ada', last_name: 'Lovelace', city: 'London' };
  return Object.fromEntries(tags.map((tag) => [tag, known[tag] ?? examples[tag.toLowerCase().replaceAll(' ', '_')] ?? tag]));
}
