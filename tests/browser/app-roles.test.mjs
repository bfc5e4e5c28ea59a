// Viewers and members on every page: nothing is offered that the server then refuses.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { cells, close, loaded, open, start } from './app.mjs';

const { browser, server } = await start();
const { path, board } = await server.board('Roles', [{ label: 'first', description: 'Text' }, { label: 'second', status: 1 }]);
const { card } = await server.call('POST', '/v1/cards', { title: 'Hello {{name}}', message: 'You' });
const { tasks: [task] } = await server.call('GET', `/v1/tasks?board=${board}`);
await server.call('POST', `/v1/tasks/${task.id}/subtasks`, { label: 'Draft' });
await server.call('POST', `/v1/tasks/${task.id}/comments`, { text: 'Looks good' });
const settings = ['', '/usage', '/tokens', '/webhooks', '/email', '/import', '/import/new', '/key', '/sessions'].map((name) => `/app/settings${name}`);
const paths = { board: path, task: `${path}/tasks/${task.id}`, all: ['/app', path, `${path}/tasks/${task.id}`, '/app/tasks', '/app/cards', `/app/cards/${card.id}`, `/app/cards/${card.id}/send`, `/app/cards/${card.id}/recipients`, '/app/cards/new', ...settings] };

/** Opens a page and notes the requests that change something, and the responses that refuse something. */
async function watched(state, path) {
  const page = await open(browser, server, state, path);
  page.refused = [];
  page.changing = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET' && !request.url().endsWith('/v1/preview')) page.changing.push(`${request.method()} ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) page.refused.push(`${response.status()} ${response.url()}`);
  });
  return page;
}

describe('a viewer', () => {
  let state;
  before(async () => { state = await server.join(browser, 'viewer@example.org', 'viewer', 'correct horse battery'); });

  test('no key on the board changes anything or fails', async () => {
    const page = await watched(state, paths.board);
    const link = page.getByRole('link', { name: 'first', exact: true });
    await link.focus();
    const shown = await cells(page);
    for (const key of ['t', 'n', 'e', 'l', 'a', 'd', 'x', 'm', ' ', '1', '2', '3', 'Delete', 'Backspace', 'Shift+A', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Control+z', 'Control+a', 'ContextMenu', 'c', 'g', 'f', '?', 'Control+k']) {
      await link.focus();
      await page.keyboard.press(key);
      assert.equal(await page.locator('.toast.bad').count(), 0, key);
      assert.equal(await page.locator('textarea.quick-add, input.in-place').count(), 0, key);
      while (await page.locator('dialog[open], .menu:popover-open').count() > 0) await page.keyboard.press('Escape');
    }
    assert.deepEqual(await cells(page), shown);
    // The last dialog may still be opening.
    await page.reload();
    await link.press('Enter');
    await page.waitForURL(/\/tasks\//);
    assert.deepEqual([page.changing, page.refused], [[], []]);
    await close(page);
  });

  test('no button of any page changes anything or fails', async () => {
    const page = await watched(state, '/app');
    for (const path of paths.all) {
      await page.goto(server.origin + path);
      await loaded(page);
      const buttons = page.locator('main button:visible:enabled');
      const count = await buttons.count();
      for (let at = 0; at < count; at += 1) {
        const button = buttons.nth(at);
        if ((await buttons.count()) <= at || !(await button.isVisible())) break;
        await button.click();
        while (await page.locator('dialog[open], .menu:popover-open').count() > 0) await page.keyboard.press('Escape');
        if (!page.url().endsWith(path)) await page.goto(server.origin + path);
        await loaded(page);
      }
      assert.deepEqual([page.changing, page.refused], [[], []], path);
    }
    assert.equal(await page.locator('.toast.bad').count(), 0);
    await close(page);
  });
});

describe('a member', () => {
  test('opens every page without a refusal, and gets no settings of admins', async () => {
    const state = await server.join(browser, 'member@example.org', 'member', 'correct horse battery');
    const page = await watched(state, '/app');
    for (const path of paths.all) {
      await page.goto(server.origin + path);
      await loaded(page);
    }
    assert.deepEqual([page.changing, page.refused], [[], []]);
    const offered = await page.getByRole('navigation', { name: 'Settings' }).getByRole('link').allTextContents();
    assert.deepEqual(offered, ['Members', 'Plan and usage', 'Integration key', 'Sessions', 'Account']);
    await page.goto(`${server.origin}/app/settings/import`);
    await page.getByText('Ask an owner or an admin.').waitFor();
    await page.goto(server.origin + paths.board);
    await page.getByRole('button', { name: 'Add task to Open' }).click();
    await page.keyboard.type('Of the member');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Of the member' }).waitFor();
    await close(page);
  });
});
