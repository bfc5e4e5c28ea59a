// Follows the events of the workspace. One tab of the browser holds the connection and passes the events on to the others:
// over HTTP/1.1 a browser opens only six connections to a server.

import { ApiError, get, open } from './api.js';
import { newKey, recall, remember } from './db.js';
import { sseParser } from './sse.js';

/** @typedef {import('./types.js').JournalEvent} JournalEvent */
/** @typedef {{ since: number, to: number, events: JournalEvent[], reset?: boolean }} Batch Events after `since`, up to `to`. */
/** @typedef {'live'|'connecting'|'offline'|'signed-out'} StreamState */

/** The lease of the tab that holds the connection, in milliseconds, and how often it is renewed. */
const LEASE = 6000;
const RENEW = 2000;
/** The server sends something at least every 20 seconds. */
const SILENCE = 45_000;

/** Reads events from where it is, without gaps and repeats. */
class Follower {
  /** @param {number} at @param {(events: JournalEvent[]) => void} onEvents @param {() => void} onReset */
  constructor(at, onEvents, onReset) {
    this.at = at;
    this.onEvents = onEvents;
    this.onReset = onReset;
    /** @type {Batch[]|null} */
    this.waiting = null;
  }

  /** @param {Batch} batch */
  take(batch) {
    if (this.waiting) this.waiting.push(batch);
    else if (batch.reset) this.onReset();
    else if (batch.since > this.at) this.catchUp(batch);
    else if (batch.to > this.at) {
      const events = batch.events.filter((event) => event.sequence > this.at);
      this.at = batch.to;
      if (events.length > 0) this.onEvents(events);
    }
  }

  /** Reads what was missed from the journal. @param {Batch} batch */
  async catchUp(batch) {
    this.waiting = [batch];
    try {
      for (let done = false; !done;) {
        const page = await get(`/v1/events?since=${this.at}&limit=500`);
        this.at = page.next_since;
        if (page.events.length > 0) this.onEvents(page.events);
        done = page.next_since >= page.latest;
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 410) this.onReset();
    }
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const one of waiting) if (one.since <= this.at) this.take(one);
  }
}

export class Stream {
  /** @param {string} workspace @param {(state: StreamState) => void} onState */
  constructor(workspace, onState) {
    this.workspace = workspace;
    this.onState = onState;
    this.tab = newKey();
    /** @type {Set<Follower>} */
    this.followers = new Set();
    this.channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(`tackboard:${workspace}`) : null;
    this.channel?.addEventListener('message', ({ data }) => {
      if (data.batch) this.deliver(data.batch);
      if (data.state && !this.leads) this.onState(data.state);
    });
    /** @type {AbortController|null} */
    this.connection = null;
    this.leads = false;
    this.timer = setInterval(() => this.elect(), RENEW);
    addEventListener('pagehide', () => this.resign());
    addEventListener('pageshow', (event) => event.persisted && this.elect());
    addEventListener('online', () => this.wake());
  }

  /**
   * Calls a function with all events after a sequence, in order. `onReset` means that events were missed for good.
   *
   * @param {number} at
   * @param {(events: JournalEvent[]) => void} onEvents
   * @param {() => void} onReset
   */
  follow(at, onEvents, onReset) {
    const follower = new Follower(at, onEvents, onReset);
    this.followers.add(follower);
    // The tab that leads may be further: it says where it is, and this one reads what it has missed.
    if (this.leads && this.at !== undefined) follower.take({ since: this.at, to: this.at, events: [] });
    this.elect();
    const moveTo = (/** @type {number} */ sequence) => {
      follower.at = sequence;
    };
    return { close: () => this.followers.delete(follower), moveTo };
  }

  /** Becomes the tab that holds the connection if there is none. */
  elect() {
    const name = `lease:${this.workspace}`;
    const now = Date.now();
    const lease = recall(name);
    const isFree = !lease || lease.until < now || lease.tab === this.tab;
    if (!isFree) {
      if (this.leads) this.stop();
      return;
    }
    if (this.followers.size === 0 && !this.leads) return;
    remember(name, { tab: this.tab, until: now + LEASE });
    if (this.leads) return;
    this.leads = true;
    // Two tabs may have written at the same time: the last one leads.
    setTimeout(() => (recall(name)?.tab === this.tab ? this.connect() : this.stop()), 60);
  }

  resign() {
    if (!this.leads) return;
    remember(`lease:${this.workspace}`, undefined);
    this.stop();
  }

  stop() {
    this.leads = false;
    this.connection?.abort();
    this.connection = null;
  }

  /** Tries again now. */
  wake() {
    if (this.leads) this.reconnect();
    else this.elect();
  }

  reconnect() {
    this.connection?.abort();
    this.connection = null;
    this.connect();
  }

  async connect() {
    if (!this.leads || this.connection) return;
    const connection = new AbortController();
    this.connection = connection;
    this.at = Math.min(...[...this.followers].map((follower) => follower.at));
    for (let failures = 0; this.connection === connection;) {
      try {
        this.tell(failures === 0 ? 'connecting' : 'offline');
        await this.read(connection, () => { failures = 0; });
      } catch (error) {
        if (this.connection !== connection) return;
        if (error instanceof ApiError && error.status === 401) this.tell('signed-out');
        else if (failures > 0) this.tell('offline');
      }
      failures += 1;
      await new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** failures, 10_000) * (0.75 + Math.random() / 2)));
    }
  }

  /** Reads the stream until it ends. @param {AbortController} connection @param {() => void} onOpen */
  async read(connection, onOpen) {
    const from = Number.isFinite(this.at) ? `?since=${this.at}` : '';
    const response = await open('GET', `/v1/events/stream${from}`, { signal: connection.signal });
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    const decoder = new TextDecoder();
    const parse = sseParser();
    onOpen();
    this.tell('live');
    for (;;) {
      const silence = setTimeout(() => reader.cancel(), SILENCE);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done || this.connection !== connection) return;
      this.pass(parse(decoder.decode(value, { stream: true })));
    }
  }

  /** Passes events on to all tabs. @param {{ id: string, event: string, data: string }[]} received */
  pass(received) {
    const last = received.at(-1);
    if (!last) return;
    const to = Number(last.id);
    const reset = received.some(({ event }) => event === 'reset');
    const events = received.filter(({ event, data }) => data !== '' && event !== 'reset').map(({ data }) => JSON.parse(data));
    const since = Number.isFinite(this.at) ? /** @type {number} */ (this.at) : to - 1;
    this.at = to;
    const batch = { since, to, events, reset };
    this.channel?.postMessage({ batch });
    this.deliver(batch);
  }

  /** @param {Batch} batch */
  deliver(batch) {
    for (const follower of this.followers) follower.take(batch);
  }

  /** @param {StreamState} state */
  tell(state) {
    this.channel?.postMessage({ state });
    this.onState(state);
  }
}
