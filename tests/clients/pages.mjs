// Reads the pages of the documentation for the tests beside this file.

import assert from 'node:assert/strict';

export const { TACKBOARD_ORIGIN: origin, TACKBOARD_TOKEN: token } = process.env;
assert.ok(origin && token, 'run this under .ci/with-server');

/** The languages that samples are written in. */
export const LANGUAGES = ['sh', 'js', 'python'];

/** The text of a page of the server. */
export async function text(path) {
  const response = await fetch(origin + path);
  assert.equal(response.status, 200, path);
  return response.text();
}

/** The code of every block of a page or of a part of it. */
export function samples(html) {
  const plain = (code) => code.replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  const blocks = html.matchAll(/<pre [^>]*data-lang="(\w*)"[^>]*><code>(.*?)<\/code>/gs);
  return [...blocks].map(([, language, code]) => ({ language, code: plain(code) })).filter(({ language }) => LANGUAGES.includes(language));
}
