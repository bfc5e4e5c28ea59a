// Sends changes to the server, one after the other, and keeps them in the browser until the server has confirmed them.

import { ApiError, send } from './api.js';
import * as db from './db.js';
import { withId } from './overlay.js';

/** @typedef {import('./types.js').Row} Row */
/** @typedef {'idle'|'sending'|'offline'|'signed-out'} QueueState */

/** Milliseconds before the next attempt after a failure. */
const DELAYS = [500, 1000, 2000, 5000, 10_000, 15_000];
/** Milliseconds after which a request without a response has failed. */
const TIME_LIMIT = 30_000;
/** A change that fails so often on the server itself is given up: others wait behind it. */
const MAX_ERRORS = 5;
/** A tab that has not said so for this long no longer runs, and others take over its rows. */
const TAB_DEAD = 15_000;

export class Queue {
  /**
   * @param {object} options
   * @param {string} options.workspace
   * @param {string} options.user
   * @param {() => Promise<void>} options.checkUser Throws unless the session is still that of this person.
   * @param {(rows: Row[]) => void} options.onAdopt
   * @param {(row: Row) => void} options.onSend
   * @param {(row: Row, body: any) => void} options.onDone
   * @param {(row: Row, error: ApiError) => void} options.onFailed It will not be sent again.
   * @param {(row: Row, theirs: any) => void} options.onConflict
   * @param {(state: QueueState, waiting: number) => void} options.onState
   */
  constructor(options) {
    this.options = options;
    /** @type {Row[]} */
    this.rows = [];
    this.tab = db.newKey();
    this.failures = 0;
    this.running = false;
    /** Whether somebody else may have signed in since the last request that worked. */
    this.isUnsure = false;
    /** @type {QueueState} */
    this.state = 'idle';
    /** @type {Row|undefined} */
    this.current = undefined;
    /** @type {any} */
    this.timer = 0;
    /** @type {any} */
    this.restoring = 0;
    this.isAlive();
    setInterval(() => this.isAlive(), TAB_DEAD / 3);
    addEventListener('pagehide', () => {
      this.flush();
      // Another tab, or this one after a reload, takes over what is left.
      db.remember(`tab:${this.tab}`, undefined);
    });
    addEventListener('pageshow', (event) => event.persisted && location.reload());
    addEventListener('online', () => this.wake());
  }

  isAlive() {
    db.remember(`tab:${this.tab}`, Date.now());
  }

  /** Takes over the rows of tabs that no longer run, and sends them. */
  async restore() {
    clearTimeout(this.restoring);
    const now = Date.now();
    const foreign = /** @type {Row[]} */ (await db.kept()).filter((row) => row.workspace === this.options.workspace && row.user === this.options.user && row.tab !== this.tab);
    const deadAt = (/** @type {Row} */ row) => db.recall(`tab:${row.tab}`, 0) + TAB_DEAD;
    const lost = foreign.filter((row) => deadAt(row) < now);
    lost.sort((a, b) => Number(/** @type {any} */ (a).at) - Number(/** @type {any} */ (b).at));
    for (const row of lost) {
      db.remember(`tab:${row.tab}`, undefined);
      row.tab = this.tab;
    }
    this.rows = [...lost, ...this.rows];
    await db.keep(lost);
    if (lost.length > 0) this.options.onAdopt(lost);
    this.run();
    const next = Math.min(TAB_DEAD, ...foreign.filter((row) => row.tab !== this.tab).map((row) => deadAt(row) - now + 1));
    this.restoring = setTimeout(() => this.restore(), next);
  }

  /** Sends changes as soon as possible. @param {Row[]} rows */
  async add(rows) {
    const own = rows.map((row, at) => ({ ...row, workspace: this.options.workspace, user: this.options.user, tab: this.tab, at: Date.now() + at / 1000 }));
    this.rows.push(...own);
    this.tell();
    await db.keep(own);
    this.wake();
  }

  /** Takes back rows that were not sent. Returns those that it could take back. @param {string[]} keys */
  cancel(keys) {
    const taken = this.rows.filter((row) => keys.includes(row.key) && row !== this.current);
    this.rows = this.rows.filter((row) => !taken.includes(row));
    db.forget(taken.map((row) => row.key));
    this.tell();
    return taken;
  }

  /** Tries again now, for example after signing in. */
  wake() {
    clearTimeout(this.timer);
    this.failures = 0;
    this.run();
  }

  /** Sends what waits only so that it can be undone: the page is about to close. */
  flush() {
    for (const row of this.rows) {
      if (!row.notBefore || row === this.current || row.path.includes('new-')) continue;
      send(row.method, row.path, { body: row.body, workspace: row.workspace, key: row.method === 'POST' ? row.key : undefined, keepalive: true }).then(() => db.forget([row.key]), () => {});
    }
  }

  async run() {
    if (this.running) return;
    this.running = true;
    clearTimeout(this.timer);
    try {
      for (let goesOn = true; goesOn;) {
        const now = Date.now();
        this.current = this.rows.find((one) => (one.notBefore ?? 0) <= now);
        if (!this.current) break;
        goesOn = await this.attempt(this.current);
      }
    } finally {
      this.current = undefined;
      this.running = false;
    }
    this.tell();
    this.schedule();
  }

  schedule() {
    if (this.rows.length === 0 || this.state === 'signed-out') return;
    const due = Math.min(...this.rows.map((row) => row.notBefore ?? 0)) - Date.now();
    const pause = this.failures > 0 ? DELAYS[Math.min(this.failures, DELAYS.length) - 1] : 0;
    this.timer = setTimeout(() => this.run(), Math.max(due, pause, 0));
  }

  /** Sends a row. Returns whether the next one can be sent. @param {Row} row */
  async attempt(row) {
    this.tell('sending');
    try {
      if (this.isUnsure) await this.options.checkUser();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.pause(error);
    }
    try {
      this.isUnsure = false;
      this.options.onSend(row);
      const body = row.text ? await this.sendText(row) : row.anchors ? await sendMove(row) : await sendRow(row);
      this.failures = 0;
      this.state = 'idle';
      this.finish(row);
      const id = row.temporary && firstId(body);
      if (row.temporary && id) this.rename(row.temporary, id);
      if (body !== CONFLICT) this.options.onDone(row, body);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.fail(row, error);
    }
  }

  /** Sends nothing until the next attempt, or until the person has signed in again. @param {ApiError} error */
  pause(error) {
    this.isUnsure = true;
    if (error.status === 401) this.state = 'signed-out';
    else {
      this.failures += 1;
      this.state = 'offline';
    }
    return false;
  }

  /** @param {Row} row @param {ApiError} error */
  fail(row, error) {
    if (error.status === 500) row.errors = (row.errors ?? 0) + 1;
    if (error.status === 401 || (error.isTemporary && (row.errors ?? 0) < MAX_ERRORS)) return this.pause(error);
    this.finish(row);
    // What is already deleted need not be deleted again.
    if (row.notBefore && error.status === 404) this.options.onDone(row, {});
    else this.options.onFailed(row, error);
    if (row.temporary) this.dropDependents(row.temporary, error);
    return true;
  }

  /** Changes of an object that could not be created cannot be made. @param {string} temporary @param {ApiError} error */
  dropDependents(temporary, error) {
    for (const row of this.rows.filter((one) => JSON.stringify(one).includes(temporary))) {
      this.finish(row);
      this.options.onFailed(row, error);
    }
  }

  /** @param {Row} row */
  finish(row) {
    this.rows = this.rows.filter((one) => one.key !== row.key);
    db.forget([row.key]);
  }

  /** @param {string} temporary @param {string} id */
  rename(temporary, id) {
    this.rows = this.rows.map((row) => withId(row, temporary, id));
    db.keep(this.rows);
  }

  /** Changes a text only if it is still the one that the person began with. @param {Row} row */
  async sendText(row) {
    const text = /** @type {NonNullable<Row['text']>} */ (row.text);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const read = await send('GET', row.path, limits(row));
      const theirs = Object.values(read.body)[0]?.[text.field] ?? null;
      if (theirs !== text.base && theirs !== (row.body[text.field] ?? null)) {
        this.options.onConflict(row, theirs);
        return CONFLICT;
      }
      try {
        return (await send(row.method, row.path, { body: row.body, etag: read.etag ?? undefined, ...limits(row) })).body;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 412) throw error;
      }
    }
    throw new ApiError(0, 'busy', 'Others are changing this at the same time');
  }

  /** @param {QueueState} [state] */
  tell(state = this.state) {
    this.options.onState(state, this.rows.filter((row) => !row.notBefore || row.notBefore <= Date.now()).length);
  }
}

/** Stands for a text that was not sent. */
const CONFLICT = Symbol('conflict');

/** Where a row is sent to, and for how long. @param {Row} row */
const limits = (row) => ({ workspace: row.workspace, signal: AbortSignal.timeout(TIME_LIMIT) });

/** @param {Row} row @param {any} [body] */
async function sendRow(row, body = row.body) {
  return (await send(row.method, row.path, { body, key: row.method === 'POST' ? row.key : undefined, ...limits(row) })).body;
}

/** Moves a task after or before its neighbors. If both are gone, to the end. @param {Row} row */
async function sendMove(row) {
  const [after, before] = row.anchors ?? [];
  const places = [after && { after }, before && { before }, 'last'].filter(Boolean);
  for (const position of places) {
    try {
      return await sendRow(row, { ...row.body, position });
    } catch (error) {
      const isAnchor = error instanceof ApiError && error.code === 'task_not_found' && typeof position === 'object';
      if (!isAnchor || row.path.endsWith(/** @type {ApiError} */ (error).details.task_id)) throw error;
    }
  }
}

/** The id of the object in a response. @param {any} body */
function firstId(body) {
  return Object.values(body ?? {}).find((value) => value && typeof value === 'object' && 'id' in value)?.id;
}
