// The state of the app: who is signed in, the workspace, its boards, the open board, and the connection.

import { newKey } from './db.js';
import * as intents from './intents.js';
import * as boardIntents from './intents-board.js';
import { announce } from './dom.js';

/** @typedef {import('./types.js').Call} Call */
/** @typedef {import('./types.js').Outcome} Outcome */
/** @typedef {import('./replica.js').Replica} Replica */

const { UNDO_TIME: _, lastOf: __, ...onlyIntents } = intents;
/** @type {Record<string, (world: any, args: any) => Outcome>} */
const all = { ...boardIntents, ...onlyIntents };

/**
 * @typedef {object} State
 * @property {import('./types.js').Session|null} session
 * @property {import('./types.js').Workspace|null} workspace
 * @property {Map<string, import('./types.js').Board>|null} boards Null until they are loaded.
 * @property {'live'|'connecting'|'offline'|'signed-out'} stream
 * @property {number} waiting The changes that could not be sent yet.
 * @property {boolean} signedOut
 */

/** @type {State} */
export const state = { session: null, workspace: null, boards: null, stream: 'connecting', waiting: 0, signedOut: false };

/** What the rest of the app works with. @type {{ queue: import('./queue.js').Queue, stream: import('./stream.js').Stream, replica: Replica|null, view: import('./views/board.js').BoardView|null, settled: Set<(row: import('./types.js').Row, isDone: boolean) => void> }} */
export const app = /** @type {any} */ ({ replica: null, view: null, settled: new Set() });

/** @type {Set<(changed: (keyof State)[]) => void>} */
const listeners = new Set();

/** Calls a function after changes of the state. @param {(changed: (keyof State)[]) => void} listener */
export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Changes the state. @param {Partial<State>} changes */
export function update(changes) {
  const names = /** @type {(keyof State)[]} */ (Object.keys(changes)).filter((name) => state[name] !== changes[name] || name === 'boards');
  Object.assign(state, changes);
  if (names.length > 0) for (const listener of [...listeners]) listener(names);
}

/** Whether the person may change boards. */
export const canWrite = () => state.workspace !== null && state.workspace.role !== 'viewer';
/** Whether the person may manage members, tokens and webhooks. */
export const canManage = () => state.workspace !== null && ['admin', 'owner'].includes(state.workspace.role);

/** @type {Call[]} */
const history = [];
/** @type {Set<(outcome: Outcome) => void>} */
const watchers = new Set();

/** Calls a function after each action of the person. @param {(outcome: Outcome) => void} watcher */
export function onAction(watcher) {
  watchers.add(watcher);
}

/**
 * Does what a person wants on the open board: shows it at once, and sends it.
 *
 * @param {string} name The name of an intent.
 * @param {any} args
 * @param {{ isUndo?: boolean, quiet?: boolean }} [options]
 * @returns {Outcome}
 */
export function act(name, args, { isUndo = false, quiet = false } = {}) {
  const replica = app.replica;
  if (!replica || !canWrite()) return { rows: [], say: '' };
  const outcome = all[name]({ objects: replica.seen, key: newKey, now: Date.now() }, args);
  for (const row of outcome.rows) {
    row.board = replica.id;
    replica.add(row);
  }
  if (outcome.cancels) cancel(replica, outcome);
  if (outcome.rows.length > 0) app.queue.add(outcome.rows);
  if (outcome.undo && !isUndo) history.push(outcome.undo);
  if (outcome.say) announce(outcome.say);
  if (!quiet) for (const watcher of watchers) watcher(outcome);
  return outcome;
}

/** @param {Replica} replica @param {Outcome} outcome */
function cancel(replica, outcome) {
  const taken = app.queue.cancel(outcome.cancels ?? []);
  for (const row of taken) replica.drop(row.key);
  if (taken.length === 0) outcome.say = 'It can no longer be restored';
}

/** Undoes the last action. */
export function undo() {
  const call = history.pop();
  if (!call) return announce('There is nothing to undo');
  const outcome = act(call.name, call.args, { isUndo: true });
  if (outcome.say) announce(`Undone. ${outcome.say}`);
}

/** Makes calls name a new object by its id. @param {string} temporary @param {string} id */
export function renameInHistory(temporary, id) {
  for (const [at, call] of history.entries()) {
    const text = JSON.stringify(call);
    if (text.includes(temporary)) history[at] = JSON.parse(text.replaceAll(temporary, id));
  }
}

/** Forgets what can be undone: another board was opened. */
export function forgetHistory() {
  history.length = 0;
}
