// Starts the app: reads the session, chooses the workspace, and opens the page of the address.

import { ApiError, get, onSessionEnd, useWorkspace } from './api.js';
import { recall, remember } from './db.js';
import { keepDraft, keepRefused, restoreDrafts } from './drafts.js';
import { Queue } from './queue.js';
import { addRoutes, start } from './router.js';
import { app, renameInHistory, state, update } from './store.js';
import { Stream } from './stream.js';
import * as boardView from './views/board.js';
import { Shell } from './views/shell.js';
import { toast } from './views/toast.js';

const loadBoards = () => import('./views/boards.js');

addRoutes([
  { path: '/app', view: 'boards', load: loadBoards },
  { path: '/app/boards/:board', view: 'board', load: () => boardView },
  { path: '/app/boards/:board/tasks/:task', view: 'board', load: () => boardView },
  { path: '/app/tasks', view: 'tasks', load: () => import('./views/tasks.js') },
  { path: '/app/cards', view: 'cards', load: () => import('./views/cards.js') },
  { path: '/app/cards/new', view: 'card-editor', load: () => import('./views/card-editor.js') },
  { path: '/app/cards/:card', view: 'card-editor', load: () => import('./views/card-editor.js') },
  { path: '/app/cards/:card/send', view: 'card-send', load: () => import('./views/card-send.js') },
  { path: '/app/cards/:card/recipients', view: 'card-recipients', load: () => import('./views/card-recipients.js') },
  { path: '/app/settings', view: 'settings', load: () => import('./views/settings.js') },
  { path: '/app/settings/:section', view: 'settings', load: () => import('./views/settings.js') },
  { path: '/app/settings/:section/:id', view: 'settings', load: () => import('./views/settings.js') },
]);

/** Goes on after the person has signed in again, in another tab or on the page that the notice leads to. */
function watchSession() {
  document.addEventListener('visibilitychange', async () => {
    if (document.hidden || !state.signedOut) return;
    try {
      await checkUser(state.session?.user.id ?? '');
    } catch {
      return;
    }
    update({ signedOut: false });
    app.queue.wake();
    app.stream.wake();
  });
}

/** @param {import('./types.js').Session} session */
async function run(session) {
  const wanted = new URLSearchParams(location.search).get('workspace') ?? recall(`workspace:${session.user.id}`);
  const workspace = session.workspaces.find((/** @type {any} */ one) => [one.id, one.slug].includes(wanted)) ?? session.workspaces[0] ?? null;
  update({ session, workspace });
  const shell = new Shell();
  document.body.append(shell.node);
  if (!workspace) return shell.show({ title: 'No workspace', node: shell.withoutWorkspace() });
  remember(`workspace:${session.user.id}`, workspace.id);
  useWorkspace(workspace.id);
  app.queue = newQueue(workspace.id, session.user.id);
  app.stream = new Stream(workspace.id, (stream) => update({ stream, signedOut: stream === 'signed-out' ? true : stream === 'live' ? false : state.signedOut }));
  onSessionEnd(() => update({ signedOut: true }));
  watchSession();
  await Promise.all([restoreDrafts(), app.queue.restore()]);
  await Promise.all([start((view) => shell.show(view)), shell.followBoards()]);
  // The way back to the boards works also without a connection.
  loadBoards().catch(() => {});
}

/** Loads the page again if somebody else has signed in meanwhile. @param {string} user */
async function checkUser(user) {
  const { session } = await get('/v1/session');
  if (session.user.id === user) return;
  location.reload();
  throw new ApiError(0, 'other_user', 'Somebody else has signed in');
}

/** @param {string} workspace @param {string} user */
function newQueue(workspace, user) {
  return new Queue({
    workspace,
    user,
    checkUser: () => checkUser(user),
    onAdopt: (rows) => {
      for (const row of rows) if (row.board === app.replica?.id) app.replica?.add(row);
    },
    onSend: (row) => app.replica?.send(row),
    onDone: (row, body) => {
      if (state.signedOut) update({ signedOut: false });
      const id = row.temporary && Object.values(body).find((/** @type {any} */ one) => one?.id)?.id;
      if (id) renameInHistory(/** @type {string} */ (row.temporary), id);
      app.replica?.settle(row.key, body);
      for (const listener of app.settled) listener(row, true);
    },
    onFailed: (row, error) => {
      keepRefused(row);
      app.replica?.drop(row.key);
      for (const listener of app.settled) listener(row, false);
      toast(`${row.what} did not work: ${error.message}`, { kind: 'bad', stays: true });
    },
    onConflict: (row, theirs) => {
      const text = row.text && row.body[row.text.field];
      if (row.text) keepDraft(`conflict:${row.text.id}:${row.text.field}`, { mine: text, theirs });
      app.replica?.drop(row.key);
      toast(`${row.what}: somebody else has changed it too. Open it to choose a version.`, { kind: 'bad', stays: true });
    },
    onState: (queue, waiting) => update({ waiting: queue === 'offline' || queue === 'signed-out' ? waiting : 0, signedOut: queue === 'signed-out' ? true : state.signedOut }),
  });
}

const problem = document.createElement('p');
problem.className = 'blank';
problem.setAttribute('role', 'alert');

/** Starts the app, again and again while the server cannot be reached. */
async function begin() {
  try {
    const { session } = await get('/v1/session');
    problem.remove();
    await run(session);
  } catch (error) {
    console.info(error);
    if (error instanceof ApiError && error.status === 401) return location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    const wait = error instanceof ApiError && error.isTemporary && !state.session ? error.wait : 0;
    problem.textContent = `The app could not start: ${/** @type {Error} */ (error).message}. ${wait ? 'Trying again …' : 'Reload the page to try again.'}`;
    document.body.append(problem);
    if (wait) setTimeout(begin, wait);
  }
}

// What nobody has caught: a part of the app that could not be loaded, or a request of a click.
addEventListener('unhandledrejection', ({ reason }) => {
  if (reason instanceof ApiError) toast(`${reason.message}.`, { kind: 'bad' });
  else if (reason instanceof TypeError && reason.message.includes('import')) toast('A part of the app could not be loaded. Try it again.', { kind: 'bad' });
});

begin();
