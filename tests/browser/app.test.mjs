// The board in the browser: from an empty folder to a dragged card, by mouse, keyboard and touch, with others and offline.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Server, cells, close, converge, look, open, shows, start, until, views } from './app.mjs';

const { browser, server, state } = await start();

const card = (page, label) => page.locator('.card', { has: page.getByRole('link', { name: label, exact: true }) });
const announced = (page) => page.locator('#announcer').textContent();

/** Drags a card into a cell with the mouse. */
async function drag(page, label, cell) {
  const from = await card(page, label).boundingBox();
  const to = await page.locator('.cell').nth(cell).boundingBox();
  await page.mouse.move(from.x + 60, from.y + 15);
  await page.mouse.down();
  await page.mouse.move(from.x + 80, from.y + 25, { steps: 3 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height - 10, { steps: 6 });
  await page.mouse.up();
}

test('from an empty folder to a dragged card, in less than a minute', async () => {
  const began = Date.now();
  const fresh = await Server.start();
  try {
    const page = await open(browser, fresh, undefined, fresh.link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Skip', exact: true }).click();
    await page.getByRole('button', { name: 'New board' }).last().click();
    await page.getByLabel('Name', { exact: true }).fill('Garden');
    await page.getByRole('button', { name: 'Create board' }).click();
    await page.getByRole('button', { name: 'Add task to Open' }).click();
    await page.keyboard.type('Plant a tree');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await drag(page, 'Plant a tree', 1);
    await shows(page, [[[], ['Plant a tree'], []]]);
    await until(async () => (await fresh.call('GET', '/v1/tasks?status=1&q=Plant')).tasks.length === 1, 'the move is saved');
    await close(page);
  } finally {
    await fresh.stop();
  }
  assert.ok(Date.now() - began < 60_000);
});

test('a board with 2,000 cards has at most 25,000 elements', async () => {
  const path = await server.bigBoard(2000);
  const page = await open(browser, server, state, path);
  await page.waitForFunction(() => document.querySelectorAll('.card').length === 2000);
  const count = await page.evaluate(() => document.querySelectorAll('*').length);
  assert.ok(count <= 25_000, `${count} elements`);
  await close(page);
});

describe('with the keyboard', () => {
  test('a card is moved with one key, which is announced, and keeps the focus', async () => {
    const { path } = await server.board('Keys', [{ label: 'a' }, { label: 'b' }, { label: 'c', status: 1 }]);
    const page = await open(browser, server, state, path);
    await page.getByRole('link', { name: 'a', exact: true }).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await shows(page, [[['b'], ['a', 'c'], []]]);
    assert.match(await announced(page), /Moved “a” to In progress, 1 of 2/);
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    assert.equal(await focused(), 'a');
    await page.keyboard.press('Shift+ArrowDown');
    await shows(page, [[['b'], ['c', 'a'], []]]);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await shows(page, [[['a', 'b'], ['c'], []]]);
    await page.keyboard.press('m');
    await page.keyboard.type('done');
    await page.keyboard.press('Enter');
    await shows(page, [[['b'], ['c'], ['a']]]);
    assert.equal(await focused(), 'a');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await focused(), 'c');
    await page.keyboard.press(' ');
    await shows(page, [[['b'], [], ['c', 'a']]]);
    await close(page);
  });

  test('the cards are one stop of Tab', async () => {
    const { path } = await server.board('Stops', Array.from({ length: 30 }, (_, at) => ({ label: `Task ${at}`, status: at % 3 })));
    const page = await open(browser, server, state, path);
    await page.locator('.card').first().waitFor();
    const stops = await page.evaluate(() => [...document.querySelectorAll('.cards a, .cards button, .cell > button')].filter((node) => node.tabIndex >= 0).length);
    assert.equal(stops, 1);
    await close(page);
  });

  test('tasks are added, renamed, selected, archived, deleted and restored', async () => {
    const { path } = await server.board('Actions', [{ label: 'first' }]);
    const page = await open(browser, server, state, path);
    await page.getByRole('link', { name: 'first', exact: true }).focus();
    await page.keyboard.press('t');
    for (const label of ['second', 'third']) {
      await page.keyboard.type(label);
      await page.keyboard.press('Enter');
    }
    await page.keyboard.press('Escape');
    await shows(page, [[['first', 'second', 'third'], [], []]]);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'first');
    await page.keyboard.press('e');
    await page.keyboard.type('1st');
    await page.keyboard.press('Enter');
    await shows(page, [[['1st', 'second', 'third'], [], []]]);
    await page.keyboard.press('x');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('x');
    await page.keyboard.press('2');
    await shows(page, [[['third'], ['1st', 'second'], []]]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Delete');
    await shows(page, [[['third'], ['1st'], []]]);
    await page.keyboard.press('Control+z');
    await shows(page, [[['third'], ['1st', 'second'], []]]);
    await page.getByRole('link', { name: 'third' }).focus();
    await page.keyboard.press('Shift+A');
    await shows(page, [[[], ['1st', 'second'], []]]);
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await shows(page, [[['third'], ['1st', 'second'], []]]);
    await close(page);
  });
});

describe('with a finger', () => {
  /** Sends touches as the browser does for a finger. */
  async function finger(page) {
    const client = await page.context().newCDPSession(page);
    const send = (type, ...points) => client.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
    return { down: (x, y) => send('touchStart', [x, y]), move: (x, y) => send('touchMove', [x, y]), up: () => send('touchEnd') };
  }

  test('swipes scroll, and only a hold drags', async () => {
    const tasks = Array.from({ length: 40 }, (_, at) => ({ label: `Task ${at}` }));
    const { path } = await server.board('Touch', tasks);
    const page = await open(browser, server, state, path, { hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });
    await page.locator('.card').first().waitFor();
    const first = await cells(page);
    const touch = await finger(page);
    for (let swipe = 0; swipe < 100; swipe += 1) {
      const up = swipe % 2 === 0;
      await touch.down(150, up ? 600 : 300);
      for (let step = 1; step <= 3; step += 1) await touch.move(150, up ? 600 - step * 100 : 300 + step * 100);
      await touch.up();
    }
    assert.deepEqual(await cells(page), first);
    assert.ok(await page.evaluate(() => document.querySelector('.drag-copy') === null));
    await page.locator('.board').evaluate((node) => node.scrollTo(0, 0));
    const box = await card(page, 'Task 0').boundingBox();
    const third = await card(page, 'Task 2').boundingBox();
    const drag = async () => {
      await touch.down(box.x + 80, box.y + 15);
      await page.locator('.drag-copy').waitFor();
      for (let step = 1; step <= 5; step += 1) await touch.move(box.x + 80, box.y + 15 + ((third.y + third.height + 2 - box.y - 15) * step) / 5);
      const shown = page.waitForFunction(() => document.querySelector('.drop-marker')?.hidden === false, null, { timeout: 5_000 });
      return shown.then(() => true, () => false);
    };
    // Where a page is slow to respond to a touch, the browser cancels it. Then a person tries again.
    let isShown = await drag();
    for (let more = 0; more < 2 && !isShown; more += 1) {
      await touch.up();
      isShown = await drag();
    }
    assert.ok(isShown, 'the place of the drop is shown');
    await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
    await touch.up();
    await until(async () => (await cells(page))[0][0].slice(0, 3).join() === 'Task 1,Task 2,Task 0', 'the card has moved');
    await close(page);
  });
});

describe('with others', () => {
  test('changes of others appear, and the open text of a person stays', async () => {
    const { path, board, project } = await server.board('Shared', [{ label: 'one' }, { label: 'two' }]);
    const ada = await open(browser, server, state, path);
    await ada.locator('.card').nth(1).waitFor();
    const { task } = await server.call('POST', '/v1/tasks', { projectId: project, label: 'three', status: 2 });
    await shows(ada, [[['one', 'two'], [], ['three']]]);
    await server.call('PATCH', `/v1/tasks/${task.id}`, { status: 1, label: '3' });
    await shows(ada, [[['one', 'two'], ['3'], []]]);
    await ada.getByRole('link', { name: '3', exact: true }).click();
    await ada.getByRole('button', { name: 'Add a description …' }).click();
    await ada.getByLabel('Description', { exact: true }).last().fill('Mine');
    await server.call('PATCH', `/v1/tasks/${task.id}`, { description: 'Theirs' });
    await ada.getByRole('button', { name: 'Save', exact: true }).click();
    await ada.getByText('Somebody else changed this while you did.').waitFor();
    await ada.getByRole('button', { name: 'Keep mine' }).click();
    await until(async () => (await server.call('GET', `/v1/tasks/${task.id}`)).task.description === 'Mine', 'the chosen version is saved');
    await server.call('DELETE', `/v1/boards/${board}`);
    await ada.getByRole('region', { name: 'Notices' }).getByText('This board was deleted.').waitFor();
    await close(ada);
  });

  test('two browsers that are offline in turn show the same in the end', async () => {
    const { path, project } = await server.board('Converge', Array.from({ length: 8 }, (_, at) => ({ label: `t${at}`, status: at % 3 })));
    const pages = [await open(browser, server, state, path), await open(browser, server, state, path)];
    for (const page of pages) await page.locator('.card').nth(7).waitFor();
    await converge(pages, server, project, { turns: 60, seed: 11 });
    for (const page of pages) await close(page);
  });

  test('tabs of a browser share one stream, and another one takes over', async () => {
    const { path, project } = await server.board('Tabs', [{ label: 'one' }]);
    const first = await open(browser, server, state, path);
    const second = await first.context().newPage();
    const streams = [];
    for (const page of [first, second]) page.on('request', (request) => request.url().includes('/events/stream') && streams.push(page === first ? 1 : 2));
    await second.goto(server.origin + path);
    await second.locator('.card').waitFor();
    await server.call('POST', '/v1/tasks', { projectId: project, label: 'two' });
    for (const page of [first, second]) await shows(page, [[['one', 'two'], [], []]]);
    assert.ok(!streams.includes(2));
    await first.close();
    await server.call('POST', '/v1/tasks', { projectId: project, label: 'three' });
    await shows(second, [[['one', 'two', 'three'], [], []]]);
    await second.context().close();
  });
});

describe('nothing is lost', () => {
  test('a description that is being written survives Escape, a reload and the end of the session', async () => {
    const { path } = await server.board('Drafts', [{ label: 'task' }]);
    const own = await server.call('GET', '/v1/boards');
    assert.ok(own.boards.length > 0);
    const page = await open(browser, server, state, path);
    await page.locator('.card').getByRole('link', { name: 'task' }).click();
    const write = async (button, text) => {
      await page.getByRole('button', { name: button }).click();
      const field = page.getByRole('textbox', { name: 'Description', exact: true });
      await field.press('End');
      await field.pressSequentially(text);
      return field;
    };
    const field = await write('Add a description …', 'A long ');
    await field.press('Escape');
    await page.getByText('You have an unsaved draft.').waitFor();
    await write('Continue', 'thought');
    await page.reload();
    await page.getByText('You have an unsaved draft.').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    assert.equal(await page.getByRole('textbox', { name: 'Description', exact: true }).inputValue(), 'A long thought');
    await page.getByRole('textbox', { name: 'New comment' }).fill('Half a comm');
    await page.reload();
    assert.equal(await page.getByRole('textbox', { name: 'New comment' }).inputValue(), 'Half a comm');
    await close(page);
  });

  test('changes made offline are sent after a reload', async () => {
    const { path, project } = await server.board('Offline', [{ label: 'task' }]);
    const page = await open(browser, server, state, path);
    await page.locator('.card').getByRole('link', { name: 'task' }).focus();
    await page.route('**/v1/tasks/**', (route) => route.abort());
    await page.keyboard.press('3');
    await page.getByText('1 change is kept in this browser').waitFor();
    await page.unroute('**/v1/tasks/**');
    await page.reload();
    await shows(page, [[[], [], ['task']]]);
    await until(async () => (await server.call('GET', `/v1/tasks?project=${project}&status=2`)).tasks.length === 1, 'the change is saved');
    await close(page);
  });
});

test('hostile text neither runs nor breaks the page', async () => {
  const hostile = ['<script>document.title="x"</script><img src=x onerror=alert(1)>', '\u202eright to left\u202c', 'W'.repeat(255), '👩‍👩‍👧‍👦🏳️‍🌈'.repeat(8), 'שלום עולם, مرحبا بالعالم', '{{name}} ${x} %s &amp;'];
  const { path, board, project } = await server.board('<b>Board</b>', hostile.map((label) => ({ label, description: `${label}\n\n[a](javascript:alert(1))` })));
  await server.call('PATCH', `/v1/boards/${board}`, { name: 'W'.repeat(100), description: hostile[0] });
  await server.call('PATCH', `/v1/projects/${project}`, { name: 'M'.repeat(100), description: 'M'.repeat(1000) });
  await server.call('POST', `/v1/boards/${board}/labels`, { name: '<i>'.padEnd(50, 'W'), color: '#ff0000' });
  for (const view of views.slice(0, 2)) {
    const page = await open(browser, server, state, path, { viewport: { width: view.width, height: view.height } });
    page.on('dialog', () => page.wrongs.push('a script ran'));
    await page.locator('.card').nth(5).waitFor();
    await look(page, view, 'hostile');
    await page.locator('.card-title').first().click();
    await page.locator('.markdown').first().waitFor();
    await look(page, view, 'hostile-task');
    assert.equal(await page.locator('.card script, .card img, .markdown img').count(), 0);
    assert.ok(!(await page.title()).startsWith('x'));
    await close(page);
  }
});

for (const view of views) {
  test(`every page and dialog is accessible: ${view.name}`, async () => {
    const tasks = [{ label: 'Write the announcement', dueOn: '2020-01-01', description: '**Bold** and `code`' }, { label: 'Check the links', status: 1, dueOn: new Date().toISOString().slice(0, 10) }, { label: 'Choose a name', status: 2 }];
    const { path, board } = await server.board(`Launch ${view.name}`, tasks);
    const { label } = await server.call('POST', `/v1/boards/${board}/labels`, { name: 'Urgent', color: '#dc2626' });
    await server.call('POST', `/v1/boards/${board}/lanes`, { name: 'Review', wipLimit: 1 });
    const all = await server.call('GET', `/v1/tasks?board=${board}`);
    const { members } = await server.call('GET', '/v1/members');
    for (const { id } of all.tasks) await server.call('PATCH', `/v1/tasks/${id}`, { labelIds: [label.id], assigneeIds: [members[0].id] });
    await server.call('POST', `/v1/tasks/${all.tasks[0].id}/subtasks`, { label: 'Draft' });
    await server.call('POST', `/v1/tasks/${all.tasks[0].id}/comments`, { text: 'Looks *good*' });
    const page = await open(browser, server, state, '/app', { viewport: { width: view.width, height: view.height }, colorScheme: view.scheme, reducedMotion: 'reduce' });
    await page.locator('.tile').first().waitFor();
    await look(page, view, 'boards');
    await page.getByRole('button', { name: 'New board' }).last().click();
    await page.getByRole('dialog').waitFor();
    await look(page, view, 'new-board');
    await page.keyboard.press('Escape');
    await page.goto(server.origin + path);
    await page.locator('.card').nth(2).waitFor();
    await look(page, view, 'board');
    await page.getByRole('radio', { name: 'Lanes' }).click();
    await look(page, view, 'board-lanes');
    await page.getByRole('radio', { name: 'List' }).click();
    await look(page, view, 'board-list');
    await page.getByRole('radio', { name: 'Status' }).click();
    await page.getByRole('button', { name: 'Add a condition' }).click();
    await page.getByRole('option', { name: 'Overdue' }).click();
    await look(page, view, 'filter-picker');
    await page.keyboard.press('Escape');
    await page.locator('.chip').waitFor();
    await look(page, view, 'filtered');
    await page.getByRole('button', { name: 'Clear', exact: true }).first().click();
    await page.getByRole('button', { name: 'Project menu' }).click();
    await look(page, view, 'menu');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Check the links' }).focus();
    await page.keyboard.press('x');
    await look(page, view, 'selected');
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.keyboard.type('Not yet saved');
    await look(page, view, 'quick-add');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('announce');
    await page.getByRole('option', { name: 'Write the announcement' }).first().waitFor();
    await look(page, view, 'palette');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await look(page, view, 'shortcuts');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Board menu' }).click();
    await page.getByRole('menuitem', { name: 'Archived tasks' }).click();
    await page.getByText('Nothing is archived.').waitFor();
    await look(page, view, 'archive');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Board menu' }).click();
    await page.getByRole('menuitem', { name: 'Board settings' }).click();
    await page.getByRole('heading', { name: 'Board settings' }).waitFor();
    await look(page, view, 'settings');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Write the announcement' }).click();
    await page.getByText('Looks good').waitFor();
    await page.locator('.activity-list li').first().waitFor();
    await look(page, view, 'task');
    await page.getByRole('button', { name: 'Due date' }).click();
    await look(page, view, 'due');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit' }).click();
    await look(page, view, 'task-write');
    await page.goto(`${server.origin}/app/nothing`);
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await look(page, view, 'missing');
    await close(page);
  });
}
