// The pages of people, in a browser: from the first link to a person who is signed in, with the keyboard only.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { fits, inView, isAccessible, launch, origin } from './browser.mjs';

/** Where pictures of the pages are kept, if somebody wants to look at them. */
const shots = process.env.TACKBOARD_SHOTS;
const password = 'correct horse battery';
const views = ['light', 'dark'].flatMap((scheme) => [
  { name: `phone, ${scheme}`, width: 360, height: 740, scheme },
  { name: `desk, ${scheme}`, width: 1400, height: 900, scheme },
]);

let browser;
before(async () => {
  if (shots) mkdirSync(shots, { recursive: true });
  browser = await launch();
});
after(() => browser.close());

/** Runs a command, and returns the path of the link that it prints. */
function link(...args) {
  const text = execFileSync('tackboard', args, { encoding: 'utf8' });
  return text.match(/\/(sign-in|invitations)\/[\w-]{43}/)[0];
}

/** Whether a console message is only about a refused form, which is not an error of the page. */
const refused = (text) => /status of (400|401|409|410)/.test(text);

/** Checks a page, and keeps a picture of it. */
async function look(page, view, name) {
  await fits(page);
  await isAccessible(page);
  if (shots) await page.screenshot({ path: join(shots, `${name}-${view.width}-${view.scheme}.png`), fullPage: true });
}

/** Moves the focus with Tab until it is on this element. */
async function tabTo(page, locator) {
  for (let steps = 0; steps < 40; steps += 1) {
    await page.keyboard.press('Tab');
    if (await locator.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`the keyboard does not reach ${locator}`);
}

/** Fills in a field with the keyboard. */
async function type(page, label, text) {
  const field = page.getByLabel(label, { exact: true });
  await tabTo(page, field);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

async function press(page, name) {
  await tabTo(page, page.getByRole('button', { name, exact: true }));
  await page.keyboard.press('Enter');
}

/** Waits for the boards, which open after one has signed in. */
async function seeBoards(page) {
  await page.waitForURL(/\/app$/);
  await page.getByRole('heading', { name: 'Boards', level: 1 }).waitFor();
}

/** Goes on to one's account. */
async function openAccount(page) {
  await page.goto(new URL('/account', page.url()).href);
  await page.getByRole('heading', { name: 'Your account' }).waitFor();
}

for (const view of views) {
  describe(view.name, () => {
    test('an invited person joins, signs out and signs in, with the keyboard only', async () => {
      const email = `${view.scheme}-${view.width}@example.org`;
      const invitation = link('user', 'invite', '--email', email, '--workspace', 'my-workspace', '--role', 'member');
      await inView(browser, view, invitation, async (page) => {
        await look(page, view, 'invitation');
        await type(page, 'Your name', 'Grace Hopper');
        await type(page, 'Password (optional)', password);
        await press(page, 'Join');
        await seeBoards(page);
        await openAccount(page);
        await look(page, view, 'account');
        await press(page, 'Sign out');
        await page.getByText('You are signed out.').waitFor();
        await type(page, 'Email', email);
        await type(page, 'Password', 'not this one');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').waitFor();
        assert.equal(await page.getByLabel('Email', { exact: true }).inputValue(), email);
        await look(page, view, 'sign-in-wrong');
        await type(page, 'Password', password);
        await press(page, 'Sign in');
        await seeBoards(page);
      }, refused);
    });

    test('a sign-in link works once, and can set a new password', async () => {
      const email = `link-${view.scheme}-${view.width}@example.org`;
      const invitation = link('user', 'invite', '--email', email, '--workspace', 'my-workspace', '--role', 'viewer');
      await inView(browser, view, invitation, async (page) => {
        await type(page, 'Your name', 'Ada');
        await type(page, 'Password (optional)', password);
        await press(page, 'Join');
        await seeBoards(page);
      });
      const path = link('user', 'link', '--user', email);
      await inView(browser, view, path, async (page) => {
        await look(page, view, 'sign-in-link');
        await tabTo(page, page.getByRole('link', { name: 'Set a new one' }));
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Set a new password' }).waitFor();
        await look(page, view, 'new-password');
        await type(page, 'New password', 'another horse battery');
        await press(page, 'Set password and sign in');
        await seeBoards(page);
        await page.goto(origin + path);
        await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
        await look(page, view, 'link-used');
      }, refused);
    });

    test('the form and its problems', async () => {
      await inView(browser, view, '/sign-in', async (page) => {
        await look(page, view, 'sign-in');
      });
    });
  });
}

test('the owner of a new server opens the first link', async () => {
  const credentials = readFileSync(join(process.env.TACKBOARD_DATA, 'first-credentials'), 'utf8');
  const [path] = credentials.match(/\/sign-in\/[\w-]{43}/);
  for (const view of views) {
    await inView(browser, view, '/', async (page) => {
      await page.getByRole('link', { name: 'Open your boards', exact: true }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });
  }
  const [phone] = views;
  await inView(browser, phone, path, async (page) => {
    await press(page, 'Sign in');
    await page.getByRole('heading', { name: 'Welcome to Tackboard' }).waitFor();
    for (const view of views) {
      await page.setViewportSize({ width: view.width, height: view.height });
      await page.emulateMedia({ colorScheme: view.scheme });
      await look(page, view, 'welcome');
    }
    await page.getByRole('link', { name: 'Skip', exact: true }).click();
    await seeBoards(page);
    await page.goto(`${origin}/welcome`);
    await type(page, 'Your name', 'Ada Lovelace');
    await type(page, 'Email', 'ada@example.org');
    await press(page, 'Save');
    await seeBoards(page);
  });
});

test('everything works without scripts', async () => {
  const email = 'quiet@example.org';
  const path = link('user', 'invite', '--email', email, '--workspace', 'my-workspace');
  const context = await browser.newContext({ javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    await page.goto(origin + path);
    await page.getByLabel('Your name', { exact: true }).fill('Quiet');
    await page.getByLabel('Password (optional)', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('link', { name: 'your account' }).click();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Quieter');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Your changes are saved.').waitFor();
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Quieter');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Email', { exact: true }).fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'your account' }).waitFor();
  } finally {
    await context.close();
  }
});

test('forms work without TLS under the name of a host, and the page says that the connection is not private', async () => {
  const path = link('user', 'link', '--user', 'light-360@example.org');
  const named = await launch(['--host-resolver-rules=MAP nas 127.0.0.1']);
  try {
    const page = await named.newPage();
    await page.goto(`http://nas:${new URL(origin).port}${path}`);
    await page.getByText('This connection is not private.').waitFor();
    await isAccessible(page);
    if (shots) await page.screenshot({ path: join(shots, 'not-private.png'), fullPage: true });
    await page.getByRole('button', { name: 'Sign in' }).click();
    await seeBoards(page);
    await openAccount(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
  } finally {
    await named.close();
  }
});
