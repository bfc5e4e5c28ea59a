// Servers of their own for the tests of the board in the browser, and what these tests share.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

import { fits, isAccessible, launch } from './browser.mjs';

/** Where pictures of the pages are kept, if somebody wants to look at them. */
const shots = process.env.TACKBOARD_SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

/** Phone and desk, light and dark. Pictures are also taken of the size between. */
export const views = ['light', 'dark'].flatMap((scheme) => [
  { name: `phone, ${scheme}`, width: 360, height: 740, scheme },
  ...(shots ? [{ name: `tablet, ${scheme}`, width: 768, height: 1024, scheme }] : []),
  { name: `desk, ${scheme}`, width: 1400, height: 900, scheme },
]);

const program = process.env.TACKBOARD_PROGRAM ?? 'tackboard';

/** A server with a folder of its own. */
export class Server {
  /** Starts a server with an empty folder. */
  static async start() {
    const server = new Server();
    server.folder = mkdtempSync(join(tmpdir(), 'tackboard-app-'));
    await server.run('127.0.0.1:0');
    const first = readFileSync(join(server.folder, 'first-credentials'), 'utf8');
    [server.link] = first.match(/\/sign-in\/[\w-]{43}/);
    [server.token] = first.match(/km_\w+/);
    return server;
  }

  async run(listen) {
    this.process = spawn(program, ['--data', this.folder, '--listen', listen, '--webhook-allow', '127.0.0.1'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    this.origin = await new Promise((resolve, reject) => {
      this.process.on('exit', () => reject(new Error(`the server ended: ${out}`)));
      this.process.stdout.on('data', (text) => {
        out += text;
        const ready = out.match(/tackboard ready at (\S+)/);
        if (ready) resolve(ready[1]);
      });
    });
  }

  /** Ends the server as a power failure would, and starts it again at the same address. */
  async crash() {
    const ended = new Promise((resolve) => { this.process.removeAllListeners('exit').on('exit', resolve); });
    this.process.kill('SIGKILL');
    await ended;
    await this.run(new URL(this.origin).host);
  }

  async stop() {
    const ended = new Promise((resolve) => { this.process.removeAllListeners('exit').on('exit', resolve); });
    this.process.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Calls the API with the first token. */
  async call(method, path, body) {
    const response = await fetch(this.origin + path, { method, headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${text}`);
    return JSON.parse(text);
  }

  /** Adds a board with a project, and returns both ids. */
  async board(name = 'Board', tasks = []) {
    const { board } = await this.call('POST', '/v1/boards', { name });
    const { project } = await this.call('POST', '/v1/projects', { boardId: board.id, name: 'Project' });
    if (tasks.length > 0) await this.call('POST', '/v1/tasks/batch', { create: tasks.map((task) => ({ projectId: project.id, ...task })) });
    return { board: board.id, project: project.id, path: `/app/boards/${board.id}` };
  }

  /** Adds a board with many cards as they are used: with labels, assignees, due dates and descriptions. Returns its path. */
  async bigBoard(count) {
    const { board, path } = await this.board('Big');
    const labels = [];
    for (const [name, color] of [['Bug', '#dc2626'], ['Idea', '#2563eb'], ['Later', '#78716c']]) labels.push((await this.call('POST', `/v1/boards/${board}/labels`, { name, color })).label.id);
    const [{ id: person }] = (await this.call('GET', '/v1/members')).members;
    const projects = [];
    for (let at = 0; at < 8; at += 1) projects.push((await this.call('POST', '/v1/projects', { boardId: board, name: `Project ${at}` })).project.id);
    const task = (at) => ({ projectId: projects[at % 8], label: `Task ${at} with a title of the usual length`, status: at % 3, labelIds: at % 2 ? [labels[at % 3]] : [], assigneeIds: at % 3 ? [person] : [], ...(at % 4 === 0 && { dueOn: '2026-05-01' }), ...(at % 5 === 0 && { description: 'Text' }) });
    const all = Array.from({ length: count }, (_, at) => task(at));
    for (let from = 0; from < count; from += 200) await this.call('POST', '/v1/tasks/batch', { create: all.slice(from, from + 200) });
    return path;
  }

  /** Runs a command of the program on the server's folder. */
  command(...args) {
    return execFileSync(program, ['--data', this.folder, ...args], { encoding: 'utf8' });
  }

  /** Adds a person with a password to the workspace, and returns what a new context needs to be signed in. */
  async join(browser, email, role, password) {
    const [path] = this.command('user', 'invite', '--email', email, '--workspace', 'my-workspace', '--role', role).match(/\/invitations\/[\w-]{43}/);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(this.origin + path);
    await page.getByLabel('Your name').fill(email.split('@')[0]);
    await page.getByLabel('Password (optional)').fill(password);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('heading', { name: 'Boards', level: 1 }).waitFor();
    const state = await context.storageState();
    await context.close();
    return state;
  }

  /** Signs in, and returns what a new context needs to be signed in. */
  async signIn(browser) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(this.origin + this.link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Skip', exact: true }).click();
    await page.getByRole('heading', { name: 'Boards', level: 1 }).waitFor();
    const state = await context.storageState();
    await context.close();
    return state;
  }
}

/**
 * Starts a browser and a server for the tests of a file, and stops both after them. `state` makes a new context signed in.
 *
 * @param {(server: Server, browser: object) => Promise<object>} [signIn] Signs in; the owner if it is left out.
 */
export async function start(signIn = (server, browser) => server.signIn(browser)) {
  const browser = await launch();
  after(() => browser.close());
  const server = await Server.start();
  after(() => server.stop());
  return { browser, server, state: await signIn(server, browser) };
}

/**
 * Opens a page as a person who is signed in. `page.wrongs` has what went wrong on it: errors, violations of the policy, and
 * requests to other hosts.
 */
export async function open(browser, server, state, path, options = {}) {
  const context = await browser.newContext({ storageState: state, viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  page.wrongs = [];
  page.on('pageerror', (error) => page.wrongs.push(`script: ${error.stack}`));
  page.on('console', (message) => {
    // The browser itself reports requests that fail.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) page.wrongs.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server.origin)) page.wrongs.push(`request to ${request.url()}`);
  });
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  await page.goto(server.origin + path);
  return page;
}

/** Closes a page that must be without errors. */
export async function close(page) {
  await page.context().close();
  assert.deepEqual(page.wrongs, []);
}

/** Waits until all parts of a page are loaded. */
export const loaded = (page) => page.waitForFunction(() => document.querySelector('main h1, main h2') && !document.querySelector('[aria-busy="true"]'));

/** The cards as they are shown: by project and column. */
export const cells = (page) => page.evaluate(() => [...document.querySelectorAll('.row')].map((row) => [...row.querySelectorAll('.cards')].map((list) => [...list.children].map((card) => card.querySelector('a').textContent))));

/** Waits until something is so. */
export async function until(check, what, patience = 15_000) {
  let last;
  for (let end = Date.now() + patience; Date.now() < end;) {
    last = await check();
    if (last === true) return;
    await new Promise((resolve) => { setTimeout(resolve, 30); });
  }
  assert.fail(`${what}: ${JSON.stringify(last)}`);
}

/** Waits until the cards are these. */
export async function shows(page, expected) {
  let last;
  await until(async () => {
    last = await cells(page);
    return JSON.stringify(last) === JSON.stringify(expected) || last;
  }, JSON.stringify(expected));
}

/** Checks that a page fits the window and is accessible, and keeps a picture of it. */
export async function look(page, view, name) {
  await fits(page);
  const [wide, room] = await page.evaluate(() => ['scrollWidth', 'clientWidth'].map((name) => document.getElementById('main')?.[name] ?? 0));
  assert.ok(wide <= room, `${page.url()}: the content is ${wide} px wide in ${room} px`);
  await isAccessible(page);
  if (shots) await page.screenshot({ path: join(shots, `${name}-${view.width}-${view.scheme}.png`) });
}

/** Looks at a page in all sizes and schemes. `before` and `after` are done in each, for example to open and close a dialog. */
export async function lookEverywhere(page, name, before = async () => {}, after = async () => {}) {
  for (const view of views) {
    await page.setViewportSize({ width: view.width, height: view.height });
    await page.emulateMedia({ colorScheme: view.scheme });
    await before();
    await look(page, view, name);
    await after();
  }
}

/** The changes before the next page is offline. */
const PHASE = 12;

/**
 * Lets two pages change a board at random. The first is offline for a while, then the second, then none: half of the changes are
 * made offline. In the end both must show what the server has, and every task that was added must be there.
 *
 * @param {{ turns: number, seed: number, crashes?: number }} options `crashes` is how often the server is killed.
 */
export async function converge(pages, server, project, { turns, seed, crashes = 0 }) {
  let state = seed;
  const pick = (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor(state / 65_536) % below;
  };
  const keys = ['Shift+ArrowRight', 'Shift+ArrowLeft', 'Shift+ArrowDown', 'Shift+ArrowUp', '1', '2', '3'];
  const before = (await server.call('GET', `/v1/tasks?project=${project}&limit=500`)).tasks.length;
  let added = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    const phase = Math.floor(turn / PHASE) % 3;
    if (turn % PHASE === 0) for (const [at, page] of pages.entries()) await page.context().setOffline(at === phase);
    if (crashes > 0 && turn > 0 && turn % Math.ceil(turns / (crashes + 1)) === 0) await server.crash();
    const offline = pages[phase];
    const page = offline && pick(2) > 0 ? offline : pages[pick(2)];
    const links = page.locator('.card-title');
    await links.nth(pick(await links.count())).focus();
    if (pick(8) > 0) {
      await page.keyboard.press(keys[pick(keys.length)]);
      continue;
    }
    added += 1;
    await page.keyboard.press('t');
    await page.keyboard.type(`new ${added}`);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
  }
  for (const page of pages) await page.context().setOffline(false);
  const expected = async () => {
    const { tasks } = await server.call('GET', `/v1/tasks?project=${project}&sort=position&limit=500`);
    return [0, 1, 2].map((status) => tasks.filter((task) => task.status === status).map((task) => task.label));
  };
  await until(async () => {
    const [a, b] = await Promise.all(pages.map((page) => cells(page)));
    const c = [await expected()];
    return (JSON.stringify(a) === JSON.stringify(b) && JSON.stringify(b) === JSON.stringify(c)) || [a, b, c];
  }, 'both show what the server has');
  const all = (await expected()).flat();
  assert.equal(all.length, before + added);
  assert.equal(new Set(all).size, all.length);
}
