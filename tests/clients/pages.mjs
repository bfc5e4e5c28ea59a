// Reads the documentation pages for the tests in this folder.

import assert from 'node:assert/strict';

export const { TACKBOARD_ORIGIN: origin, TACKBOARD_TOKEN: token } = process.env;
assert.ok(origin && token, 'run this under .ci/with-server');

/** The languages of the samples. */
export const LANGUAGES = ['sh', 'js', 'python'];

/** Returns the HTML of a page. */
export async function text(path) {
  const response = await fetch(origin + path);
  assert.equal(response.status, 200, path);
  return response.text();
}

/** Returns the code of every block of these languages in a page or a part of it. */
export function samples(html, languages = LANGUAGES) {
  const plain = (code) => code.replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  const blocks = html.matchAll(/<pre [^>]*data-lang="(\w*)"[^>]*><code>(.*?)<\/code>/gs);
  return [...blocks].map(([, language, code]) => ({ language, code: plain(code) })).filter(({ language }) => languages.includes(language));
}
