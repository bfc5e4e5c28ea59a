// Measures a board with 2,000 cards: how soon it can be used, its nodes, dragging, and changes of others. Run it with a
// program that was built for release:
// TACKBOARD_PROGRAM=target/release/tackboard bash .ci/with-server node tests/browser/app-speed.mjs

import { Server, open } from './app.mjs';
import { launch } from './browser.mjs';

const CARDS = 2000;
const browser = await launch();
const server = await Server.start();
try {
  const path = await server.bigBoard(CARDS);
  const state = await server.signIn(browser);
  // The first visit fills the cache of compressed files.
  await (await open(browser, server, state, path)).context().close();
  const page = await open(browser, server, state, '/app/nothing');
  await page.addInitScript(() => {
    globalThis.long = [];
    new PerformanceObserver((list) => globalThis.long.push(...list.getEntries().map(({ duration }) => Math.round(duration)))).observe({ type: 'longtask', buffered: true });
  });
  const cpu = await processorTime(page);
  const times = [];
  const worked = [];
  for (let turn = 0; turn < 5; turn += 1) {
    await page.goto(server.origin + path, { waitUntil: 'commit' });
    await page.waitForFunction((count) => document.querySelectorAll('.card').length === count, CARDS);
    times.push(await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(() => resolve(Math.round(performance.now())))); })));
    worked.push(Math.round(await cpu()));
  }
  console.log(`usable after ${times.join(', ')} ms, with ${worked.join(', ')} ms of processor time; longest tasks ${await page.evaluate(() => globalThis.long.sort((a, b) => b - a).slice(0, 3).join(', '))} ms`);
  console.log(`${await page.evaluate(() => document.querySelectorAll('*').length)} elements`);
  await drag(page, cpu);
  await remote(page);
} finally {
  await browser.close();
  await server.stop();
}

/** Returns a function that returns the processor time of the page in milliseconds. Unlike durations, it does not grow on a busy machine. */
async function processorTime(page) {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
  };
}

/** Drags a card over the board for a while, and measures the frames. */
async function drag(page, cpu) {
  await page.evaluate(() => {
    globalThis.long.length = 0;
    globalThis.frames = [];
    let last = performance.now();
    const tick = (now) => {
      globalThis.frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const box = await page.locator('.card').first().boundingBox();
  const before = await cpu();
  await page.mouse.move(box.x + 60, box.y + 15);
  await page.mouse.down();
  for (let turn = 0; turn < 6; turn += 1) {
    await page.mouse.move(1200, 820, { steps: 40 });
    await page.mouse.move(300, 200, { steps: 40 });
  }
  await page.mouse.up();
  const worked = (await cpu()) - before;
  const { p95, worst, long, count } = await page.evaluate(() => {
    const frames = globalThis.frames.slice(2).sort((a, b) => a - b);
    return { count: frames.length, p95: frames[Math.floor(frames.length * 0.95)], worst: frames.at(-1), long: Math.max(0, ...globalThis.long) };
  });
  console.log(`dragging: p95 ${p95.toFixed(1)} ms per frame, worst ${worst.toFixed(1)} ms, longest task ${long} ms; ${(worked / count).toFixed(1)} ms of processor time per frame`);
}

/** Measures the script of a change that somebody else has made. */
async function remote(page) {
  const path = await page.evaluate(() => document.querySelector('script[type="module"]').src.replace('main.js', 'store.js'));
  const times = await page.evaluate(async (store) => {
    const { app } = await import(store);
    const tasks = [...app.replica.seen.tasks.values()].slice(0, 200);
    return tasks.map((task, at) => {
      const began = performance.now();
      app.replica.apply([{ sequence: 1e6 + at, type: 'task.updated', board_id: app.replica.id, task_id: task.id, data: task, changes: { status: { from: task.status, to: (task.status + 1) % 3 }, position: { from: task.position, to: `${task.position}V` } }, actor: {} }]);
      return performance.now() - began;
    }).sort((a, b) => a - b);
  }, path);
  console.log(`a change of somebody else: median ${times[100].toFixed(2)} ms, p95 ${times[190].toFixed(2)} ms of script`);
}
