// The pages of the documentation, as people use them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { fits, inView, isAccessible, launch, origin, token, views } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Calls the API past the browser. */
async function api(path) {
  const response = await fetch(`${origin}${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return response.json();
}

/** A refused call is news for the console of the browser, and no fault of the page. */
const refused = (text) => /status of (400|401|404)/.test(text);

for (const view of views) {
  // Once in light and once in dark, once on a phone and once at a desk.
  const isChecked = ['phone, light', 'desk, dark'].includes(view.name);
  describe(view.name, () => {
    test('from the front page to a task of one\'s own', async () => {
      const { boards } = await api('/v1/boards');
      const { projects } = await api(`/v1/boards/${boards[0].id}/projects`);
      await inView(browser, view, '/', async (page) => {
        // Find an error code with the keyboard alone.
        await page.keyboard.press('/');
        await page.keyboard.type('quota_exceeded');
        await page.getByRole('option').first().waitFor();
        assert.match(await page.getByRole('option', { selected: true }).textContent(), /quota_exceeded/);
        await page.keyboard.press('Enter');
        await page.waitForURL('**/docs/errors#quota_exceeded');
        await page.getByRole('heading', { name: 'quota_exceeded' }).waitFor();

        // Find the operation, open its form, paste the token.
        await page.getByLabel('Search the documentation').fill('POST /v1/tasks');
        await page.getByRole('option', { name: 'Create a task', exact: false }).first().click();
        await page.waitForURL('**/docs/reference/tasks#createTask');
        const operation = page.getByRole('region', { name: 'Create a task' });
        await operation.getByText('Try it').click();
        await operation.getByLabel('Token').fill(token);

        const body = operation.getByLabel('Body', { exact: true });
        await body.fill(JSON.stringify({ projectId: projects[0].id, label: '<img src=x onerror=alert(1)>' }));
        await operation.getByRole('button', { name: 'Send POST' }).click();
        const result = operation.locator('.result');
        await result.getByText(/^201 Created/).waitFor();
        const headers = await result.locator('dl').textContent();
        for (const header of ['etag', 'x-request-id']) assert.match(headers, new RegExp(header));
        assert.match(await result.locator('pre').textContent(), /<img src=x onerror=alert\(1\)>/);
        assert.equal(await result.locator('img').count(), 0);

        // A bad body is told field by field, with the way to the code's entry.
        await body.fill('{"status": 7}');
        await operation.getByRole('button', { name: 'Send POST' }).click();
        await result.getByText(/^400 Bad Request/).waitFor();
        const problems = await result.getByRole('listitem').allTextContents();
        assert.deepEqual(problems.sort(), ['label Label is required', 'projectId Project ID is required', 'status Status must be 0, 1, or 2']);
        if (isChecked) await isAccessible(page);
        await result.getByRole('link', { name: 'invalid_request' }).click();
        await page.waitForURL('**/docs/errors#invalid_request');

        // The token was the page's alone.
        const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
        assert.ok(!kept.includes(token), kept);
        await page.goBack();
        assert.equal(await page.getByLabel('Token').first().inputValue(), '');
      }, refused);
    });

    test('every kind of page can be read by everybody', async () => {
      const kinds = ['/', '/docs/getting-started', '/docs/errors', '/docs/plans', '/docs/self-hosting', '/docs/reference', '/docs/reference/tasks'];
      for (const path of kinds) {
        await inView(browser, view, path, async (page) => {
          await fits(page);
          if (isChecked) await isAccessible(page);
        });
      }
      await inView(browser, view, '/nothing/here', async (page) => {
        await page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor();
        await fits(page);
        if (isChecked) await isAccessible(page);
      }, refused);
    });
  });
}
