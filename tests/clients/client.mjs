// A typical JavaScript client of the board API: a thin wrapper around fetch that parses JSON after every call and reads
// error.code, error.message and error.details. Fails if a call does not return what such clients expect.
//
// Run: TACKBOARD_ORIGIN=http://127.0.0.1:8080 TACKBOARD_TOKEN=km_… node client.mjs

import assert from 'node:assert/strict';

class ApiError extends Error {
  constructor(status, { code, message, details }) {
    super(`${code}: ${message}`);
    Object.assign(this, { status, code, details });
  }
}

class BoardApi {
  constructor(apiKey, baseUrl) {
    this.apiKey = apiKey;
    this.baseUrl = baseUrl;
  }

  async request(endpoint, options = {}) {
    const response = await fetch(`${this.baseUrl}${endpoint}`, {
      ...options,
      headers: { Authorization: `Bearer ${this.apiKey}`, 'Content-Type': 'application/json', ...options.headers },
    });
    const data = await response.json();
    if (!response.ok) throw new ApiError(response.status, data.error);
    return data;
  }

  getBoards = async () => (await this.request('/boards')).boards;
  getProjects = async (boardId) => (await this.request(`/boards/${boardId}/projects`)).projects;
  getProject = async (projectId) => (await this.request(`/projects/${projectId}`)).project;
  getTasks = async (projectId) => (await this.request(`/projects/${projectId}/tasks`)).tasks;
  createTask = async (projectId, label, more = {}) =>
    (await this.request('/tasks', { method: 'POST', body: JSON.stringify({ projectId, label, ...more }) })).task;
  updateTask = async (taskId, changes) =>
    (await this.request(`/tasks/${taskId}`, { method: 'PATCH', body: JSON.stringify(changes) })).task;
  deleteTask = (taskId) => this.request(`/tasks/${taskId}`, { method: 'DELETE' });
}

const baseUrl = `${process.env.TACKBOARD_ORIGIN}/v1`;
const api = new BoardApi(process.env.TACKBOARD_TOKEN, baseUrl);

const [board] = await api.getBoards();
const [project] = await api.getProjects(board.id);
const before = await api.getProject(project.id);
const task = await api.createTask(project.id, 'Write the press release', { description: 'Two paragraphs' });
assert.equal(task.status, 0);
assert.ok((await api.getTasks(project.id)).some(({ id }) => id === task.id));
assert.equal((await api.updateTask(task.id, { status: 2 })).status, 2);
const after = await api.getProject(project.id);
assert.equal(after.num_tasks_done, before.num_tasks_done + 1);
assert.equal(after.progress, after.num_tasks_done / after.num_tasks_total);
assert.deepEqual(await api.deleteTask(task.id), { deleted: true, id: task.id });

await assert.rejects(api.request(`/tasks/${task.id}`), { status: 404, code: 'task_not_found', details: { task_id: task.id } });
await assert.rejects(api.createTask(project.id, undefined, { status: 7 }), {
  status: 400,
  code: 'invalid_request',
  details: { fields: { label: 'Label is required', status: 'Status must be 0, 1, or 2' } },
});
await assert.rejects(new BoardApi(`km_${'x'.repeat(32)}`, baseUrl).getBoards(), { status: 401, code: 'invalid_token' });
console.log('client.mjs: 1 passed, 0 failed');
