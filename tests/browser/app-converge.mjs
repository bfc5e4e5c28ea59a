// The long form of the test that two browsers show the same in the end: 1,000 random changes, half of them while one browser is
// offline, and five times kill -9 of the server. Run it so:
// bash .ci/with-server node tests/browser/app-converge.mjs [SEED]

import { Server, close, converge, open } from './app.mjs';
import { launch } from './browser.mjs';

const seed = Number(process.argv[2] ?? Date.now() % 1e6);
console.log(`seed ${seed}`);
const browser = await launch();
const server = await Server.start();
try {
  const state = await server.signIn(browser);
  const { path, project } = await server.board('Converge', Array.from({ length: 12 }, (_, at) => ({ label: `t${at}`, status: at % 3 })));
  const pages = [await open(browser, server, state, path), await open(browser, server, state, path)];
  for (const page of pages) await page.locator('.card').nth(11).waitFor();
  await converge(pages, server, project, { turns: 1000, seed, crashes: 5 });
  for (const page of pages) await close(page);
  console.log('both browsers show what the server has');
} finally {
  await browser.close();
  await server.stop();
}
