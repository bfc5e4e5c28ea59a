// The types of events, for choosing what a webhook is sent. Pure.

/** Types by noun, as in the schema of the API. @type {[string, string, string[]][]} Noun, name and verbs. */
export const EVENT_TYPES = [
  ['task', 'Tasks', ['created', 'updated', 'completed', 'archived', 'unarchived', 'deleted', 'reordered']],
  ['project', 'Projects', ['created', 'updated', 'deleted', 'reordered']],
  ['board', 'Boards', ['created', 'updated', 'deleted', 'reordered']],
  ['comment', 'Comments', ['created', 'updated', 'deleted']],
  ['subtask', 'Subtasks', ['created', 'updated', 'deleted']],
  ['lane', 'Lanes', ['created', 'updated', 'deleted']],
  ['label', 'Labels', ['created', 'updated', 'deleted']],
  ['card', 'Cards', ['created', 'updated', 'deleted', 'queued', 'sent', 'failed', 'link_created', 'opened', 'viewed', 'unsubscribed', 'resubscribed']],
  ['recipient', 'Recipients', ['erased']],
  ['integration', 'Integration configurations', ['created', 'deleted']],
  ['email_account', 'Email accounts', ['created', 'deleted']],
  ['import', 'Imports', ['finished', 'undone']],
  ['webhook', 'Webhooks', ['created', 'updated', 'deleted']],
  ['member', 'Members', ['added', 'updated', 'removed']],
  ['invitation', 'Invitations', ['created', 'deleted']],
  ['token', 'API tokens', ['created', 'revoked']],
  ['key', 'Integration keys', ['created', 'revoked']],
  ['workspace', 'The workspace', ['updated']],
];

/** Every type. */
export const ALL_TYPES = EVENT_TYPES.flatMap(([noun, , verbs]) => verbs.map((verb) => `${noun}.${verb}`));

/** The types that patterns such as `task.*` name. @param {string[]} patterns @returns {Set<string>} */
export function typesOf(patterns) {
  return new Set(ALL_TYPES.filter((type) => patterns.some((pattern) => pattern === '*' || pattern === type || pattern === `${type.split('.')[0]}.*`)));
}

/** The shortest patterns that name exactly these types. Types that this page does not know stay. @param {Set<string>} types */
export function patternsOf(types) {
  if (ALL_TYPES.every((type) => types.has(type))) return ['*'];
  return EVENT_TYPES.flatMap(([noun, , verbs]) => {
    const own = verbs.map((verb) => `${noun}.${verb}`).filter((type) => types.has(type));
    return own.length === verbs.length && verbs.length > 1 ? [`${noun}.*`] : own;
  });
}

/** What patterns name, in few words. @param {string[]} patterns */
export function patternText(patterns) {
  if (patterns.includes('*')) return 'All events';
  return patterns.length > 4 ? `${patterns.slice(0, 3).join(', ')} and ${patterns.length - 3} more` : patterns.join(', ');
}
