// What a role allows. The server decides; this only keeps the page from offering what would be refused. Pure.

/** @typedef {import('./types.js').Workspace['role']} Role */

/** All roles, the highest first. @type {Role[]} */
export const ROLES = ['owner', 'admin', 'member', 'viewer'];

/** @type {Record<Role, string>} */
export const ROLE_NAMES = { owner: 'Owner', admin: 'Admin', member: 'Member', viewer: 'Viewer' };

/** @type {Record<Role, string>} */
export const ROLE_TEXTS = {
  owner: 'Everything, and the workspace itself.',
  admin: 'Also members, tokens, webhooks and email accounts.',
  member: 'Works with boards, tasks, comments and cards.',
  viewer: 'Reads everything, changes nothing.',
};

/** Whether a role is at least another. @param {Role} role @param {Role} least */
export const isAtLeast = (role, least) => ROLES.indexOf(role) <= ROLES.indexOf(least);

/** The roles that a person can grant: none above their own. @param {Role} mine @returns {Role[]} */
export const grantable = (mine) => (isAtLeast(mine, 'admin') ? ROLES.filter((role) => isAtLeast(mine, role)) : []);

/**
 * What a person may do with a member, and why not.
 *
 * @param {{ id: string, role: Role }} me
 * @param {{ id: string, role: Role }} member
 * @param {{ role: Role }[]} all All members.
 * @returns {{ mayChange: boolean, mayRemove: boolean, reason: string }}
 */
export function rightsOver(me, member, all) {
  const nothing = (/** @type {string} */ reason) => ({ mayChange: false, mayRemove: false, reason });
  if (!isAtLeast(me.role, 'admin')) return nothing('');
  if (!isAtLeast(me.role, member.role)) return nothing('Only owners can change owners.');
  const isLast = member.role === 'owner' && all.filter(({ role }) => role === 'owner').length === 1;
  if (isLast) return nothing('The only owner. Make somebody else an owner before you change this.');
  return { mayChange: true, mayRemove: true, reason: '' };
}

/** The scopes that a person can give to a token. @param {Role} role */
export function scopesOf(role) {
  if (isAtLeast(role, 'admin')) return ['read', 'write', 'delete', 'admin'];
  return role === 'member' ? ['read', 'write', 'delete'] : ['read'];
}
