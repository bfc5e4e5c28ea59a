// Uses the client of @hey-api/openapi-ts.

import assert from 'node:assert/strict';

import { createClient } from './generated/client/index.js';
import { createBoard, createProject, createTask, deleteBoard, listProjectTasks, updateTask } from './generated/sdk.gen.js';
import type { CreateTaskErrors, Move, TaskSummary } from './generated/types.gen.js';

const client = createClient({ baseUrl: process.env['TACKBOARD_ORIGIN'] ?? '', auth: () => process.env['TACKBOARD_TOKEN'] ?? '' });
const options = { client, throwOnError: true } as const;

const { data: { board } } = await createBoard({ ...options, body: { name: 'hey-api' } });
const { data: { project } } = await createProject({ ...options, body: { boardId: board.id, name: 'Launch' } });
const created: string[] = [];
for (const label of ['One', 'Two', 'Three']) {
  const { data: { task } } = await createTask({ ...options, body: { projectId: project.id, label, status: 1 } });
  created.push(task.id);
}
const [one = '', two = '', three = ''] = created;

const move = (taskId: string, position: Move) => updateTask({ client, path: { taskId }, body: { position } });
assert.equal((await move(three, { before: one })).response?.status, 200);
assert.equal((await move(one, 'last')).response?.status, 200);
const { data: { tasks } } = await listProjectTasks({ ...options, path: { projectId: project.id }, query: { limit: 10 } });
assert.deepEqual(tasks.map((task: TaskSummary) => task.label), ['Three', 'Two', 'One']);

const refused = await move(two, { after: board.id });
assert.ok(refused.error?.error.code === 'task_not_found');
assert.equal(refused.error.error.details.task_id, board.id);

const invalid = await createTask({ client, body: { projectId: project.id, label: '' } });
const error: CreateTaskErrors[keyof CreateTaskErrors] | undefined = invalid.error;
assert.ok(error?.error.code === 'invalid_request');
assert.equal(error.error.details.fields['label'], 'Label must not be empty');

const { data: deletion } = await deleteBoard({ ...options, path: { boardId: board.id } });
assert.equal(deletion.id, board.id);
