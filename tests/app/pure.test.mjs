// The modules of the app without a screen: positions, cells, keys, filter, dates, texts, events.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Cells, columnsOf } from '../../static/app/cells.js';
import { ago, dueText, plusDays, today, urgency } from '../../static/app/dates.js';
import { EVERYTHING, conditions, fromQuery, matcher, toQuery } from '../../static/app/filter.js';
import { commandOf, shift, step } from '../../static/app/keys.js';
import { between, byPosition } from '../../static/app/positions.js';
import { orders } from '../../static/app/sort.js';
import { sseParser } from '../../static/app/sse.js';
import { initials, isLight, shortened } from '../../static/app/text.js';

const task = (id, more = {}) => ({ id, label: id, project_id: 'p', status: 0, position: id, workflow_lane_id: null, label_ids: [], assignee_ids: [], due_on: null, ...more });

test('a position is between its neighbors', () => {
  const pairs = [['a', 'b'], ['a', null], [null, 'a'], [null, null], ['a', 'aV'], ['az', 'b'], ['a', 'a1'], ['0', '1'], ['zz', null], ['V', 'VV'], ['1', '1001']];
  for (const [low, high] of pairs) {
    const middle = between(low, high);
    assert.ok((low ?? '') < middle && (high === null || middle < high), `${low} < ${middle} < ${high}`);
  }
  let low = 'a';
  for (let count = 0; count < 200; count += 1) {
    const next = between(low, 'b');
    assert.ok(low < next && next < 'b', `${low} ${next}`);
    low = next;
  }
  let high = 'b';
  for (let count = 0; count < 60; count += 1) {
    const next = between('a', high);
    assert.ok('a' < next && next < high, `${next} ${high}`);
    high = next;
  }
});

test('cells stay in order, whatever changes', () => {
  const tasks = new Map();
  const columns = columnsOf('status', []);
  const cells = new Cells(columns, 'status', (one) => one.label !== 'hidden', byPosition);
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  for (let turn = 0; turn < 2000; turn += 1) {
    const id = `t${random(60)}`;
    if (random(5) === 0) tasks.delete(id);
    else tasks.set(id, task(id, { status: random(3), project_id: `p${random(3)}`, position: String(random(500)).padStart(3, '0'), label: random(9) === 0 ? 'hidden' : id }));
    cells.place(id, tasks.get(id));
  }
  const whole = new Cells(columns, 'status', (one) => one.label !== 'hidden', byPosition);
  whole.load(tasks.values());
  for (const project of ['p0', 'p1', 'p2']) {
    for (const { key } of columns) {
      const ids = (from) => from.tasks(`${project}/${key}`).map(({ id }) => id);
      assert.deepEqual(ids(cells), ids(whole));
    }
  }
});

test('tasks whose lane is unknown have none', () => {
  const lanes = [{ id: 'l', name: 'Lane', position: 'a', wip_limit: 2, color: null }];
  const cells = new Cells(columnsOf('lane', lanes), 'lane', () => true, byPosition);
  assert.equal(cells.cellOf(task('a', { workflow_lane_id: 'l' })), 'p/l');
  assert.equal(cells.cellOf(task('a', { workflow_lane_id: 'gone' })), 'p/none');
});

test('cards can be sorted by due date, those without one last', () => {
  const tasks = [task('a'), task('b', { due_on: '2026-02-01' }), task('c', { due_on: '2026-01-01' })];
  assert.deepEqual(tasks.sort(orders.due).map(({ id }) => id), ['c', 'b', 'a']);
});

test('arrows lead from card to card, over projects and empty cells', () => {
  const cells = { 'p/0': [task('a'), task('b')], 'p/2': [task('c')], 'q/0': [task('d')] };
  const layout = { rows: ['p', 'q'], columns: ['0', '1', '2'], tasks: (cell) => cells[cell] ?? [] };
  assert.equal(step(layout, 'p/0', 'a', 'down'), 'b');
  assert.equal(step(layout, 'p/0', 'b', 'down'), 'd');
  assert.equal(step(layout, 'q/0', 'd', 'up'), 'b');
  assert.equal(step(layout, 'p/0', 'b', 'right'), 'c');
  assert.equal(step(layout, 'p/0', 'a', 'left'), null);
  assert.equal(step(layout, 'p/0', 'a', 'last'), 'b');
  assert.deepEqual(shift(layout, 'p/0', 'a', 'right'), { cell: 'p/1', index: 0 });
  assert.deepEqual(shift(layout, 'p/0', 'a', 'down'), { cell: 'p/0', index: 1 });
  assert.deepEqual(shift(layout, 'p/0', 'b', 'down'), { cell: 'q/0', index: 0 });
  assert.deepEqual(shift(layout, 'q/0', 'd', 'up'), { cell: 'p/0', index: 2 });
  assert.equal(shift(layout, 'p/0', 'a', 'up'), null);
  assert.equal(shift(layout, 'p/2', 'c', 'right'), null);
});

test('keys are commands, but not those of the browser', () => {
  const key = (name, more = {}) => ({ key: name, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
  assert.deepEqual(commandOf(key('t'), false), { name: 'add' });
  assert.deepEqual(commandOf(key('m'), true), { name: 'move' });
  assert.equal(commandOf(key('m'), false), null);
  assert.deepEqual(commandOf(key('ArrowRight', { shiftKey: true }), true), { name: 'shift', direction: 'right' });
  assert.deepEqual(commandOf(key('A', { shiftKey: true }), true), { name: 'archive' });
  assert.equal(commandOf(key('t', { ctrlKey: true }), true), null);
  assert.equal(commandOf(key('ArrowLeft', { altKey: true }), true), null);
});

test('a filter survives the address', () => {
  const filter = { text: 'a b', assignees: ['me'], labels: ['x', 'y'], statuses: [0, 2], lanes: [], due: 'week' };
  const query = toQuery(filter, new URLSearchParams('other=1'));
  assert.equal(query.get('other'), '1');
  assert.deepEqual(fromQuery(query), filter);
  assert.equal(conditions(filter), 6);
  assert.equal(toQuery(EVERYTHING, query).toString(), 'other=1');
  assert.deepEqual(fromQuery(new URLSearchParams('status=7,x&due=soon')), EVERYTHING);
});

test('a filter lets the right tasks through', () => {
  const context = { today: '2026-03-10', me: 'ada' };
  const passes = (filter, more) => matcher({ ...EVERYTHING, ...filter }, context)(task('Write the Übersicht', more));
  assert.ok(passes({ text: 'ubersicht WRITE' }));
  assert.ok(!passes({ text: 'nothing' }));
  assert.ok(passes({ assignees: ['me'] }, { assignee_ids: ['ada'] }));
  assert.ok(passes({ assignees: ['none'] }));
  assert.ok(!passes({ assignees: ['none', 'bob'] }, { assignee_ids: ['ada'] }));
  assert.ok(passes({ due: 'overdue' }, { due_on: '2026-03-09' }));
  assert.ok(!passes({ due: 'overdue' }, { due_on: '2026-03-09', status: 2 }));
  assert.ok(passes({ due: 'week' }, { due_on: '2026-03-16' }));
  assert.ok(!passes({ due: 'week' }, { due_on: '2026-03-17' }));
  assert.ok(passes({ labels: ['x'], statuses: [0] }, { label_ids: ['x'] }));
});

test('due dates are told in few words', () => {
  const now = '2026-03-10';
  assert.equal(dueText('2026-03-10', now, 'en'), 'Today');
  assert.equal(dueText('2026-03-11', now, 'en'), 'Tomorrow');
  assert.equal(dueText('2026-03-09', now, 'en'), 'Yesterday');
  assert.equal(dueText('2026-03-13', now, 'en'), 'Friday');
  assert.equal(dueText('2026-04-01', now, 'en'), 'Apr 1');
  assert.equal(dueText('2027-01-02', now, 'en'), 'Jan 2, 2027');
  assert.equal(plusDays('2026-02-28', 1), '2026-03-01');
  assert.equal(urgency('2026-03-09', now, 0), 'overdue');
  assert.equal(urgency('2026-03-09', now, 2), '');
  assert.equal(urgency('2026-03-12', now, 1), 'soon');
  assert.equal(today(new Date(2026, 0, 5)), '2026-01-05');
  assert.equal(ago('2026-03-10T10:00:00Z', Date.parse('2026-03-10T10:05:00Z'), 'en'), '5 minutes ago');
});

test('events of a stream are parsed from any pieces', () => {
  const text = ': hello\n\nid: 7\nevent: task.created\ndata: {"a":1}\n\nid: 9\n\nretry: 2000\n\n';
  for (let size = 1; size < 12; size += 1) {
    const parse = sseParser();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...parse(text.slice(at, at + size)));
    assert.deepEqual(events, [{ id: '7', event: 'task.created', data: '{"a":1}' }, { id: '9', event: '', data: '' }]);
  }
});

test('texts are cut between characters', () => {
  assert.equal(shortened('👩‍👧👩‍👧', 2), '👩…');
  assert.equal(initials('Ada Lovelace'), 'AL');
  assert.equal(initials(' '), '?');
  assert.ok(isLight('#ffffff') && !isLight('#000000'));
});
