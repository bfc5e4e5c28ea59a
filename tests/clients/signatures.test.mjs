// Checks that the Standard Webhooks library from npm accepts deliveries of the server, also during a rotation.
//
// Run: npm ci --prefix tests/clients && bash .ci/with-server node --test tests/clients/signatures.test.mjs

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { Webhook } from 'standardwebhooks';

import { origin, token } from './pages.mjs';

async function api(method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const response = await fetch(origin + path, { method, headers, body: JSON.stringify(body) });
  const data = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(data)}`);
  return data;
}

test('the library accepts deliveries', async () => {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end();
    server.emit('received', { headers: request.headers, body: Buffer.concat(chunks).toString() });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/`;
  const { webhook } = await api('POST', '/v1/webhooks', { name: 'Library', url, events: ['board.created'] });
  const next = async (name) => {
    const received = once(server, 'received');
    await api('POST', '/v1/boards', { name });
    return (await received)[0];
  };

  const first = await next('Für alle – “hello” 🎉');
  const payload = new Webhook(webhook.secret).verify(first.body, first.headers);
  assert.equal(payload.data.name, 'Für alle – “hello” 🎉');
  assert.throws(() => new Webhook(webhook.secret).verify(`${first.body} `, first.headers));

  const { webhook: rotated } = await api('POST', `/v1/webhooks/${webhook.id}/secret/rotate`);
  assert.notEqual(rotated.secret, webhook.secret);
  const second = await next('After the rotation');
  for (const secret of [webhook.secret, rotated.secret]) {
    assert.equal(new Webhook(secret).verify(second.body, second.headers).event, 'board.created');
  }
  server.closeAllConnections();
  server.close();
  await api('DELETE', `/v1/webhooks/${webhook.id}`);
});
