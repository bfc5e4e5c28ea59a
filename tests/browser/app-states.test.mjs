// Pages whose data cannot be loaded: the server is gone, or refuses.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { close, lookEverywhere, open, start } from './app.mjs';

/** What the server returns, and what the page says. */
const refusals = {
  forbidden: [403, { code: 'insufficient_scope', message: 'Token lacks required scope', details: { required: 'admin', provided: ['read'] } }, 'Your role does not allow this'],
  missing: [404, { code: 'webhook_not_found', message: 'Webhook not found or access denied', details: {} }, 'There is nothing here'],
  limited: [429, { code: 'rate_limited', message: 'Too many requests', details: { retry_after: 2 } }, 'Too much at once'],
  failed: [500, { code: 'internal_error', message: 'Something went wrong', details: { request_id: 'x' } }, 'This could not be loaded'],
  ended: [401, { code: 'session_expired', message: 'The session has ended' }, 'You are signed out'],
};
/** The pages, and the request of each that fails. */
const pages = { tasks: ['/tasks', '**/v1/tasks?*'], cards: ['/cards', '**/v1/cards'], webhooks: ['/settings/webhooks', '**/v1/webhooks'], imports: ['/settings/import', '**/v1/imports'] };

const { browser, server, state } = await start();

test('what cannot be loaded says why, and is accessible', async () => {
  const page = await open(browser, server, state, '/app');
  for (const [at, [name, [path, request]]] of Object.entries(pages).entries()) {
    await page.route(request, (route) => route.abort());
    await page.goto(`${server.origin}/app${path}`);
    await page.getByRole('heading', { name: 'The server cannot be reached' }).waitFor();
    if (at === 0) await lookEverywhere(page, `${name}-offline`);
    await page.unroute(request);
    // One refusal per page: all look the same.
    const [refusal, [status, error, title]] = Object.entries(refusals)[at];
    await page.route(request, (route) => route.fulfill({ status, json: { error }, headers: status === 429 ? { 'retry-after': '2' } : {} }));
    await page.reload();
    await page.getByRole('heading', { name: title }).waitFor();
    await lookEverywhere(page, `${name}-${refusal}`);
    await page.unroute(request);
    if (status === 403) continue;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: title }).waitFor({ state: 'detached' });
  }
  await page.goto(`${server.origin}/app/settings/webhooks/3f6c1d0a-8b52-4e6f-9a17-2c4de0b7f311`);
  await page.getByRole('heading', { name: 'There is nothing here' }).first().waitFor();
  await lookEverywhere(page, 'webhook-gone');
  await page.goto(`${server.origin}/app/settings/nothing`);
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await lookEverywhere(page, 'settings-missing');
  await close(page);
});

test('a session that has ended leads to the form, and a server that is gone to a notice', async () => {
  const { path } = await server.board('Gone', [{ label: 'task' }]);
  const page = await open(browser, server, state, path);
  await page.locator('.card').waitFor();
  const { status, error } = { status: 401, error: refusals.ended[1] };
  await page.route('**/v1/preview', (route) => route.fulfill({ status, json: { error } }));
  await page.locator('.card').getByRole('link').click();
  await page.getByRole('button', { name: 'Add a description …' }).click();
  await page.getByRole('textbox', { name: 'Description', exact: true }).fill('**Text**');
  await page.getByRole('button', { name: 'Preview' }).click();
  const again = page.getByRole('link', { name: 'Sign in again' });
  assert.equal(await again.getAttribute('href'), `/sign-in?next=${encodeURIComponent(new URL(page.url()).pathname)}`);
  await page.context().close();
  const offline = await open(browser, server, state, path);
  await offline.locator('.card').waitFor();
  await offline.context().setOffline(true);
  await offline.locator('.card').getByRole('link').focus();
  await offline.keyboard.press('2');
  await offline.getByText('The server cannot be reached. 1 change is kept in this browser. Trying again …').waitFor();
  await lookEverywhere(offline, 'board-offline');
  await offline.context().setOffline(false);
  await offline.getByText('The server cannot be reached.').waitFor({ state: 'detached' });
  await close(offline);
});

test('a board opens also while the list of boards cannot be read, which then follows', async () => {
  const { path } = await server.board('Listed later', [{ label: 'task' }]);
  const page = await open(browser, server, state, '/app');
  await page.route('**/v1/boards', (route) => route.abort());
  const asked = page.waitForRequest('**/v1/boards');
  await page.goto(server.origin + path);
  await asked;
  await page.locator('.card').waitFor();
  const listed = page.getByRole('navigation', { name: 'Workspace' }).getByRole('link', { name: 'Listed later' });
  assert.equal(await listed.count(), 0);
  assert.equal(await page.getByText('The app could not start').count(), 0);
  await page.unroute('**/v1/boards');
  await listed.waitFor();
  await close(page);
});
