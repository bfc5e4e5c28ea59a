// Opens the search and the command palette, which are loaded when they are first used.

/** @param {string} [text] What the box begins with. */
export function commands(text = '') {
  return import('./palette.js').then((module) => module.palette(text));
}
