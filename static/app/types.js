// The types of the app, for `tsc --checkJs`. No code.

/**
 * @typedef {{ id: string, name: string, slug: string, plan: string, role: 'viewer'|'member'|'admin'|'owner' }} Workspace
 * @typedef {{ id: string, user: { id: string, name: string, email: string }, workspaces: Workspace[] }} Session
 *
 * @typedef {object} Board
 * @property {string} id
 * @property {string} name
 * @property {string|null} description
 * @property {string|null} icon
 * @property {string|null} accent_color
 * @property {string|null} [background_color]
 * @property {'kanban'|'simple'} [layout_preference]
 * @property {string} [created_at]
 *
 * @typedef {{ id: string, name: string, description: string|null, position: string, board_id?: string }} Project
 * @typedef {{ id: string, name: string, position: string, wip_limit: number|null, color: string|null }} Lane
 * @typedef {{ id: string, name: string, color: string }} Label
 * @typedef {{ id: string, name: string, role?: string }} Member
 * @typedef {{ id: string, task_id: string, label: string, is_completed: boolean, position: string }} Subtask
 * @typedef {{ id: string, task_id: string, text: string, author: Member|null, imported_author?: string|null, created_at: string, edited_at: string|null }} Comment
 *
 * @typedef {object} Task A task as the board shows it.
 * @property {string} id
 * @property {string} project_id
 * @property {string|null} workflow_lane_id
 * @property {string} label
 * @property {0|1|2} status
 * @property {string} position
 * @property {string[]} label_ids
 * @property {string[]} assignee_ids
 * @property {string|null} due_on
 * @property {number} subtasks_total
 * @property {number} subtasks_completed
 * @property {number} comments_total
 * @property {boolean} has_description
 * @property {string} updated_at
 * @property {string|null} [description] Only of a task that was opened.
 * @property {string} [created_at]
 * @property {Member|null} [created_by]
 *
 * @typedef {'board'|'projects'|'lanes'|'labels'|'members'|'tasks'|'subtasks'|'comments'} Kind
 *
 * @typedef {object} Effect What a change does to one object, before the server has confirmed it.
 * @property {Kind} kind
 * @property {string} id
 * @property {Record<string, any>} [create] The whole object.
 * @property {Record<string, any>} [set] The changed fields.
 * @property {true} [remove]
 *
 * @typedef {object} Row A change that the server has not confirmed. Kept in the browser until then.
 * @property {string} key The Idempotency-Key, and the row's id.
 * @property {'POST'|'PATCH'|'DELETE'} method
 * @property {string} path
 * @property {any} [body]
 * @property {Effect[]} effects
 * @property {string} what What it does, for messages: `Rename “Old”`.
 * @property {string} [temporary] The id that stands for the new object until the server has given it one.
 * @property {{ kind: Kind, id: string, field: string, base: string|null }} [text] A text that must not overwrite another's.
 * @property {(string|null)[]} [anchors] Tasks to try in turn: after the first, before the second.
 * @property {number} [notBefore] Milliseconds: a deletion waits, so that it can be undone.
 * @property {string} [board] The board that the row belongs to.
 * @property {string} [workspace]
 * @property {string} [user] Who has made the change.
 * @property {string} [tab]
 * @property {number} [errors] How often the server answered with status 500.
 *
 * @typedef {{ name: string, args: any }} Call The name and arguments of an intent.
 * @typedef {{ rows: Row[], undo?: Call, cancels?: string[], say: string }} Outcome What an intent does.
 *
 * @typedef {object} JournalEvent
 * @property {string} id
 * @property {number} sequence
 * @property {string} type
 * @property {string} timestamp
 * @property {{ kind: string, user_id: string|null, name: string }} actor
 * @property {string} [board_id]
 * @property {string} [project_id]
 * @property {string} [task_id]
 * @property {Record<string, any>} [changes]
 * @property {any} data
 *
 * @typedef {object} View A page that is open.
 * @property {HTMLElement} node
 * @property {string} title
 * @property {(params: Record<string, string>, query: URLSearchParams) => void} [update] The address has changed within the page.
 * @property {() => void} [enter] It is shown now. A page that was left while it was loading is never shown.
 * @property {() => void} [close]
 */

export {};
