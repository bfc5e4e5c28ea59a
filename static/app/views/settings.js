// `/app/settings/…`: the settings of the workspace and of the person. Each section is a module that is loaded when it is opened.

import { fill, h, icon, style } from '../dom.js';
import { isAtLeast } from '../roles.js';
import { state } from '../store.js';

/** @typedef {{ node: HTMLElement, title: string, close?: () => void }} Section */
/** @typedef {{ path: string, title: string, image: string, isManaged?: boolean, load: () => Promise<{ open: (id: string|undefined) => Section }> }} Entry */

/** @type {{ title: string, entries: Entry[] }[]} */
const GROUPS = [
  {
    title: 'Workspace',
    entries: [
      { path: 'members', title: 'Members', image: 'users', load: () => import('./settings/members.js') },
      { path: 'usage', title: 'Plan and usage', image: 'activity', load: () => import('./settings/usage.js') },
      { path: 'tokens', title: 'API tokens', image: 'key-round', isManaged: true, load: () => import('./settings/tokens.js') },
      { path: 'webhooks', title: 'Webhooks', image: 'webhook', isManaged: true, load: () => import('./settings/webhooks.js') },
      { path: 'email', title: 'Email accounts', image: 'at-sign', isManaged: true, load: () => import('./settings/email-accounts.js') },
      { path: 'import', title: 'Import and export', image: 'download', isManaged: true, load: () => import('./settings/imports.js') },
    ],
  },
  {
    title: 'You',
    entries: [
      { path: 'key', title: 'Integration key', image: 'send', load: () => import('./settings/integration-key.js') },
      { path: 'sessions', title: 'Sessions', image: 'monitor', load: () => import('./settings/sessions.js') },
    ],
  },
];

const ENTRIES = GROUPS.flatMap(({ entries }) => entries);

class SettingsView {
  constructor() {
    this.title = 'Settings';
    this.body = h('div', { class: 'settings-body' });
    this.links = new Map();
    /** @type {Section|null} */
    this.section = null;
    this.path = '';
    this.node = h('div', { class: 'page settings-page' },
      h('div', { class: 'page-head' }, h('h1', {}, 'Settings')),
      h('div', { class: 'settings-layout' }, this.nav(), this.body));
  }

  nav() {
    const role = state.workspace?.role ?? 'viewer';
    const groups = GROUPS.map(({ title, entries }) => {
      const shown = entries.filter((entry) => !entry.isManaged || isAtLeast(role, 'admin'));
      const items = shown.map((entry) => {
        const link = h('a', { href: `/app/settings/${entry.path}` }, icon(entry.image), h('span', {}, entry.title));
        this.links.set(entry.path, link);
        return h('li', {}, link);
      });
      if (title === 'You') items.push(h('li', {}, h('a', { href: '/account' }, icon('user'), h('span', {}, 'Account'), icon('external-link'))));
      return h('div', { class: 'settings-group' }, h('h2', {}, title), h('ul', {}, ...items));
    });
    return h('nav', { class: 'settings-nav', 'aria-label': 'Settings' }, ...groups);
  }

  /** Shows the section of the address. @param {Record<string, string>} params */
  async show({ section = 'members', id }) {
    const path = `${section}/${id ?? ''}`;
    if (path === this.path) return;
    this.path = path;
    const entry = ENTRIES.find((one) => one.path === section);
    for (const [name, link] of this.links) {
      if (name === section) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    // Once the page is shown.
    requestAnimationFrame(() => this.links.get(section)?.scrollIntoView({ block: 'nearest', inline: 'nearest' }));
    const next = await this.open(entry, id);
    if (this.path !== path) return next.close?.();
    this.section?.close?.();
    this.section = next;
    this.title = next.title;
    document.title = `${next.title} · Tackboard`;
    fill(this.body, next.node);
  }

  /** @param {Entry|undefined} entry @param {string|undefined} id @returns {Promise<Section>} */
  async open(entry, id) {
    if (!entry) return blank('There is nothing here', 'Choose one of the settings.');
    if (entry.isManaged && !isAtLeast(state.workspace?.role ?? 'viewer', 'admin')) {
      return blank(`${entry.title}: for admins`, 'Your role in this workspace does not allow this. Ask an owner or an admin.');
    }
    try {
      return (await entry.load()).open(id);
    } catch (error) {
      console.info(error);
      return blank('This could not be loaded', 'Check the connection, then reload the page.');
    }
  }

  /** @param {Record<string, string>} params */
  update(params) {
    this.show(params);
  }

  close() {
    this.path = '';
    this.section?.close?.();
  }
}

/** @param {string} title @param {string} text @returns {Section} */
function blank(title, text) {
  return { title, node: h('div', { class: 'blank small' }, h('h2', {}, title), h('p', {}, text)) };
}

/** @param {Record<string, string>} params */
export async function open(params) {
  await style('views/pages.css');
  const view = new SettingsView();
  await view.show(params);
  return view;
}
