// My tasks, the settings and the cards, in a browser.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { close, loaded, lookEverywhere, open, start, until } from './app.mjs';

const { browser, server, state } = await start();

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

  test('a webhook gets a new secret, and events that it has missed', async () => {
    const received = [];
    const receiver = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(received.length === 0 ? 500 : 200).end());
      received.push(request.headers);
    });
    await new Promise((resolve) => { receiver.listen(0, '127.0.0.1', resolve); });
    const { webhook } = await server.call('POST', '/v1/webhooks', { name: 'Mirror', url: `http://127.0.0.1:${receiver.address().port}/`, events: ['board.*'] });
    await server.board('Missed');
    await until(() => received.length > 0, 'the first attempt');
    const page = await open(browser, server, state, `/app/settings/webhooks/${webhook.id}`);
    const more = async (item) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await more('Rotate the secret');
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    const secret = await page.locator('#secret-value').inputValue();
    assert.match(secret, /^whsec_/);
    assert.notEqual(secret, webhook.secret);
    await page.getByRole('button', { name: 'Done' }).click();
    const before = received.length;
    await more('Deliver events again');
    await page.getByLabel('Which').selectOption('all');
    await page.getByRole('button', { name: 'Deliver again', exact: true }).last().click();
    await page.getByText('The events are delivered again in the background.').waitFor();
    await until(() => received.length > before || received.length, 'the events are delivered again');
    await page.locator('summary', { hasText: 'Delivered' }).first().waitFor();
    // For a day, deliveries are signed with the old secret too.
    assert.equal(received.at(-1)['webhook-signature'].split(' ').length, 2);
    receiver.close();
    receiver.closeAllConnections();
    await close(page);
  });

  test('other sessions are ended', async () => {
    const password = 'correct horse battery';
    const own = await server.join(browser, 'lin@example.org', 'member', password);
    const others = [];
    for (let count = 0; count < 2; count += 1) {
      const other = await open(browser, server, undefined, '/sign-in');
      await other.getByLabel('Email').fill('lin@example.org');
      await other.getByLabel('Password').fill(password);
      await other.getByRole('button', { name: 'Sign in', exact: true }).click();
      await other.getByRole('heading', { name: 'Boards', level: 1 }).waitFor();
      others.push(other);
    }
    const page = await open(browser, server, own, '/app/settings/sessions');
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End all others' }).click();
    await until(async () => (await page.getByRole('button', { name: /^End the session/ }).count()) === 0, 'only this session is left');
    for (const other of others) {
      await other.getByText('You are signed out.').waitFor();
      await close(other);
    }
    await page.getByText('This browser').waitFor();
    await close(page);
  });

  test('the settings name the command that creates an integration key', async () => {
    const page = await open(browser, server, state, '/app/settings/key');
    const text = await page.getByRole('region', { name: 'Command that creates a key' }).textContent();
    const [program, ...parts] = text.split(' ');
    assert.equal(program, 'tackboard');
    const key = server.command(...parts).trim();
    const valid = await fetch(`${server.origin}/api/integration/auth/validate`, { headers: { authorization: `Bearer ${key}` } });
    assert.equal(valid.status, 200);
    await page.getByRole('button', { name: 'Copy: Command that creates a key' }).click();
    await page.getByRole('region', { name: 'Notices' }).waitFor();
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

describe('covers', () => {
  const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');
  test('a picture is uploaded as the cover, replaced and removed, and what is no picture is refused', async () => {
    const page = await open(browser, server, state, '/app/cards/new');
    await page.getByLabel('Title').fill('With a cover');
    const upload = page.getByLabel('Upload a cover picture');
    await upload.setInputFiles({ name: 'cover.png', mimeType: 'image/png', buffer: picture });
    await page.getByAltText('The cover').waitFor();
    await page.waitForURL(/\/app\/cards\/[\w]+-[\w-]+$/);
    const id = page.url().split('/').pop();
    const stored = async () => (await server.call('GET', `/v1/cards/${id}`)).card.cover_url;
    await until(async () => (await stored()) !== null, 'the cover is stored');
    await upload.setInputFiles({ name: 'cover.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
    await page.getByText('Choose a PNG, JPEG or WebP picture.').waitFor();
    await upload.setInputFiles({ name: 'cover.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.locator('.cover-field .problem:not(:empty)').waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await until(async () => (await stored()) === null, 'the cover is removed');
    await close(page);
  });
});

/** Opens an address of the app, and waits until it is shown. */
async function visit(page, path) {
  await page.goto(`${server.origin}/app${path}`);
  await loaded(page);
}

test('every page is accessible', async () => {
  const { cards: [card] } = await server.call('GET', '/v1/cards');
  const paths = { tasks: '/tasks', members: '/settings', usage: '/settings/usage', tokens: '/settings/tokens', webhooks: '/settings/webhooks', email: '/settings/email', key: '/settings/key', sessions: '/settings/sessions', cards: '/cards', card: `/cards/${card.id}`, send: `/cards/${card.id}/send`, recipients: `/cards/${card.id}/recipients` };
  const page = await open(browser, server, state, '/app');
  for (const [name, path] of Object.entries(paths)) {
    await visit(page, path);
    await lookEverywhere(page, name);
  }
  await close(page);
});

test('every dialog is accessible', async () => {
  const { webhook } = await server.call('POST', '/v1/webhooks', { name: 'Chat', url: 'https://hooks.invalid/chat', events: ['*'] });
  const { token } = await server.call('POST', '/v1/tokens', { name: 'Old report', scopes: ['read'] });
  const { cards: [card] } = await server.call('GET', '/v1/cards');
  const page = await open(browser, server, state, '/app');
  const button = (name) => page.getByRole('button', { name, exact: true }).first();
  const item = (name) => page.getByRole('menuitem', { name, exact: true });
  /** Opens a dialog or menu with clicks, looks at it, and closes it. */
  const show = (name, ...steps) => lookEverywhere(page, `dialog-${name}`, async () => {
    for (const step of steps) await step.click();
    await page.locator('dialog[open], .menu').first().waitFor();
  }, async () => {
    await page.keyboard.press('Escape');
    await page.locator('dialog[open], .menu').waitFor({ state: 'detached' });
  });
  await visit(page, '/settings');
  await show('invite', button('Invite'));
  await visit(page, '/settings/tokens');
  await show('token', button('New token'));
  await show('revoke', button('Revoke Old report'));
  await button('New token').click();
  await page.getByLabel('Name').fill('Report');
  await page.keyboard.press('Enter');
  await page.locator('#secret-value').waitFor();
  await lookEverywhere(page, 'dialog-secret');
  await visit(page, '/settings/webhooks');
  await show('webhook', button('New webhook'), page.getByRole('radio', { name: 'Only these' }));
  await visit(page, `/settings/webhooks/${webhook.id}`);
  await show('webhook-menu', button('More'));
  await show('recover', button('More'), item('Deliver events again'));
  await show('rotate', button('More'), item('Rotate the secret'));
  await button('Send a test').click();
  await page.getByRole('heading', { name: 'The test failed' }).waitFor();
  await lookEverywhere(page, 'dialog-test');
  await visit(page, '/settings/email');
  await show('email', button('Add an address'));
  await visit(page, '/cards/new');
  await show('cover', button('Use an address'));
  await show('tags', button('Merge tag'));
  await show('tag', button('Merge tag'), item('Another …'));
  await visit(page, `/cards/${card.id}`);
  await show('card-menu', button('More'));
  await show('card-delete', button('More'), item('Delete'));
  await visit(page, '/tasks');
  await page.keyboard.press('Control+k');
  await page.locator('dialog[open] [role="combobox"]').waitFor();
  await lookEverywhere(page, 'dialog-palette');
  await server.call('DELETE', `/v1/webhooks/${webhook.id}`);
  await server.call('DELETE', `/v1/tokens/${token.id}`);
  await close(page);
});

test('hostile text neither runs nor breaks the pages', async () => {
  const script = '<script>document.title="x"</script><img src=x onerror=alert(1)>';
  const texts = [script, '\u202eright to left\u202c', 'W'.repeat(100), '👩‍👩‍👧‍👦'.repeat(9), 'שלום עולם, مرحبا'];
  const { members: [me] } = await server.call('GET', '/v1/members');
  const { project } = await server.board('W'.repeat(100), texts.map((label) => ({ label: label.length === 100 ? 'W'.repeat(255) : label, assigneeIds: [me.id], dueOn: '2020-01-01' })));
  assert.ok(project);
  for (const [at, name] of texts.entries()) {
    server.command('user', 'create', '--email', `hostile${at}@example.org`, '--name', name, '--workspace', 'my-workspace', '--role', 'viewer');
    await server.call('POST', '/v1/tokens', { name, scopes: ['read'] });
    await server.call('POST', '/v1/webhooks', { name, url: `https://hooks.invalid/${'a'.repeat(400)}`, events: ['board.*'] });
    await server.call('POST', '/v1/email-accounts', { address: `${'a'.repeat(60)}${at}@example.org`, name });
    await server.call('POST', '/v1/invitations', { email: `${'b'.repeat(60)}${at}@${'c'.repeat(60)}.example.org`, role: 'viewer' });
  }
  const { card } = await server.call('POST', '/v1/cards', { title: script, message: `${'W'.repeat(10_000)}\n\n${texts.join('\n\n')}\n\n[a](javascript:alert(1))`, senderName: 'W'.repeat(100), subject: 'W'.repeat(255) });
  await server.call('POST', '/v1/cards', { title: 'W'.repeat(255), message: 'x' });
  const [{ choices: [workspace] }] = await server.call('GET', '/api/integration/workspaces');
  const { user_id: userId } = await server.call('GET', '/api/integration/auth/validate');
  const { data } = await server.call('POST', '/api/integration/config', { userId, workspaceId: workspace.id, cardId: card.id });
  await server.call('POST', '/api/integration/get-card-url', { card: card.id, integrationId: data._id, mergeTags: texts.map((name, at) => ({ name, email: `hostile${at}@example.org` })) });
  const page = await open(browser, server, state, '/app');
  page.on('dialog', () => page.wrongs.push('a script ran'));
  const paths = { tasks: '/tasks', members: '/settings', tokens: '/settings/tokens', webhooks: '/settings/webhooks', email: '/settings/email', cards: '/cards', card: `/cards/${card.id}`, recipients: `/cards/${card.id}/recipients` };
  for (const [name, path] of Object.entries(paths)) {
    await visit(page, path);
    await lookEverywhere(page, `hostile-${name}`);
  }
  await visit(page, `/cards/${card.id}/send`);
  await page.getByLabel('Recipients', { exact: true }).fill(`name,email\n${texts.map((name, at) => `"${name.replaceAll('"', '""')}",${at === 3 ? 'W'.repeat(10_000) : `other${at}@example.org`}`).join('\n')}`);
  await page.getByText('4 recipients ready.').waitFor();
  await lookEverywhere(page, 'hostile-send');
  assert.equal(await page.locator('main script, main img').count(), 0);
  assert.ok(!(await page.title()).startsWith('x'));
  await close(page);
});
