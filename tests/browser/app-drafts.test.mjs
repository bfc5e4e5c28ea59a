// What somebody has begun to write survives the end of the session, a crash of the page and a crash of the browser.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { close, open, shows, start, until } from './app.mjs';
import { launchWith } from './browser.mjs';

const password = 'correct horse battery';

const { browser, server, state: joined } = await start((server, browser) => server.join(browser, 'grace@example.org', 'admin', password));
let state = joined;

const openTask = async (page) => {
  await page.locator('.card').getByRole('link', { name: 'task' }).click();
  await page.getByRole('button', { name: 'Add a description …' }).waitFor();
};

test('the session ends elsewhere while somebody writes: after signing in again, everything is there', async () => {
  const { path, project } = await server.board('Signed out', [{ label: 'task' }]);
  const page = await open(browser, server, state, path);
  await openTask(page);
  await page.getByRole('textbox', { name: 'New comment' }).fill('Half a comm');
  await page.getByRole('button', { name: 'Add a description …' }).click();
  await page.getByRole('textbox', { name: 'Description', exact: true }).fill('A long thought');
  for (const { id } of JSON.parse(server.command('session', 'list', '--json'))) server.command('session', 'end', id);
  await page.getByText('You are signed out.').waitFor();
  // A change is kept until it can be sent.
  await page.getByRole('textbox', { name: 'Title' }).fill('task, renamed');
  await page.keyboard.press('Enter');
  await page.getByText('1 change is kept in this browser.').waitFor();
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await page.getByLabel('Email').fill('grace@example.org');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('You have an unsaved draft.').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'New comment' }).inputValue(), 'Half a comm');
  await page.getByRole('button', { name: 'Continue' }).click();
  assert.equal(await page.getByRole('textbox', { name: 'Description', exact: true }).inputValue(), 'A long thought');
  await until(async () => (await server.call('GET', `/v1/tasks?project=${project}`)).tasks[0].label === 'task, renamed', 'the kept change is sent');
  state = await page.context().storageState();
  await close(page);
});

test('the page crashes while somebody writes', async () => {
  const { path } = await server.board('Crash', [{ label: 'task' }]);
  const page = await open(browser, server, state, path);
  await openTask(page);
  await page.getByRole('textbox', { name: 'New comment' }).pressSequentially('Half a comm');
  const crashed = new Promise((resolve) => { page.on('crash', resolve); });
  page.goto('chrome://crash').catch(() => {});
  await crashed;
  const next = await page.context().newPage();
  await next.goto(server.origin + path);
  await next.locator('.card').getByRole('link', { name: 'task' }).click();
  await until(async () => (await next.getByRole('textbox', { name: 'New comment' }).inputValue()) === 'Half a comm', 'the comment is there');
  await page.context().close();
});

/** The drafts that a crash of the browser leaves. */
const draftsInDatabase = (page) => page.evaluate(() => new Promise((resolve, reject) => {
  const opened = indexedDB.open('tackboard-drafts');
  opened.onerror = () => reject(opened.error);
  opened.onsuccess = () => {
    const all = opened.result.transaction('rows').objectStore('rows').getAll();
    all.onerror = () => reject(all.error);
    all.onsuccess = () => {
      opened.result.close();
      resolve(all.result.map(({ value }) => value));
    };
  };
}));

test('the browser is killed while somebody writes, with changes that were not sent', async () => {
  const { path, project } = await server.board('Killed', [{ label: 'task' }, { label: 'other' }]);
  const profile = mkdtempSync(join(tmpdir(), 'tackboard-profile-'));
  let context;
  let kill;
  try {
    ({ context, kill } = await launchWith(profile));
    let page = context.pages()[0];
    await context.addCookies(state.cookies);
    await page.goto(server.origin + path);
    await page.locator('.card').getByRole('link', { name: 'other' }).focus();
    await page.route('**/v1/tasks/**', (route) => (route.request().method() === 'PATCH' ? route.abort() : route.continue()));
    await page.keyboard.press('3');
    await shows(page, [[['task'], [], ['other']]]);
    await openTask(page);
    await page.getByRole('textbox', { name: 'New comment' }).pressSequentially('Half a comm');
    await page.getByText('1 change is kept in this browser.').waitFor();
    await until(async () => (await draftsInDatabase(page)).includes('Half a comm'), 'the draft is in the database');
    await kill();
    ({ context, kill } = await launchWith(profile));
    await context.addCookies(state.cookies);
    page = context.pages()[0];
    await page.goto(server.origin + path);
    await page.locator('.card').getByRole('link', { name: 'task' }).click();
    await until(async () => (await page.getByRole('textbox', { name: 'New comment' }).inputValue()) === 'Half a comm', 'the comment is there');
    await until(async () => (await server.call('GET', `/v1/tasks?project=${project}&status=2`)).tasks.length === 1, 'the change is sent', 40_000);
  } finally {
    await kill?.();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});
