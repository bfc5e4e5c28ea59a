//! The first page of every task list at a thousand, a hundred thousand and a million tasks: `cargo bench --bench million`,
//! or with `-- 1000 100000` for other sizes.
//!
//! The tasks are created by the functions behind the API, in large transactions. A page is read as a request reads it,
//! without HTTP. Each figure is the median of several runs. The database is in the temporary folder.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tackboard::app;
use tackboard::error::Result;
use tackboard::model::boards::BoardCreate;
use tackboard::model::context::{Actor, ActorKind, Ctx};
use tackboard::model::ids::{BoardId, LabelId, LaneId, ProjectId, TaskId, UserId, WorkspaceId};
use tackboard::model::page::{PageQuery, PageRequest};
use tackboard::model::plans::Plan;
use tackboard::model::scopes::Role;
use tackboard::model::search::Search;
use tackboard::model::task_list::{Archived, TaskFilter, TaskQuery, TaskRead};
use tackboard::model::tasks::TaskCreate;
use tackboard::store::{Conn, Db, Durability, Tx, migrate, plans, search, task_list, tasks};
use tempfile::TempDir;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
const BOARDS: usize = 20;
const PROJECTS_PER_BOARD: usize = 10;
const LANES_PER_BOARD: usize = 5;
const LABELS_PER_BOARD: usize = 5;
const MEMBERS: usize = 20;
/// Tasks per transaction while the database is filled.
const CHUNK: usize = 2_000;
const RUNS: usize = 15;
/// The indexes of tasks that only `GET /v1/tasks` reads. A trigger reads `task_updated`.
const LIST_INDEXES: [&str; 4] = [
    "task_bucket",
    "task_project",
    "task_due",
    "task_assignee_member",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("million: run it with `cargo bench --bench million`");
        return;
    }
    let sizes: Vec<usize> = arguments
        .iter()
        .filter_map(|size| size.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        SIZES.to_vec()
    } else {
        sizes
    };
    let columns: Vec<Vec<(String, Duration)>> = sizes.iter().map(|size| measure(*size)).collect();
    println!(
        "\n{:<28}{}  ratio",
        "first page, ms",
        sizes
            .iter()
            .map(|size| format!("{size:>12}"))
            .collect::<String>()
    );
    for (row, (name, smallest)) in columns[0].iter().enumerate() {
        let figures: String = columns
            .iter()
            .map(|column| format!("{:>12.3}", millis(column[row].1)))
            .collect();
        let largest = columns.last().unwrap()[row].1;
        println!(
            "{name:<28}{figures}{:>7.1}",
            millis(largest) / millis(*smallest)
        );
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// What the tasks refer to.
struct World {
    ctx: Ctx,
    members: Vec<UserId>,
    boards: Vec<BoardId>,
    projects: Vec<Vec<ProjectId>>,
    lanes: Vec<Vec<LaneId>>,
    labels: Vec<Vec<LabelId>>,
}

fn measure(size: usize) -> Vec<(String, Duration)> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tackboard.db");
    migrate::migrate(&path).unwrap();
    let (db, world, filled) = fill(&path, size);
    println!(
        "{size} tasks: created in {:.1} µs each, {} bytes each",
        filled.as_secs_f64() * 1e6,
        bytes(&path) / size as u64
    );
    println!(
        "  without the indexes of lists: {:.1} µs each",
        without_indexes(size).as_secs_f64() * 1e6
    );
    world.measure(&db)
}

/// How long a creation takes without the indexes that only lists read.
fn without_indexes(size: usize) -> Duration {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tackboard.db");
    migrate::migrate(&path).unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    for index in LIST_INDEXES {
        conn.execute_batch(&format!("DROP INDEX {index}")).unwrap();
    }
    drop(conn);
    fill(&path, size).2
}

/// Creates the tasks, and returns the time for each.
fn fill(path: &Path, size: usize) -> (Db, World, Duration) {
    let db = Db::open(path, Durability::Normal, 1).unwrap();
    let world = db.write_and_wait(World::new).unwrap();
    let started = Instant::now();
    for chunk in (0..size).step_by(CHUNK) {
        let new: Vec<_> = (chunk..size.min(chunk + CHUNK))
            .map(|n| world.task(n))
            .collect();
        let ctx = world.ctx.clone();
        let fill = move |tx: &Tx<'_>| {
            new.iter()
                .cloned()
                .try_for_each(|new| app::tasks::create(tx, &ctx, new).map(drop))
        };
        db.write_and_wait(fill).unwrap();
    }
    let filled = started.elapsed() / u32::try_from(size).unwrap();
    (db, world, filled)
}

/// The size of the database with its log.
fn bytes(path: &Path) -> u64 {
    let log = path.with_extension("db-wal");
    [path, &log]
        .iter()
        .filter_map(|file| file.metadata().ok())
        .map(|file| file.len())
        .sum()
}

impl World {
    fn new(tx: &Tx<'_>) -> Result<Self> {
        plans::put(tx, &Plan::unlimited("million"))?;
        let workspace = app::workspaces::create(tx, "Million", None, "million")?.id;
        let command = Ctx::command(workspace);
        let member = |n| {
            let user = app::users::create(tx, &format!("member{n}@example.org"), "Member")?;
            app::members::join(tx, &command, &user, Role::Member)?;
            Ok(user.id)
        };
        let members = (0..MEMBERS).map(member).collect::<Result<Vec<_>>>()?;
        let ctx = Ctx {
            actor: Actor {
                kind: ActorKind::Token,
                user_id: Some(members[0]),
                name: Some("Member".to_owned()),
                credential: Some("bench".to_owned()),
            },
            ..command
        };
        let mut world = Self {
            ctx,
            members,
            boards: Vec::new(),
            projects: Vec::new(),
            lanes: Vec::new(),
            labels: Vec::new(),
        };
        for _ in 0..BOARDS {
            world.add_board(tx)?;
        }
        Ok(world)
    }

    fn add_board(&mut self, tx: &Tx<'_>) -> Result<()> {
        let ctx = &self.ctx;
        let new: BoardCreate = parse(json!({ "name": "Board" }));
        let board = app::boards::create(tx, ctx, new)?.id;
        let project = |_| {
            Ok(app::projects::create(
                tx,
                ctx,
                parse(json!({ "boardId": board, "name": "Project" })),
            )?
            .id)
        };
        let lane = |_| Ok(app::lanes::create(tx, ctx, board, parse(json!({ "name": "Lane" })))?.id);
        let label = |n| {
            let new = json!({ "name": format!("Label {n}"), "color": "#aabbcc" });
            Ok(app::labels::create(tx, ctx, board, parse(new))?.id)
        };
        self.projects.push(
            (0..PROJECTS_PER_BOARD)
                .map(project)
                .collect::<Result<_>>()?,
        );
        self.lanes
            .push((0..LANES_PER_BOARD).map(lane).collect::<Result<_>>()?);
        self.labels
            .push((0..LABELS_PER_BOARD).map(label).collect::<Result<_>>()?);
        self.boards.push(board);
        Ok(())
    }

    /// The fields of a task: the same for the same number.
    fn task(&self, n: usize) -> TaskCreate {
        let dice = scramble(n as u64);
        let pick = |shift: u32, sides: usize| (dice >> shift) as usize % sides;
        let board = n % BOARDS;
        let day = (pick(0, 2) == 0).then(|| {
            format!(
                "202{}-{:02}-{:02}",
                4 + pick(3, 2),
                1 + pick(5, 12),
                1 + pick(9, 28)
            )
        });
        let some =
            |given: bool, id: &dyn Fn() -> String| if given { json!([id()]) } else { json!([]) };
        parse(json!({
            "projectId": self.projects[board][pick(14, PROJECTS_PER_BOARD)],
            "label": format!("Write chapter {n}{}", match n {
                n if n % 1_000 == 7 => " rarely",
                n if n % 100 == 7 => " some",
                _ => "",
            }),
            "description": "Some words that describe it",
            "status": pick(18, 3),
            "workflowLaneId": (pick(20, 3) == 0).then(|| self.lanes[board][pick(22, LANES_PER_BOARD)]),
            "assigneeIds": some(pick(26, 2) == 0, &|| self.members[pick(28, MEMBERS)].to_string()),
            "labelIds": some(pick(34, 3) == 0, &|| self.labels[board][pick(36, LABELS_PER_BOARD)].to_string()),
            "dueOn": day,
            "isArchived": pick(40, 5) == 0,
        }))
    }

    fn measure(&self, db: &Db) -> Vec<(String, Duration)> {
        let queries = [
            json!({}),
            json!({ "assignee": "me" }),
            json!({ "assignee": "none" }),
            json!({ "assignee": self.members[7] }),
            json!({ "status": "1" }),
            json!({ "status": "0,1" }),
            json!({ "label": self.labels[3][1] }),
            json!({ "board": self.boards[5] }),
            json!({ "project": self.projects[5][5] }),
            json!({ "lane": self.lanes[5][2] }),
            json!({ "lane": "none" }),
            json!({ "due_before": "2024-07-01" }),
            json!({ "due_after": "2024-07-01" }),
            json!({ "q": "chapter" }),
            json!({ "q": "some" }),
            json!({ "q": "rarely" }),
            json!({ "q": "nowhere" }),
            json!({ "archived": "true" }),
            json!({ "archived": "any" }),
            json!({ "sort": "-created_at" }),
            json!({ "sort": "updated_at" }),
            json!({ "sort": "-updated_at" }),
            json!({ "sort": "due_on" }),
            json!({ "sort": "-due_on" }),
            json!({ "sort": "due_on", "assignee": "me" }),
            json!({ "sort": "due_on", "status": "0,1" }),
            json!({ "sort": "-updated_at", "project": self.projects[5][5] }),
            json!({ "sort": "-updated_at", "board": self.boards[5] }),
            json!({ "assignee": "me", "status": "0", "due_before": "2024-07-01" }),
            json!({ "project": self.projects[5][5], "sort": "position" }),
        ];
        let mut rows: Vec<_> = queries
            .into_iter()
            .map(|query| {
                let name = query
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| {
                        let value = value.as_str().unwrap();
                        format!("{name}={}", if value.len() > 20 { "<id>" } else { value })
                    })
                    .collect::<Vec<_>>()
                    .join("&");
                let TaskRead::List(list) = parse::<TaskQuery>(query).read(self.members[0]).unwrap()
                else {
                    panic!("a list was expected");
                };
                let workspace = self.ctx.workspace;
                let time = median(|| {
                    let read = |conn: &Conn| task_list::of_workspace(conn, workspace, &list);
                    db.read(read).unwrap();
                });
                (format!("tasks?{name}"), time)
            })
            .collect();
        rows.extend(self.measure_others(db));
        rows
    }

    /// A project's list, a task, searches, opening the database, and a durable creation.
    fn measure_others(&self, db: &Db) -> Vec<(String, Duration)> {
        let workspace: WorkspaceId = self.ctx.workspace;
        let page = PageQuery {
            limit: Some(100),
            cursor: None,
        };
        let page = PageRequest::from_query(&page).unwrap();
        let (project, filter) = (self.projects[5][5], parse::<TaskFilter>(json!({})));
        let list = |conn: &Conn| task_list::of_project(conn, workspace, project, &filter, &page);
        let first: TaskId = db.read(list).unwrap().rows[0].id;
        db.write_and_wait(|tx| {
            search::request_update(tx);
            Ok(())
        })
        .unwrap();
        let find = |word| {
            let words = Search::of(word).unwrap();
            let find = |conn: &Conn| search::find(conn, workspace, &words, Archived::False, 50);
            median(|| drop(db.read_slowly(find).unwrap()))
        };
        let path = db.path();
        vec![
            (
                "project's tasks".to_owned(),
                median(|| drop(db.read(list).unwrap())),
            ),
            (
                "one task".to_owned(),
                median(|| drop(db.read(|conn| tasks::get(conn, workspace, first)).unwrap())),
            ),
            ("search for a rare word".to_owned(), find("rarely")),
            ("search for a common word".to_owned(), find("chapter")),
            (
                "search for two common words".to_owned(),
                find("write chapter"),
            ),
            ("search for a beginning".to_owned(), find("chap")),
            (
                "opening the database".to_owned(),
                median(|| drop(Db::open(path, Durability::Full, 2).unwrap())),
            ),
            (
                "creation".to_owned(),
                median(|| {
                    let (ctx, new) = (self.ctx.clone(), self.task(1));
                    db.write_and_wait(move |tx| app::tasks::create(tx, &ctx, new.clone()))
                        .unwrap();
                }),
            ),
        ]
    }
}

fn parse<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// A number whose bits look random, but are the same in every run.
fn scramble(n: u64) -> u64 {
    let mut mixed = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

fn median(mut run: impl FnMut()) -> Duration {
    run();
    let mut times: Vec<_> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}
