// Import with its preview, undo and export, in a browser.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { close, lookEverywhere, open, start } from './app.mjs';

const trello = new URL('../data/trello-export-small.json', import.meta.url).pathname;
const file = (name, text) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) });
const choose = (page, what) => page.getByLabel('Choose a file to import').setInputFiles(what);
/** A figure of the report. */
const figure = (page, name) => page.locator('.figure', { hasText: name }).locator('strong').textContent();

const { browser, server, state } = await start();

test('a board is previewed, imported, opened, and the import undone', async () => {
  const page = await open(browser, server, state, '/app/settings/import');
  await page.getByRole('heading', { name: 'No imports yet' }).waitFor();
  await page.getByRole('link', { name: 'Import a file' }).first().click();
  await choose(page, trello);
  await page.getByRole('heading', { name: 'What happens' }).waitFor();
  assert.equal((await server.call('GET', '/v1/imports')).imports.length, 0);
  const planned = await figure(page, 'New');
  await page.getByLabel('Name of the board').fill('Moved in');
  await page.getByLabel('What the list Drill becomes').selectOption('done');
  await page.getByRole('button', { name: /^Import \d+ objects$/ }).click();
  await page.waitForURL(/\/settings\/import\/[\w-]{36}$/);
  await page.getByRole('heading', { name: 'trello-export-small.json' }).waitFor();
  // The mapped list is no lane.
  assert.equal(Number(await figure(page, 'New')), Number(planned) - 1);
  await page.getByRole('link', { name: 'Open Moved in' }).click();
  await page.locator('.card').first().waitFor();
  const { boards } = await server.call('GET', '/v1/boards');
  const board = boards.find(({ name }) => name === 'Moved in');
  const { tasks } = await server.call('GET', `/v1/tasks?board=${board.id}`);
  assert.ok(tasks.some(({ status }) => status === 2));
  await server.call('PATCH', `/v1/tasks/${tasks[0].id}`, { label: 'Changed since' });
  await page.goto(`${server.origin}/app/settings/import`);
  await page.getByRole('link', { name: 'trello-export-small.json' }).click();
  await page.getByRole('button', { name: 'Undo the import' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo the import' }).click();
  await page.getByRole('heading', { name: 'Undone' }).waitFor();
  await page.locator('summary', { hasText: '1 task' }).click();
  await page.getByRole('link', { name: 'Changed since' }).click();
  await page.waitForURL(new RegExp(`/app/boards/${board.id}/tasks/${tasks[0].id}$`));
  await close(page);
});

test('imported comments show their author and time', async () => {
  const own = { id: '5f0000000000000000000001', name: 'Comments', lists: [{ id: '5f0000000000000000000002', name: 'List', pos: 1 }], cards: [{ id: '5f0000000000000000000003', idList: '5f0000000000000000000002', name: 'With a comment', pos: 1 }] };
  const actions = [{ id: '5f0000000000000000000004', type: 'commentCard', date: '2020-03-04T05:06:07.000Z', data: { text: 'From long ago', card: { id: own.cards[0].id } }, memberCreator: { fullName: 'Grace <b>Hopper</b>' } }];
  const page = await open(browser, server, state, '/app/settings/import/new');
  await choose(page, file('comments.json', JSON.stringify({ ...own, actions })));
  await page.getByRole('button', { name: /^Import \d+ objects$/ }).click();
  await page.getByRole('link', { name: 'Open Comments' }).click();
  await page.locator('.card').getByRole('link', { name: 'With a comment' }).click();
  const comment = page.locator('.comment', { hasText: 'From long ago' });
  await comment.getByText('Grace <b>Hopper</b>', { exact: true }).waitFor();
  await comment.getByText('Imported', { exact: true }).waitFor();
  assert.equal(await comment.locator('time').getAttribute('datetime'), '2020-03-04T05:06:07Z');
  await close(page);
});

test('the columns and lists of a table are chosen', async () => {
  const page = await open(browser, server, state, '/app/settings/import/new');
  await choose(page, file('plan.csv', 'What,Phase\nWrite,Soon\nSend,Shipped\n'));
  await page.getByText('No column has the titles of the tasks').waitFor();
  await page.getByText('Columns of the table').click();
  await page.getByLabel('Title', { exact: true }).selectOption('What');
  await page.getByRole('button', { name: /^Import \d+ objects$/ }).waitFor();
  await page.getByLabel('Lane', { exact: true }).selectOption('Phase');
  await page.getByLabel('What the list Shipped becomes').selectOption('done');
  await page.getByRole('button', { name: 'Another list' }).click();
  await page.getByLabel('Name of the list').fill('Soon');
  await page.getByLabel('What the list becomes').selectOption('in_progress');
  await page.getByRole('button', { name: /^Import \d+ objects$/ }).click();
  await page.waitForURL(/\/settings\/import\/[\w-]{36}$/);
  const { boards } = await server.call('GET', '/v1/boards');
  const { tasks } = await server.call('GET', `/v1/tasks?board=${boards.find(({ name }) => name === 'plan').id}`);
  assert.deepEqual(tasks.map(({ label, status }) => [label, status]), [['Write', 1], ['Send', 2]]);
  await close(page);
});

test('a file that cannot be imported says why, and a lost connection imports nothing twice', async () => {
  const page = await open(browser, server, state, '/app/settings/import/new');
  await choose(page, file('broken.json', '{"lists": [], "cards": [{"name": "half'));
  await page.getByText('The file cannot be imported').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled());
  await choose(page, file('one.csv', 'Title,Notes\nOnly once,\n'));
  const run = page.getByRole('button', { name: /^Import \d+ objects$/ });
  await run.waitFor();
  // The server imports the file, but its response is lost.
  await page.route('**/v1/imports?*', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await run.click();
  await page.getByText('The server cannot be reached', { exact: true }).waitFor();
  await page.unroute('**/v1/imports?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForURL(/\/settings\/import\/[\w-]{36}$/);
  assert.equal((await server.call('GET', '/v1/imports')).imports.filter(({ file_name: name }) => name === 'one.csv').length, 1);
  await close(page);
});

test('the workspace is exported, with recipients only if they are wanted', async () => {
  const { card } = await server.call('POST', '/v1/cards', { title: 'Hello', message: 'You' });
  const [{ choices: [workspace] }] = await server.call('GET', '/api/integration/workspaces');
  const { user_id: userId } = await server.call('GET', '/api/integration/auth/validate');
  const { data } = await server.call('POST', '/api/integration/config', { userId, workspaceId: workspace.id, cardId: card.id });
  await server.call('POST', '/api/integration/get-card-url', { card: card.id, integrationId: data._id, mergeTags: [{ name: 'Ada', email: 'ada@example.org' }] });
  const page = await open(browser, server, state, '/app/settings/import');
  const download = async () => {
    const [found] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download the export' }).click()]);
    assert.match(found.suggestedFilename(), /^my-workspace-\d{4}-\d\d-\d\d\.json$/);
    return JSON.parse(readFileSync(await found.path(), 'utf8'));
  };
  const without = await download();
  assert.equal(without.format, 'tackboard-export');
  assert.equal(without.recipients.length, 0);
  await page.getByLabel('With the recipients of cards').check();
  assert.equal((await download()).recipients.length, 1);
  await close(page);
});

test('the pages are accessible, also with hostile names', async () => {
  const hostile = ['<img src=x onerror=alert(1)>', '\u202eright to left', 'W'.repeat(10_000), '👩‍👩‍👧‍👦'.repeat(20), 'שלום עולם'];
  const rows = hostile.map((text, at) => `${at},${text},${text.slice(0, 100)},2.3.4,"${text.slice(0, 60)}"`);
  const page = await open(browser, server, state, '/app/settings/import/new');
  page.on('dialog', () => page.wrongs.push('a script ran'));
  await page.getByRole('button', { name: 'Choose a file', exact: true }).waitFor();
  await lookEverywhere(page, 'import-new');
  await choose(page, file(`${'<b>hostile</b>'.padEnd(200, 'W')}.csv`, `Id,Title,Section,Due,Extra\n${rows.join('\n')}\n`));
  await page.getByRole('heading', { name: 'What happens' }).waitFor();
  await page.getByText('Columns of the table').click();
  await lookEverywhere(page, 'import-preview');
  await choose(page, file('broken.json', '{"lists": ['));
  await page.getByText('The file cannot be imported').waitFor();
  await lookEverywhere(page, 'import-failed');
  await choose(page, file('hostile.csv', `Id,Title,Section,Due,Extra\n${rows.join('\n')}\n`));
  await page.getByRole('button', { name: /^Import \d+ objects$/ }).click();
  const undo = page.getByRole('button', { name: 'Undo the import' });
  await undo.waitFor();
  await lookEverywhere(page, 'import-report');
  await lookEverywhere(page, 'import-undo', () => undo.first().click(), () => page.keyboard.press('Escape'));
  await undo.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo the import' }).click();
  await page.getByRole('heading', { name: 'Undone' }).waitFor();
  await lookEverywhere(page, 'import-undone');
  await page.goto(`${server.origin}/app/settings/import`);
  await page.getByRole('link', { name: 'hostile.csv' }).waitFor();
  await lookEverywhere(page, 'imports');
  await close(page);
});
