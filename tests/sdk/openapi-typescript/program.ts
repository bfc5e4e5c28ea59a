// Uses the types of openapi-typescript with openapi-fetch.

import assert from 'node:assert/strict';

import createClient from 'openapi-fetch';

import type { components, paths } from './schema.js';

type Task = components['schemas']['TaskSummary'];
type NotFound = components['schemas']['TaskReferenceNotFoundOrWorkspaceNotFoundError'];

const baseUrl = process.env['TACKBOARD_ORIGIN'] ?? '';
const token = process.env['TACKBOARD_TOKEN'] ?? '';
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

/** Returns what a call returned, or fails. */
function data<T>(result: { data?: T; error?: unknown }): T {
  assert.ok(result.data !== undefined, JSON.stringify(result.error));
  return result.data;
}

const { board } = data(await client.POST('/v1/boards', { body: { name: 'openapi-typescript', layoutPreference: 'kanban' } }));
const { project } = data(await client.POST('/v1/projects', { body: { boardId: board.id, name: 'Launch' } }));
const created: string[] = [];
for (const label of ['One', 'Two', 'Three']) {
  const { task } = data(await client.POST('/v1/tasks', { body: { projectId: project.id, label, status: 1 } }));
  created.push(task.id);
}
const [one = '', two = '', three = ''] = created;

const move = (taskId: string, position: components['schemas']['Move']) =>
  client.PATCH('/v1/tasks/{taskId}', { params: { path: { taskId } }, body: { position } });
data(await move(three, { before: one }));
data(await move(one, 'last'));
const list = data(await client.GET('/v1/projects/{projectId}/tasks', { params: { path: { projectId: project.id }, query: { limit: 10 } } }));
const labels: string[] = list.tasks.map((task: Task) => task.label);
assert.deepEqual(labels, ['Three', 'Two', 'One']);

/** Returns the id that was not found. Each code has its own details. */
function missing({ error }: NotFound): string {
  switch (error.code) {
    case 'task_not_found': return error.details.task_id;
    case 'project_not_found': return error.details.project_id;
    case 'lane_not_found': return error.details.lane_id;
    case 'label_not_found': return error.details.label_id;
    case 'member_not_found': return error.details.member_id;
    case 'workspace_not_found': return error.details.workspace_id;
  }
}
const refused = await move(two, { after: board.id });
assert.equal(refused.response.status, 404);
assert.ok(refused.error && refused.error.error.code === 'task_not_found');
assert.equal(missing(refused.error as NotFound), board.id);

const invalid = await client.POST('/v1/tasks', { body: { projectId: project.id, label: '' } });
assert.ok(invalid.error && invalid.error.error.code === 'invalid_request');
assert.equal(invalid.error.error.details.fields['label'], 'Label must not be empty');

const deletion = data(await client.DELETE('/v1/boards/{boardId}', { params: { path: { boardId: board.id } } }));
assert.equal(deletion.id, board.id);
