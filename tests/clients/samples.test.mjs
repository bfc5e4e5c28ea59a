// Runs every code sample on the documentation pages unchanged, with a shell, Node and Python. Only the ids in the examples
// are replaced, by ids of objects that are created for the run.
//
// Run: bash .ci/with-server node --test tests/clients/samples.test.mjs

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, mock, test } from 'node:test';

import { LANGUAGES, origin, samples, text, token } from './pages.mjs';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** An image of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** An export without objects. */
const EMPTY_EXPORT = JSON.stringify({ format: 'tackboard-export', version: 1 });

/** Comes before each shell sample. Makes curl fail on an error status, and ends a stream (`-N`), which is no failure (28). */
const SHELL = `set -euo pipefail
curl() {
  if [[ " $* " != *" -N "* ]]; then command curl --fail-with-body -sS "$@"; return; fi
  command curl --fail-with-body -sS --max-time 1 "$@" || [ $? -eq 28 ]
}
`;
/** Runs Python files one after the other in one process, and reports those that failed. */
const PYTHON = `
import io, runpy, sys, traceback
failed, sys.stdout = [], io.StringIO()
for file in sys.argv[1:]:
    try:
        runpy.run_path(file, run_name="__main__")
    except BaseException:
        failed.append(open(file).read() + "\\n" + traceback.format_exc())
sys.exit("\\n".join(failed) or 0)
`;

const contract = JSON.parse(await text('/openapi.json'));
const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })));

/** Receives the deliveries of webhooks. */
const receiver = createServer((request, response) => request.resume().on('end', () => response.end()));
receiver.listen(0, '127.0.0.1').unref();
await once(receiver, 'listening');

/** A folder for the samples, with an image for those that upload one, and files for those that import one. */
let folder;
const home = process.cwd();
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samples-'));
  await writeFile(join(folder, 'cover.png'), Buffer.from(PIXEL, 'base64'));
  for (const name of ['board.json', 'workspace.json']) await writeFile(join(folder, name), EMPTY_EXPORT);
  process.chdir(folder);
});
after(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

/** Writes a sample into a new file. */
let written = 0;
async function write(code, ending) {
  const file = join(folder, `${written += 1}.${ending}`);
  const url = `http://127.0.0.1:${receiver.address().port}/`;
  await writeFile(file, code.replaceAll('km_…', token).replaceAll('https://example.com/hooks/tackboard', url));
  return file;
}

async function spawned(program, args) {
  const child = spawn(program, args, { cwd: folder });
  let wrote = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { wrote += data; });
  const status = await new Promise((resolve, reject) => { child.on('close', resolve); child.on('error', reject); });
  return [status, wrote];
}

/** Python files that are run together, because starting Python takes longer than running a file. */
const waiting = [];

/** Runs a sample, or queues it. */
async function run(language, code) {
  if (language === 'python') {
    waiting.push(await write(code, 'py'));
  } else if (language === 'js') {
    // Imported as a module into this process. Its output is not needed here.
    mock.method(console, 'log', () => {});
    await import(await write(code, 'mjs')).catch((error) => assert.fail(`${code}\n→ ${error.stack}`));
  } else {
    const [status, wrote] = await spawned('bash', [await write(SHELL + code, 'sh')]);
    assert.equal(status, 0, `${code}\n→ ${wrote}`);
  }
}

/** Runs a sample that does not end, until it shows the beginning of the stream. */
async function runStream(language, code) {
  if (language === 'sh') return run(language, code);
  const [program, ending] = language === 'js' ? [process.execPath, 'mjs'] : ['python3', 'py'];
  const child = spawn(program, [await write(code, ending)], { cwd: folder });
  let wrote = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      wrote += data;
      if (wrote.includes('retry: ')) child.kill();
    });
  }
  await new Promise((resolve) => { child.on('close', resolve); });
  assert.ok(wrote.startsWith(': connected'), `${code}\n→ ${wrote}`);
}

async function api(method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const response = await fetch(origin + path, { method, headers, body: body && JSON.stringify(body) });
  const data = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(data)}`);
  return data;
}

/**
 * Returns the kind of object in a field's name: a `workflowLaneId` is the id of a `lane`, `labelIds` are those of `label`s.
 * An assignee is a user.
 */
function kindOf(name) {
  const kind = name.replace(/Ids?$/, '').replace(/.*(?=[A-Z])/, '').toLowerCase();
  return kind === 'assignee' ? 'user' : kind;
}

/** The password in the examples. */
const PASSWORD = 'correct horse battery';

/** Sends a form of a page, and returns the response. */
async function post(path, body) {
  const headers = { 'Content-Type': 'application/json', Origin: origin };
  const response = await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const data = await response.json();
  assert.ok(response.ok, `POST ${path}: ${JSON.stringify(data)}`);
  return { data, cookie: response.headers.get('set-cookie').split(';')[0] };
}

/** Invites somebody, and returns the invitation. */
async function invite() {
  const email = `${crypto.randomUUID()}@example.org`;
  return (await api('POST', '/v1/invitations', { email, role: 'member' })).invitation;
}

/** A new member of the workspace, who is signed in. */
async function newPerson() {
  const { email, link } = await invite();
  const { data, cookie } = await post(new URL(link).pathname, { name: 'Grace Hopper', password: PASSWORD });
  return { email, cookie, id: data.session.user.id, session: data.session.id };
}

/** Returns a sample for a person with the credentials of a new one. */
async function asPerson(operation, code) {
  const person = await newPerson();
  const { cookie, session } = person;
  const link = () => execFileSync('tackboard', ['--data', process.env.TACKBOARD_DATA, 'user', 'link', '--user', person.email]);
  const codes = { '/sign-in/{code}': () => String(link()), '/invitations/{code}': async () => (await invite()).link };
  if (codes[operation.path]) code = code.replace(/(\/(sign-in|invitations)\/)[\w-]+/, `$1${/\/([\w-]{43})\b/.exec(await codes[operation.path]())[1]}`);
  return code.replaceAll('$TACKBOARD_COOKIE', cookie)
    .replaceAll('process.env.TACKBOARD_COOKIE', `"${cookie}"`).replaceAll('os.environ["TACKBOARD_COOKIE"]', `"${cookie}"`)
    .replaceAll('ada@example.org', person.email).replace(/(\/sessions\/)[\w-]+/, `$1${session}`);
}

/** Objects for requests, created when they are needed. They belong together. */
class World {
  #ids = new Map();

  async id(kind) {
    if (!this.#ids.has(kind)) this.#ids.set(kind, this.#make(kind));
    return this.#ids.get(kind);
  }

  async #make(kind) {
    if (kind === 'user') return (await api('GET', '/api/integration/auth/validate')).user_id;
    if (kind === 'member') return (await newPerson()).id;
    if (kind === 'workspace') return (await api('GET', '/api/integration/workspaces'))[0].choices[0].id;
    if (kind === 'cover') {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'image/png' };
      const path = `/v1/cards/${await this.id('card')}/cover`;
      const response = await fetch(origin + path, { method: 'PUT', headers, body: Buffer.from(PIXEL, 'base64') });
      return (await response.json()).card.cover_url.split('/').at(-1);
    }
    if (kind === 'recipient') {
      // A separate address, so that unsubscribing does not affect the other samples.
      const to = { name: 'Ada', email: `${crypto.randomUUID()}@example.org` };
      const body = { integrationId: await this.id('integration'), card: await this.id('card'), mergeTags: [to] };
      return (await api('POST', '/api/integration/send-card', body)).recipient_id;
    }
    if (kind === 'import') {
      const headers = { Authorization: `Bearer ${token}` };
      const response = await fetch(`${origin}/v1/imports`, { method: 'POST', headers, body: EMPTY_EXPORT });
      return (await response.json()).import.id;
    }
    if (kind === 'delivery') {
      const path = `/v1/webhooks/${await this.id('webhook')}/test`;
      return (await api('POST', path, {})).delivery.id;
    }
    if (kind === 'integration') {
      const [userId, workspaceId, cardId] = [await this.id('user'), await this.id('workspace'), await this.id('card')];
      return (await api('POST', '/api/integration/config', { userId, workspaceId, cardId }))._id;
    }
    if (kind.startsWith('other ')) {
      await this.id(kind.slice(6));
      return this.#new(kind.slice(6));
    }
    return this.#new(kind);
  }

  async #new(kind) {
    // All other kinds have an operation that creates one and returns it under its name.
    const shown = (operation) => Object.entries(example(operation.responses['201']) ?? {})
      .find(([name, value]) => (name === kind || name.endsWith(`_${kind}`)) && value.id);
    const maker = operations.find((operation) => operation.method === 'post' && shown(operation));
    assert.ok(maker, `nothing makes a ${kind}`);
    let path = maker.path;
    for (const [all, name] of path.matchAll(/\{(\w+)\}/g)) path = path.replace(all, await this.id(kindOf(name)));
    const [name] = shown(maker);
    return (await api('POST', path, await this.fill(bodies(maker)[0])))[name].id;
  }

  /** Returns a body with the ids of this world. */
  async fill(body) {
    let text = JSON.stringify(body);
    for (const [id, kind] of idsOf(body)) text = text.replaceAll(id, await this.id(kind));
    return JSON.parse(fresh(text));
  }
}

/** Returns the examples of a body in the contract. */
function example(response) {
  return response?.content?.['application/json']?.example;
}

/** Returns the example bodies of an operation in the contract. */
function bodies(operation) {
  return Object.values(operation.requestBody?.content?.['application/json']?.examples ?? {}).map(({ value }) => value);
}

/** Returns the ids in a value with their kinds. `noun` is the kind of the value itself. */
function idsOf(value, noun = '') {
  return Object.entries(value ?? {}).flatMap(([name, member]) => {
    if (name.endsWith('Ids')) return member.map((id) => [id, kindOf(name)]);
    // In a batch.
    if (name === 'delete') return member.map((id) => [id, 'other task']);
    if (name === 'id') return [[member, 'task']];
    if (typeof member === 'object') return idsOf(member, noun);
    if (typeof member !== 'string') return [];
    if (['after', 'before'].includes(name)) return [[member, `other ${noun}`]];
    return name.endsWith('Id') || name === 'card' ? [[member, kindOf(name)]] : [];
  });
}

/** Returns the code with other addresses of senders and of invited people, because a workspace can have each only once. */
const fresh = (text) => text.replace(/("address": ?")[^"]*/, `$1${crypto.randomUUID()}@example.org`)
  .replaceAll('grace@example.org', `${crypto.randomUUID()}@example.org`);

/** Returns a sample in which the ids of the examples are replaced by those of a new world. */
async function real(operation, code) {
  const world = new World();
  const url = new RegExp(`${origin}(/[^\\s"']*)`).exec(code)[1];
  const [path, query] = url.split('?');
  const parts = path.split('/');
  if (!operation.security?.some((scheme) => 'token' in scheme || 'integrationKey' in scheme)) code = await asPerson(operation, code);
  const found = operation.path.split('/').map((part, at) => [parts[at], part]).filter(([, part]) => part.startsWith('{'));
  const ids = found.map(([id, part]) => [id, operation.path.startsWith('/v1/members/') ? 'member' : kindOf(part.slice(1, -1))])
    .filter(([, kind]) => !['code', 'session'].includes(kind));
  for (const [name, value] of new URLSearchParams(query)) {
    if (/^[0-9a-f-]{36}$/.test(value)) ids.push([value, kindOf(name)]);
  }
  // A card can have only one configuration, so objects that are deleted or requested are created first.
  const noun = ids.at(-1)?.[1];
  for (const body of bodies(operation)) ids.push(...idsOf(body, noun));
  const order = ids.sort(([, a], [, b]) => (b === 'integration') - (a === 'integration'));
  for (const [id, kind] of order) {
    if (code.includes(id)) code = code.replaceAll(id, await world.id(kind));
  }
  if (operation.operationId === 'getIntegrationConfigByCard') await world.id('integration');
  return fresh(code);
}

describe('the guides and the front page', async () => {
  const front = await text('/');
  const guides = new Set([...front.matchAll(/href="(\/docs\/[\w-]+)"/g)].map(([, path]) => path));
  for (const path of ['/', ...guides]) {
    const page = await text(path);
    const shown = samples(page);
    // Shell lines are run together, in order. Programs are run separately.
    const shell = shown.filter(({ language }) => language === 'sh').map(({ code }) => code);
    const programs = shown.filter(({ language }) => language !== 'sh');
    test(path, async () => {
      assert.ok(page.includes('<pre') || ['/docs/reference', '/docs/browser'].includes(path), `${path} shows no code`);
      if (shell.length > 0) await run('sh', shell.join('\n'));
      for (const { language, code } of programs) await run(language, code);
    });
  }
});

describe('the reference', async () => {
  const overview = await text('/docs/reference');
  const tags = new Set([...overview.matchAll(/href="(\/docs\/reference\/[\w-]+)"/g)].map(([, path]) => path));
  const pages = await Promise.all([...tags].map(text));
  const sections = pages.flatMap((page) => page.split('<section ').slice(1));
  for (const operation of operations) {
    const section = sections.find((part) => part.includes(` id="${operation.operationId}"`));
    // A PUT that does what the PATCH does is described with it.
    const isAlias = operation.method === 'put' && !section.includes('Send PUT');
    const shown = samples(section).map(({ language, code }) => ({ language, code: isAlias ? code.replaceAll('PATCH', 'PUT') : code }));
    test(`${operation.method} ${operation.path}`, async () => {
      assert.deepEqual(shown.map(({ language }) => language), LANGUAGES);
      const isStream = operation.responses['200']?.content?.['text/event-stream'];
      for (const { language, code } of shown) await (isStream ? runStream : run)(language, await real(operation, code));
    });
  }
});

test('the samples in Python, all of them', async () => {
  assert.ok(waiting.length >= operations.length, `${waiting.length} samples`);
  const [status, wrote] = await spawned('python3', ['-c', PYTHON, ...waiting]);
  assert.equal(status, 0, wrote);
});
