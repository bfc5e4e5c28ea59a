// What the pages do beyond being read: search, the switch for light and dark, copying, contents that follow, and calls.
// Whatever the server responds is put on the page as text, never as HTML. The token lives in a variable of this page, unless
// the reader chooses to keep it for the tab.
'use strict';

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

/** A new element with text or elements in it. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** What this browser remembers of the reader's choices; without storage, nothing. */
const choices = {
  get(name) {
    try { return localStorage.getItem(name); } catch { return null; }
  },
  set(name, value) {
    try { localStorage.setItem(name, value); } catch { /* Then it holds for this page. */ }
  },
};

// --- Light and dark ---------------------------------------------------------------------------------------------------

const root = document.documentElement;

function prepareTheme() {
  const button = $('#site-theme');
  const isDark = () => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  button.disabled = false;
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    choices.set('theme', root.dataset.theme);
  });
}

// --- Samples ----------------------------------------------------------------------------------------------------------

/** Shows every sample in the language that was chosen in one of them. */
function prepareLanguages() {
  const show = (language) => {
    for (const radio of $$(`.tabs > input[value="${CSS.escape(language)}"]`)) radio.checked = true;
  };
  const chosen = choices.get('language');
  if (chosen) show(chosen);
  document.addEventListener('change', ({ target }) => {
    if (!target.matches('.tabs > input')) return;
    const before = target.getBoundingClientRect().top;
    show(target.value);
    choices.set('language', target.value);
    // Samples above may be longer or shorter now; what the reader looks at stays where it was.
    scrollBy({ top: target.getBoundingClientRect().top - before, behavior: 'instant' });
  });
}

function prepareCopying() {
  for (const code of $$('.code')) {
    const button = make('button', { type: 'button', className: 'copy', textContent: 'Copy' });
    button.addEventListener('click', async () => {
      const text = $('pre', code).textContent;
      const told = await copy(text) ? 'Copied' : 'Press Ctrl+C';
      if (told !== 'Copied') getSelection().selectAllChildren($('pre', code));
      button.textContent = told;
      setTimeout(() => { button.textContent = 'Copy'; }, 2000);
    });
    code.append(button);
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// --- Contents that follow the reading ---------------------------------------------------------------------------------

/** Opens what is folded around the anchor of the address. */
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let at = target?.closest?.('details'); at; at = at.parentElement.closest('details')) at.open = true;
}

/** Keeps the lists at the sides open where they have a column; where not, folds the one of this page after a choice. */
function prepareFolding() {
  for (const [selector, width, isOverlay] of [['.menu', '60rem', false], ['.toc details', '78rem', true]]) {
    const list = $(selector);
    if (!list) continue;
    const hasRoom = matchMedia(`(min-width: ${width})`);
    const fold = () => { list.open = hasRoom.matches; };
    hasRoom.addEventListener('change', fold);
    fold();
    if (!isOverlay) continue;
    document.addEventListener('click', ({ target }) => { if (!list.contains(target) || target.closest('a')) fold(); });
    list.addEventListener('keydown', ({ key }) => {
      if (key !== 'Escape' || !list.open || hasRoom.matches) return;
      fold();
      $('summary', list).focus();
    });
  }
}

function prepareContents() {
  prepareFolding();
  addEventListener('hashchange', unfold);
  unfold();
  const links = new Map($$('.toc a').map((link) => [link.hash.slice(1), link]));
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  if (headings.length === 0) return;
  let current = null;
  const follow = () => {
    const line = innerHeight * 0.25;
    const atEnd = scrollY + innerHeight >= document.body.scrollHeight - 2 && scrollY > 0;
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top <= line);
    const heading = (atEnd ? headings.at(-1) : passed.at(-1)) ?? headings[0];
    if (heading === current) return;
    current = heading;
    for (const link of links.values()) link.removeAttribute('aria-current');
    const link = links.get(heading.id);
    link.setAttribute('aria-current', 'true');
    const list = $('.toc');
    const { offsetTop, offsetHeight } = link;
    if (offsetTop < list.scrollTop || offsetTop + offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = offsetTop - list.clientHeight / 2;
    }
  };
  let isAsked = false;
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => { isAsked = false; follow(); });
  };
  addEventListener('scroll', ask, { passive: true });
  addEventListener('resize', ask);
  follow();
}

// --- Search -----------------------------------------------------------------------------------------------------------

function prepareSearch() {
  const input = $('#site-search');
  const list = $('#site-results');
  let loading = null;
  let found = [];
  let at = -1;

  /** The search, which is loaded when it is first used. */
  const load = async () => {
    const { search, index } = document.body.dataset;
    loading ??= Promise.all([import(search), fetch(index).then((response) => response.json())])
      .then(([{ prepare, search: find }, entries]) => {
        const prepared = prepare(entries);
        return (query) => find(prepared, query);
      });
    try { return await loading; } catch { loading = null; return () => []; }
  };
  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const select = (to) => {
    at = (to + found.length) % found.length;
    [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === at)));
    list.children[at].scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', list.children[at].id);
  };
  const go = (entry) => {
    close();
    input.blur();
    location.href = entry[2];
  };
  const show = async () => {
    if (input.value.trim() === '') return close();
    const find = await load();
    if (document.activeElement !== input) return close();
    found = find(input.value);
    list.replaceChildren(...found.map((entry, i) => {
      const [kind, title, , says] = entry;
      const item = make('li', { id: `site-result-${i}` },
        make('i', { textContent: kind }), make('b', { textContent: title }), make('span', { textContent: says }));
      item.setAttribute('role', 'option');
      item.addEventListener('mousedown', (event) => { event.preventDefault(); go(entry); });
      return item;
    }));
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    if (found.length > 0) return select(0);
    const none = make('li', { className: 'none', textContent: 'No results' });
    none.setAttribute('role', 'option');
    none.setAttribute('aria-disabled', 'true');
    list.append(none);
  };

  input.disabled = false;
  input.addEventListener('focus', () => { load(); show(); });
  input.addEventListener('input', show);
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    const keys = {
      ArrowDown: () => found.length && !list.hidden && select(at + 1),
      ArrowUp: () => found.length && !list.hidden && select(at - 1),
      Enter: () => !list.hidden && found[at] && go(found[at]),
      Escape: () => { if (list.hidden) input.blur(); else close(); },
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target.matches('input, textarea, select, [contenteditable]');
    const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    const isCtrlK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!isSlash && !isCtrlK) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}

// --- Try it -----------------------------------------------------------------------------------------------------------

const LONGEST_SHOWN = 200_000;
let token = '';

/** Where the token is kept if the reader asks for it: in this tab, until it is closed. */
const kept = {
  get() {
    try { return sessionStorage.getItem('token') ?? ''; } catch { return ''; }
  },
  set(value) {
    try {
      if (value) sessionStorage.setItem('token', value); else sessionStorage.removeItem('token');
    } catch { /* Then it holds for this page. */ }
  },
};

function prepareCalls() {
  const inputs = $$('.tryit [name="token"]');
  const boxes = $$('.tryit [name="keep"]');
  token = kept.get();
  for (const box of boxes) {
    box.checked = token !== '';
    box.addEventListener('change', () => {
      for (const other of boxes) other.checked = box.checked;
      kept.set(box.checked ? token : '');
    });
  }
  for (const input of inputs) {
    input.value = token;
    input.addEventListener('input', () => {
      token = input.value.trim();
      for (const other of inputs) if (other !== input) other.value = input.value;
      if (boxes[0].checked) kept.set(token);
    });
    input.addEventListener('change', () => {
      for (const form of $$('details[open] > .tryit')) fillIn(form);
    });
  }
  for (const form of $$('.tryit')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      call(form);
    });
    form.closest('details').addEventListener('toggle', ({ target }) => { if (target.open) fillIn(form); });
  }
}

// --- Ids of the reader's own data ---

/** Where the first id of each kind is found: a path, which may need other ids, and the way to the id in the response. */
const SOURCES = {
  board: ['/v1/boards?include=projects&limit=20', ({ boards }) => (boards.find(({ projects }) => projects.length > 0) ?? boards[0])?.id],
  project: ['/v1/boards/{board}/projects?limit=1', ({ projects }) => projects[0]?.id],
  lane: ['/v1/boards/{board}/lanes?limit=1', ({ lanes }) => lanes[0]?.id],
  label: ['/v1/boards/{board}/labels?limit=1', ({ labels }) => labels[0]?.id],
  assignee: ['/v1/members?limit=1', ({ members }) => members[0]?.id],
  task: ['/v1/projects/{project}/tasks?limit=1', ({ tasks }) => tasks[0]?.id],
  comment: ['/v1/tasks/{task}/comments?limit=1', ({ comments }) => comments[0]?.id],
  subtask: ['/v1/tasks/{task}/subtasks?limit=1', ({ subtasks }) => subtasks[0]?.id],
  card: ['/v1/cards?limit=1', ({ cards }) => cards[0]?.id],
  recipient: ['/v1/cards/{card}/recipients?limit=1', ({ recipients }) => recipients[0]?.id],
  // A card that can be sent, and its configuration.
  sendable: ['/api/integration/workflow-cards', ({ data }) => data[0]?._id],
  integration: ['/api/integration/workflow-cards', ({ data }) => data[0]?.integrationId],
  user: ['/api/integration/auth/validate', ({ user_id: id }) => id],
  workspace: ['/api/integration/workspaces', ([{ choices }]) => choices[0]?.id],
};
/** Ids that were looked for, by token and kind. */
const known = new Map();

/** The kind of thing that a name of an id stands for: a `workflowLaneId` is the id of a `lane`, `labelIds` those of `label`s. */
const kindOf = (name) => name.replace(/Ids?$/, '').replace(/.*(?=[A-Z])/, '').toLowerCase();

/** The first id of a kind that the token can read; `undefined` if there is none. */
function firstId(kind) {
  const key = `${token} ${kind}`;
  if (!known.has(key)) known.set(key, askForId(kind).catch(() => undefined));
  return known.get(key);
}

async function askForId(kind) {
  if (!Object.hasOwn(SOURCES, kind)) return undefined;
  let [path, read] = SOURCES[kind];
  for (const [part, other] of path.matchAll(/\{(\w+)\}/g)) {
    const id = await firstId(other);
    if (!id) return undefined;
    path = path.replace(part, id);
  }
  const response = await fetch(path, { headers: { Authorization: `Bearer ${token}` }, credentials: 'omit', cache: 'no-store' });
  return response.ok ? read(await response.json()) : undefined;
}

/**
 * Puts ids of the reader's own data into the fields and the body of a form, where the reader has written nothing. Never into
 * a DELETE: what is deleted should be chosen.
 */
async function fillIn(form) {
  if (!token || form.dataset.method === 'DELETE' || !$('[name="token"]', form)) return;
  const missing = new Set();
  let count = 0;
  const isId = (name) => /Id$/.test(name) || ['card', 'workspace', 'after', 'before'].includes(name);
  const noun = kindOf([...form.dataset.path.matchAll(/\{(\w+)\}/g)].at(-1)?.[1] ?? '');
  const find = async (name) => {
    const kind = ['after', 'before'].includes(name) ? noun : kindOf(name);
    const id = await firstId(kind);
    if (id) count += 1; else missing.add(kind);
    return id;
  };
  for (const input of $$('[data-place="path"], [data-place="query"][required]', form)) {
    if (input.value === '' && isId(input.name)) input.value = await find(input.name) ?? '';
  }
  const body = $('textarea[name="body"]', form);
  if (body && body.value === body.defaultValue) {
    const value = JSON.parse(body.value);
    const isSent = 'integrationId' in value;
    const fill = async (object) => {
      for (const [name, member] of Object.entries(object)) {
        if (Array.isArray(member) && /Ids$/.test(name)) object[name] = [await find(name)].filter(Boolean);
        // In a batch: what is deleted should be chosen.
        else if (Array.isArray(member) && name === 'delete') object[name] = [];
        else if (name === 'id') object[name] = await find('taskId') ?? member;
        else if (member !== null && typeof member === 'object') await fill(member);
        else if (typeof member === 'string' && isId(name)) object[name] = await find(isSent && name === 'card' ? 'sendable' : name) ?? member;
      }
    };
    await fill(value);
    if (body.value === body.defaultValue) body.value = body.defaultValue = JSON.stringify(value, null, 2);
  }
  const note = $('.filled', form);
  const notes = [];
  if (count > 0) notes.push('The ids are those of your first objects.');
  if (missing.size > 0) notes.push(`Found no ${[...missing].join(', ')} with this token: enter the id yourself.`);
  note.textContent = notes.join(' ');
  note.hidden = notes.length === 0;
}

/** The request that a form describes. */
function requestOf(form) {
  const headers = {};
  const query = new URLSearchParams();
  let path = form.dataset.path;
  for (const input of $$('[data-place]', form)) {
    const value = input.value.trim();
    if (input.dataset.place === 'path') path = path.replace(`{${input.name}}`, encodeURIComponent(value));
    else if (value === '') continue;
    else if (input.dataset.place === 'query') query.set(input.name, value);
    else headers[input.name] = value;
  }
  if ($('[name="token"]', form) && token) headers.Authorization = `Bearer ${token}`;
  const input = $('[name="body"]', form);
  const body = input?.type === 'file' ? input.files[0] : input?.value;
  if (body !== undefined) headers['Content-Type'] = body.type ?? 'application/json';
  const url = query.size > 0 ? `${path}?${query}` : path;
  return [url, { method: form.dataset.method, headers, body, cache: 'no-store', credentials: 'omit', redirect: 'manual' }];
}

async function call(form) {
  const button = $('button[type="submit"]', form);
  const result = $('.result', form);
  button.disabled = true;
  const started = performance.now();
  try {
    const response = await fetch(...requestOf(form));
    const blob = await received(response);
    const took = performance.now() - started;
    const kind = response.headers.get('Content-Type') ?? '';
    const text = /json|text|xml/.test(kind) ? await blob.text() : null;
    const notes = response.status === 401 && !token ? [make('p', { textContent: 'No token was sent: enter one above.' })] : [];
    result.replaceChildren(outcome(response, took), ...notes, ...bodyOf(text, blob, kind), await headersOf(response));
  } catch (error) {
    result.replaceChildren(make('p', { className: 'outcome bad', textContent: `No response: ${error.message}` }));
  } finally {
    button.disabled = false;
  }
}

/** Returns the body of a response. Of a stream, which does not end by itself, what arrives in five seconds. */
async function received(response) {
  if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) return response.blob();
  const parts = [];
  const reader = response.body.getReader();
  setTimeout(() => reader.cancel(), 5000);
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
  return new Blob(parts);
}

function outcome(response, took) {
  const className = response.ok || response.status === 304 ? 'outcome good' : 'outcome bad';
  return make('p', { className, textContent: `${response.status} ${response.statusText} · ${Math.round(took)} ms` });
}

let described = null;

/** What the headers of responses mean, by name. */
async function headerNotes() {
  described ??= fetch('/openapi.json').then((response) => response.json());
  const { components } = await described;
  return new Map(Object.entries(components.headers).map(([name, { description }]) => [name.toLowerCase(), description]));
}

/** The headers that mean something to a client, with what they mean, then the others. */
async function headersOf(response) {
  const notes = await headerNotes().catch(() => new Map());
  const rows = [...response.headers].sort(([a], [b]) => notes.has(b) - notes.has(a) || a.localeCompare(b));
  const list = make('dl');
  for (const [name, value] of rows) {
    const says = make('dd', { textContent: value });
    if (notes.has(name)) says.append(make('small', { textContent: notes.get(name) }));
    list.append(make('dt', { textContent: name }), says);
  }
  return list;
}

function bodyOf(text, blob, kind) {
  if (text === null) return blob.size > 0 ? [make('p', { textContent: `${blob.size} bytes of ${kind || 'unknown type'}` })] : [];
  const pre = make('pre', { tabIndex: 0 });
  const shown = text.slice(0, LONGEST_SHOWN);
  const parts = [];
  try {
    const value = JSON.parse(text);
    parts.push(...problemsOf(value));
    pre.append(make('code', {}, ...coloured(JSON.stringify(value, null, 2).slice(0, LONGEST_SHOWN))));
  } catch {
    pre.append(make('code', { textContent: shown }));
  }
  return text === '' ? [] : [...parts, pre];
}

/** An error's message, its fields, and the way to its entry. */
function problemsOf(value) {
  const error = value?.error;
  if (typeof error?.code !== 'string') return [];
  const parts = [];
  const fields = Object.entries(error.details?.fields ?? {});
  if (fields.length > 0) {
    const items = fields.map(([name, says]) => make('li', {}, make('code', { textContent: name }), ` ${says}`));
    parts.push(make('ul', { className: 'problems' }, ...items));
  }
  if (/^[a-z_]+$/.test(error.code)) {
    const link = make('a', { href: `/docs/errors#${error.code}`, textContent: `What ${error.code} means` });
    parts.push(make('p', {}, link));
  }
  return parts;
}

/** JSON text as pieces in colour. */
function coloured(json) {
  const word = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const parts = [];
  let at = 0;
  for (const match of json.matchAll(word)) {
    const [all, quoted, colon] = match;
    const text = quoted ?? all;
    const className = quoted ? (colon ? 'p' : 's') : /^[tfn]/.test(all) ? 'k' : 'n';
    parts.push(json.slice(at, match.index), make('span', { className, textContent: text }), colon ?? '');
    at = match.index + all.length;
  }
  return [...parts, json.slice(at)];
}

prepareTheme();
prepareLanguages();
prepareCopying();
prepareContents();
prepareSearch();
prepareCalls();
