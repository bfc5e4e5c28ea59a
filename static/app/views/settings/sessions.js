// The browsers in which the person is signed in.

import { get, send } from '../../api.js';
import { browserOf } from '../../browsers.js';
import { ago, dateText } from '../../dates.js';
import { button, h, icon } from '../../dom.js';
import { counted } from '../../text.js';
import { confirm } from '../confirm.js';
import { part } from '../part.js';
import { badge, box, heading } from './section.js';

/** @typedef {{ id: string, user_agent: string|null, is_current: boolean, last_used_at: string, created_at: string, expires_at: string }} Session */

/** Opens the section. */
export function open() {
  const all = part({
    load: async (signal) => (await get('/v1/sessions', signal)).sessions,
    show: (/** @type {Session[]} */ sessions, reload) => {
      const others = sessions.filter((session) => !session.is_current);
      const own = [...sessions].sort((a, b) => Number(b.is_current) - Number(a.is_current));
      return [
        box('Sessions', ...own.map((session) => row(session, reload))),
        others.length > 1 && h('p', {}, button('End all others', () => confirm('End all other sessions?', `${counted(others.length, 'browser')} are signed out. This browser stays signed in.`, 'End all others', async () => {
          for (const { id } of others) await send('DELETE', `/v1/sessions/${id}`);
          reload();
        }), { class: 'button quiet', 'data-focus': 'end-others' })),
      ];
    },
  });
  const node = h('section', {}, heading('Sessions', 'The browsers in which you are signed in. End those that you do not recognize, then change your password.'), all.node,
    h('p', { class: 'quiet' }, h('a', { href: '/account' }, 'Change your name, email or password')));
  return { title: 'Sessions', node, close: all.close };
}

/** @param {Session} session @param {() => void} reload */
function row({ id, user_agent, is_current, last_used_at, created_at, expires_at }, reload) {
  const name = browserOf(user_agent);
  const text = `Signed in ${ago(created_at, Date.now())} · used ${ago(last_used_at, Date.now())} · ends ${dateText(expires_at)} if it is not used`;
  const end = button('End', () => confirm(`End the session in ${name}?`, 'The browser is signed out at once.', 'End the session', async () => {
    await send('DELETE', `/v1/sessions/${id}`);
    reload();
  }), { class: 'button quiet small', 'aria-label': `End the session in ${name}`, 'data-focus': `end-${id}` });
  return h('li', { class: 'box-row' }, h('span', { class: 'box-mark' }, icon('monitor')),
    h('div', { class: 'box-main' }, h('strong', { title: user_agent }, name), is_current && badge('This browser', 'good'), h('small', {}, text)),
    !is_current && h('div', { class: 'box-actions' }, end));
}
