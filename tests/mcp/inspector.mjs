// The command line of the MCP Inspector against the product: over HTTP, and over standard input and output.
// bash .ci/with-server tests/mcp/node_modules/.bin/node tests/mcp/inspector.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const { TACKBOARD_ORIGIN: origin, TACKBOARD_TOKEN: token, TACKBOARD_DATA: data } = process.env;
const inspector = fileURLToPath(new URL('node_modules/.bin/mcp-inspector', import.meta.url));

function inspect(...args) {
  const output = execFileSync(process.execPath, [inspector, '--cli', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  return JSON.parse(output.toString());
}

const http = [`${origin}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${token}`];
assert.equal(inspect(...http, '--method', 'tools/list').tools.length, 15);
const found = inspect(...http, '--method', 'tools/call', '--tool-name', 'find', '--tool-arg', 'query=welcome');
assert.equal(found.isError, false);
const local = inspect('tackboard', '--data', data, 'mcp', '--method', 'tools/list');
assert.equal(local.tools.length, 8);
console.log('the Inspector lists and calls tools');
