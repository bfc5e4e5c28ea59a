// My tasks, the settings and the cards, in a browser.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Server, close, look, open, until, views } from './app.mjs';
import { launch } from './browser.mjs';

let browser;
let server;
let state;
before(async () => {
  browser = await launch();
  server = await Server.start();
  state = await server.signIn(browser);
});
after(async () => {
  await browser.close();
  await server.stop();
});

test('my tasks are grouped, changed in place and live', async () => {
  const { members: [me] } = await server.call('GET', '/v1/members');
  const { project } = await server.board('Garden', [{ label: 'Water the roses', assigneeIds: [me.id], dueOn: '2020-01-01' }, { label: 'Of nobody' }]);
  const page = await open(browser, server, state, '/app/tasks');
  await page.getByRole('heading', { name: 'Overdue' }).waitFor();
  assert.equal(await page.getByText('Of nobody').count(), 0);
  await page.getByRole('link', { name: 'Water the roses' }).focus();
  await page.keyboard.press('3');
  await until(async () => (await server.call('GET', '/v1/tasks?status=2&q=roses')).tasks.length === 1, 'the status is saved');
  await server.call('POST', '/v1/tasks', { projectId: project, label: 'Plant a tree', assigneeIds: [me.id] });
  await page.getByRole('link', { name: 'Plant a tree' }).waitFor();
  await page.getByRole('searchbox', { name: 'Filter by title' }).fill('tree');
  await page.getByRole('link', { name: 'Water the roses' }).waitFor({ state: 'detached' });
  assert.match(page.url(), /\?q=tree$/);
  await page.getByRole('link', { name: 'Plant a tree' }).click();
  await page.waitForURL(/\/app\/boards\/[\w-]+\/tasks\/[\w-]+$/);
  await close(page);
});

describe('settings', () => {
  test('somebody is invited, and the invitation withdrawn', async () => {
    const page = await open(browser, server, state, '/app/settings');
    await page.getByText('The only owner.').waitFor();
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('button', { name: 'Create invitation' }).click();
    await page.locator('.field-problem').waitFor();
    await page.getByLabel('Email').fill('grace@example.org');
    await page.keyboard.press('Enter');
    const link = await page.locator('#secret-value').inputValue();
    assert.match(link, /\/invitations\/[\w-]{43}$/);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Withdraw the invitation of grace@example.org' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('Nobody is invited at the moment.').waitFor();
    await close(page);
  });

  test('a token is created, shown once, used and revoked', async () => {
    const page = await open(browser, server, state, '/app/settings/tokens');
    await page.getByRole('button', { name: 'New token' }).first().click();
    await page.getByLabel('Name').fill('Report');
    await page.keyboard.press('Enter');
    const secret = await page.getByRole('dialog').getByLabel('Report').inputValue();
    const use = () => fetch(`${server.origin}/v1/boards`, { headers: { authorization: `Bearer ${secret}` } });
    assert.equal((await use()).status, 200);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Revoke Report' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke Report' }).waitFor({ state: 'detached' });
    assert.equal((await use()).status, 401);
    await close(page);
  });

  test('a webhook is created, tested and switched off', async () => {
    const page = await open(browser, server, state, '/app/settings/webhooks');
    await page.getByRole('button', { name: 'New webhook' }).first().click();
    await page.getByLabel('Name').fill('Chat');
    await page.getByLabel('Address').fill('https://hooks.invalid/chat');
    await page.getByRole('radio', { name: 'Only these' }).check();
    await page.getByLabel('All events about tasks', { exact: true }).check();
    await page.getByRole('button', { name: 'Create webhook' }).click();
    assert.match(await page.locator('#secret-value').inputValue(), /^whsec_/);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('task.*').waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByRole('heading', { name: 'The test failed' }).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('summary', { hasText: 'Failed' }).waitFor();
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('button', { name: 'Switch on' }).waitFor();
    await close(page);
  });
});

describe('cards', () => {
  test('a card is written, previewed and sent to a list, line by line', async () => {
    const page = await open(browser, server, state, '/app/cards/new');
    await page.getByLabel('Title').fill('Hello {{name}}');
    await page.getByLabel('Message').fill('**Welcome** to {{company}} <script>x</script>');
    await page.locator('.sheet-message strong', { hasText: 'Welcome' }).waitFor();
    await page.locator('.sheet-message mark', { hasText: 'Analytical Engines' }).waitFor();
    await page.keyboard.press('Control+s');
    await page.waitForURL(/\/app\/cards\/[\w]+-[\w-]+$/);
    await page.getByRole('link', { name: 'Send', exact: true }).click();
    await page.getByLabel('Recipients', { exact: true }).fill('name,email,company\nAda,ada@example.org,Engines\nGrace,grace@,Navy\nKim,kim@example.org,');
    await page.getByText('Not a valid email address').waitFor();
    await page.getByRole('button', { name: 'Send to 1 person' }).waitFor();
    await page.getByLabel('Leave values that are missing empty').check();
    await page.getByRole('button', { name: 'Send to 2 people' }).click();
    await page.getByRole('heading', { name: '2 cards on their way' }).waitFor();
    await page.getByRole('link', { name: 'Show the recipients' }).click();
    await page.getByRole('cell', { name: 'Kim kim@example.org' }).waitFor();
    await close(page);
  });

  test('what is not saved is kept, and changes by two people are put together', async () => {
    const { card } = await server.call('POST', '/v1/cards', { title: 'Old title', message: 'Old message' });
    const page = await open(browser, server, state, `/app/cards/${card.id}`);
    await page.getByLabel('Message').fill('My message');
    await page.reload();
    await page.getByText('These changes were not saved last time.').waitFor();
    assert.equal(await page.getByLabel('Message').inputValue(), 'My message');
    await server.call('PATCH', `/v1/cards/${card.id}`, { title: 'Their title', message: 'Their message' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has changed the message too.').waitFor();
    assert.deepEqual([await page.getByLabel('Title').inputValue(), await page.getByLabel('Message').inputValue()], ['Their title', 'My message']);
    await page.getByRole('button', { name: 'Keep mine and save' }).click();
    await until(async () => (await server.call('GET', `/v1/cards/${card.id}`)).card.message === 'My message', 'my message is saved');
    await close(page);
  });
});

for (const view of views) {
  test(`every page is accessible: ${view.name}`, async () => {
    const { cards: [card] } = await server.call('GET', '/v1/cards');
    const paths = { tasks: '/tasks', members: '/settings', usage: '/settings/usage', tokens: '/settings/tokens', webhooks: '/settings/webhooks', email: '/settings/email', sessions: '/settings/sessions', cards: '/cards', card: `/cards/${card.id}`, send: `/cards/${card.id}/send`, recipients: `/cards/${card.id}/recipients` };
    const page = await open(browser, server, state, '/app', { viewport: { width: view.width, height: view.height }, colorScheme: view.scheme });
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(`${server.origin}/app${path}`);
      await page.locator('.page h1').waitFor();
      await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
      await look(page, view, name);
    }
    await close(page);
  });
}
