// Finds entries of the search index. Pure: it knows neither the page nor the network. The page loads it together with the
// index when the search box is used for the first time.

/** Words that say nothing about what is searched. */
const STOP_WORDS = new Set(('a an and any are as at be by can could do does for from has have how i if in into is it its ll many me much my no not of on or ' +
  'our please re s should so some such t than that the their them then there these they this to up us use was we what when where which who will ' +
  'with would you your').split(' '));

/** Several words that mean one thing, and the word for it. */
const PHRASES = [
  [/\bapi[ -]?keys?\b/g, 'token key'], [/\baccess tokens?\b/g, 'token'], [/\b(sign|log)[ -]?(in|on|up)\b/g, 'login'], [/\bset[ -]?up\b/g, 'setup'],
  [/\bread[ -]?only\b/g, 'readonly'], [/\b(to[ -]?do)s?\b/g, 'task'], [/\be-mails?\b/g, 'email'], [/\bback[ -]ups?\b/g, 'backup'], [/\bcheck[ -]?lists?\b/g, 'subtask'],
  [/\brate[ -]limit(s|ed|ing)?\b/g, 'rate limit'], [/\breal[ -]time\b/g, 'realtime'], [/\bif[ -]match\b/g, 'etag'], [/\bopt[ -]out\b/g, 'unsubscribe'],
];

/** Words that readers use, and the words of these pages for the same thing. A word need not be listed both ways. */
const SYNONYMS = {
  pagination: 'cursor page limit', page: 'pagination cursor', next: 'cursor pagination', cursor: 'pagination page', offset: 'cursor pagination', scroll: 'cursor pagination',
  retry: 'idempotency', resend: 'retry', repeat: 'retry idempotency', again: 'retry', duplicate: 'idempotency', twice: 'idempotency', double: 'idempotency', backoff: 'retry', timeout: 'retry',
  restore: 'backup', recover: 'backup restore', undo: 'undone restore backup', undelete: 'undone restore', revert: 'undone restore', rollback: 'restore', export: 'backup', dump: 'backup',
  done: 'status complete', complete: 'status done', finish: 'done status', close: 'done status', mark: 'status', check: 'done', tick: 'done', open: 'status', reopen: 'done status', state: 'status',
  top: 'first position', bottom: 'last position', up: 'position', down: 'position', reorder: 'position move', rearrange: 'position move', drag: 'move position', rank: 'position', priority: 'position', sort: 'order position', order: 'sort position',
  column: 'lane', swimlane: 'lane', stage: 'lane', list: 'lane project', ticket: 'task', issue: 'task', todo: 'task', item: 'task', checklist: 'subtask', folder: 'project', workflow: 'lane',
  key: 'token integration', apikey: 'token', token: 'key', password: 'token', credential: 'token', secret: 'token', bearer: 'token authorization', login: 'authentication token', auth: 'authentication', authentication: 'token authorization', authorization: 'authentication token', oauth: 'authentication token',
  lost: 'create', forgot: 'lost', forgotten: 'lost', permission: 'scope role', access: 'scope token', right: 'scope', privilege: 'scope', readonly: 'read scope viewer', role: 'scope', expire: 'expiry expired', rotate: 'revoke create',
  make: 'create', add: 'create', new: 'create', insert: 'create', post: 'create', edit: 'update', change: 'update', modify: 'update', rename: 'update name', patch: 'update', remove: 'delete', destroy: 'delete', erase: 'delete', cancel: 'revoke', fetch: 'get', show: 'get', find: 'search filter', query: 'search filter', lookup: 'search', look: 'search',
  concurrent: 'etag', lock: 'etag concurrent', optimistic: 'etag', conflict: 'etag concurrent', overwrite: 'etag', version: 'etag', race: 'concurrent', lost_update: 'etag',
  limit: 'quota plan', throttle: 'rate_limited limit', rate: 'rate_limited', quota: 'plan', price: 'plan', cost: 'plan', billing: 'plan', 429: 'quota_exceeded rate_limited retry', 401: 'invalid_token', 403: 'insufficient_scope', 412: 'precondition_failed',
  install: 'run docker', setup: 'run start', start: 'run', quickstart: 'started', tutorial: 'started', hello: 'started', deploy: 'docker systemd', container: 'docker', kubernetes: 'docker', https: 'tls proxy', ssl: 'tls proxy', certificate: 'tls', domain: 'public', port: 'listen', host: 'listen', config: 'settings', configure: 'settings', configuration: 'settings', option: 'settings', environment: 'settings', variable: 'settings', env: 'settings environment', service: 'systemd',
  smtp: 'mail', mail: 'email', email: 'mail', sender: 'from', newsletter: 'card', template: 'merge tags', placeholder: 'merge tags', personalize: 'merge tags', variables: 'merge tags', image: 'cover', picture: 'cover', photo: 'cover', upload: 'cover', open_rate: 'opened', seen: 'opened viewed', track: 'opened', tracking: 'opened', pixel: 'opened', analytics: 'opened', statistics: 'opened', bounce: 'failed', gdpr: 'erase', privacy: 'erase',
  health: 'liveness readiness', ping: 'liveness', monitor: 'metrics', prometheus: 'metrics', status_page: 'readiness', swagger: 'openapi', spec: 'openapi', schema: 'openapi', sdk: 'openapi', llm: 'agents', ai: 'agents', cli: 'commands tackboard', command: 'tackboard', update: 'patch upgrade', upgrade: 'migrate',
  viewer: 'role scope', member: 'role', owner: 'role',
  browser: 'cors', cross: 'cors', origin: 'cors', batch: 'multiple', bulk: 'multiple', many: 'multiple', webhook: 'events deliveries', notification: 'events webhooks', realtime: 'events', push: 'events', parallel: 'concurrent', error: 'errors', broken: 'errors', problem: 'errors', validation: 'invalid_request', invalid: 'errors',
};

/** How much an entry of a kind is preferred to others that fit as well. */
const KINDS = { Guide: 1.3, Operation: 1.25, Section: 1.15, Error: 1.05, Setting: 1, Limit: 0.85, Field: 0.6 };
/** How much a word counts in the title, in the line below it, and in the text. */
const WEIGHTS = [6, 2.5, 1];

const ENDINGS = [
  ['ifications', ''], ['ification', ''], ['izations', 'iz'], ['ization', 'iz'], ['ations', ''], ['ation', ''], ['ators', ''], ['ator', ''], ['ating', ''], ['ated', ''], ['ates', ''], ['ate', ''], ['encies', 'ent'],
  ['ency', 'ent'], ['ence', 'ent'], ['ies', ''], ['ied', ''], ['ing', ''], ['ions', ''], ['ion', ''], ['ed', ''], ['ly', ''], ['es', ''], ['s', ''], ['e', ''], ['y', ''],
];

/** The part of a word that its forms share: `creates`, `creating` and `creation` are `creat`. */
export function stem(word) {
  if (word.length < 4 || /\d/.test(word) || word.endsWith('ss')) return word;
  for (const [ending, instead] of ENDINGS) {
    const rest = word.slice(0, -ending.length);
    if (!word.endsWith(ending) || rest.length < 3 || (ending === 's' && /[uis]$/.test(rest))) continue;
    const whole = rest + instead;
    if (!['ing', 'ed'].includes(ending)) return whole;
    return /([bdfgmnprt])\1$|y$/.test(whole) ? whole.slice(0, -1) : whole;
  }
  return word;
}

/** The words of a text: `projectId` and `rate_limited` as a whole and in parts. */
export function words(text) {
  const found = [];
  for (const [word] of text.matchAll(/[\p{L}\p{N}]+(?:[_-][\p{L}\p{N}]+)*/gu)) {
    const parts = word.replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2').toLowerCase().split(/[_-]/);
    found.push(...parts);
    if (parts.length > 1) found.push(word.toLowerCase());
  }
  return found;
}

/** Whether one text becomes the other by at most `most` edits: a letter more, less or another one, or two exchanged. */
export function isNear(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return false;
  let before = [];
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (isSwapped) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    [before, row] = [row, next];
  }
  return row[other.length] <= most;
}

const synonyms = new Map();
for (const [word, others] of Object.entries(SYNONYMS)) {
  const known = synonyms.get(stem(word)) ?? [];
  synonyms.set(stem(word), [...known, ...others.split(' ').map(stem)]);
}

/** Prepares the entries `[kind, title, address, line, text]` to be searched. */
export function prepare(entries) {
  const postings = new Map();
  const spellings = new Map();
  const titles = entries.map((entry, at) => {
    const own = new Map();
    [entry[1], entry[3], entry[4]].forEach((text, field) => {
      for (const word of words(text)) {
        const term = stem(word);
        spellings.set(word, term);
        const weight = own.get(term) ?? 0;
        // A word that comes again counts little.
        own.set(term, Math.max(weight, WEIGHTS[field]) + (weight > 0 ? 0.1 : 0));
      }
    });
    for (const [term, weight] of own) {
      if (!postings.has(term)) postings.set(term, new Map());
      postings.get(term).set(at, weight);
    }
    return new Set(words(entry[1]).filter((word) => !STOP_WORDS.has(word)).map(stem));
  });
  return { entries, postings, spellings, titles };
}

/** The terms that a word of a query may stand for, with how well. */
function alternatives(index, word) {
  const found = new Map();
  const add = (term, weight) => {
    if (index.postings.has(term)) found.set(term, Math.max(weight, found.get(term) ?? 0));
  };
  const own = stem(word);
  add(own, 1);
  add(word, 1);
  for (const other of synonyms.get(own) ?? []) add(other, 0.75);
  if (word.length > 1) {
    for (const [spelling, term] of index.spellings) {
      if (spelling.startsWith(word)) add(term, 0.4 + 0.5 * (word.length / spelling.length));
    }
  }
  if (found.size > 0 || word.length < 4) return found;
  const most = word.length < 9 ? 1 : 2;
  for (const [spelling, term] of index.spellings) {
    if (isNear(word, spelling, most)) add(term, 0.6);
  }
  for (const [term, others] of synonyms) {
    if (isNear(own, term, 1)) for (const other of others) add(other, 0.5);
  }
  return found;
}

/** The words of a query that say something, or all of them if none does. */
function wordsOf(query) {
  let text = query.toLowerCase();
  for (const [phrase, word] of PHRASES) text = text.replace(phrase, word);
  const all = text.match(/[\p{L}\p{N}]+(?:_[\p{L}\p{N}]+)*/gu) ?? [];
  const telling = all.filter((word) => !STOP_WORDS.has(word));
  return telling.length > 0 ? telling : all;
}

/** The entries that fit a query, best first. */
export function search(index, query, most = 12) {
  const asked = wordsOf(query);
  const points = new Map();
  asked.forEach((word) => {
    const best = new Map();
    const terms = alternatives(index, word);
    for (const [term, weight] of terms) {
      const posting = index.postings.get(term);
      const rarity = Math.log(1 + index.entries.length / posting.size);
      for (const [at, found] of posting) {
        const gained = weight * found * rarity;
        if (gained > (best.get(at)?.gained ?? 0)) best.set(at, { gained, term });
      }
    }
    for (const [at, { gained, term }] of best) {
      const { sum = 0, count = 0, terms: used = new Set() } = points.get(at) ?? {};
      points.set(at, { sum: sum + gained, count: count + 1, terms: used.add(term) });
    }
  });
  const whole = query.trim().toLowerCase();
  // Where half of the words are missing, the rest is chance.
  const fitting = [...points].filter(([, { count }]) => count * 2 > asked.length || asked.length === 2);
  const scored = fitting.map(([at, { sum, count, terms }]) => {
    const [kind, title, , line] = index.entries[at];
    const own = [...index.titles[at]];
    const named = own.filter((term) => terms.has(term)).length / Math.max(own.length, 1);
    const isExact = [title, line].some((text) => text.toLowerCase() === whole);
    return [sum * (count / asked.length) ** 2 * (1 + named) * (KINDS[kind] ?? 1) * (isExact ? 4 : 1), at];
  });
  scored.sort(([a, first], [b, second]) => b - a || first - second);
  return scored.slice(0, most).map(([, at]) => index.entries[at]);
}
