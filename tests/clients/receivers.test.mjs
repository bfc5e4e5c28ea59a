// Runs the receivers of the webhooks guide unchanged, and checks that they accept deliveries of the server and nothing else.
// A test of the API runs the one in Rust.
//
// Run: bash .ci/with-server node --test tests/clients/receivers.test.mjs

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { origin, samples, text, token } from './pages.mjs';

const receivers = Object.fromEntries(
  samples(await text('/docs/webhooks'), ['javascript', 'n8n', 'py']).map(({ language, code }) => [language, code]));

let folder;
before(async () => { folder = await mkdtemp(join(tmpdir(), 'receivers-')); });
after(() => rm(folder, { recursive: true }));

async function api(method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const response = await fetch(origin + path, { method, headers, body: JSON.stringify(body) });
  const data = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(data)}`);
  return data;
}

/** A server that keeps the requests that it gets. */
async function listen() {
  const received = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks) });
    response.end('ok');
    server.emit('received');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, received };
}

/** Has the server deliver an event, and returns the secret and the request. */
async function delivered(secret) {
  const { server, received } = await listen();
  const url = `http://127.0.0.1:${server.address().port}/`;
  const { webhook } = await api('POST', '/v1/webhooks', { name: 'Receiver', url, events: ['board.created'], secret });
  const { board } = await api('POST', '/v1/boards', { name: 'Für alle – “hello”' });
  while (received.length === 0) await once(server, 'received');
  server.close();
  await fetch(`${origin}/v1/webhooks/${webhook.id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } });
  return { secret: webhook.secret, board: board.id, ...received[0] };
}

/** Requests that a receiver must refuse. */
function forgeries({ headers, body }) {
  const old = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 3600) };
  const { 'webhook-signature': _, ...unsigned } = headers;
  return [
    { headers, body: Buffer.concat([body, Buffer.from(' ')]) },
    { headers: old, body },
    { headers: { ...headers, 'webhook-id': 'other' }, body },
    { headers: { ...headers, 'webhook-signature': 'v1,AAAA' }, body },
    { headers: unsigned, body },
  ];
}

/** Starts a receiver and returns its port and its further lines. */
async function start(program, file, code, secret) {
  const path = join(folder, file);
  await writeFile(path, code);
  const child = spawn(program, [path], { env: { ...process.env, WEBHOOK_SECRET: secret, PORT: '0' } });
  let wrote = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { wrote += data; child.emit('wrote'); });
  const line = async (pattern) => {
    while (!pattern.test(wrote)) {
      assert.equal(child.exitCode, null, wrote);
      await once(child, 'wrote');
    }
    return pattern.exec(wrote);
  };
  const [, port] = await line(/listening on (\d+)/);
  return { child, line, port };
}

for (const [language, program, file] of [['javascript', process.execPath, 'receiver.mjs'], ['py', 'python3', 'receiver.py']]) {
  for (const given of [undefined, 'a plain secret, as it is']) {
    test(`the receiver in ${language} with ${given ?? 'a generated secret'}`, async () => {
      const genuine = await delivered(given);
      const { child, line, port } = await start(program, file, receivers[language], genuine.secret);
      const send = async ({ headers, body }) => {
        const { host, connection, 'content-length': _, 'transfer-encoding': __, ...rest } = headers;
        return (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: rest, body })).status;
      };
      for (const forgery of forgeries(genuine)) assert.equal(await send(forgery), 401);
      assert.equal(await send(genuine), 204);
      await line(new RegExp(`board.created ${genuine.board}`));
      child.kill();
    });
  }
}

test('the code for n8n', async () => {
  const genuine = await delivered();
  const run = ({ headers, body }) => {
    const input = { first: () => ({ json: { headers }, binary: { data: { data: body.toString('base64') } } }) };
    const code = new Function('require', '$env', '$input', receivers.n8n);
    return code(createRequire(import.meta.url), { WEBHOOK_SECRET: genuine.secret }, input);
  };
  for (const forgery of forgeries(genuine)) assert.throws(() => run(forgery), /signature is wrong/);
  assert.equal(run(genuine)[0].json.data.id, genuine.board);
});
