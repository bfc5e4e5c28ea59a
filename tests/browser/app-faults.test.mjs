// Requests that fail, are slow, or whose response is lost: nothing is lost, made twice or stuck.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { close, open, start } from './app.mjs';

const { browser, server, state } = await start();

/** Fails the first request to an address, before it reaches the server or only its response. */
async function failOnce(page, address, { method = 'GET', isSent = false } = {}) {
  let hasFailed = false;
  await page.route(address, async (route) => {
    if (hasFailed || route.request().method() !== method) return route.fallback();
    hasFailed = true;
    if (isSent) await route.fetch();
    return route.abort();
  });
}

test('a card is saved whatever its title is', async () => {
  for (const title of ['Привет', 'Grüße', 'Party 🎉']) {
    const page = await open(browser, server, state, '/app/cards/new');
    await page.locator('[name=title]').fill(title);
    await page.locator('[name=message]').fill('Hello');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL(/\/app\/cards\/[0-9a-f-]{36}$/);
    await close(page);
  }
});

test('what was created is not created again when its response is lost', async () => {
  const page = await open(browser, server, state, '/app/settings/tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name').fill('Only once');
  await failOnce(page, '**/v1/tokens', { method: 'POST', isSent: true });
  const create = page.getByRole('button', { name: 'Create token' });
  await create.click();
  await page.getByText('The server cannot be reached.').waitFor();
  await create.click();
  await page.getByText('Only once: lost with the first response').waitFor();
  const { tokens } = await server.call('GET', '/v1/tokens');
  assert.equal(tokens.filter(({ name }) => name === 'Only once').length, 1);
  await close(page);
});

test('a board that was left while it was loading does not disable the one that is shown', async () => {
  const slow = await server.board('Slow', [{ label: 'slow' }]);
  const { path } = await server.board('Quick', [{ label: 'quick' }]);
  const page = await open(browser, server, state, '/app');
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  await page.route(`**/v1/boards/${slow.board}/snapshot`, async (route) => {
    await released;
    await route.fallback();
  });
  const side = page.getByRole('navigation', { name: 'Workspace' });
  const asked = page.waitForRequest(`**/v1/boards/${slow.board}/snapshot`);
  await side.getByRole('link', { name: 'Slow' }).click();
  await asked;
  await side.getByRole('link', { name: 'Quick' }).click();
  await page.locator('.card', { hasText: 'quick' }).waitFor();
  const late = page.waitForResponse(`**/v1/boards/${slow.board}/snapshot`);
  release();
  await (await late).finished();
  assert.equal(new URL(page.url()).pathname, path);
  const saved = page.waitForResponse((response) => response.request().method() === 'PATCH');
  await page.locator('.card').getByRole('link').focus();
  await page.keyboard.press('3');
  assert.equal((await saved).status(), 200);
  await close(page);
});

test('the text of a comment that was refused comes back', async () => {
  const { path } = await server.board('Refused', [{ label: 'task' }]);
  const page = await open(browser, server, state, path);
  await page.locator('.card').getByRole('link').click();
  const field = page.getByRole('textbox', { name: 'New comment' });
  await page.route('**/comments', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 403, json: { error: { code: 'insufficient_scope', message: 'Not allowed', details: {} } } }) : route.fallback()));
  await field.fill('A long thought');
  await page.getByRole('button', { name: 'Comment', exact: true }).click();
  await page.getByText('Not allowed').first().waitFor();
  assert.equal(await field.inputValue(), 'A long thought');
  await close(page);
});

test('the app, and the panel of a task, try again by themselves', async () => {
  const { path } = await server.board('Again', [{ label: 'task', description: 'What it is about' }]);
  const page = await open(browser, server, state, '/app');
  await failOnce(page, '**/v1/session');
  await page.goto(server.origin + path);
  await page.getByText('The app could not start: The server cannot be reached. Trying again').waitFor();
  await page.locator('.card').waitFor();
  await failOnce(page, '**/subtasks');
  await page.locator('.card').getByRole('link').click();
  await page.getByText('The task could not be loaded: The server cannot be reached. Trying again').waitFor();
  await page.getByText('What it is about').waitFor();
  await close(page);
});

test('a change is kept when a network answers in place of the server', async () => {
  const { path } = await server.board('Captive', [{ label: 'task' }]);
  const page = await open(browser, server, state, path);
  await page.locator('.card').waitFor();
  await page.route('**/v1/tasks/*', (route) => route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Sign in to the network</h1>' }));
  await page.locator('.card').getByRole('link').focus();
  await page.keyboard.press('3');
  await page.getByText('1 change is kept in this browser.').waitFor();
  const saved = page.waitForResponse((response) => response.request().method() === 'PATCH' && response.headers()['content-type'].includes('json'));
  await page.unroute('**/v1/tasks/*');
  assert.equal((await saved).status(), 200);
  await close(page);
});

test('a change that always fails on the server is given up, and does not hold the others', async () => {
  const { path, project } = await server.board('Failing', [{ label: 'one' }, { label: 'two' }]);
  const page = await open(browser, server, state, path);
  const card = (label) => page.locator('.card', { hasText: label }).getByRole('link');
  await card('one').waitFor();
  const { tasks } = await server.call('GET', `/v1/projects/${project}/tasks`);
  const [one, two] = ['one', 'two'].map((label) => tasks.find((task) => task.label === label).id);
  await page.route(`**/v1/tasks/${one}`, (route) => route.fulfill({ status: 500, json: { error: { code: 'internal_error', message: 'Something went wrong', details: {} } } }));
  const saved = page.waitForResponse((response) => response.url().endsWith(two) && response.request().method() === 'PATCH');
  await card('one').focus();
  await page.keyboard.press('3');
  await card('two').focus();
  await page.keyboard.press('3');
  assert.equal((await saved).status(), 200);
  await page.getByRole('region', { name: 'Notices' }).getByText('did not work: Something went wrong').waitFor();
  await close(page);
});

test('a change is not sent in the name of somebody who has signed in meanwhile', async () => {
  const { path, project } = await server.board('Another person', [{ label: 'task' }]);
  const bob = await server.join(browser, 'bob@example.org', 'member', 'a password for Bob');
  const page = await open(browser, server, state, path);
  await page.locator('.card').waitFor();
  const failed = page.waitForEvent('requestfailed', (request) => request.method() === 'PATCH');
  await page.route('**/v1/tasks/*', (route) => route.abort());
  await page.locator('.card').getByRole('link').focus();
  await page.keyboard.press('3');
  await failed;
  await page.context().clearCookies();
  await page.context().addCookies(bob.cookies);
  await page.unroute('**/v1/tasks/*');
  await page.getByRole('button', { name: 'bob' }).waitFor();
  await page.locator('.card').waitFor();
  const { tasks } = await server.call('GET', `/v1/projects/${project}/tasks`);
  assert.equal(tasks[0].status, 0);
  await close(page);
});
