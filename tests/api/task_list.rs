//! `GET /v1/tasks`: the tasks of the whole workspace, by filter and by id.

use std::collections::BTreeSet;

use rusqlite::functions::FunctionFlags;
use serde_json::{Value, json};
use tackboard::error::Error;
use tackboard::model::ids::{TaskId, UserId, WorkspaceId};
use tackboard::model::scopes::Role;
use tackboard::model::task_list::{TaskList, TaskQuery, TaskRead};
use tackboard::store::db;
use tackboard::store::task_list::{self, Index, Plan};

use crate::harness::{App, Client, Workspace, column, text};
use crate::migrations::File;

/// Whether an entry matches a filter.
type Fits = Box<dyn Fn(&Value) -> bool>;
type Choice = (&'static str, fn(&Value) -> bool);

/// A workspace with tasks that differ in everything that a list can filter by.
struct Tasks {
    workspace: Workspace,
    client: Client,
    ben: String,
    boards: [String; 2],
    projects: [String; 3],
    lanes: [String; 2],
    labels: [String; 2],
    /// All entries, oldest first, as `?archived=any` shows them.
    all: Vec<Value>,
}

impl Tasks {
    fn new(app: &App) -> Self {
        let workspace = app.workspace("teams");
        let client = app.client_of(&workspace);
        let ben = app.named_member(&workspace, "Ben", Role::Member);
        let boards = [client.new_board(), client.new_board()];
        let projects =
            [&boards[0], &boards[0], &boards[1]].map(|board| client.new_project_on(board));
        let lanes = [&boards[0], &boards[1]].map(|board| client.new_lane(board));
        let labels = ["Bug", "Idea"].map(|name| client.new_label(&boards[0], name));
        let days = [
            None,
            Some("2024-02-01"),
            Some("2024-01-31"),
            Some("2024-03-01"),
        ];
        // 60 is a multiple of all the numbers below, so that every combination of neighbors occurs.
        for n in 0..60 {
            let people = [
                vec![],
                vec![&workspace.owner],
                vec![&ben],
                vec![&ben, &workspace.owner],
                vec![],
            ];
            let board = usize::from(n % 3 == 2);
            let body = json!({
                "projectId": projects[n % 3], "label": format!("{} {n}", ["Write", "Read", "100% x_y"][n % 3]),
                "status": n % 4 % 3, "assigneeIds": people[n % 5], "dueOn": days[n % 4],
                "workflowLaneId": (n % 2 == 0).then_some(&lanes[board]), "isArchived": n % 6 == 5,
                "labelIds": if board == 0 { &labels[..n / 3 % 3] } else { &[] },
                "position": if n % 7 == 0 { "first" } else { "last" },
            });
            client.post("/v1/tasks", body).expect(201);
        }
        let all = client.rows("/v1/tasks?archived=any&limit=500");
        assert_eq!(all.len(), 60);
        Self {
            workspace,
            client,
            ben,
            boards,
            projects,
            lanes,
            labels,
            all,
        }
    }

    /// The ids of the tasks that a query lists, read in pages of this size.
    fn listed(&self, query: &str, limit: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let mut path = format!("/v1/tasks?{query}&limit={limit}");
        loop {
            let page = self.client.get(&path).expect(200).json();
            let rows = page["tasks"].as_array().unwrap();
            assert!(rows.len() <= limit);
            ids.extend(column(rows, "id"));
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("/v1/tasks?{query}&limit={limit}&cursor={cursor}"),
                None => return ids,
            }
            assert_eq!(rows.len(), limit, "a page in the middle is full");
        }
    }

    /// Every filter with the tasks that it should find.
    fn filters(&self) -> Vec<(String, Fits)> {
        let is = |name: &'static str, value: &str| {
            let value = json!(value);
            Box::new(move |task: &Value| task[name] == value) as Fits
        };
        let has = |id: &str| {
            let id = json!(id);
            Box::new(move |task: &Value| task["assignee_ids"].as_array().unwrap().contains(&id))
                as Fits
        };
        let labeled = |id: &str| {
            let id = json!(id);
            Box::new(move |task: &Value| task["label_ids"].as_array().unwrap().contains(&id))
                as Fits
        };
        let due =
            |task: &Value, fits: &dyn Fn(&str) -> bool| task["due_on"].as_str().is_some_and(fits);
        vec![
            (format!("assignee={}", self.ben), has(&self.ben)),
            ("assignee=me".to_owned(), has(&self.workspace.owner)),
            (
                format!("label={}", self.labels[0]),
                labeled(&self.labels[0]),
            ),
            (
                format!("label={}", self.labels[1]),
                labeled(&self.labels[1]),
            ),
            (
                "assignee=none".to_owned(),
                Box::new(|task| task["assignee_ids"] == json!([])),
            ),
            ("status=1".to_owned(), Box::new(|task| task["status"] == 1)),
            (
                "status=2,0".to_owned(),
                Box::new(|task| task["status"] != 1),
            ),
            (
                format!("board={}", self.boards[0]),
                is("board_id", &self.boards[0]),
            ),
            (
                format!("project={}", self.projects[1]),
                is("project_id", &self.projects[1]),
            ),
            (
                format!("lane={}", self.lanes[1]),
                is("workflow_lane_id", &self.lanes[1]),
            ),
            (
                "lane=none".to_owned(),
                Box::new(|task| task["workflow_lane_id"].is_null()),
            ),
            (
                "due_before=2024-02-01".to_owned(),
                Box::new(move |task| due(task, &|day| day < "2024-02-01")),
            ),
            (
                "due_after=2024-02-01".to_owned(),
                Box::new(move |task| due(task, &|day| day >= "2024-02-01")),
            ),
            (
                "due_after=2024-02-01&due_before=2024-03-01".to_owned(),
                Box::new(move |task| due(task, &|day| day == "2024-02-01")),
            ),
            (
                "q=wRITE".to_owned(),
                Box::new(|task| text(task, "label").starts_with("Write")),
            ),
            (
                "q=100%25%20X".to_owned(),
                Box::new(|task| text(task, "label").starts_with("100")),
            ),
        ]
    }
}

/// A way to choose by the archive date.
const ARCHIVED: [Choice; 3] = [
    ("archived=false", |task| task["archived_at"].is_null()),
    ("archived=true", |task| !task["archived_at"].is_null()),
    ("archived=any", |_| true),
];

#[test]
fn every_filter_and_every_pair_of_filters_finds_its_tasks() {
    let app = App::start();
    let tasks = Tasks::new(&app);
    let filters = tasks.filters();
    let mut found = 0;
    for (archived, is_shown) in ARCHIVED {
        for (at, (one, fits)) in filters.iter().enumerate() {
            for (other, also_fits) in &filters[at..] {
                let names = |query: &str| -> BTreeSet<_> {
                    let pairs = query
                        .split('&')
                        .map(|pair| pair.split('=').next().unwrap().to_owned());
                    pairs.collect()
                };
                // The last of a repeated parameter counts.
                if one != other && !names(one).is_disjoint(&names(other)) {
                    continue;
                }
                let expected = tasks.all.iter().filter(|task| is_shown(task) && fits(task));
                let expected = expected.filter(|task| also_fits(task));
                let expected: Vec<_> = expected.map(|task| text(task, "id")).collect();
                let query = format!("{one}&{other}&{archived}");
                assert_eq!(tasks.listed(&query, 500), expected, "{query}");
                found += expected.len();
            }
        }
    }
    assert!(found > 1000, "{found}");
}

#[test]
fn a_list_is_sorted_in_both_directions_and_pages_repeat_nothing() {
    let app = App::start();
    let tasks = Tasks::new(&app);
    // Many ties, also with tasks that have no due date.
    app.sql("UPDATE task SET created_at = created_at / 3 * 3, updated_at = created_at - rowid % 7 * 1000;
             UPDATE task_assignee SET created_at = (SELECT created_at FROM task WHERE id = task_id)");
    let all = tasks.client.rows("/v1/tasks?archived=any&limit=500");
    let created = |id: &str| {
        app.number(&format!(
            "SELECT created_at FROM task WHERE id = x'{}'",
            id.replace('-', "")
        ))
    };
    let updated = |id: &str| {
        app.number(&format!(
            "SELECT updated_at FROM task WHERE id = x'{}'",
            id.replace('-', "")
        ))
    };
    type Key = (bool, String, String);
    let key = |task: &Value, sort: &str, descending: bool| -> Key {
        let id = text(task, "id");
        let (missing, value) = match sort {
            "created_at" => (false, format!("{:020}", created(&id))),
            "updated_at" => (false, format!("{:020}", updated(&id))),
            "due_on" => match task["due_on"].as_str() {
                Some(day) => (descending, day.to_owned()),
                None => (!descending, format!("{:020}", created(&id))),
            },
            _ => (false, text(task, "position")),
        };
        (missing, value, id)
    };
    let sorts = ["created_at", "updated_at", "due_on", "position"];
    for sort in sorts {
        for filter in [
            "",
            "&archived=any",
            "&status=0,1",
            "&assignee=me",
            "&due_after=2024-01-01",
            "&q=wr",
        ] {
            let project = if sort == "position" {
                format!("&project={}", tasks.projects[0])
            } else {
                String::new()
            };
            for descending in [false, true] {
                let sign = if descending { "-" } else { "" };
                let query = format!("sort={sign}{sort}{filter}{project}");
                let whole = tasks.listed(&query, 500);
                let rows: Vec<_> = all
                    .iter()
                    .filter(|task| whole.contains(&text(task, "id")))
                    .collect();
                let mut keys: Vec<_> = rows
                    .iter()
                    .map(|task| key(task, sort, descending))
                    .collect();
                keys.sort();
                if descending {
                    keys.reverse();
                }
                let expected: Vec<_> = keys.into_iter().map(|(_, _, id)| id).collect();
                assert_eq!(whole, expected, "{query}");
                assert!(whole.len() > 5, "{query}");
                assert_eq!(tasks.listed(&query, 3), whole, "{query} in pages");
            }
        }
    }
}

#[test]
fn an_entry_is_a_list_entry_with_its_parents() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project();
    let task = client.new_task(&project.id, "Task");
    let mut entry = client
        .rows(&format!("/v1/projects/{}/tasks", project.id))
        .remove(0);
    entry["project_id"] = json!(project.id);
    entry["board_id"] = json!(project.board);
    let page = client.get("/v1/tasks").expect(200).json();
    assert_eq!(page, json!({ "tasks": [entry], "next_cursor": null }));
    let by_id = client
        .get(&format!("/v1/tasks?ids={task}"))
        .expect(200)
        .json();
    assert_eq!(by_id, json!({ "tasks": [entry], "missing": [] }));
}

#[test]
fn tasks_are_read_by_id_in_the_order_asked_for() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    let project = client.new_project();
    let [a, b, c] = ["a", "b", "c"].map(|label| client.new_task(&project.id, label));
    client
        .patch(&format!("/v1/tasks/{b}"), json!({ "isArchived": true }))
        .expect(200);
    let theirs = stranger.new_task(&stranger.new_project().id, "theirs");
    let nothing = TaskId::new().to_string();
    let ids = [&c, &theirs, &b, &nothing, &a, &c]
        .map(String::as_str)
        .join(",");
    let read = client
        .get(&format!("/v1/tasks?ids={ids}"))
        .expect(200)
        .json();
    assert_eq!(
        column(read["tasks"].as_array().unwrap(), "id"),
        [c.clone(), b.clone(), a.clone(), c]
    );
    assert_eq!(read["missing"], json!([theirs, nothing]));
    let many = |count: usize| vec![a.clone(); count].join(",");
    let most = client
        .get(&format!("/v1/tasks?ids={}", many(100)))
        .expect(200);
    assert_eq!(most.json()["tasks"].as_array().unwrap().len(), 100);
    for (query, message) in [
        (
            format!("ids={}", many(101)),
            "Ids must list at most 100 ids",
        ),
        ("ids=".to_owned(), "Ids must not be empty"),
        (
            format!("ids={a}&status=0"),
            "Ids cannot be combined with other parameters",
        ),
        (
            format!("ids={a}&limit=1"),
            "Ids cannot be combined with other parameters",
        ),
        (
            format!("ids={a}&archived=any"),
            "Ids cannot be combined with other parameters",
        ),
    ] {
        let reply = client
            .get(&format!("/v1/tasks?{query}"))
            .expect_error(400, "invalid_request");
        assert_eq!(reply.fields(), json!({ "ids": message }), "{query}");
    }
    for bad in [format!("{a},"), format!("{a},x"), format!("{a},{b};{a}")] {
        let reply = client
            .get(&format!("/v1/tasks?ids={bad}"))
            .expect_error(400, "invalid_request");
        assert_eq!(reply.fields(), json!({ "ids": "Ids[1] must be a UUID" }));
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let app = App::shared();
    let client = app.client();
    for (query, field, message) in [
        (
            "status=3",
            "status",
            "Status must be 0, 1, or 2, or several of them separated by commas",
        ),
        (
            "status=",
            "status",
            "Status must be 0, 1, or 2, or several of them separated by commas",
        ),
        (
            "status=0,",
            "status",
            "Status must be 0, 1, or 2, or several of them separated by commas",
        ),
        (
            "assignee=you",
            "assignee",
            "Assignee must be the id of a user, me, or none",
        ),
        ("lane=any", "lane", "Lane must be the id of a lane, or none"),
        (
            "due_before=2026-13-01",
            "due_before",
            "Due before must be an existing date such as 2024-02-01",
        ),
        (
            "due_after=2026-02-30",
            "due_after",
            "Due after must be an existing date such as 2024-02-01",
        ),
        (
            "due_after=-001-01-01",
            "due_after",
            "Due after must be an existing date such as 2024-02-01",
        ),
        (
            "due_after=202600000000-01-01",
            "due_after",
            "Due after must be an existing date such as 2024-02-01",
        ),
        ("limit=0", "limit", "Limit must be at least 1"),
        ("limit=501", "limit", "Limit must be at most 500"),
        ("q=%00", "q", "Query must not contain a NUL character"),
        (
            "archived=1",
            "archived",
            "Archived must be true, false, or any",
        ),
        (
            "sort=position",
            "sort",
            "Sort by position needs project: positions are compared within a project",
        ),
        (
            "cursor=AAAA",
            "cursor",
            "Cursor is not one of this list and sort",
        ),
        ("state=0", "state", "state is not a known query parameter"),
    ] {
        let reply = client
            .get(&format!("/v1/tasks?{query}"))
            .expect_error(400, "invalid_request");
        assert_eq!(reply.fields(), json!({ field: message }), "{query}");
    }
    let reply = client
        .get("/v1/tasks?sort=label")
        .expect_error(400, "invalid_request");
    assert_eq!(reply.field_names(), ["sort"]);
    for name in ["board", "project", "label"] {
        let reply = client.get(&format!("/v1/tasks?{name}=x"));
        let reply = reply.expect_error(400, "invalid_request");
        assert_eq!(reply.field_names(), [name]);
    }
}

#[test]
fn a_cursor_belongs_to_its_sort_order() {
    let app = App::shared();
    let client = app.client();
    let project = client.new_project().id;
    for label in ["a", "b"] {
        client.new_task(&project, label);
    }
    let sorts = [
        "created_at",
        "-created_at",
        "updated_at",
        "due_on",
        "-due_on",
        "position",
    ];
    let path = |sort: &str| format!("/v1/tasks?project={project}&limit=1&sort={sort}");
    for sort in sorts {
        let page = client.get(&path(sort)).expect(200).json();
        let cursor = page["next_cursor"].as_str().unwrap();
        for other in sorts {
            let reply = client.get(&format!("{}&cursor={cursor}", path(other)));
            match sort == other {
                true => drop(reply.expect(200)),
                false => drop(reply.expect_error(400, "invalid_request")),
            }
        }
        client
            .get(&format!("/v1/projects/{project}/tasks?cursor={cursor}"))
            .expect_error(400, "invalid_request");
    }
}

#[test]
fn nothing_of_another_workspace_is_listed() {
    let app = App::shared();
    let theirs = Tasks::new(app);
    let client = app.client();
    client.new_task(&client.new_project().id, "Write");
    for (query, _) in theirs.filters() {
        let rows = client.rows(&format!("/v1/tasks?{query}&archived=any"));
        let labels: BTreeSet<_> = column(&rows, "label").into_iter().collect();
        assert!(
            labels.is_empty() || labels == BTreeSet::from(["Write".to_owned()]),
            "{query}: {labels:?}"
        );
    }
    for name in ["board", "project", "lane", "assignee", "label"] {
        let (_, there) = theirs
            .filters()
            .into_iter()
            .map(|(query, _)| query)
            .find_map(|query| {
                let (found, id) = query.split_once('=')?;
                (found == name && id.len() == 36).then(|| (found.to_owned(), id.to_owned()))
            })
            .unwrap();
        let nothing = UserId::new();
        let both = [there, nothing.to_string()].map(|id| {
            client
                .get(&format!("/v1/tasks?{name}={id}"))
                .expect(200)
                .json()
        });
        assert_eq!(both[0], both[1]);
        assert_eq!(both[0]["tasks"], json!([]));
    }
}

#[test]
fn words_are_found_at_the_start_of_words_of_labels() {
    let app = App::start();
    let client = app.client();
    let project = client.new_project().id;
    for label in ["Größe prüfen: jetzt", "prefix x_y", "unfixed", "a-b 100%"] {
        client.new_task(&project, label);
    }
    let body = json!({ "projectId": project, "label": "plain", "description": "fix it" });
    client.post("/v1/tasks", body).expect(201);
    for (q, expected) in [
        ("PRE", vec!["prefix x_y"]),
        ("fix", vec![]),
        ("grosse", vec![]),
        ("gro", vec!["Größe prüfen: jetzt"]),
        ("jet%20PRUF", vec!["Größe prüfen: jetzt"]),
        ("x%20prefix", vec!["prefix x_y"]),
        ("b%20A", vec!["a-b 100%"]),
        ("100%25", vec!["a-b 100%"]),
        ("%25", vec![]),
        ("%22%20OR%20%2A", vec![]),
    ] {
        let rows = client.rows(&format!("/v1/tasks?q={q}"));
        assert_eq!(column(&rows, "label"), expected, "{q}");
    }
}

#[test]
fn rare_words_are_found_with_the_search_index() {
    let app = App::start();
    let (client, stranger) = (app.client(), app.client());
    let project = client.new_project();
    let first = client.new_task(&project.id, "Needle 1");
    stranger.new_task(&stranger.new_project().id, "Needle of others");
    // More than a list compares with words one by one.
    app.sql(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 7000)
         INSERT INTO task (workspace_id, id, project_id, label, status, position, created_at, updated_at, due_on)
         SELECT workspace_id, randomblob(16), project_id, 'Straw ' || n, n % 3, 'k' || n, created_at + n,
                created_at + n, iif(n % 2, '2024-02-01', NULL)
           FROM n, task WHERE label = 'Needle 1'",
    );
    let last = client.new_task(&project.id, "the needle 2");
    let archived = json!({ "projectId": project.id, "label": "needle 3", "isArchived": true });
    client.post("/v1/tasks", archived).expect(201);
    for (query, expected) in [
        ("", vec![&first, &last]),
        ("&sort=-created_at", vec![&last, &first]),
        ("&sort=-updated_at", vec![&last, &first]),
        ("&sort=due_on", vec![&first, &last]),
        ("&status=0", vec![&first, &last]),
        ("&status=1", vec![]),
        ("&due_before=2024-03-01", vec![]),
        ("&limit=1", vec![&first]),
    ] {
        let rows = client.rows(&format!("/v1/tasks?q=need{query}"));
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(column(&rows, "id"), expected, "{query}");
    }
    let sorted = format!("/v1/tasks?q=need&project={}&sort=-position", project.id);
    assert_eq!(column(&client.rows(&sorted), "id"), [last, first]);
    // Words of many labels, page by page.
    let mut path = "/v1/tasks?q=straw&limit=500&sort=-updated_at".to_owned();
    let mut seen = BTreeSet::new();
    loop {
        let page = client.get(&path).expect(200).json();
        seen.extend(column(page["tasks"].as_array().unwrap(), "id"));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/tasks?q=straw&limit=500&sort=-updated_at&cursor={cursor}");
    }
    assert_eq!(seen.len(), 7000);
}

#[test]
fn tasks_that_are_found_by_words_are_in_order_though_they_were_inserted_in_another() {
    let app = App::start();
    let client = app.client();
    client.new_task(&client.new_project().id, "First");
    // Seven tasks have the same time, and every other needle is older than what was inserted before it.
    app.sql(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 6000)
         INSERT INTO task (workspace_id, id, project_id, label, status, position, created_at, updated_at, is_backdated)
         SELECT workspace_id, randomblob(16), project_id, iif(n % 20, 'Straw', 'Needle'), 0, 'k' || n,
                created_at + n / 7 - iif(n % 40, 0, 333), created_at + n / 7 - iif(n % 40, 0, 333), n % 40 = 0
           FROM n, task WHERE label = 'First'",
    );
    let conn = rusqlite::Connection::open(app.database()).unwrap();
    let sql = "SELECT lower(hex(id)) FROM task WHERE label = 'Needle' ORDER BY created_at, id";
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map((), |row| row.get(0)).unwrap();
    let mut expected: Vec<String> = rows.collect::<Result<_, _>>().unwrap();
    for sort in ["created_at", "-created_at"] {
        let (mut seen, mut path) = (Vec::new(), format!("/v1/tasks?q=needle&sort={sort}"));
        loop {
            let page = client.get(&path).expect(200).json();
            let ids = column(page["tasks"].as_array().unwrap(), "id");
            seen.extend(ids.iter().map(|id| id.replace('-', "")));
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("/v1/tasks?q=needle&sort={sort}&cursor={cursor}");
        }
        assert!(seen == expected, "{sort}");
        expected.reverse();
    }
}

/// How SQLite runs the statement that the store uses for a query.
fn plan(query: Value) -> (Vec<Index>, Vec<String>) {
    let query: TaskQuery = serde_json::from_value(query).unwrap();
    let TaskRead::List(list) = query.read(UserId::new()).unwrap() else {
        panic!("a list was expected");
    };
    let candidates = Index::candidates(&list);
    let steps = steps(&list, candidates[0]);
    (candidates, steps)
}

/// How SQLite reads a list by an index.
fn steps(list: &TaskList, index: Index) -> Vec<String> {
    let plan = Plan::new(WorkspaceId::new(), list, index);
    let file = File::current();
    let conn = file.open();
    let mut steps = Vec::new();
    // Only the plan matters, not the function.
    let flags = FunctionFlags::SQLITE_UTF8;
    conn.create_scalar_function("has_words", 3, flags, |_| Ok(true))
        .unwrap();
    let mut statements = vec![plan.statement()];
    // The entries of the others are never counted.
    if !matches!(index, Index::Updated | Index::DueDate) {
        statements.push(plan.count(1).0);
    }
    for sql in statements {
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = statement.raw_query().mapped(|row| row.get(3));
        steps.extend(rows.collect::<Result<Vec<String>, _>>().unwrap());
    }
    steps
}

#[test]
fn an_order_of_all_tasks_is_read_from_its_index() {
    for (sort, index, sorts) in [
        (
            "updated_at",
            "task_updated (workspace_id=? AND is_archived=? AND (updated_at,id)>",
            1,
        ),
        (
            "-updated_at",
            "task_updated (workspace_id=? AND is_archived=? AND (updated_at,id)<",
            1,
        ),
        // Tasks of the same day are sorted.
        (
            "due_on",
            "task_due (workspace_id=? AND is_archived=? AND due_on>",
            2,
        ),
        (
            "-due_on",
            "task_due (workspace_id=? AND is_archived=? AND due_on<",
            2,
        ),
    ] {
        let (_, steps) = plan(json!({ "sort": sort }));
        let reads = steps.iter().filter(|step| step.contains(index));
        assert_eq!(reads.count(), 1, "{sort}: {steps:#?}");
        let found = steps.iter().filter(|step| step.contains("TEMP B-TREE"));
        assert!(found.count() <= sorts + 1, "{sort}: {steps:#?}");
    }
}

#[test]
fn rare_words_are_read_from_the_search_index() {
    let query: TaskQuery = serde_json::from_value(json!({ "q": "x" })).unwrap();
    let TaskRead::List(list) = query.read(UserId::new()).unwrap() else {
        panic!("a list was expected");
    };
    let steps = steps(&list, Index::Words);
    assert!(
        steps
            .iter()
            .any(|step| step.starts_with("SCAN s VIRTUAL TABLE INDEX 0:M")),
        "{steps:#?}"
    );
    assert!(
        steps
            .iter()
            .any(|step| step.starts_with("SEARCH x USING INTEGER PRIMARY KEY")),
        "{steps:#?}"
    );
}

#[test]
fn each_single_filter_reads_its_index_in_order() {
    let id = UserId::new();
    for (query, index, key) in [
        (json!({}), "task_bucket", "bucket=?"),
        (json!({ "status": "0,1" }), "task_bucket", "bucket=?"),
        (json!({ "archived": "true" }), "task_bucket", "bucket=?"),
        (json!({ "archived": "any" }), "task_bucket", "bucket=?"),
        (json!({ "assignee": "none" }), "task_bucket", "bucket=?"),
        (json!({ "lane": "none" }), "task_bucket", "bucket=?"),
        (json!({ "q": "x" }), "task_bucket", "bucket=?"),
        (
            json!({ "assignee": "me" }),
            "task_assignee_member",
            "user_id=? AND is_archived=?",
        ),
        (
            json!({ "assignee": id }),
            "task_assignee_member",
            "user_id=? AND is_archived=?",
        ),
        (
            json!({ "label": id }),
            "task_label_label",
            "label_id=? AND is_archived=?",
        ),
        (
            json!({ "lane": id }),
            "task_lane",
            "workflow_lane_id=? AND is_archived=?",
        ),
        (
            json!({ "project": id }),
            "task_project",
            "project_id=? AND is_archived=?",
        ),
        (
            json!({ "board": id }),
            "task_project",
            "project_id=? AND is_archived=?",
        ),
        (
            json!({ "due_before": "2024-02-01" }),
            "task_due",
            "is_archived=? AND due_on=?",
        ),
        (
            json!({ "due_after": "2024-02-01" }),
            "task_due",
            "is_archived=? AND due_on=?",
        ),
    ] {
        for sort in ["created_at", "-created_at"] {
            let mut query = query.clone();
            query["sort"] = json!(sort);
            let (candidates, steps) = plan(query.clone());
            assert_eq!(candidates.len(), 1, "{query}");
            let direction = if sort == "created_at" { '>' } else { '<' };
            // Once for the first task of each part, and once for the next one.
            let reads = steps.iter().filter(|step| {
                step.contains(&format!("INDEX {index} "))
                    && step.contains(key)
                    && step.contains(&format!("){direction}("))
            });
            assert_eq!(reads.count(), 2, "{query}: {steps:#?}");
            let sorts = steps.iter().filter(|step| step.contains("TEMP B-TREE"));
            assert_eq!(
                sorts.count(),
                1,
                "only the page is sorted; {query}: {steps:#?}"
            );
            let is_scan = |step: &&String| {
                step.starts_with("SCAN")
                    && !["part", "head", "day", "json_each", "(subquery"]
                        .iter()
                        .any(|one| step.contains(one))
            };
            assert_eq!(steps.iter().find(is_scan), None, "{query}: {steps:#?}");
        }
    }
    let (_, steps) = plan(json!({ "project": id, "sort": "-position" }));
    assert!(
        steps
            .iter()
            .any(|step| step.contains("task_order") && step.contains(")<(")),
        "{steps:#?}"
    );
    assert_eq!(
        steps
            .iter()
            .filter(|step| step.contains("TEMP B-TREE"))
            .count(),
        1,
        "{steps:#?}"
    );
}

#[test]
fn a_combination_reads_the_index_with_the_fewest_entries() {
    let app = App::start();
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let project = client.new_project();
    let lane = client.new_lane(&project.board);
    let one = client.new_task(&project.id, "one");
    let change =
        json!({ "assigneeIds": [workspace.owner], "workflowLaneId": lane, "dueOn": "2024-02-01" });
    client
        .patch(&format!("/v1/tasks/{one}"), change)
        .expect(200);
    for n in 0..3 {
        let new = client.new_task(&project.id, "other");
        let change = match n {
            0 => json!({ "assigneeIds": [workspace.owner] }),
            1 => json!({ "workflowLaneId": lane }),
            _ => json!({ "status": 1, "assigneeIds": [workspace.owner] }),
        };
        client
            .patch(&format!("/v1/tasks/{new}"), change)
            .expect(200);
    }
    let (me, board) = (&workspace.owner, &project.board);
    let chosen = |query: Value| {
        let query: TaskQuery = serde_json::from_value(query).unwrap();
        let TaskRead::List(list) = query.read(me.parse().unwrap()).unwrap() else {
            panic!("a list was expected");
        };
        let id = workspace.id.parse().unwrap();
        db::read_once::<_, Error>(&app.database(), |conn| {
            task_list::most_selective(conn, id, &list)
        })
        .unwrap()
    };
    for (query, index) in [
        (
            json!({ "project": project.id, "assignee": "me" }),
            Index::Assignee,
        ),
        (json!({ "lane": lane, "assignee": "me" }), Index::Lane),
        (
            json!({ "lane": lane, "due_after": "2024-01-01" }),
            Index::Due,
        ),
        (json!({ "board": board, "status": "1" }), Index::Bucket),
        (json!({ "assignee": "me", "status": "1,2" }), Index::Bucket),
        (
            json!({ "board": board, "project": project.id }),
            Index::Project,
        ),
        (
            json!({ "project": project.id, "assignee": "me", "sort": "position" }),
            Index::Position,
        ),
    ] {
        assert_eq!(chosen(query.clone()), index, "{query}");
    }
    let query = format!("/v1/tasks?lane={lane}&assignee=me&due_after=2024-01-01&board={board}");
    assert_eq!(column(&client.rows(&query), "id"), [one]);
}
