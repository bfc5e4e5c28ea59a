// The search of the documentation: what new users type, and what each of them must find among the first three results.
//
// Run: bash .ci/with-server node --test tests/clients/search.test.mjs

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { text } from './pages.mjs';

const front = await text('/');
const [, module] = /data-search="([^"]*)"/.exec(front);
const [, index] = /data-index="([^"]*)"/.exec(front);
// As it is served: a module that needs nothing around it.
const { prepare, search, stem, words, isNear } = await import(`data:text/javascript,${encodeURIComponent(await text(module))}`);
const prepared = prepare(JSON.parse(await text(index)));

/** A query, and the addresses of which one must be among the first three. `*` stands for any end. */
const QUERIES = `
getting started | /docs/getting-started
quickstart | /docs/getting-started*
install | /docs/getting-started#run-the-server /docs/deployment*
start the server | /docs/getting-started*
first call | /docs/getting-started#make-your-first-call
lost token | /docs/getting-started#set-your-token /docs/authentication#create-and-revoke-tokens
i forgot my token | /docs/getting-started#set-your-token /docs/authentication#create-and-revoke-tokens
api key | /docs/authentication* /docs/reference/tokens#createToken
create api key | /docs/authentication#create-and-revoke-tokens /docs/reference/tokens#createToken
integration key | /docs/authentication#integration-keys
bearer | /docs/authentication#send-the-token /docs/authentication
login | /docs/authentication*
authentification | /docs/authentication
authentication | /docs/authentication
authenticate | /docs/authentication*
read-only | /docs/authentication#scopes
read only token | /docs/authentication#scopes
permissions | /docs/authentication#scopes
roles | /docs/authentication#scopes
viewer | /docs/authentication#scopes
revoke token | /docs/reference/tokens#deleteToken
token expired | /docs/errors#token_expired
pagination | /docs/paging*
paginate | /docs/paging*
next page | /docs/paging*
cursor | /docs/paging* /docs/reference#*
limit | /docs/plans* /docs/paging*
sort | /docs/paging#sort-order
sort order | /docs/paging#sort-order
filter | /docs/tasks* /docs/paging#filters
filter tasks by status | /docs/tasks#filter-by-status-lane-or-text /docs/reference/tasks#listProjectTasks
label a task | /docs/tasks#label-tasks
comment on a task | /docs/tasks#comment-on-a-task /docs/reference/comments#createComment
who can delete a comment | /docs/tasks#comment-on-a-task /docs/reference/comments#deleteComment
find tasks | /docs/tasks*
search | /docs/reference/search#search
full text search | /docs/reference/search#search /docs/tasks#search-by-text
create task | /docs/reference/tasks#createTask
new ticket | /docs/reference/tasks#createTask
add task | /docs/reference/tasks#createTask
create board | /docs/reference/boards#createBoard
create project | /docs/reference/projects#createProject
delete board | /docs/reference/boards#deleteBoard
remove task | /docs/reference/tasks#deleteTask
rename board | /docs/reference/boards#updateBoard
mark done | /docs/tasks#mark-a-task-as-done
mark as done | /docs/tasks#mark-a-task-as-done
complete a task | /docs/tasks#mark-a-task-as-done
close ticket | /docs/tasks#mark-a-task-as-done
reopen | /docs/tasks#mark-a-task-as-done
move to top | /docs/tasks#move-a-task-to-the-top-up-or-down
move task to the top | /docs/tasks#move-a-task-to-the-top-up-or-down
reorder | /docs/reference#positions /docs/tasks#move-a-task-to-the-top-up-or-down /docs/paging#sort-order
position | /docs/reference#positions /docs/tasks#move-a-task-to-the-top-up-or-down
move task to another project | /docs/tasks#move-a-task-to-another-lane-or-project
column | /docs/boards /docs/reference/lanes* /docs/tasks#move-a-task-to-another-lane-or-project
add column | /docs/reference/lanes#createLane
swimlane | /docs/reference/lanes*
checklist | /docs/reference/subtasks* /docs/boards
add subtask | /docs/reference/subtasks#createSubtask
mcp | /docs/agents
claude code | /docs/agents#claude-code
undo | /docs/boards#delete /docs/self-hosting#backup-and-restore /docs/moving#undo-an-import
undo delete | /docs/boards#delete
retry | /docs/retries*
retries | /docs/retries*
idempotent | /docs/retries*
idempotency key | /docs/retries#idempotency-key
safe retries | /docs/retries*
duplicate | /docs/retries*
concurrency | /docs/concurrency*
etag | /docs/concurrency*
if-match | /docs/concurrency*
lost update | /docs/concurrency*
optimistic locking | /docs/concurrency*
rate limit | /docs/plans#rate-limit /docs/errors#rate_limited
429 | /docs/errors#quota_exceeded /docs/errors#rate_limited /docs/retries*
quota | /docs/plans* /docs/errors#quota_exceeded
quota_exceeded | /docs/errors#quota_exceeded
usage | /docs/reference/usage#getUsage /docs/plans#check-your-usage
how many calls are left | /docs/plans#monthly-quota /docs/plans#check-your-usage
plans | /docs/plans*
error codes | /docs/errors#error-codes
error format | /docs/errors#error-format
validation error | /docs/errors*
invalid token | /docs/errors#invalid_token
401 | /docs/errors#invalid_token
403 | /docs/errors#insufficient_scope /docs/errors#resource_limit_exceeded
backup | /docs/self-hosting#backup-and-restore
restore | /docs/self-hosting#backup-and-restore
upgrade | /docs/self-hosting#upgrade
docker | /docs/deployment#docker
nginx | /docs/deployment#nginx
caddy | /docs/deployment#caddy
systemd | /docs/deployment#systemd
reverse proxy | /docs/deployment#reverse-proxy-and-https
https | /docs/deployment#reverse-proxy-and-https
smtp | /docs/mail-server*
mail server | /docs/mail-server*
settings | /docs/self-hosting*
environment variables | /docs/self-hosting#settings
change port | /docs/self-hosting#listen
--body-limit | /docs/self-hosting#body_limit
cors | /docs/self-hosting#cors_origin
metrics | /docs/reference/system#getMetrics /docs/self-hosting#monitoring
health check | /docs/reference/system#getHealth
openapi | /docs/reference/system#getOpenApi
commands | /docs/self-hosting#commands
send card | /docs/reference/card-integration#sendCard /docs/cards#create-and-send-a-card
create card | /docs/reference/cards#createCard
merge tags | /docs/cards#merge-tags
template variables | /docs/cards#merge-tags
who opened my card | /docs/tracking*
email opened | /docs/tracking*
tracking pixel | /docs/tracking* /docs/reference/recipients#fetchTrackingImage
unsubscribe | /docs/cards#unsubscribe /docs/reference/recipients#unsubscribe
subscribe again | /docs/cards#unsubscribe /docs/reference/recipients#resubscribe /docs/reference/recipients#askToSubscribe
resubscribe | /docs/reference/recipients#resubscribe
cover image | /docs/reference/cards#putCardCover
upload image | /docs/reference/cards#putCardCover
webhok | /docs/webhooks*
projectId | /docs/reference/*
POST /v1/tasks | /docs/reference/tasks#createTask
get /v1/boards | /docs/reference/boards#listBoards
`.trim().split('\n').map((line) => line.split(' | '));

const fits = (address, wanted) => (wanted.endsWith('*') ? address.startsWith(wanted.slice(0, -1)) : address === wanted);

for (const [query, wanted] of QUERIES) {
  test(`"${query}"`, () => {
    const found = search(prepared, query).slice(0, 3).map(([, title, address]) => [title, address]);
    assert.ok(found.some(([, address]) => wanted.split(' ').some((one) => fits(address, one))), `${wanted} is not in ${JSON.stringify(found)}`);
  });
}

test('the table is long enough', () => assert.ok(QUERIES.length >= 70));

test('one letter too many, too few, wrong, or exchanged finds the same', () => {
  for (const [typo, word] of [['pagniation', 'pagination'], ['retrie', 'retries'], ['bakcup', 'backup'], ['dokcer', 'docker'], ['subtassk', 'subtask'], ['idempotancy', 'idempotency']]) {
    const first = (query) => search(prepared, query).slice(0, 3).map(([, , address]) => address.split('#')[0]);
    assert.ok(first(typo).some((address) => first(word).includes(address)), `${typo}: ${first(typo)}`);
  }
});

test('each further letter still finds the page', () => {
  for (const [whole, least, page] of [['authentication', 4, '/docs/authentication'], ['idempotency', 4, '/docs/retries'], ['pagination', 4, '/docs/paging']]) {
    for (let length = least; length <= whole.length; length += 1) {
      const query = whole.slice(0, length);
      const found = search(prepared, query).slice(0, 3).map(([, , address]) => address);
      assert.ok(found.some((address) => address.startsWith(page)), `${query}: ${found}`);
    }
  }
});

test('nothing is found for nonsense, and nothing fails', () => {
  for (const query of ['zzzzqqqq', '?', '', '   ', '<script>', '\u0000', '日本語', 'constructor', '__proto__']) {
    assert.ok(search(prepared, query).length <= 12);
  }
  for (const query of ['zzzzqqqq', 'no such zebra anywhere']) assert.deepEqual(search(prepared, query), [], query);
});

test('forms of a word have one stem', () => {
  const groups = ['create creates creating created creation', 'retry retries retrying retried', 'paginate pagination paginated', 'authenticate authentication authenticated', 'delete deletes deletion deleting', 'move moves moving moved', 'idempotent idempotency', 'stop stopped stopping', 'filter filters filtering filtered'];
  for (const group of groups) {
    const stems = new Set(group.split(' ').map(stem));
    assert.equal(stems.size, 1, `${group}: ${[...stems]}`);
  }
});

test('words are found whole and in parts', () => {
  assert.deepEqual(words('projectId, rate_limited'), ['project', 'id', 'projectid', 'rate', 'limited', 'rate_limited']);
});

test('an edit is one letter more, less or another one, or two exchanged', () => {
  for (const [one, other, is] of [['webhok', 'webhook', true], ['bakcup', 'backup', true], ['abc', 'abcde', false], ['same', 'same', true], ['cat', 'dog', false]]) {
    assert.equal(isNear(one, other, 1), is, `${one} ${other}`);
  }
});
