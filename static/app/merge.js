// What an event of the journal does to the confirmed objects of a board. Pure but for the maps that it is given.

/** @typedef {import('./types.js').JournalEvent} JournalEvent */
/** @typedef {import('./types.js').Kind} Kind */
/** @typedef {Record<Kind, Map<string, any>>} Objects */
/** @typedef {{ touched: [Kind, string][], reload?: boolean, gone?: boolean }} Merged */

/** The kind of an event's noun. @type {Record<string, Kind>} */
const KINDS = {
  board: 'board', project: 'projects', lane: 'lanes', label: 'labels', task: 'tasks', subtask: 'subtasks', comment: 'comments', member: 'members',
};

/**
 * Applies an event. Only the fields that it names as changed are taken: the object in it can be older than what a response
 * has already confirmed.
 *
 * @param {Objects} objects
 * @param {JournalEvent} event
 * @param {string} board The id of the board.
 * @returns {Merged}
 */
export function merge(objects, event, board) {
  const [noun, verb] = event.type.split('.');
  const kind = KINDS[noun];
  if (!kind || (noun !== 'member' && !concerns(event, board))) return { touched: [] };
  if (verb === 'reordered') return { touched: [], reload: noun !== 'task' || objects.subtasks.size > 0 };
  const id = event.data.id;
  const left = event.changes?.board_id && event.changes.board_id.to !== board;
  if (['deleted', 'archived', 'removed'].includes(verb) || left) return remove(objects, kind, id, event);
  if (noun === 'project' && event.changes?.board_id) return { touched: [], reload: true };
  const known = objects[kind].get(id);
  if (known && verb !== 'created') objects[kind].set(id, { ...known, ...changed(kind, known, event) });
  else if (!known && belongs(objects, kind, event)) objects[kind].set(id, shaped(kind, event.data));
  /** @type {[Kind, string][]} */
  const touched = [[kind, id]];
  countsOf(objects, noun, event, touched);
  return { touched };
}

/** Whether an event is about this board, or was until now. @param {JournalEvent} event @param {string} board */
function concerns(event, board) {
  return event.board_id === board || event.changes?.board_id?.from === board;
}

/** Whether a new object is shown. @param {Objects} objects @param {Kind} kind @param {JournalEvent} event */
function belongs(objects, kind, event) {
  if (kind === 'tasks') return !event.data.archived_at && objects.projects.has(event.data.project_id);
  // Subtasks and comments are known only for the task that is open.
  if (kind === 'subtasks' || kind === 'comments') return objects.tasks.get(event.data.task_id)?.description !== undefined;
  return true;
}

/** The changed fields of an object. @param {Kind} kind @param {any} known @param {JournalEvent} event */
function changed(kind, known, event) {
  /** @type {Record<string, any>} */
  const set = {};
  for (const [name, change] of Object.entries(event.changes ?? {})) {
    set[name] = 'to' in change ? change.to : event.data[name];
  }
  if (event.data.updated_at) set.updated_at = event.data.updated_at;
  if (kind === 'tasks' && 'description' in set) {
    set.has_description = Boolean(event.data.description);
    const isWhole = !(/** @type {any} */ (event).truncated ?? []).includes('description');
    // A task whose text is unknown is read again when it is opened.
    set.description = known.description !== undefined && isWhole ? event.data.description : undefined;
  }
  return set;
}

/** An object as the board keeps it. @param {Kind} kind @param {any} data */
export function shaped(kind, data) {
  if (kind !== 'tasks') return data;
  const { description, labels, assignees, subtasks, ...task } = data;
  return {
    ...task,
    has_description: task.has_description ?? Boolean(description),
    label_ids: task.label_ids ?? labels?.map((/** @type {any} */ label) => label.id) ?? [],
    assignee_ids: task.assignee_ids ?? assignees?.map((/** @type {any} */ person) => person.id) ?? [],
    subtasks_total: task.subtasks_total ?? subtasks?.length ?? 0,
    subtasks_completed: task.subtasks_completed ?? subtasks?.filter((/** @type {any} */ one) => one.is_completed).length ?? 0,
    comments_total: task.comments_total ?? 0,
  };
}

/**
 * Removes an object, and what depends on it.
 *
 * @param {Objects} objects
 * @param {Kind} kind
 * @param {string} id
 * @param {JournalEvent} event
 * @returns {Merged}
 */
function remove(objects, kind, id, event) {
  /** @type {[Kind, string][]} */
  const touched = [[kind, id]];
  objects[kind].delete(id);
  if (kind === 'board') return { touched, gone: true };
  for (const [taskId, task] of objects.tasks) {
    const next = without(kind, id, task);
    if (next === task) continue;
    if (next) objects.tasks.set(taskId, next);
    else objects.tasks.delete(taskId);
    touched.push(['tasks', taskId]);
  }
  countsOf(objects, event.type.split('.')[0], event, touched);
  return { touched };
}

/** A task after something has been deleted; null if it goes with it. @param {Kind} kind @param {string} id @param {any} task */
function without(kind, id, task) {
  if (kind === 'projects' && task.project_id === id) return null;
  if (kind === 'lanes' && task.workflow_lane_id === id) return { ...task, workflow_lane_id: null };
  if (kind === 'labels' && task.label_ids.includes(id)) return { ...task, label_ids: task.label_ids.filter((/** @type {string} */ one) => one !== id) };
  if (kind === 'members' && task.assignee_ids.includes(id)) return { ...task, assignee_ids: task.assignee_ids.filter((/** @type {string} */ one) => one !== id) };
  return task;
}

/** Takes the counters of a task from the events of its subtasks and comments. @param {Objects} objects @param {string} noun @param {JournalEvent} event @param {[Kind, string][]} touched */
function countsOf(objects, noun, event, touched) {
  if (noun !== 'subtask' && noun !== 'comment') return;
  const id = event.task_id ?? event.data.task_id;
  const task = objects.tasks.get(id);
  if (!task) return;
  const next = { ...task };
  for (const name of ['subtasks_total', 'subtasks_completed', 'comments_total']) {
    if (typeof event.data[name] === 'number') next[name] = event.data[name];
  }
  objects.tasks.set(id, next);
  touched.push(['tasks', id]);
}
