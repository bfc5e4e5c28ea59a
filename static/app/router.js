// The addresses of the app. A page is a module of `views/` with a function `open`.

import { fill, h } from './dom.js';

/** @typedef {import('./types.js').View} View */
/** @typedef {{ open: (params: Record<string, string>, query: URLSearchParams) => View|Promise<View> }} ViewModule */
/** @typedef {{ path: string, view: string, load: () => ViewModule|Promise<ViewModule> }} Route Routes with the same `view` share one open page. */

/** @type {Route[]} */
const routes = [];
/** @type {{ name: string, view: View, base: Record<string, string> }|null} */
let current = null;
let turn = 0;

/** Adds addresses. `:name` in a path is a parameter. @param {Route[]} more */
export function addRoutes(more) {
  routes.push(...more);
}

/** Opens an address of the app. @param {string} path @param {{ replace?: boolean }} [options] */
export function go(path, { replace = false } = {}) {
  if (path === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  show();
}

/** Changes the query without opening anything. @param {URLSearchParams} query */
export function setQuery(query) {
  const text = query.toString();
  history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''));
}

/** Follows links and the buttons of the browser. @param {(view: View|null) => void} onShow */
export function start(onShow) {
  notify = onShow;
  addEventListener('popstate', show);
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target.closest('a') : null;
    if (!target || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (target.origin !== location.origin || target.target || target.hasAttribute('download') || !/^\/app(\/|\?|$)/.test(target.pathname + target.search)) return;
    event.preventDefault();
    go(target.pathname + target.search);
  });
  return show();
}

/** @type {(view: View|null) => void} */
let notify = () => {};

/** @param {string} path @returns {{ route: Route, params: Record<string, string> }|null} */
function match(path) {
  const parts = path.split('/').filter(Boolean);
  for (const route of routes) {
    const wanted = route.path.split('/').filter(Boolean);
    /** @type {Record<string, string>} */
    const params = {};
    const fits = wanted.length === parts.length && wanted.every((part, at) => {
      if (!part.startsWith(':')) return part === parts[at];
      params[part.slice(1)] = decodeURIComponent(parts[at]);
      return true;
    });
    if (fits) return { route, params };
  }
  return null;
}

/** Opens the page of the present address. */
async function show() {
  turn += 1;
  const mine = turn;
  const found = match(location.pathname);
  const query = new URLSearchParams(location.search);
  const params = found?.params ?? {};
  if (current && found && found.route.view === current.name && current.view.update && sameBoard(params)) {
    current.view.update(params, query);
    current.base = params;
    return notify(current.view);
  }
  let view;
  try {
    const module = found ? await found.route.load() : { open: missing };
    view = await module.open(params, query);
  } catch (error) {
    view = failed(error);
  }
  if (mine !== turn) return view.close?.();
  current?.view.close?.();
  current = { name: found?.route.view ?? '', view, base: params };
  view.enter?.();
  notify(view);
}

/** Whether the open page is of the same board. @param {Record<string, string>} params */
const sameBoard = (params) => params.board === current?.base.board && params.card === current?.base.card;

/** Opens the present address anew. */
export function reload() {
  current?.view.close?.();
  current = null;
  return show();
}

/** @returns {View} */
function missing() {
  const node = h('div', { class: 'blank' }, h('h1', {}, 'There is nothing here'), h('p', {}, 'The address may be wrong, or what was here is gone.'), h('p', {}, h('a', { class: 'button', href: '/app' }, 'Open your boards')));
  return { node, title: 'Not found' };
}

/** @param {any} error @returns {View} */
function failed(error) {
  const isMissing = error?.status === 404;
  if (isMissing) return missing();
  console.info(error);
  const again = h('button', { type: 'button', class: 'button', onclick: () => reload() }, 'Try again');
  const node = h('div', { class: 'blank' });
  fill(node, h('h1', {}, 'This could not be loaded'), h('p', {}, `${error?.message ?? 'Something went wrong'}.`), h('p', {}, again));
  return { node, title: 'Problem' };
}
