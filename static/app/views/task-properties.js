// The properties of a task in its panel: each row opens what changes it.

import { dueText, today, urgency } from '../dates.js';
import { fill, h, icon } from '../dom.js';
import { canWrite } from '../store.js';
import { STATUS_NAMES, dot, labelChip } from './card.js';
import { choose, chooseLane } from './choose.js';
import { avatar } from './shell.js';

/** @typedef {import('../types.js').Task} Task */

const NONE = () => h('span', { class: 'none' }, 'None');

export class TaskProperties {
  /** @param {import('./task.js').TaskPanel} panel */
  constructor(panel) {
    this.panel = panel;
    this.node = h('div', { class: 'properties' });
    this.problem = h('p', { class: 'problem', role: 'alert' });
    const { view } = panel;
    /** @type {[string, string, string, (anchor: HTMLElement) => void][]} */
    const rows = [
      ['status', 'Status', 'circle-dot', (anchor) => choose(view, 'status', [panel.id], anchor)],
      ['project', 'Project', 'folder', (anchor) => choose(view, 'project', [panel.id], anchor)],
      ['lane', 'Lane', 'columns-3', (anchor) => chooseLane(view, [panel.id], anchor)],
      ['assignees', 'Assignees', 'users', (anchor) => choose(view, 'assignees', [panel.id], anchor)],
      ['labels', 'Labels', 'tag', (anchor) => choose(view, 'labels', [panel.id], anchor)],
      ['due', 'Due date', 'calendar', (anchor) => choose(view, 'due', [panel.id], anchor)],
    ];
    /** @type {Record<string, HTMLElement>} */
    this.values = {};
    for (const [key, name, image, open] of rows) {
      const value = h('span', { class: 'property-value' });
      this.values[key] = value;
      const row = h('button', { type: 'button', class: 'property', onclick: () => open(row), disabled: !canWrite() }, icon(image), h('span', { class: 'property-name' }, name), value);
      this.node.append(row);
    }
    this.node.append(this.problem);
  }

  /** @param {string} message */
  fail(message) {
    this.problem.textContent = message;
  }

  /** @param {Task} task */
  show(task) {
    const { seen } = this.panel.replica;
    const { status, project, lane, assignees, labels, due } = this.values;
    if (this.panel.isLoaded) this.problem.textContent = '';
    fill(status, h('span', { class: 'status-dot', 'data-status': task.status }), STATUS_NAMES[task.status]);
    fill(project, h('bdi', {}, seen.projects.get(task.project_id)?.name ?? ''));
    const own = seen.lanes.get(task.workflow_lane_id ?? '');
    fill(lane, ...(own ? [dot(own.color ?? 'var(--open)'), h('bdi', {}, own.name)] : [NONE()]));
    const people = task.assignee_ids.map((id) => seen.members.get(id)).filter(Boolean);
    fill(assignees, ...(people.length > 0 ? people.map((person) => h('span', { class: 'person' }, avatar(person.id, person.name), h('bdi', {}, person.name))) : [NONE()]));
    const chips = task.label_ids.map((id) => seen.labels.get(id)).filter(Boolean);
    fill(labels, ...(chips.length > 0 ? chips.map(labelChip) : [NONE()]));
    const now = today();
    fill(due, task.due_on ? h('time', { class: `due ${urgency(task.due_on, now, task.status)}`, datetime: task.due_on }, dueText(task.due_on, now)) : NONE());
  }
}
