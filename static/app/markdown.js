// Markdown, rendered by the server. Its HTML is the only one that is ever put into the page.

import { send } from './api.js';
import { fill, h } from './dom.js';

/** @type {Map<string, Promise<string>>} */
const rendered = new Map();
const MOST = 200;

/** @param {string} markdown @returns {Promise<string>} */
function html(markdown) {
  const known = rendered.get(markdown);
  if (known) return known;
  const request = send('POST', '/v1/preview', { body: { markdown } }).then(({ body }) => body.html);
  rendered.set(markdown, request);
  request.catch(() => rendered.delete(markdown));
  if (rendered.size > MOST) rendered.delete(/** @type {string} */ (rendered.keys().next().value));
  return request;
}

/** Shows a text as Markdown: as plain text until it is rendered, or if it cannot be. @param {HTMLElement} node @param {string} markdown */
export async function showMarkdown(node, markdown) {
  if (node.dataset.markdown === markdown) return;
  const isFirst = node.dataset.markdown === undefined;
  node.dataset.markdown = markdown;
  if (isFirst) fill(node, h('p', { class: 'plain', dir: 'auto' }, markdown));
  try {
    const text = await html(markdown);
    if (node.dataset.markdown !== markdown) return;
    node.innerHTML = text;
    for (const block of node.children) block.setAttribute('dir', 'auto');
    for (const link of node.querySelectorAll('a')) link.setAttribute('target', '_blank');
  } catch {
    delete node.dataset.markdown;
    fill(node, h('p', { class: 'plain', dir: 'auto' }, markdown));
  }
}
