// The plan of the workspace, and how much of it is used.

import { get } from '../../api.js';
import { dateText } from '../../dates.js';
import { h } from '../../dom.js';
import { lineText, usageOf } from '../../usage.js';
import { part } from '../part.js';
import { heading } from './section.js';

/** Opens the section. */
export function open() {
  const all = part({
    nouns: ['board', 'project', 'task', 'card', 'token', 'webhook', 'member', 'workspace'],
    concerns: ({ type }) => /created|deleted|added|removed|revoked|sent|workspace/.test(type),
    load: async (signal) => (await get('/v1/usage', signal)).usage,
    show: (usage) => {
      const { resources, quotas, reset } = usageOf(usage);
      return [
        h('p', {}, 'Plan: ', h('strong', { class: 'plan' }, usage.plan)),
        h('h3', {}, 'This month'),
        reset && h('p', { class: 'quiet' }, `Counts start again on ${dateText(reset)}. What you do in the browser does not count as API calls.`),
        h('ul', { class: 'box' }, ...quotas.map(row)),
        h('h3', {}, 'In the workspace'),
        h('ul', { class: 'box' }, ...resources.map(row)),
      ];
    },
  });
  return { title: 'Plan and usage', node: h('section', {}, heading('Plan and usage', 'What the plan of this workspace allows, and how much of it is used. Whoever runs this server can change the plan.'), all.node), close: all.close };
}

/** @param {import('../../usage.js').Line} line */
function row(line) {
  const text = lineText(line);
  const bar = line.limit ? h('meter', { class: `meter ${line.level}`, min: 0, max: line.limit, value: Math.min(line.used, line.limit), 'aria-label': `${line.name}: ${text}` }) : null;
  return h('li', { class: 'box-row usage' }, h('span', { class: 'usage-name' }, line.name), bar ?? h('span', { class: 'meter none' }), h('span', { class: `usage-text ${line.level}` }, text));
}
