// What the page reads from a file before it is imported.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { importQuery, lookAt } from '../../static/app/import-file.js';

const none = { format: null, lists: [], columns: [] };

test('the format and the lists are found', () => {
  const trello = readFileSync(new URL('../data/trello-export-small.json', import.meta.url), 'utf8');
  assert.deepEqual(lookAt(trello), { format: 'trello', lists: ['Personal', 'Lab', 'Drill'], columns: [] });
  assert.deepEqual(lookAt('{"_id": 1, "lists": [{"title": "A"}, {"title": "B", "archived": true}, 7, null], "cards": []}'), { format: 'wekan', lists: ['A'], columns: [] });
  assert.equal(lookAt('\uFEFF {"format": "tackboard-export"}').format, 'tackboard');
  assert.deepEqual(lookAt('[{"buckets": [{"title": "A"}, {"title": "A"}]}, {"buckets": [{"title": "a"}]}]'), { format: 'vikunja', lists: ['A'], columns: [] });
  assert.equal(lookAt('PK\u0003\u0004').format, 'vikunja');
});

test('the columns of a table are found, and the lists in them', () => {
  assert.deepEqual(lookAt('Title;Status;Phase\na;To do;x\nb;"Done; really";y\nc;To do;z\n'), { format: 'csv', lists: ['To do', 'Done; really'], columns: ['Title', 'Status', 'Phase'] });
  assert.deepEqual(lookAt('Title;Status;Phase\na;To do;x\n', ['phase']).lists, ['x']);
  const many = Array.from({ length: 100 }, (_, at) => `t,${at}`).join('\n');
  assert.deepEqual(lookAt(`Title,Status\n${many}`).lists, [], 'a column with many values has no lists');
});

test('what is not a known file is left to the server', () => {
  for (const text of ['', ' ', '{"lists": [', '{}', 'null', 'one line', '{"lists": {"a": 1}, "cards": []}']) assert.deepEqual({ ...lookAt(text), lists: [] }, text.includes('"a"') ? { ...none, format: 'trello' } : none, text);
});

test('only what was chosen is sent', () => {
  const nothing = { format: '', board: ' ', map: [], columns: [], fileName: '' };
  assert.equal(importQuery(nothing, false).toString(), '');
  const query = importQuery({ format: 'csv', board: ' Road map ', map: [['A=B', 'done'], ['', 'open'], ['C', '']], columns: [['label', 'What'], ['lane', '']], fileName: '👩'.repeat(300) }, true);
  assert.deepEqual(query.getAll('map'), ['A=B=done']);
  assert.deepEqual(query.getAll('column'), ['label=What']);
  assert.equal(query.get('board'), 'Road map');
  assert.equal([...(query.get('file_name') ?? '')].length, 255);
  assert.equal(query.get('dry_run'), 'true');
});
