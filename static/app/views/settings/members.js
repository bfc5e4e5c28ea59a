// Members of the workspace, and invitations to it.

import { get, send } from '../../api.js';
import { ago, dateText } from '../../dates.js';
import { newKey } from '../../db.js';
import { button, h, iconButton } from '../../dom.js';
import { formKey } from '../../form-key.js';
import { ROLE_NAMES, ROLE_TEXTS, grantable, rightsOver } from '../../roles.js';
import { canManage, state } from '../../store.js';
import { counted, quoted } from '../../text.js';
import { confirm, showSecret } from '../confirm.js';
import { field, formDialog } from '../dialog.js';
import { part } from '../part.js';
import { avatar } from '../shell.js';
import { attempt, badge, box, heading, select } from './section.js';

/** @typedef {{ id: string, name: string, role: import('../../roles.js').Role }} Member */
/** @typedef {{ id: string, email: string, role: import('../../roles.js').Role, created_at: string, expires_at: string }} Invitation */

const me = () => ({ id: state.session?.user.id ?? '', role: state.workspace?.role ?? /** @type {const} */ ('viewer') });

/** Opens the section. */
export function open() {
  const all = part({
    nouns: ['member', 'invitation'],
    load: async (signal) => {
      const [{ members }, { invitations }] = await Promise.all([get('/v1/members', signal), canManage() ? get('/v1/invitations', signal) : { invitations: [] }]);
      return { members, invitations };
    },
    show: ({ members, invitations }, reload) => [
      h('h3', {}, counted(members.length, 'member')),
      box('Members', ...members.map((/** @type {Member} */ one) => memberRow(one, members, reload))),
      canManage() && h('h3', {}, 'Open invitations'),
      canManage() && (invitations.length > 0 ? box('Open invitations', ...invitations.map((/** @type {Invitation} */ one) => invitationRow(one, reload))) : h('p', { class: 'quiet' }, 'Nobody is invited at the moment.')),
      h('details', { class: 'about' }, h('summary', {}, 'What the roles allow'), h('dl', {}, ...grantable('owner').flatMap((role) => [h('dt', {}, ROLE_NAMES[role]), h('dd', {}, ROLE_TEXTS[role])]))),
    ],
  });
  const add = canManage() && button('Invite', () => invite(all.reload));
  return { title: 'Members', node: h('section', {}, heading('Members', 'Who works in this workspace, and what they may do.', add), all.node), close: all.close };
}

/** @param {Member} member @param {Member[]} members @param {() => void} reload */
function memberRow(member, members, reload) {
  const isMe = member.id === me().id;
  const rights = rightsOver(me(), member, members);
  const reasonId = `reason-${member.id}`;
  const row = h('li', { class: 'box-row' }, avatar(member.id, member.name),
    h('div', { class: 'box-main' }, h('strong', { dir: 'auto' }, member.name), isMe && badge('You'), rights.reason && h('small', { id: reasonId }, rights.reason)));
  if (!canManage()) return addTo(row, h('span', { class: 'quiet' }, ROLE_NAMES[member.role]));
  const roles = grantable(me().role);
  const choice = select('role', (rights.mayChange ? roles : [member.role]).map((role) => [role, ROLE_NAMES[role]]), member.role, {
    'aria-label': `Role of ${member.name}`, disabled: !rights.mayChange, 'aria-describedby': rights.reason ? reasonId : null, 'data-focus': `role-${member.id}`,
  });
  choice.addEventListener('change', () => change(member, /** @type {Member['role']} */ (choice.value), reload));
  const remove = iconButton(isMe ? 'log-out' : 'x', isMe ? 'Leave the workspace' : `Remove ${member.name}`, () => removeMember(member, reload), { disabled: !rights.mayRemove, 'data-focus': `remove-${member.id}` });
  return addTo(row, choice, remove);
}

/** @param {HTMLElement} row @param {...Node} actions */
function addTo(row, ...actions) {
  row.append(h('div', { class: 'box-actions' }, ...actions));
  return row;
}

/** @param {Member} member @param {Member['role']} role @param {() => void} reload */
function change(member, role, reload) {
  const run = async () => {
    await attempt(() => send('PATCH', `/v1/members/${member.id}`, { body: { role } }), `${member.name} is now ${role === 'admin' || role === 'owner' ? 'an' : 'a'} ${ROLE_NAMES[role].toLowerCase()}.`);
    if (member.id === me().id) location.reload();
    reload();
  };
  if (member.id !== me().id) return run();
  confirm('Change your own role?', `You become ${ROLE_NAMES[role].toLowerCase()}. You may not be able to take this back yourself.`, 'Change my role', run);
  reload();
}

/** @param {Member} member @param {() => void} reload */
function removeMember(member, reload) {
  const isMe = member.id === me().id;
  const text = 'Tokens and invitations of this person end at once. Tasks, comments and cards stay.';
  confirm(isMe ? 'Leave the workspace?' : `Remove ${quoted(member.name)}?`, text, isMe ? 'Leave' : 'Remove', async () => {
    await send('DELETE', `/v1/members/${member.id}`);
    if (isMe) location.assign('/app');
    reload();
  });
}

/** @param {Invitation} invitation @param {() => void} reload */
function invitationRow(invitation, reload) {
  const { id, email, role, created_at, expires_at } = invitation;
  return h('li', { class: 'box-row' },
    h('div', { class: 'box-main' }, h('strong', { dir: 'auto' }, email), h('small', {}, `${ROLE_NAMES[role]} · invited ${ago(created_at, Date.now())} · ends ${dateText(expires_at)}`)),
    h('div', { class: 'box-actions' },
      button('New link', () => renew(invitation, reload), { class: 'button quiet small', 'data-focus': `renew-${id}`, 'aria-label': `New link for ${email}` }),
      iconButton('x', `Withdraw the invitation of ${email}`, () => confirm(`Withdraw the invitation of ${quoted(email)}?`, 'Its link stops working.', 'Withdraw', async () => {
        await send('DELETE', `/v1/invitations/${id}`);
        reload();
      }), { 'data-focus': `withdraw-${id}` })));
}

/** The old link ends when a person is invited again. @param {Invitation} invitation @param {() => void} reload */
function renew({ email, role }, reload) {
  attempt(async () => {
    const { body } = await send('POST', '/v1/invitations', { body: { email, role }, key: newKey() });
    reload();
    await showLink(body.invitation);
  });
}

/** @param {() => void} reload */
function invite(reload) {
  const email = h('input', { type: 'email', name: 'email', maxlength: 254, autocomplete: 'off', autofocus: true, placeholder: 'grace@example.org' });
  const role = select('role', grantable(me().role).map((one) => [one, `${ROLE_NAMES[one]}: ${ROLE_TEXTS[one]}`]), 'member', { class: '' });
  const keyOf = formKey();
  formDialog('Invite somebody', {
    fields: [field('Email', email), field('Role', role)],
    action: 'Create invitation',
    onSave: async () => {
      const wanted = { email: email.value.trim(), role: role.value };
      const { body } = await send('POST', '/v1/invitations', { body: wanted, key: keyOf(wanted) });
      reload();
      setTimeout(() => showLink(body.invitation));
    },
  });
}

/** @param {{ email: string, link?: string, expires_at: string }} invitation */
function showLink({ email, link, expires_at }) {
  return showSecret('Invitation created', {
    label: `Link for ${email}`, value: link,
    text: 'Send this link to the person. If this server has a mail server, it has mailed the link already.',
    warning: `The link is shown only now and works until ${dateText(expires_at)}. Whoever has it can join.`,
  });
}
