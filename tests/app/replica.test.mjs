// Browsers that change a board at the same time, with a server in memory: whatever comes late, twice or in another order, in
// the end all of them show what the server has.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as intents from '../../static/app/intents.js';
import * as boardIntents from '../../static/app/intents-board.js';
import { byPosition, between } from '../../static/app/positions.js';
import { Replica } from '../../static/app/replica.js';

const all = { ...intents, ...boardIntents };
const BOARD = 'board-1';

function dice(seed) {
  let state = seed * 2654435761 % 2 ** 32 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.abs(state) % below;
  };
}

/** What the server does with tasks, and the events that it records. */
class Server {
  constructor() {
    this.tasks = new Map();
    this.events = [];
    this.ids = 0;
    this.projects = ['p1', 'p2'].map((id) => ({ id, board_id: BOARD, name: id, description: null, position: id }));
  }

  snapshot() {
    const tasks = [...this.tasks.values()].map(({ ...one }) => one);
    return { board: { id: BOARD, name: 'Board' }, projects: this.projects, lanes: [], labels: [], members: [], tasks, latest: this.events.length };
  }

  record(type, data, changes) {
    this.events.push({ sequence: this.events.length + 1, type, board_id: BOARD, task_id: data.id, data: { ...data }, ...(changes && { changes }), actor: {} });
  }

  /** Returns the body of the response, or throws the code of an error. */
  run(row) {
    if (row.method === 'POST' && row.path === '/v1/tasks') {
      this.ids += 1;
      const { project_id, label, status } = row.body;
      const task = { id: `t${this.ids}`, project_id, workflow_lane_id: null, label, status, position: `a${String(this.ids).padStart(4, '0')}`, label_ids: [], assignee_ids: [], due_on: null, subtasks_total: 0, subtasks_completed: 0, comments_total: 0, has_description: false, archived_at: null, updated_at: String(this.events.length) };
      this.tasks.set(task.id, task);
      this.record('task.created', task);
      return { task };
    }
    if (row.path === '/v1/tasks/batch') {
      for (const { id } of row.body.update) if (!this.tasks.has(id)) throw new Error('task_not_found');
      return { updated: row.body.update.map(({ id, ...fields }) => this.change(id, fields)) };
    }
    const id = row.path.split('/').at(-1);
    if (!this.tasks.has(id)) throw new Error('task_not_found');
    if (row.method === 'DELETE') {
      const task = this.tasks.get(id);
      this.tasks.delete(id);
      this.record('task.deleted', task);
      return { deleted: true, id };
    }
    const fields = { ...row.body };
    if (row.anchors) {
      const [after, before] = row.anchors.map((one) => this.tasks.get(one ?? ''));
      const project = fields.project_id ?? this.tasks.get(id).project_id;
      const usable = (one) => one && one.project_id === project && one.id !== id;
      fields.position = usable(after) ? { after: after.id } : usable(before) ? { before: before.id } : 'last';
    }
    return { task: this.change(id, fields) };
  }

  change(id, fields) {
    const task = this.tasks.get(id);
    const next = { ...task, ...fields };
    if (fields.position !== undefined || fields.project_id !== undefined) {
      const others = [...this.tasks.values()].filter((one) => one.id !== id && one.project_id === next.project_id).sort(byPosition);
      const { position } = fields;
      const at = position?.after ? others.findIndex((one) => one.id === position.after) + 1 : position?.before ? others.findIndex((one) => one.id === position.before) : others.length;
      next.position = typeof position === 'string' && position !== 'last' ? position : between(others[at - 1]?.position, others[at]?.position);
    }
    const changes = {};
    for (const name of Object.keys(next)) if (next[name] !== task[name] && name !== 'updated_at') changes[name] = { from: task[name], to: next[name] };
    next.updated_at = String(this.events.length);
    this.tasks.set(id, next);
    if (Object.keys(changes).length > 0) this.record('task.updated', next, changes);
    return { ...next };
  }
}

/** A browser: its changes, and what comes from the server, arrive when the dice say so. */
class Browser {
  constructor(server, name) {
    this.server = server;
    this.name = name;
    this.replica = new Replica(server.snapshot());
    this.at = server.events.length;
    this.queue = [];
    this.keys = 0;
    this.responses = [];
  }

  act(name, args) {
    const key = () => {
      this.keys += 1;
      return `${this.name}${String(this.keys).padStart(6, '0')}`;
    };
    const outcome = all[name]({ objects: this.replica.seen, key, now: 0 }, args);
    for (const row of outcome.rows) {
      this.replica.add(row);
      this.queue.push(row.key);
    }
  }

  /** The server handles the next change; its response is still on its way. */
  send() {
    if (this.responses.length > 0) return;
    const key = this.queue[0];
    const row = this.replica.rows.find((one) => one.key === key);
    if (!row) return this.queue.shift();
    this.replica.send(row);
    this.queue.shift();
    try {
      this.responses.push({ key, body: this.server.run(row) });
    } catch {
      this.responses.push({ key });
    }
  }

  receive() {
    const response = this.responses.shift();
    if (!response) return;
    if (response.body) this.replica.settle(response.key, structuredClone(response.body));
    else this.replica.drop(response.key);
  }

  listen(count) {
    const events = this.server.events.slice(this.at, this.at + count);
    this.at += events.length;
    this.replica.apply(structuredClone(events));
  }

  random(pick) {
    const tasks = [...this.replica.seen.tasks.values()];
    const projectId = ['p1', 'p2'][pick(2)];
    const one = tasks[pick(Math.max(1, tasks.length))];
    const kind = pick(10);
    if (kind < 2 || !one) return this.act('addTask', { projectId, label: `task ${pick(1000)}`, status: pick(3) });
    if (kind < 5) return this.act('change', { kind: 'tasks', id: one.id, set: { status: pick(3) } });
    if (kind < 6) return this.act('change', { kind: 'tasks', id: one.id, set: { label: `renamed ${pick(1000)}` } });
    if (kind < 7 && tasks.length > 6) return this.act('remove', { kind: 'tasks', id: one.id });
    if (kind < 8) return this.act('changeTasks', { ids: [one.id], set: { status: pick(3) } });
    const others = tasks.filter((other) => other.project_id === projectId && other.id !== one.id).sort(byPosition);
    const at = pick(others.length + 1);
    return this.act('moveTask', { id: one.id, projectId, set: { status: pick(3) }, after: others[at - 1]?.id ?? null, before: others[at]?.id ?? null });
  }

  get shown() {
    return [...this.replica.seen.tasks.values()].sort(byPosition).map(({ id, label, status, project_id, position }) => ({ id, label, status, project_id, position }));
  }
}

describe('browsers converge', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    test(`seed ${seed}`, () => {
      const pick = dice(seed);
      const server = new Server();
      const browsers = ['a', 'b', 'c'].map((name) => new Browser(server, name));
      let offline = 0;
      for (let turn = 0; turn < 400; turn += 1) {
        const browser = browsers[pick(browsers.length)];
        if (pick(40) === 0) offline = pick(4);
        const step = pick(6);
        if (step < 2) browser.random(pick);
        else if (browsers.indexOf(browser) === offline) browser.random(pick);
        else if (step === 2) browser.send();
        else if (step === 3) browser.receive();
        else browser.listen(1 + pick(4));
      }
      for (const browser of browsers) {
        while (browser.queue.length > 0 || browser.responses.length > 0) {
          browser.receive();
          browser.send();
        }
      }
      for (const browser of browsers) browser.listen(1e6);
      const expected = [...server.tasks.values()].sort(byPosition).map(({ id, label, status, project_id, position }) => ({ id, label, status, project_id, position }));
      for (const browser of browsers) {
        assert.deepEqual(browser.shown, expected, browser.name);
        assert.equal(browser.replica.rows.length, 0);
      }
    });
  }
});

test('an own event that comes before its response shows nothing twice', () => {
  const server = new Server();
  const browser = new Browser(server, 'a');
  browser.act('addTask', { projectId: 'p1', label: 'one' });
  browser.send();
  browser.listen(9);
  assert.equal(browser.shown.length, 1);
  browser.receive();
  assert.deepEqual(browser.shown.map(({ id }) => id), ['t1']);
});

test('a change of an object that is not confirmed yet is sent with its real id', () => {
  const server = new Server();
  const browser = new Browser(server, 'a');
  browser.act('addTask', { projectId: 'p1', label: 'one' });
  const [{ id }] = browser.shown;
  browser.act('change', { kind: 'tasks', id, set: { status: 2 } });
  browser.send();
  browser.receive();
  assert.equal(browser.shown[0].status, 2);
  browser.send();
  browser.receive();
  assert.equal(server.tasks.get('t1').status, 2);
});

test('new tasks keep their order while one after the other is confirmed', () => {
  const server = new Server();
  const browser = new Browser(server, 'a');
  const labels = ['a', 'b', 'c', 'd'];
  for (const label of labels) browser.act('addTask', { projectId: 'p1', label });
  for (const label of labels) {
    browser.send();
    browser.receive();
    assert.deepEqual(browser.shown.map((task) => task.label), labels, `after ${label} was confirmed`);
  }
});

test('undo returns a task to its place', () => {
  const server = new Server();
  const browser = new Browser(server, 'a');
  for (const label of ['a', 'b', 'c']) {
    browser.act('addTask', { projectId: 'p1', label });
    browser.send();
    browser.receive();
  }
  const before = browser.shown.map(({ label }) => label);
  const [first, , last] = browser.shown;
  const world = { objects: browser.replica.seen, key: () => 'k', now: 0 };
  const { undo } = all.moveTask(world, { id: last.id, projectId: 'p1', after: null, before: first.id });
  browser.act('moveTask', { id: last.id, projectId: 'p1', after: null, before: first.id });
  assert.deepEqual(browser.shown.map(({ label }) => label), ['c', 'a', 'b']);
  browser.act(undo.name, undo.args);
  assert.deepEqual(browser.shown.map(({ label }) => label), before);
});
