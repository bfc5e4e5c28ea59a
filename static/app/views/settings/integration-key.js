// How to create an integration key, and where automations use it. Keys are created by a command on the server.

import { copy } from '../../clipboard.js';
import { h, icon, iconButton } from '../../dom.js';
import { state } from '../../store.js';
import { heading } from './section.js';

/** Opens the section. */
export function open() {
  const email = state.session?.user.email ?? '';
  const node = h('section', {}, heading('Integration key', 'Automations send cards in your name with this key, in all your workspaces.'),
    h('h3', {}, 'Create a key'),
    h('p', {}, 'Run this where Tackboard runs. It prints your new key, once.'),
    command('Command that creates a key', `tackboard key create --user ${inShell(email)}`),
    h('p', { class: 'note warn' }, icon('triangle-alert'), h('span', {}, 'You have one key at most: a new one ends the old one at once. Whoever has the key can send cards in your name.')),
    h('h3', {}, 'Try it'),
    command('Command that tries the key', `curl -H "Authorization: Bearer $KEY" ${location.origin}/api/integration/auth/validate`),
    h('dl', { class: 'facts' },
      h('dt', {}, 'Base address'), h('dd', {}, h('code', { dir: 'ltr' }, `${location.origin}/api/integration`)),
      h('dt', {}, 'This workspace'), h('dd', {}, h('code', { dir: 'ltr' }, state.workspace?.id))),
    h('h3', {}, 'End a key'),
    h('p', {}, 'This ends your key without creating a new one.'),
    command('Command that ends the key', `tackboard key revoke --user ${inShell(email)}`),
    h('p', { class: 'quiet' }, h('a', { href: '/docs/cards' }, 'How to send cards with it'), '. An API token works there too, for one workspace.'));
  return { title: 'Integration key', node };
}

/** A command to copy. @param {string} label @param {string} text */
function command(label, text) {
  return h('div', { class: 'command' }, h('pre', { class: 'excerpt', tabindex: '0', role: 'region', 'aria-label': label, dir: 'ltr' }, text), iconButton('copy', `Copy: ${label}`, () => copy(text)));
}

/** An argument of a shell command. @param {string} text */
const inShell = (text) => (/^[\w.@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
