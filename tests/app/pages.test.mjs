// The modules of my tasks, settings and cards without a screen: groups, roles, events, usage, merge tags, lists of recipients.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { browserOf } from '../../static/app/browsers.js';
import { delimiterOf, parseCsv } from '../../static/app/csv.js';
import { ALL_TYPES, patternText, patternsOf, typesOf } from '../../static/app/event-types.js';
import { exampleValues, filled, pieces, tagsIn } from '../../static/app/merge-tags.js';
import { apply, fromQuery, groupOf, groupsOf, toQuery } from '../../static/app/my-tasks.js';
import { bodyOf, checkRecipients, errorsOf, sendable } from '../../static/app/recipients.js';
import { grantable, rightsOver, scopesOf } from '../../static/app/roles.js';
import { lineOf, lineText, usageOf } from '../../static/app/usage.js';

// A Thursday.
const today = '2026-11-26';
const task = (id, more = {}) => ({ id, label: id, status: 0, due_on: null, board_id: 'b', project_id: 'p', label_ids: [], assignee_ids: ['me'], subtasks_total: 0, subtasks_completed: 0, comments_total: 0, archived_at: null, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', ...more });

test('tasks are grouped by due date; the week ends on Sunday', () => {
  const of = (due_on, status = 0) => groupOf(task('x', { due_on, status }), today);
  assert.deepEqual([of('2026-11-25'), of('2026-11-26'), of('2026-11-27'), of('2026-11-29'), of('2026-11-30'), of(null)], ['overdue', 'today', 'week', 'week', 'later', 'none']);
  assert.equal(of('2026-11-25', 2), 'done');
  assert.equal(groupOf(task('x', { due_on: '2026-11-30' }), '2026-11-29'), 'later', 'on a Sunday, tomorrow is next week');
});

test('the choice of my tasks is kept in the address', () => {
  const choice = { text: 'train', board: 'b', statuses: [0, 2], sort: 'title', group: 'board' };
  assert.deepEqual(fromQuery(toQuery(choice)), choice);
  assert.equal(toQuery(fromQuery(new URLSearchParams())).toString(), '');
  assert.deepEqual(fromQuery(new URLSearchParams('status=7&sort=toString&group=x')), { text: '', board: '', statuses: [0, 1], sort: 'due', group: 'due' });
});

test('my tasks are filtered, sorted and grouped', () => {
  const tasks = [task('Zug buchen', { due_on: '2026-11-27' }), task('Äpfel', { due_on: '2026-11-20' }), task('apfel', { board_id: 'c' }), task('done', { status: 2 })];
  const context = { today, boards: new Map([['c', { name: 'C' }], ['b', { name: 'B' }]]) };
  const shown = (query) => groupsOf(tasks, fromQuery(new URLSearchParams(query)), context).map(({ title, tasks: inGroup }) => [title, ...inGroup.map(({ label }) => label)]);
  assert.deepEqual(shown(''), [['Overdue', 'Äpfel'], ['This week', 'Zug buchen'], ['No date', 'apfel']]);
  assert.deepEqual(shown('q=apf&group=board'), [['C', 'apfel'], ['B', 'Äpfel']]);
  assert.deepEqual(shown('status=2'), [['Done', 'done']]);
  assert.deepEqual(shown('board=c'), [['No date', 'apfel']]);
});

test('events change my tasks', () => {
  const tasks = new Map([['t', task('t')]]);
  const event = (type, data, changes) => ({ type, data: { id: 't', assignee_ids: ['me'], ...data }, changes });
  assert.equal(apply(tasks, event('task.updated', {}, { status: { from: 0, to: 1 } }), 'me'), true);
  assert.equal(tasks.get('t').status, 1);
  assert.equal(apply(tasks, event('task.updated', { id: 'new' }, {}), 'me'), 'reload');
  assert.equal(apply(tasks, event('task.created', { id: 'other', assignee_ids: ['you'] }), 'me'), false);
  assert.equal(apply(tasks, { type: 'subtask.created', task_id: 't', data: { id: 's', subtasks_total: 3, subtasks_completed: 1 } }, 'me'), true);
  assert.equal(tasks.get('t').subtasks_total, 3);
  apply(tasks, event('task.updated', { assignee_ids: ['you'] }, { assignee_ids: { from: ['me'], to: ['you'] } }), 'me');
  assert.equal(tasks.size, 0);
});

test('roles allow what the server allows', () => {
  assert.deepEqual(grantable('owner'), ['owner', 'admin', 'member', 'viewer']);
  assert.deepEqual(grantable('admin'), ['admin', 'member', 'viewer']);
  assert.deepEqual(grantable('member'), []);
  const owner = { id: 'o', role: 'owner' };
  const admin = { id: 'a', role: 'admin' };
  assert.equal(rightsOver(admin, owner, [owner, admin]).mayRemove, false);
  assert.match(rightsOver(owner, owner, [owner, admin]).reason, /only owner/);
  assert.equal(rightsOver(owner, owner, [owner, { id: 'x', role: 'owner' }]).mayChange, true);
  assert.equal(rightsOver({ id: 'm', role: 'member' }, { id: 'v', role: 'viewer' }, []).mayChange, false);
  assert.deepEqual(scopesOf('viewer'), ['read']);
});

test('the types of events are those of the API', () => {
  const { components } = JSON.parse(readFileSync(new URL('../../schema/api/events.json', import.meta.url), 'utf8'));
  assert.deepEqual([...ALL_TYPES].sort(), [...components.schemas.EventType.enum].sort());
  for (const patterns of [['*'], ['task.*', 'card.sent'], ['board.created']]) assert.deepEqual(patternsOf(typesOf(patterns)), patterns);
  assert.equal(patternText(['*']), 'All events');
  assert.equal(patternText(['a.b', 'c.d', 'e.f', 'g.h', 'i.j']), 'a.b, c.d, e.f and 2 more');
});

test('usage is shown against the limits', () => {
  assert.equal(lineText(lineOf('tasks', 1200, null)), '1,200, no limit');
  assert.equal(lineText(lineOf('webhooks', 0, 0)), 'Not in this plan');
  assert.deepEqual([lineOf('tasks', 79, 100).level, lineOf('tasks', 80, 100).level, lineOf('tasks', 120, 100).level], ['', 'near', 'full']);
  const usage = usageOf({ resources: { boards: { limit: 5, current: 1 } }, api_calls: { limit: 10, used: 3, reset: 'soon' } });
  assert.deepEqual([usage.resources[0].name, usage.quotas[0].name, usage.reset], ['Boards', 'API calls', 'soon']);
});

test('browsers are named', () => {
  assert.equal(browserOf('Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'), 'Firefox on Linux');
  assert.equal(browserOf('Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'), 'Safari on iPhone');
  assert.equal(browserOf('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0'), 'Edge on Windows');
  assert.equal(browserOf(null), 'Unknown browser');
});

test('merge tags are read as the server reads them', () => {
  assert.deepEqual(tagsIn('Hi {{ name }}, {{name}} of {{company name}}', null, '{{x.y-z_1}} {{}} {{ -a }} {{a}b}}'), ['name', 'company name', 'x.y-z_1']);
  assert.deepEqual(pieces('a {{b}} c'), [{ text: 'a ' }, { tag: 'b' }, { text: ' c' }]);
  assert.equal(filled('Hi {{name}}{{none}}!', { name: '<b>' }), 'Hi <b>!');
  assert.equal(exampleValues(['name', 'city', 'shoe size'], { city: 'Oslo' }).city, 'Oslo');
  assert.equal(tagsIn(`{{${'a'.repeat(64)}}}`).length, 1);
  assert.equal(tagsIn(`{{${'a'.repeat(65)}}}`).length, 0);
});

test('CSV is read with quotes, line breaks and every delimiter', () => {
  assert.deepEqual(parseCsv('a,b\r\n"x, ""y""","two\nlines"\n\n c ,d').map(({ line, values }) => [line, ...values]), [[1, 'a', 'b'], [2, 'x, "y"', 'two\nlines'], [5, 'c', 'd']]);
  assert.deepEqual([delimiterOf('a;b,c;d'), delimiterOf('"a;b;c",d'), delimiterOf('a\tb'), delimiterOf('a')], [';', ',', '\t', ',']);
  assert.equal(parseCsv('\uFEFFname;email')[0].values[0], 'name');
  assert.equal(parseCsv('a,"b')[0].isOpen, true);
  assert.deepEqual(parseCsv(' \n,,\n'), []);
});

test('every line of a list is checked', () => {
  const known = new Map([['out@example.org', { status: 'sent', unsubscribed_at: 'then' }], ['old@example.org', { status: 'sent', unsubscribed_at: null }]]);
  const text = 'Name;E-Mail;Company;Note\nAda;ada@example.org;Engines;x\n;grace@example.org;Navy;\nAlan;alan@;Park;\nAda;ADA@example.org;Engines;\nKim;kim@example.org;;\nOut;out@example.org;A;\nOld;old@example.org;A;\nMany;m@example.org;A;B;C';
  const { lines, unused } = checkRecipients(text, ['name', 'company'], known);
  assert.deepEqual(lines.map(({ line, problems, gaps, notes }) => [line, problems[0] ?? '', gaps.join(), notes.join()]), [
    [2, '', '', ''], [3, 'No name', '', ''], [4, 'Not a valid email address', '', ''], [5, 'The same address as in line 2', '', ''],
    [6, '', 'company', ''], [7, 'Has unsubscribed', '', ''], [8, '', '', 'Was sent this card before'], [9, '5 values for 4 columns', '', ''],
  ]);
  assert.deepEqual(unused, ['Note']);
  assert.deepEqual([sendable(lines, false).length, sendable(lines, true).length], [2, 3]);
  assert.deepEqual(bodyOf(lines[0], ['name', 'company']), { company: 'Engines', name: 'Ada', email: 'ada@example.org' });
});

test('lists without a header are read too', () => {
  const read = (text, tags = []) => checkRecipients(text, tags).lines.map(({ values, problems }) => [values.name, values.email, ...problems]);
  assert.deepEqual(read('Ada Lovelace <ada@example.org>\ngrace@example.org'), [['Ada Lovelace', 'ada@example.org'], ['grace', 'grace@example.org']]);
  assert.deepEqual(read('a@example.org, b@example.org'), [['a', 'a@example.org'], ['b', 'b@example.org']]);
  assert.deepEqual(read('ada@example.org, Ada\nKim, kim@example.org'), [['Ada', 'ada@example.org'], ['Kim', 'kim@example.org']]);
  assert.deepEqual(read('a@example.org', ['name']), [['', 'a@example.org', 'No name']]);
  assert.deepEqual(read('nonsense'), [['', 'nonsense', 'Not a valid email address', 'No name']]);
  assert.deepEqual(read('first name,last name,email\nAda,Lovelace,ada@example.org'), [['Ada Lovelace', 'ada@example.org']]);
  assert.match(checkRecipients('a@b.c\n'.repeat(20_001), []).problem, /20,000/);
});

test('errors of the server are found at their lines', () => {
  const { byIndex, rest } = errorsOf({ message: 'Request validation failed', fields: { 'mergeTags[1].email': 'bad', card: 'gone' }, details: {} }, ['a@x.org', 'b@x.org']);
  assert.deepEqual([byIndex.get(1), rest], ['bad', 'gone']);
  const unsubscribed = errorsOf({ message: 'has unsubscribed', fields: {}, details: { email: 'B@x.org' } }, ['a@x.org', 'b@x.org']);
  assert.equal(unsubscribed.byIndex.get(1), 'has unsubscribed');
  assert.equal(errorsOf({ message: 'Too many', fields: {}, details: {} }, []).rest, 'Too many');
});
