// Runs the documentation's retry samples against a server that asks them to wait for days.
//
// Run: bash .ci/with-server node --test tests/clients/retries.test.mjs

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { LANGUAGES, origin, samples, text } from './pages.mjs';

/** Too long for a JavaScript timer, which would then fire immediately. */
const DAYS = 25 * 24 * 60 * 60;
const PROGRAMS = { sh: ['bash', '-c'], js: ['node', '--input-type=module', '-e'], python: ['python3', '-c'] };

/** The server's responses, in order. The last one is repeated. */
let responses;
let calls = 0;
const server = createServer((request, response) => {
  const [status, headers, body] = responses[Math.min(calls, responses.length - 1)];
  calls += 1;
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
});
before(() => new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); }));
after(() => server.close());

const failed = (status, code, wait) => [status, wait === undefined ? {} : { 'Retry-After': String(wait) }, { error: { code, message: code } }];
const shown = samples((await text('/docs/retries')).split('id="retry-with-a-limit"')[1]).slice(0, LANGUAGES.length);

/** Runs the sample of a language and returns its number of calls. A sample that waits too long is stopped and fails. */
async function run(language) {
  calls = 0;
  const { code } = shown.find((sample) => sample.language === language);
  const [program, ...args] = PROGRAMS[language];
  const own = code.replaceAll(origin, `http://127.0.0.1:${server.address().port}`);
  const child = spawn(program, [...args, own], { stdio: 'ignore', timeout: 20_000 });
  const signal = await new Promise((resolve) => { child.on('close', (status, by) => resolve(by)); });
  assert.equal(signal, null, `${language} waits too long`);
  return calls;
}

for (const language of LANGUAGES) {
  describe(language, () => {
    test('a used-up quota is not retried', async () => {
      // curl does not read the body: only its limit ends the retries.
      responses = [failed(429, 'quota_exceeded', language === 'sh' ? DAYS : 1)];
      assert.equal(await run(language), 1);
    });

    test('a wait of days ends the retries', async () => {
      responses = [failed(503, 'service_unavailable', DAYS)];
      assert.equal(await run(language), 1);
    });

    test('a short wait is kept, and then the call succeeds', async () => {
      responses = [failed(429, 'rate_limited', 1), failed(503, 'service_unavailable', 1), [200, {}, { boards: [] }]];
      assert.equal(await run(language), 3);
    });
  });
}
