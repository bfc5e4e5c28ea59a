// What the pages do beyond being read: search, the switch for light and dark, copying, contents that follow, and calls.
// Whatever the server answers is put on the page as text, never as HTML. The token lives in a variable of this page.
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

function setTheme(theme) {
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
}

function prepareTheme() {
  const button = $('#site-theme');
  const isDark = () => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  button.disabled = false;
  button.addEventListener('click', () => {
    setTheme(isDark() ? 'light' : 'dark');
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

function prepareContents() {
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

const MOST_RESULTS = 12;
/** Kinds of entries, the likeliest first. */
const KINDS = ['Error', 'Operation', 'Guide', 'Section', 'Setting', 'Limit', 'Field'];

/** How well an entry answers; 0 for not at all. Every word must be found, at the beginning of a word or anywhere. */
function score([kind, title, , says], words) {
  const name = title.toLowerCase();
  const text = `${kind} ${name} ${says}`.toLowerCase();
  let sum = 0;
  for (const word of words) {
    if (name === word) sum += 100;
    else if (name.startsWith(word)) sum += 40;
    else if (name.split(/[^a-z0-9]+/).some((part) => part.startsWith(word))) sum += 25;
    else if (name.includes(word)) sum += 12;
    else if (text.includes(word)) sum += 4;
    else return 0;
  }
  return sum + (KINDS.length - KINDS.indexOf(kind)) - name.length / 100;
}

function prepareSearch() {
  const input = $('#site-search');
  const list = $('#site-results');
  let index = null;
  let found = [];
  let at = -1;

  const load = async () => {
    index ??= fetch(document.body.dataset.search).then((answer) => answer.json());
    try { return await index; } catch { index = null; return []; }
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
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return close();
    const entries = await load();
    const scored = entries.map((entry) => [score(entry, words), entry]).filter(([points]) => points > 0);
    found = scored.sort(([a], [b]) => b - a).slice(0, MOST_RESULTS).map(([, entry]) => entry);
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
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}

// --- Try it -----------------------------------------------------------------------------------------------------------

const LONGEST_SHOWN = 200_000;
let token = '';

function prepareCalls() {
  const inputs = $$('.tryit [name="token"]');
  for (const input of inputs) {
    input.value = '';
    input.addEventListener('input', () => {
      token = input.value.trim();
      for (const other of inputs) if (other !== input) other.value = input.value;
    });
  }
  for (const form of $$('.tryit')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      call(form);
    });
  }
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
    const blob = await response.blob();
    const took = performance.now() - started;
    const kind = response.headers.get('Content-Type') ?? '';
    const text = /json|text|xml/.test(kind) ? await blob.text() : null;
    result.replaceChildren(outcome(response, took), ...bodyOf(text, blob, kind), headersOf(response));
  } catch (error) {
    result.replaceChildren(make('p', { className: 'outcome bad', textContent: `No response: ${error.message}` }));
  } finally {
    button.disabled = false;
  }
}

function outcome(response, took) {
  const className = response.ok || response.status === 304 ? 'outcome good' : 'outcome bad';
  return make('p', { className, textContent: `${response.status} ${response.statusText} · ${Math.round(took)} ms` });
}

/** The headers that mean something to a client, with what they mean, then the others. */
function headersOf(response) {
  const names = $$('#site-headers dt').map((name) => [name.textContent.toLowerCase(), name.nextElementSibling.textContent]);
  const notes = new Map(names);
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

setTheme(choices.get('theme'));
prepareTheme();
prepareLanguages();
prepareCopying();
prepareContents();
prepareSearch();
prepareCalls();
