// What happened to a task, from the journal.

import { get } from '../api.js';
import { ago, dueText, today } from '../dates.js';
import { fill, h } from '../dom.js';
import { counted } from '../text.js';
import { STATUS_NAMES } from './card.js';

/** @typedef {import('../types.js').JournalEvent} JournalEvent */

export class TaskActivity {
  /** @param {import('./task.js').TaskPanel} panel */
  constructor(panel) {
    this.panel = panel;
    this.list = h('ol', { class: 'activity-list' });
    this.node = h('section', { class: 'panel-part', 'aria-label': 'Activity' }, h('div', { class: 'part-head' }, h('h3', {}, 'Activity')), this.list);
  }

  async load() {
    const { id } = this.panel;
    try {
      const { events } = await get(`/v1/events?task=${id}&limit=50`);
      const items = events.flatMap((/** @type {JournalEvent} */ event) => {
        const text = this.told(event);
        return text ? [h('li', {}, h('span', {}, h('strong', {}, h('bdi', {}, event.actor.name || 'Tackboard')), ` ${text}`), h('time', { datetime: event.timestamp, title: event.timestamp }, ago(event.timestamp, Date.now())))] : [];
      });
      fill(this.list, ...items);
    } catch {
      // The rest of the panel shows what is wrong with the connection.
    }
  }

  /** Loads it again soon. */
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 800);
  }

  close() {
    clearTimeout(this.timer);
  }

  /** An event in words. @param {JournalEvent} event @returns {string} */
  told(event) {
    const [noun, verb] = event.type.split('.');
    if (noun === 'subtask') return told(verb, event, 'the subtask', event.data.label);
    if (noun === 'comment') return verb === 'created' ? 'commented' : `${verb === 'deleted' ? 'deleted' : 'edited'} a comment`;
    if (noun !== 'task') return '';
    if (verb === 'created') return 'created the task';
    if (verb === 'archived') return 'archived it';
    if (verb === 'unarchived') return 'brought it back';
    return this.changes(event);
  }

  /** @param {JournalEvent} event */
  changes(event) {
    const { seen } = this.panel.replica;
    const name = (/** @type {Map<string, any>} */ objects, /** @type {string|null} */ id) => objects.get(id ?? '')?.name ?? 'another one';
    /** @type {Record<string, (change: any) => string>} */
    const words = {
      status: ({ to }) => `set it to ${STATUS_NAMES[to].toLowerCase()}`,
      label: () => 'changed the title',
      description: () => 'changed the description',
      due_on: ({ to }) => (to ? `set the due date to ${dueText(to, today())}` : 'removed the due date'),
      project_id: ({ to }) => `moved it to ${name(seen.projects, to)}`,
      workflow_lane_id: ({ to }) => (to ? `moved it to the lane ${name(seen.lanes, to)}` : 'took it out of its lane'),
      label_ids: ({ from, to }) => listed(from, to, seen.labels, 'label'),
      assignee_ids: ({ from, to }) => listed(from, to, seen.members, 'person', 'people'),
    };
    return Object.entries(event.changes ?? {}).flatMap(([field, change]) => words[field]?.(change) ?? []).join(', ');
  }
}

/** @param {string} verb @param {JournalEvent} event @param {string} what @param {string} label */
function told(verb, event, what, label) {
  if (verb === 'created') return `added ${what} “${label}”`;
  if (verb === 'deleted') return `deleted ${what} “${label}”`;
  const done = event.changes?.is_completed;
  if (done) return `${done.to ? 'completed' : 'reopened'} “${label}”`;
  return event.changes?.label ? `renamed ${what} to “${label}”` : '';
}

/** @param {string[]} from @param {string[]} to @param {Map<string, any>} objects @param {string} one @param {string} [many] */
function listed(from = [], to = [], objects, one, many) {
  const names = (/** @type {string[]} */ ids) => (ids.every((id) => objects.has(id)) && ids.length < 4 ? ids.map((id) => `“${objects.get(id).name}”`).join(', ') : counted(ids.length, one, many));
  const added = to.filter((id) => !from.includes(id));
  const removed = from.filter((id) => !to.includes(id));
  return [added.length > 0 && `added ${names(added)}`, removed.length > 0 && `removed ${names(removed)}`].filter(Boolean).join(' and ');
}
