// Runs Chromium for the tests of web pages, in phone and desktop size, light and dark. A test fails if a page logs an error
// to the console, violates its content security policy, or sends a request to another origin.
//
// Run under .ci/with-server, which sets TACKBOARD_ORIGIN and TACKBOARD_TOKEN:
// bash .ci/with-server node --test tests/browser/

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';

/** The server under test, and a token with all scopes. */
export const origin = process.env.TACKBOARD_ORIGIN;
export const token = process.env.TACKBOARD_TOKEN;
assert.ok(origin && token, 'run this under .ci/with-server');

/** All combinations of size and color scheme. */
export const views = [
  { name: 'phone, light', width: 390, height: 844, scheme: 'light' },
  { name: 'phone, dark', width: 390, height: 844, scheme: 'dark' },
  { name: 'desk, light', width: 1280, height: 900, scheme: 'light' },
  { name: 'desk, dark', width: 1280, height: 900, scheme: 'dark' },
];

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Starts the browser, with more arguments if there are any; the caller closes it. */
export function launch(more = []) {
  return chromium.launch({ executablePath, args: [...ARGUMENTS, ...more] });
}

/**
 * Starts the browser with a profile in this folder. `kill` ends it as a crash would; the caller does that.
 *
 * @returns {Promise<{ context: import('playwright-core').BrowserContext, kill: () => Promise<void> }>}
 */
export async function launchWith(profile) {
  const child = spawn(executablePath, [...ARGUMENTS, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let said = '';
  const address = await new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(`the browser ended: ${said}`)));
    child.stderr.on('data', (text) => {
      said += text;
      const found = said.match(/DevTools listening on (ws:\S+)/);
      if (found) resolve(found[1]);
    });
  });
  const ended = new Promise((resolve) => { child.removeAllListeners('exit').on('exit', resolve); });
  const browser = await chromium.connectOverCDP(address);
  const kill = async () => {
    // With all its processes.
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  return { context: browser.contexts()[0], kill };
}

/**
 * Opens a page of the server in a view and passes it to `visit`. Then checks for the failures described above. `allow`
 * gets a console message and returns whether this test expects it, for example the browser's own message about a 404.
 */
export async function inView(browser, view, path, visit, allow = () => false) {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.scheme,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const wrongs = [];
  try {
    const page = await context.newPage();
    page.on('console', (message) => {
      const text = message.text();
      if (['error', 'warning'].includes(message.type()) && !allow(text)) wrongs.push(`console: ${text}`);
    });
    page.on('pageerror', (error) => wrongs.push(`script: ${error.message}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && !['data:', 'blob:'].includes(url.protocol)) wrongs.push(`request to ${url}`);
    });
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await page.goto(origin + path);
    await visit(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(wrongs, [], `${view.name} ${path}`);
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails if the page, in its current state, has accessibility problems. */
export async function isAccessible(page) {
  // Otherwise the colors of what is just fading in would be judged.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  // Bypasses the page's policy, which forbids scripts such as this one.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html).join(' | ')}`);
  assert.deepEqual(told, [], page.url());
}

/** Fails if the page scrolls horizontally. */
export async function fits(page) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= room, `${page.url()} is ${wide} px wide in ${room} px`);
}
