// The pages for recipients of cards, in a browser.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { fits, inView, isAccessible, launch, origin, token, views } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Calls the API without the browser. */
async function api(method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const response = await fetch(origin + path, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return response.json();
}

/** Creates a card with a recipient. Returns the recipient's id. */
async function sent({ picture, ...card }, values) {
  const made = await api('POST', '/v1/cards', { title: 'For {{name}}', ...card });
  const [{ choices: [workspace] }] = await api('GET', '/api/integration/workspaces');
  const { user_id: userId } = await api('GET', '/api/integration/auth/validate');
  if (picture) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'image/png' };
    const put = await fetch(`${origin}/v1/cards/${made.card.id}/cover`, { method: 'PUT', headers, body: picture });
    assert.equal(put.status, 200);
  }
  const config = await api('POST', '/api/integration/config', { userId, workspaceId: workspace.id, cardId: made.card.id });
  const mergeTags = [{ name: 'Ada', ...values }];
  const link = await api('POST', '/api/integration/get-card-url', { card: made.card.id, integrationId: config._id, mergeTags });
  return { id: link.view_card_url.split('/').pop(), card: made.card.id };
}

const message = `Dear **{{name}}**,

thank you for a *wonderful* year at {{company}}. We drank {{cups}} cups of tea together, and not one was cold.

> The best is yet to come.

- [Read our story](https://example.org/story)
- \`{{name}}\` and friends

{{wish}}`;

for (const view of views) {
  describe(view.name, () => {
    test('a card, and no more of them', async () => {
      const hostile = '<img src=x onerror=alert(1)>';
      const email = `${view.name.replace(/\W+/g, '-')}@example.org`;
      const values = { email, company: hostile, cups: 'a hundred', wish: 'كل عام وأنتم بخير' };
      const { id, card } = await sent({ message, senderName: 'Grace', accentColor: '#ffd400' }, values);
      await inView(browser, view, `/view/${id}`, async (page) => {
        await page.getByRole('heading', { name: 'For Ada' }).waitFor();
        const text = await page.getByRole('main').textContent();
        for (const shown of [hostile, 'a hundred cups', values.wish, 'Grace']) assert.ok(text.includes(shown), shown);
        assert.equal(await page.locator('img').count(), 0);
        assert.equal(await page.getByText(values.wish).last().evaluate((one) => getComputedStyle(one.closest('p')).unicodeBidi), 'plaintext');
        await fits(page);
        await isAccessible(page);

        await page.getByRole('link', { name: 'Unsubscribe' }).click();
        await page.getByRole('heading', { name: 'Unsubscribe?' }).waitFor();
        await fits(page);
        await isAccessible(page);
        await page.getByRole('button', { name: 'Unsubscribe' }).click();
        await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();
        await isAccessible(page);
        await page.getByRole('link', { name: 'Back to the card' }).click();
        await page.getByText('You have unsubscribed').waitFor();
        const before = await api('GET', `/v1/cards/${card}/recipients`);
        assert.equal(before.totals.unsubscribed, 1);

        await page.getByRole('link', { name: 'Subscribe again' }).click();
        await page.getByRole('heading', { name: 'Subscribe again?' }).waitFor();
        await fits(page);
        await isAccessible(page);
        await page.getByRole('button', { name: 'Subscribe again' }).click();
        await page.getByRole('heading', { name: 'You will receive cards again' }).waitFor();
        await fits(page);
        await isAccessible(page);
        await page.getByRole('link', { name: 'Back to the card' }).click();
        await page.getByRole('link', { name: 'Unsubscribe' }).waitFor();
      });
      const { totals } = await api('GET', `/v1/cards/${card}/recipients`);
      assert.equal(totals.unsubscribed, 0);
    });

    test('words without end stay on the page, and an uploaded cover is shown', async () => {
      const one = 'A very long name without any end '.repeat(8) + 'x'.repeat(300);
      const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAFElEQVR4AWIyTjvzH4SZGKAAzgAAAAD//4D0ezUAAAAGSURBVAMAaVEEz/KFjUUAAAAASUVORK5CYII=', 'base64');
      const { id } = await sent({ message: '{{long}}\n\n    {{long}}', picture }, { name: one.slice(0, 250), email: 'long@example.org', long: one });
      await inView(browser, view, `/view/${id}`, async (page) => {
        await page.getByRole('heading').first().waitFor();
        assert.ok(await page.locator('img.cover').evaluate((img) => img.complete && img.naturalWidth === 2));
        await fits(page);
        await isAccessible(page);
      });
    });

    test('a link that leads nowhere', async () => {
      const expected = (text) => /status of (404|410)/.test(text);
      await inView(browser, view, '/view/4d08f7b9-a3e1-4c62-95d7-c2b6e01f8a34', async (page) => {
        await page.getByRole('heading', { name: 'Card not found' }).waitFor();
        await fits(page);
        await isAccessible(page);
      }, expected);
    });
  });
}
