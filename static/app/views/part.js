// A part of a page that shows what the server returns: loading, the content, or why it could not be loaded. It is loaded again
// after changes by anybody.

import { ApiError, get } from '../api.js';
import { button, fill, h, icon } from '../dom.js';
import { app, state, subscribe } from '../store.js';
import { counted } from '../text.js';

/** Milliseconds without further events before a part is loaded again. */
const PAUSE = 150;

/**
 * @template T
 * @param {object} options
 * @param {(signal: AbortSignal) => Promise<T>} options.load
 * @param {(data: T, reload: () => Promise<void>) => (Node|string|null|false)[]} options.show
 * @param {string[]} [options.nouns] Events about these make it load again: `member`, `token`.
 * @param {(event: import('../types.js').JournalEvent) => boolean} [options.concerns] Which of these events do.
 */
export function part({ load, show, nouns = [], concerns = () => true }) {
  const node = h('div', { class: 'part', 'aria-busy': 'true' }, skeleton());
  const closing = new AbortController();
  /** @type {{ close: () => void }|undefined} */
  let follower;
  let timer = 0;
  /** What is shown: nothing yet, the content, or the status of an error. @type {''|'content'|number} */
  let shown = '';
  let hasFailed = false;
  let turn = 0;

  const follow = async () => {
    if (nouns.length === 0 || follower) return;
    // Events that were already seen are harmless, missed ones are not: the position is read before the data.
    const at = (await get('/v1/events?limit=1', closing.signal)).latest;
    if (closing.signal.aborted || follower) return;
    const onEvents = (/** @type {import('../types.js').JournalEvent[]} */ events) => {
      if (events.some((event) => nouns.includes(event.type.split('.')[0]) && concerns(event))) soon();
    };
    const onReset = () => {
      follower?.close();
      follower = undefined;
      soon();
    };
    follower = app.stream.follow(at, onEvents, onReset);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(reload, PAUSE);
  };
  const fail = (/** @type {any} */ error) => {
    const isOld = shown === 'content';
    if (!isOld && shown !== error.status) {
      shown = error.status ?? '';
      fill(node, failed(error, reload));
    }
    if (!(error instanceof ApiError)) {
      if (isOld) throw error;
      return;
    }
    // What is shown gets old, and a page without a connection promises to try again.
    const triesAgain = isOld ? error.isTemporary : error.status === 0;
    clearTimeout(timer);
    if (triesAgain) timer = setTimeout(reload, error.wait);
  };
  const reload = async () => {
    turn += 1;
    const mine = turn;
    node.setAttribute('aria-busy', 'true');
    try {
      await follow();
      const data = await load(closing.signal);
      if (mine !== turn || closing.signal.aborted) return;
      hasFailed = false;
      shown = 'content';
      keepingFocus(node, () => fill(node, ...show(data, reload)));
    } catch (error) {
      if (closing.signal.aborted || mine !== turn) return;
      hasFailed = true;
      fail(error);
    } finally {
      if (mine === turn) node.setAttribute('aria-busy', 'false');
    }
  };
  const stop = subscribe((changed) => changed.includes('stream') && state.stream === 'live' && hasFailed && reload());
  const ready = reload();
  const close = () => {
    closing.abort();
    clearTimeout(timer);
    follower?.close();
    stop();
  };
  return { node, reload, close, ready };
}

/** What is shown while a page loads. It appears only if that takes a while. */
function skeleton() {
  return h('div', { class: 'skeleton' }, h('span', { class: 'hidden', role: 'status' }, 'Loading …'), h('i'), h('i'), h('i'));
}

/** Why something could not be loaded: icon, title and text. @param {any} error @returns {[string, string, string]} */
function reasonOf(error) {
  const message = `${error?.message ?? 'Something went wrong'}.`;
  const wait = error?.retryAfter ? ` Try again in ${counted(error.retryAfter, 'second')}.` : '';
  switch (error?.status) {
    case 0: return ['wifi-off', 'The server cannot be reached', 'It is loaded as soon as the connection is back.'];
    case 401: return ['log-out', 'You are signed out', 'Sign in again to see this.'];
    case 403: return ['triangle-alert', 'Your role does not allow this', 'Ask an owner or an admin of the workspace.'];
    case 404: return ['triangle-alert', 'There is nothing here', 'It may have been deleted, or the address is wrong.'];
    case 429: return ['clock', 'Too much at once', `${message}${wait}`];
    default: return ['triangle-alert', 'This could not be loaded', `${message}${wait}`];
  }
}

/** @param {any} error @param {() => void} again */
function failed(error, again) {
  if (!(error instanceof ApiError)) console.info(error);
  const [image, title, text] = reasonOf(error);
  return h('div', { class: 'blank small', role: 'alert' }, icon(image), h('h2', {}, title), h('p', {}, text), error?.status !== 403 && button('Try again', again, { class: 'button quiet' }));
}

/** Changes the content of an element; what had the focus gets it back by its `data-focus`, and what was open by its `data-open`. @param {HTMLElement} node @param {() => void} change */
export function keepingFocus(node, change) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const name = focused?.getAttribute('data-focus');
  const selection = focused instanceof HTMLInputElement && focused.type !== 'checkbox' ? [focused.selectionStart, focused.selectionEnd] : null;
  const opened = [...node.querySelectorAll('details[open][data-open]')].map((one) => one.getAttribute('data-open') ?? '');
  change();
  for (const one of opened) node.querySelector(`details[data-open="${CSS.escape(one)}"]`)?.setAttribute('open', '');
  if (!focused || focused.isConnected) return;
  const next = /** @type {HTMLElement|null} */ (name ? node.querySelector(`[data-focus="${CSS.escape(name)}"]`) : null) ?? /** @type {HTMLElement|null} */ (node.querySelector('[data-focus]'));
  next?.focus({ preventScroll: true });
  if (selection && next instanceof HTMLInputElement && next.getAttribute('data-focus') === name) next.setSelectionRange(selection[0], selection[1]);
}
