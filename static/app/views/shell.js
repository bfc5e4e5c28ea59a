// What surrounds every page: the sidebar with the boards, the state of the connection, and the region for announcements.

import { ApiError, get } from '../api.js';
import { remember } from '../db.js';
import { arrange, button, fill, h, icon, iconButton } from '../dom.js';
import { app, canWrite, state, subscribe, update } from '../store.js';
import { counted, hueOf, initials } from '../text.js';
import { commands, globalKeys } from './commands.js';
import { menu } from './menu.js';

/** @typedef {import('../types.js').Board} Board */
/** @typedef {import('../types.js').View} View */

export class Shell {
  constructor() {
    this.main = h('main', { id: 'main', class: 'main', tabindex: '-1' });
    this.list = h('ul', { class: 'side-list' });
    this.notice = h('div', { class: 'connection', role: 'status' });
    this.links = new Map();
    this.side = this.sidebar();
    const open = iconButton('menu', 'Open the sidebar', () => this.toggle(true), { class: 'icon-button side-open', 'aria-expanded': 'false', 'aria-controls': 'side' });
    this.opener = open;
    this.node = h('div', { class: 'shell' },
      h('a', { class: 'skip', href: '#main' }, 'Skip to content'),
      this.side, h('div', { class: 'side-veil', onclick: () => this.toggle(false) }), open, this.main, this.notice,
      h('div', { id: 'announcer', class: 'hidden', role: 'status', 'aria-live': 'polite' }));
    subscribe((changed) => {
      if (changed.includes('boards')) this.showBoards();
      if (['stream', 'waiting', 'signedOut'].some((name) => changed.includes(/** @type {any} */ (name)))) this.showConnection();
    });
    globalKeys();
    addEventListener('keydown', (event) => event.key === 'Escape' && document.body.classList.contains('side-open') && this.toggle(false));
  }

  sidebar() {
    const search = button('', () => commands(), { class: 'button side-search' });
    fill(search, icon('search'), h('span', {}, 'Search'), h('kbd', {}, '/'));
    const add = iconButton('plus', 'New board', () => import('./new-board.js').then((module) => module.newBoard()));
    return h('nav', { class: 'side', id: 'side', 'aria-label': 'Workspace' },
      this.workspaces(), search,
      h('ul', { class: 'side-list' }, this.link('/app', 'layout-grid', 'Boards'), this.link('/app/tasks', 'circle-check', 'My tasks'), this.link('/app/cards', 'mail', 'Cards'), this.link('/app/settings', 'settings', 'Settings')),
      h('div', { class: 'side-title' }, h('h2', {}, 'Boards'), canWrite() && add),
      this.list,
      h('div', { class: 'side-foot' }, this.person()));
  }

  /** @param {string} href @param {string} image @param {string} text */
  link(href, image, text) {
    const node = h('a', { href }, icon(image), h('span', {}, text));
    this.links.set(href, node);
    return h('li', {}, node);
  }

  workspaces() {
    const { session, workspace } = state;
    const name = workspace?.name ?? 'Tackboard';
    const mark = h('span', { class: 'mark', 'aria-hidden': 'true' }, initials(name));
    if ((session?.workspaces.length ?? 0) < 2) return h('div', { class: 'side-workspace' }, mark, h('bdi', {}, name));
    const node = button('', () => menu(node, (session?.workspaces ?? []).map((one) => ({
      text: one.name, image: one.id === workspace?.id ? 'check' : undefined, run: () => this.switchTo(one),
    }))), { class: 'button side-workspace', 'aria-haspopup': 'menu' });
    return fill(node, mark, h('bdi', {}, name), icon('chevron-down'));
  }

  /** @param {import('../types.js').Workspace} workspace */
  switchTo(workspace) {
    remember(`workspace:${state.session?.user.id}`, workspace.id);
    location.assign('/app');
  }

  person() {
    const user = state.session?.user;
    const name = user?.name ?? '';
    const node = button('', () => menu(node, [
      { text: 'Your account', image: 'users', run: () => location.assign('/account') },
      { text: 'Light', image: 'sun', run: () => theme('light') },
      { text: 'Dark', image: 'moon', run: () => theme('dark') },
      { text: 'As the system', image: 'monitor', run: () => theme('') },
      { text: 'Keyboard shortcuts', image: 'keyboard', run: () => import('./shortcuts.js').then((module) => module.shortcuts()) },
      { text: 'Documentation', image: 'book-open', run: () => location.assign('/docs/getting-started') },
      { text: 'Sign out', image: 'log-out', run: signOut },
    ]), { class: 'button side-person', 'aria-haspopup': 'menu' });
    return fill(node, avatar(user?.id ?? '', name), h('bdi', {}, name), icon('ellipsis'));
  }

  withoutWorkspace() {
    return h('div', { class: 'blank' }, h('h1', {}, 'You are in no workspace'), h('p', {}, 'Ask somebody who is in one to invite you.'), h('p', {}, h('a', { class: 'button', href: '/account' }, 'Your account')));
  }

  /** @param {boolean} isOpen */
  toggle(isOpen) {
    document.body.classList.toggle('side-open', isOpen);
    this.opener.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) /** @type {HTMLElement|null} */ (this.side.querySelector('a, button'))?.focus();
    else if (this.side.contains(document.activeElement)) this.opener.focus();
  }

  /** Reads the boards, and follows their changes. What fails is tried again: the page itself works without the list. */
  async followBoards() {
    try {
      const follower = app.stream.follow(await this.loadBoards(), (events) => {
        for (const event of events) this.take(event);
      }, () => {
        follower.close();
        this.followBoards();
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setTimeout(() => this.followBoards(), error.wait);
    }
  }

  /** Reads the boards. Returns a sequence that they are not older than. */
  async loadBoards() {
    const { latest } = await get('/v1/events?limit=1');
    const { boards } = await get('/v1/boards');
    update({ boards: new Map(boards.map((/** @type {Board} */ board) => [board.id, board])) });
    return latest;
  }

  /** @param {import('../types.js').JournalEvent} event */
  take(event) {
    if (!event.type.startsWith('board.') || event.type === 'board.reordered') return;
    const boards = new Map(state.boards ?? []);
    if (event.type === 'board.deleted') boards.delete(event.data.id);
    else boards.set(event.data.id, { ...boards.get(event.data.id), ...event.data });
    update({ boards });
  }

  showBoards() {
    const items = [...(state.boards ?? new Map()).values()].map((board) => {
      const href = `/app/boards/${board.id}`;
      const link = this.links.get(href) ?? this.boardLink(href);
      fill(link, boardMark(board), h('bdi', {}, board.name));
      return link.parentElement;
    });
    arrange(this.list, items);
    this.mark();
  }

  /** @param {string} href */
  boardLink(href) {
    const link = h('a', { href });
    h('li', {}, link);
    this.links.set(href, link);
    return link;
  }

  showConnection() {
    const { stream, waiting, signedOut } = state;
    const isBad = signedOut || waiting > 0 || stream === 'offline';
    this.notice.classList.toggle('shown', isBad);
    if (!isBad) return fill(this.notice);
    const kept = waiting > 0 ? ` ${counted(waiting, 'change is', 'changes are')} kept in this browser.` : '';
    if (signedOut) {
      const again = h('a', { href: `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}` }, 'Sign in again');
      return fill(this.notice, icon('log-out'), h('span', {}, `You are signed out.${kept} `, again));
    }
    return fill(this.notice, icon('cloud-off'), h('span', {}, `The server cannot be reached.${kept} Trying again …`));
  }

  /** Shows a page. @param {View|null} view */
  show(view) {
    if (!view) return;
    if (this.main.firstElementChild !== view.node) {
      fill(this.main, view.node);
      if (document.activeElement === document.body) this.main.focus({ preventScroll: true });
    }
    document.title = `${view.title} · Tackboard`;
    this.toggle(false);
    this.mark();
  }

  /** Marks the link of the open page. */
  mark() {
    const parts = location.pathname.split('/');
    const path = parts.slice(0, parts[2] === 'boards' ? 4 : 3).join('/');
    for (const [href, link] of this.links) {
      if (href === path) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }
}

/** The picture of a person. @param {string} id @param {string} name */
export function avatar(id, name) {
  const node = h('span', { class: 'avatar', title: name }, initials(name));
  node.style.setProperty('--hue', String(hueOf(id)));
  return node;
}

/** The icon of a board. @param {Board} board */
export function boardMark(board) {
  const node = h('span', { class: 'board-mark', 'aria-hidden': 'true' }, board.icon ?? initials(board.name));
  if (board.accent_color) node.style.setProperty('--own', board.accent_color);
  if (board.icon) node.classList.add('emoji');
  return node;
}

/** @param {string} name */
function theme(name) {
  try {
    localStorage.setItem('theme', name);
  } catch { /* It holds until the page is left. */ }
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
}

/** Signs out. Changes that were not sent stay in the browser, and are sent after the next sign-in. */
function signOut() {
  const form = h('form', { method: 'post', action: '/sign-out', hidden: true });
  document.body.append(form);
  form.submit();
}

