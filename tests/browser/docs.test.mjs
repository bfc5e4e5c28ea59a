// The documentation pages, in a browser.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';

import { fits, inView, isAccessible, launch, origin, token, views } from './browser.mjs';

let browser;
before(async () => {
  // Quota headers need a plan with a quota, which can be changed while the server runs.
  execFileSync('tackboard', ['plan', 'set', 'teams', '--api-calls', '12000']);
  browser = await launch();
});
after(() => browser.close());

/** Calls the API without the browser. */
async function api(path) {
  const response = await fetch(`${origin}${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return response.json();
}

/** Whether a console message is only about a refused call, which is not an error of the page. */
const refused = (text) => /status of (400|401|404)/.test(text);

for (const view of views) {
  // Each size and each color scheme once, not every combination.
  const isChecked = ['phone, light', 'desk, dark'].includes(view.name);
  describe(view.name, () => {
    test('from the front page to a task of one\'s own', async () => {
      const { boards } = await api('/v1/boards');
      const { projects } = await api(`/v1/boards/${boards[0].id}/projects`);
      await inView(browser, view, '/', async (page) => {
        // Find an error code with the keyboard only.
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
        assert.match(headers, /x-ratelimit-limit ?12000/);
        assert.match(headers, /x-ratelimit-remaining ?\d+ ?The calls left this month/);
        for (const header of ['x-ratelimit-reset', 'etag', 'x-request-id']) assert.match(headers, new RegExp(header));
        assert.match(await result.locator('pre').textContent(), /<img src=x onerror=alert\(1\)>/);
        assert.equal(await result.locator('img').count(), 0);

        // An invalid body is reported per field, with a link to the error code.
        await body.fill('{"status": 7}');
        await operation.getByRole('button', { name: 'Send POST' }).click();
        await result.getByText(/^400 Bad Request/).waitFor();
        const problems = await result.getByRole('listitem').allTextContents();
        assert.deepEqual(problems.sort(), ['label Label is required', 'projectId Project ID is required', 'status Status must be 0, 1, or 2']);
        if (isChecked) await isAccessible(page);
        await result.getByRole('link', { name: 'invalid_request' }).click();
        await page.waitForURL('**/docs/errors#invalid_request');

        // The token was kept only by this page.
        const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
        assert.ok(!kept.includes(token), kept);
        await page.goBack();
        assert.equal(await page.getByLabel('Token').first().inputValue(), '');
      }, refused);
    });

    test('every kind of page can be read by everybody', async () => {
      const kinds = ['/', '/docs/getting-started', '/docs/boards', '/docs/tasks', '/docs/deployment', '/docs/mail-server', '/docs/errors', '/docs/plans', '/docs/self-hosting', '/docs/reference', '/docs/reference/tasks'];
      for (const path of kinds) {
        await inView(browser, view, path, async (page) => {
          await fits(page);
          if (isChecked) await isAccessible(page);
        });
      }
      await inView(browser, view, '/nothing/here', async (page) => {
        await page.getByRole('heading', { name: 'Page not found' }).waitFor();
        await fits(page);
        if (isChecked) await isAccessible(page);
      }, refused);
    });
  });
}

describe('one page and its reader', () => {
  const [, , desk] = views;

  test('the search is used with the keyboard alone', async () => {
    await inView(browser, desk, '/docs/errors', async (page) => {
      const search = page.getByRole('combobox', { name: 'Search the documentation' });
      const options = page.getByRole('option');
      await page.keyboard.press('/');
      await page.keyboard.type('task');
      await options.nth(3).waitFor();
      const selected = async () => (await page.getByRole('option', { selected: true }).textContent());
      const first = await selected();
      await page.keyboard.press('ArrowDown');
      assert.notEqual(await selected(), first);
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      assert.equal(await selected(), await options.last().textContent());
      await isAccessible(page);
      await page.keyboard.press('Escape');
      assert.equal(await options.count(), 0);
      assert.equal(await search.inputValue(), 'task');
      await page.keyboard.press('Escape');
      assert.ok(!await search.evaluate((input) => input === document.activeElement));
      await search.fill('no such zebra anywhere');
      await page.getByText('No results').waitFor();
      await page.keyboard.press('Enter');
      assert.equal(new URL(page.url()).pathname, '/docs/errors');
    });
  });

  test('Ctrl K and ⌘ K open the search, also while one is typing', async () => {
    await inView(browser, desk, '/docs/reference/tasks', async (page) => {
      const search = page.getByRole('combobox', { name: 'Search the documentation' });
      const isFocused = () => search.evaluate((input) => input === document.activeElement);
      await page.keyboard.press('Control+k');
      assert.ok(await isFocused());
      await page.keyboard.press('Escape');
      assert.ok(!await isFocused());
      const operation = page.getByRole('region', { name: 'Create a task' });
      await operation.getByText('Try it').click();
      await operation.getByLabel('Token').focus();
      await page.keyboard.press('Meta+k');
      assert.ok(await isFocused());
    });
  });

  test('the search is loaded only when it is used', async () => {
    await inView(browser, desk, '/', async (page) => {
      const loaded = () => page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/docs/search')).length);
      await page.waitForLoadState('load');
      assert.equal(await loaded(), 0);
      await page.keyboard.press('/');
      await page.waitForFunction(() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/docs/search')).length === 2);
    });
  });

  test('the token is kept for the tab if the reader wishes, and no longer', async () => {
    await inView(browser, desk, '/docs/reference/boards', async (page) => {
      const open = async () => {
        const operation = page.getByRole('region', { name: 'List boards' });
        await operation.getByText('Try it').click();
        return operation;
      };
      const first = await open();
      await first.getByText('tackboard token create').waitFor();
      await first.getByLabel('Token').fill(token);
      await first.getByLabel('Keep it until this tab is closed').check();
      await page.goto(`${origin}/docs/reference/boards?again`);
      const again = await open();
      assert.equal(await again.getByLabel('Token').inputValue(), token);
      await again.getByLabel('Keep it until this tab is closed').uncheck();
      assert.ok(!await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]).includes('km_')));
    });
  });

  test('the forms are filled with ids of the reader, but not to delete', async () => {
    await inView(browser, desk, '/docs/reference/tasks', async (page) => {
      const create = page.getByRole('region', { name: 'Create a task' });
      await create.getByText('Try it').click();
      await create.getByLabel('Token').fill(token);
      await create.getByRole('button', { name: 'Send POST' }).focus();
      await create.getByText('The ids are those of your first objects').waitFor();
      await create.getByRole('button', { name: 'Send POST' }).click();
      await create.locator('.result').getByText(/^201 Created/).waitFor();
      const get = page.getByRole('region', { name: 'Get a task' });
      await get.getByText('Try it').click();
      await get.getByText('The ids are those of your first objects').waitFor();
      await get.getByRole('button', { name: 'Send GET' }).click();
      await get.locator('.result').getByText(/^200 OK/).waitFor();
      const remove = page.getByRole('region', { name: 'Delete a task' });
      await remove.getByText('Try it').click();
      assert.equal(await remove.locator('[name="taskId"]').inputValue(), '');
    });
  });

  test('a call without a token says so', async () => {
    await inView(browser, desk, '/docs/reference/boards', async (page) => {
      const operation = page.getByRole('region', { name: 'List boards' });
      await operation.getByText('Try it').click();
      await operation.getByRole('button', { name: 'Send GET' }).click();
      await operation.locator('.result').getByText('No token was sent: enter one above.').waitFor();
      await operation.locator('.result').getByText('"No token was sent as Authorization: Bearer …"').waitFor();
    }, refused);
  });

  test('a page has its contents at every width, folded where there is little room', async () => {
    for (const width of [360, 700, 1000, 1280]) {
      await inView(browser, { ...desk, width }, '/docs/errors', async (page) => {
        const contents = page.getByRole('navigation', { name: 'On this page' });
        const link = contents.getByRole('link', { name: 'rate_limited' });
        if (width < 1248) {
          assert.ok(!await link.isVisible(), `${width}: open from the start`);
          await contents.getByText('On this page').locator('visible=true').click();
          await fits(page);
          await isAccessible(page);
        }
        await link.click();
        assert.equal(new URL(page.url()).hash, '#rate_limited');
        assert.equal(await link.isVisible(), width >= 1248);
        const covered = await page.evaluate(() => {
          const { left, top } = document.getElementById('rate_limited').getBoundingClientRect();
          return document.elementFromPoint(left + 4, top + 4).closest('h3')?.id;
        });
        assert.equal(covered, 'rate_limited', `${width}: the heading is covered`);
        // It stays in reach while one scrolls.
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
        assert.ok(await contents.evaluate((one) => one.getBoundingClientRect().top >= 0));
      });
    }
  });

  test('the page of the tasks is not endless on a phone', async () => {
    await inView(browser, views[0], '/docs/reference/tasks', async (page) => {
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      assert.ok(height < 14_000, `${height} px`);
    });
  });

  test('an address with an anchor opens what is folded around it', async () => {
    await inView(browser, desk, '/docs/reference/tasks#createTask-token', async (page) => {
      await page.getByRole('region', { name: 'Create a task' }).getByLabel('Token').waitFor();
    });
  });

  test('code that goes on behind the edge shows that', async () => {
    await inView(browser, { ...desk, width: 360 }, '/docs/deployment', async (page) => {
      const code = page.locator('pre').filter({ hasText: 'FROM rust' });
      assert.ok(await code.evaluate((pre) => pre.scrollWidth > pre.clientWidth));
      // The last pixels of the padding below the text, where nothing but the shadow can be.
      const edge = async () => {
        const { x, y, width, height } = await code.boundingBox();
        return (await page.screenshot({ clip: { x: x + width - 6, y: y + height - 8, width: 4, height: 4 }, fullPage: true })).toString('base64');
      };
      const before = await edge();
      await code.evaluate((pre) => { pre.scrollLeft = pre.scrollWidth; });
      assert.notEqual(await edge(), before);
    });
  });

  test('the table of settings fits its column, on a phone too', async () => {
    for (const width of [360, 1280]) {
      await inView(browser, { ...desk, width }, '/docs/self-hosting#smtp_url', async (page) => {
        const [wide, room] = await page.locator('.scroll').first().evaluate((box) => [box.scrollWidth, box.clientWidth]);
        assert.ok(wide <= room, `${wide} px in ${room} px at ${width}`);
      });
    }
  });

  test('a chosen theme is there before the first paint', async () => {
    await inView(browser, desk, '/', async (page) => {
      await page.getByRole('button', { name: 'Switch between light and dark' }).click();
      // The scripts that run after the page come too late.
      await page.route('**/docs/script.*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
      await page.goto(`${origin}/docs/plans`);
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    });
  });

  test('on paper, a sample is there in one language', async () => {
    await inView(browser, desk, '/docs/reference/boards', async (page) => {
      await page.getByText('Python', { exact: true }).first().click();
      await page.emulateMedia({ media: 'print' });
      const operation = page.getByRole('region', { name: 'Create a board' });
      const shown = await operation.locator('.tabs > .code pre').locator('visible=true').evaluateAll((all) => all.map((pre) => pre.dataset.lang));
      assert.deepEqual(shown, ['python']);
      assert.deepEqual(await operation.locator('.tabs > label').locator('visible=true').allTextContents(), ['Python']);
    });
  });

  test('fields, limits, settings and guides are found', async () => {
    const wanted = {
      projectId: '/docs/reference/', '--body-limit': '/docs/self-hosting#body_limit', 'webhook deliveries': '/docs/plans#plans',
      'merge tags': '/docs/cards', 'delete board': '/docs/reference/boards#deleteBoard',
    };
    await inView(browser, desk, '/', async (page) => {
      for (const [words, address] of Object.entries(wanted)) {
        await page.getByRole('combobox').fill(words);
        await page.getByRole('option').first().waitFor();
        await page.keyboard.press('Enter');
        await page.waitForURL((url) => (url.pathname + url.hash).startsWith(address));
      }
    });
  });

  test('light and dark are switched and remembered', async () => {
    await inView(browser, desk, '/', async (page) => {
      const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await paper();
      await page.getByRole('button', { name: 'Switch between light and dark' }).click();
      const dark = await paper();
      assert.notEqual(dark, light);
      await page.goto(`${origin}/docs/plans`);
      assert.equal(await paper(), dark);
      await page.getByRole('button', { name: 'Switch between light and dark' }).click();
      assert.equal(await paper(), light);
    });
  });

  test('a sample is copied in the language that was chosen', async () => {
    await inView(browser, desk, '/docs/reference/boards', async (page) => {
      await page.getByText('Python', { exact: true }).first().click();
      const operation = page.getByRole('region', { name: 'Create a board' });
      await operation.getByRole('button', { name: 'Copy' }).locator('visible=true').first().click();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.match(copied, /^import json\n[\s\S]*urllib\.request\.Request\(\n {4}"http/);
      assert.equal(await operation.locator('pre[data-lang="python"]').textContent(), copied);
    });
  });

  test('the contents follow the reading', async () => {
    await inView(browser, desk, '/docs/errors#rate_limited', async (page) => {
      const current = page.locator('.toc a[aria-current]');
      await page.waitForFunction(() => document.querySelector('.toc a[aria-current]')?.hash === '#rate_limited');
      await page.evaluate(() => scrollTo(0, 0));
      await page.waitForFunction(() => document.querySelector('.toc a[aria-current]')?.hash === '#error-format');
      assert.equal(await current.count(), 1);
    });
  });

  test('nothing moves while a page comes up', async () => {
    for (const path of ['/', '/docs/errors', '/docs/reference/tasks#createTask']) {
      await inView(browser, desk, path, async (page) => {
        await page.waitForLoadState('load');
        const moved = await page.evaluate(() => new Promise((resolve) => {
          const observer = new PerformanceObserver((list) => resolve(list.getEntries()));
          observer.observe({ type: 'layout-shift', buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(observer.takeRecords())));
        }));
        const sum = moved.reduce((all, { value }) => all + value, 0);
        assert.ok(sum < 0.01, `${path}: ${sum}`);
      });
    }
  });

  test('everything is there to read without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${origin}/docs/reference/tasks#createTask`);
    const operation = page.getByRole('region', { name: 'Create a task' });
    await operation.getByText('/v1/tasks', { exact: true }).waitFor();
    await operation.getByText('Python', { exact: true }).click();
    await operation.getByText('urllib.request.urlopen').waitFor();
    await operation.getByText('4xx', { exact: true }).click();
    await operation.getByRole('link', { name: 'idempotency_key_reused' }).waitFor();
    await context.close();
  });
});
