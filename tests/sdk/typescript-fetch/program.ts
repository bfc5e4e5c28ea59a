// Uses the client of the OpenAPI Generator for TypeScript and fetch.

import assert from 'node:assert/strict';

import {
  BoardsApi, Configuration, ErrorCode, InvalidRequestErrorFromJSON, type Move, ProjectsApi, ResponseError,
  TaskNotFoundErrorFromJSON, TasksApi, ErrorResponseFromJSON, BASE_PATH,
} from './generated/index.js';

assert.equal(BASE_PATH, process.env['TACKBOARD_ORIGIN']);
const configuration = new Configuration({ accessToken: process.env['TACKBOARD_TOKEN'] ?? '' });
const [boards, projects, tasks] = [new BoardsApi(configuration), new ProjectsApi(configuration), new TasksApi(configuration)];

/** Returns the code and the body of the error that a call ends with. */
async function refusal(call: Promise<unknown>): Promise<{ code: ErrorCode; body: unknown }> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ResponseError);
    const body: unknown = await error.response.json();
    return { code: ErrorResponseFromJSON(body).error.code, body };
  }
  return assert.fail('the call was not refused');
}

const { board } = await boards.createBoard({ boardCreate: { name: 'typescript-fetch' } });
const { project } = await projects.createProject({ projectCreate: { boardId: board.id, name: 'Launch' } });
const created: string[] = [];
for (const label of ['One', 'Two', 'Three']) {
  const { task } = await tasks.createTask({ taskCreate: { projectId: project.id, label } });
  created.push(task.id);
}
const [one = '', two = '', three = ''] = created;

const move = (taskId: string, position: Move) => tasks.updateTask({ taskId, taskUpdate: { position } });
await move(three, { before: one });
await move(one, 'last');
const listed = await tasks.listProjectTasks({ projectId: project.id, limit: 10 });
assert.deepEqual(listed.tasks.map((task) => task.label), ['Three', 'Two', 'One']);

const refused = await refusal(move(two, { after: board.id }));
assert.equal(refused.code, ErrorCode.TaskNotFound);
assert.equal(TaskNotFoundErrorFromJSON(refused.body).error.details.taskId, board.id);

const invalid = await refusal(tasks.createTask({ taskCreate: { projectId: project.id, label: '' } }));
assert.equal(invalid.code, ErrorCode.InvalidRequest);
assert.equal(InvalidRequestErrorFromJSON(invalid.body).error.details.fields['label'], 'Label must not be empty');

const deletion = await boards.deleteBoard({ boardId: board.id });
assert.equal(deletion.id, board.id);
