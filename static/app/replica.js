// A copy of a board: what the server has confirmed, the changes on their way, and what both together look like.

import { merge, shaped } from './merge.js';
import { overlay, withId } from './overlay.js';

/** @typedef {import('./types.js').Kind} Kind */
/** @typedef {import('./types.js').Row} Row */
/** @typedef {import('./types.js').JournalEvent} JournalEvent */
/** @typedef {{ kind: Kind, id: string, was?: string }[]} Touched What changed. `was` is the temporary id of a new object. */
/** @typedef {Record<Kind, Map<string, any>>} Objects */

/** @type {Kind[]} */
const KINDS = ['board', 'projects', 'lanes', 'labels', 'members', 'tasks', 'subtasks', 'comments'];
/** The kinds by the names that responses use. @type {Record<string, Kind>} */
const NAMES = { board: 'board', project: 'projects', lane: 'lanes', label: 'labels', task: 'tasks', subtask: 'subtasks', comment: 'comments' };

/** The counters of a task, which events of its subtasks and comments carry. */
const COUNTERS = ['subtasks_total', 'subtasks_completed', 'comments_total'];

export class Replica {
  /** @param {any} snapshot @param {Row[]} rows The changes that were not sent before the page was loaded. */
  constructor(snapshot, rows = []) {
    /** @type {string} */
    this.id = snapshot.board.id;
    /** @type {Row[]} */
    this.rows = [...rows];
    /** @type {Set<(touched: Touched|null) => void>} */
    this.listeners = new Set();
    /** Events wait while a new object has no id: its own event must not show it twice. @type {JournalEvent[]} */
    this.held = [];
    /** The rows that were sent, and the fields that events have changed since. @type {Map<string, Set<string>>} */
    this.sent = new Map();
    this.confirmed = empty();
    this.seen = empty();
    this.load(snapshot);
  }

  /** Takes a new snapshot. @param {any} snapshot */
  load(snapshot) {
    const keep = this.confirmed;
    this.confirmed = empty();
    this.confirmed.board.set(snapshot.board.id, snapshot.board);
    for (const kind of /** @type {Kind[]} */ (['projects', 'lanes', 'labels', 'members', 'tasks'])) {
      for (const object of snapshot[kind]) this.confirmed[kind].set(object.id, object);
    }
    if (keep.board.size > 0) {
      // The open task is read again by its panel; until then it shows what it has.
      this.confirmed.subtasks = keep.subtasks;
      this.confirmed.comments = keep.comments;
      for (const [id, task] of keep.tasks) {
        const now = this.confirmed.tasks.get(id);
        if (now && task.description !== undefined) this.confirmed.tasks.set(id, { ...now, description: task.description });
      }
    }
    this.seen = empty();
    for (const kind of KINDS) {
      for (const [id, object] of this.confirmed[kind]) this.seen[kind].set(id, object);
    }
    for (const row of this.rows) for (const { kind, id } of row.effects) this.refresh(kind, id);
    this.tell(null);
  }

  /** Adds what a request for one task has returned. @param {Kind} kind @param {any[]} objects */
  learn(kind, objects) {
    const touched = objects.map((object) => {
      const known = this.confirmed[kind].get(object.id);
      this.confirmed[kind].set(object.id, { ...known, ...object });
      this.refresh(kind, object.id);
      return { kind, id: object.id };
    });
    this.tell(touched);
  }

  /** Forgets the objects of a kind. @param {Kind} kind */
  forget(kind) {
    this.confirmed[kind].clear();
    this.seen[kind].clear();
    for (const row of this.rows) for (const effect of row.effects) if (effect.kind === kind) this.refresh(kind, effect.id);
  }

  /** Forgets objects that are gone. @param {Kind} kind @param {string[]} ids */
  unlearn(kind, ids) {
    for (const id of ids) {
      this.confirmed[kind].delete(id);
      this.refresh(kind, id);
    }
  }

  /** Calls a function after each change, with what changed; null for everything. @param {(touched: Touched|null) => void} listener */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Shows a change before the server has confirmed it. @param {Row} row */
  add(row) {
    this.rows.push(row);
    this.tell(this.refreshAll(row));
  }

  /** Notes that a row is on its way. @param {Row} row */
  send(row) {
    if (this.rows.some(({ key }) => key === row.key)) this.sent.set(row.key, new Set());
  }

  /**
   * Takes back a change that was not made: it was undone, or the server has refused it.
   *
   * @param {string} key
   */
  drop(key) {
    const row = this.rows.find((one) => one.key === key);
    if (!row) return;
    this.rows = this.rows.filter((one) => one !== row);
    this.sent.delete(key);
    this.tell([...this.refreshAll(row), ...this.release()]);
  }

  /**
   * Confirms a change with the response to it.
   *
   * @param {string} key
   * @param {any} body
   */
  settle(key, body) {
    const row = this.rows.find((one) => one.key === key);
    if (!row) return;
    const returned = objectsIn(body);
    const events = this.sent.get(key) ?? new Set();
    this.rows = this.rows.filter((one) => one !== row);
    this.sent.delete(key);
    const id = row.temporary ? returned[0]?.object.id : undefined;
    if (row.temporary && id) this.rows = this.rows.map((one) => withId(one, /** @type {string} */ (row.temporary), id));
    for (const effect of row.effects) this.confirm(effect, returned, events, row.temporary, id);
    const touched = this.refreshAll(row).map((one) => (id && one.id === row.temporary ? { ...one, id, was: row.temporary } : one));
    if (id) for (const { kind } of touched) this.refresh(kind, id);
    this.tell([...touched, ...this.release()]);
  }

  /**
   * @param {import('./types.js').Effect} effect
   * @param {{ kind: Kind, object: any }[]} returned
   * @param {Set<string>} events
   * @param {string|undefined} temporary
   * @param {string|undefined} id
   */
  confirm({ kind, id: own, create, set, remove }, returned, events, temporary, id) {
    const objects = this.confirmed[kind];
    const realId = own === temporary && id ? id : own;
    const object = returned.find((one) => one.kind === kind && one.object.id === realId)?.object;
    const known = objects.get(realId);
    if (remove) objects.delete(realId);
    else if (create && !known) objects.set(realId, { ...create, ...(object && shaped(kind, object)), id: realId });
    else if (set && known) {
      const next = { ...known };
      for (const [name, value] of Object.entries(set)) {
        // An event has changed the field since: it is this change, or one that came after it.
        if (events.has(`${kind} ${realId} ${name}`)) continue;
        next[name] = object && name in object ? object[name] : value;
      }
      objects.set(realId, next);
    }
  }

  /** Applies events in order. Returns whether the board has to be read again, or is gone. @param {JournalEvent[]} events */
  apply(events) {
    this.held.push(...events);
    return this.release(true);
  }

  /** @param {boolean} [tell] @returns {any} */
  release(tell = false) {
    /** @type {Touched} */
    const touched = [];
    let reload = false;
    let gone = false;
    const waits = this.rows.some((row) => row.temporary && this.sent.has(row.key));
    for (const event of waits ? [] : this.held.splice(0)) {
      const merged = merge(this.confirmed, event, this.id);
      reload ||= Boolean(merged.reload);
      gone ||= Boolean(merged.gone);
      for (const [kind, id] of merged.touched) {
        for (const name of [...Object.keys(event.changes ?? {}), ...(kind === 'tasks' ? COUNTERS : [])]) for (const fields of this.sent.values()) fields.add(`${kind} ${id} ${name}`);
        this.refresh(kind, id);
        touched.push({ kind, id });
      }
    }
    if (!tell) return touched;
    if (touched.length > 0) this.tell(touched);
    return { reload, gone };
  }

  /** @param {Row} row @returns {Touched} */
  refreshAll(row) {
    return row.effects.map(({ kind, id }) => {
      this.refresh(kind, id);
      return { kind, id };
    });
  }

  /** @param {Kind} kind @param {string} id */
  refresh(kind, id) {
    const object = overlay(this.confirmed[kind].get(id), this.rows, kind, id);
    if (object) this.seen[kind].set(id, object);
    else this.seen[kind].delete(id);
  }

  /** @param {Touched|null} touched */
  tell(touched) {
    if (touched && touched.length === 0) return;
    for (const listener of [...this.listeners]) listener(touched);
  }
}

/** @returns {Objects} */
function empty() {
  return /** @type {Objects} */ (Object.fromEntries(KINDS.map((kind) => [kind, new Map()])));
}

/** The objects in a response. @param {any} body @returns {{ kind: Kind, object: any }[]} */
function objectsIn(body) {
  /** @type {{ kind: Kind, object: any }[]} */
  const found = [];
  for (const [name, value] of Object.entries(body ?? {})) {
    if (NAMES[name]) found.push({ kind: NAMES[name], object: name === 'task' ? shaped('tasks', value) : value });
    if (name === 'created' || name === 'updated') for (const object of value) found.push({ kind: 'tasks', object });
  }
  return found;
}
