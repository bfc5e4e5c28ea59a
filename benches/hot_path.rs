//! Costs of the parts of a request, each compared with a minimal implementation: `cargo bench --bench hot_path`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    reason = "a benchmark that cannot go on fails"
)]

mod common;

use std::hint::black_box;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use common::{Client, RawRows, Sample, bare, create_body};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::Value;
use tackboard::config::{Given, Settings};
use tackboard::contract::Contract;
use tackboard::model::credentials::Digest;
use tackboard::model::tasks::TaskCreate;
use tackboard::server::Server;
use tackboard::store::{self, Db, Durability, db};
use tempfile::TempDir;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WORKERS: usize = 2;

criterion_main!(benches);
criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    targets = body, token, task, read, write
}

/// A new database and its folder.
fn sample() -> (TempDir, Sample) {
    let folder = TempDir::new().unwrap();
    let sample = Sample::create(&database(folder.path()), "bench", None);
    (folder, sample)
}

fn database(folder: &Path) -> std::path::PathBuf {
    folder.join("tackboard.db")
}

/// Parses a body: with serde only, and as the server does.
fn body(c: &mut Criterion) {
    let contract = Contract::get().unwrap();
    let operations = contract.path("/v1/tasks").unwrap();
    let input = operations["post"].body.as_ref().unwrap();
    let text = create_body(tackboard::model::ids::ProjectId::new()).into_bytes();
    let parsed: Value = serde_json::from_slice(&text).unwrap();

    let mut group = c.benchmark_group("TaskCreate");
    group.bench_function("serde alone", |b| {
        b.iter(|| serde_json::from_slice::<TaskCreate>(black_box(&text)).unwrap());
    });
    group.bench_function("contract alone", |b| {
        b.iter_batched_ref(
            || parsed.clone(),
            |value| input.check(value).unwrap(),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("JSON, contract, serde", |b| {
        b.iter(|| {
            let mut value: Value = serde_json::from_slice(black_box(&text)).unwrap();
            input.check(&mut value).unwrap();
            serde_json::from_value::<TaskCreate>(value).unwrap()
        });
    });
    group.finish();
}

/// Finds the caller of a token: the statement on a plain connection, and the whole check through the pool.
fn token(c: &mut Criterion) {
    let (folder, sample) = sample();
    let path = database(folder.path());
    let db = Db::open(&path, Durability::Full, WORKERS).unwrap();
    let digest = Digest::of(sample.token.as_bytes());

    let mut group = c.benchmark_group("token");
    group.bench_function("SHA-256", |b| {
        b.iter(|| Digest::of(black_box(sample.token.as_bytes())))
    });
    db::read_once::<_, tackboard::error::Error>(&path, |conn| {
        group.bench_function("one connection", |b| {
            b.iter(|| store::tokens::caller(conn, &digest).unwrap().unwrap())
        });
        Ok(())
    })
    .unwrap();
    group.bench_function("remembered, and Db::read", |b| {
        b.iter(|| {
            let find = store::tokens::caller;
            db.read(|conn| store::callers::of_secret(conn, black_box(&sample.token), find))
                .unwrap()
                .unwrap()
        });
    });
    group.finish();
}

/// Reads a task with its subtasks: the statements on a plain connection, and through the pool.
fn task(c: &mut Criterion) {
    let (folder, sample) = sample();
    let path = database(folder.path());
    let db = Db::open(&path, Durability::Full, WORKERS).unwrap();

    let mut group = c.benchmark_group("task");
    db::read_once::<_, tackboard::error::Error>(&path, |conn| {
        group.bench_function("one connection", |b| {
            b.iter(|| store::tasks::get(conn, sample.workspace, sample.task).unwrap())
        });
        Ok(())
    })
    .unwrap();
    group.bench_function("Db::read", |b| {
        b.iter(|| {
            db.read(|conn| store::tasks::get(conn, sample.workspace, sample.task))
                .unwrap()
        })
    });
    group.finish();
}

/// `GET /v1/tasks/{taskId}` over one connection, compared with a handler that only writes JSON.
fn read(c: &mut Criterion) {
    let (folder, sample) = sample();
    let path = database(folder.path());
    let task = Sample::task(&path, sample.workspace, sample.task);
    let baseline = InThread::start(move || {
        let (address, server) = bare(task, WORKERS);
        (address, server.handle(), server)
    });
    let whole = tackboard(&path);
    let request = sample.read_request();

    let mut group = c.benchmark_group("read");
    for (name, server) in [("bare actix", &baseline), ("tackboard", &whole)] {
        let mut client = Client::connect(server.address);
        group.bench_function(name, |b| b.iter(|| client.call(&request, 200)));
    }
    group.finish();
}

/// `POST /v1/tasks` over one connection, compared with one row that SQLite alone writes as durably.
fn write(c: &mut Criterion) {
    let (folder, sample) = sample();
    let mut raw = RawRows::create(folder.path());
    let whole = tackboard(&database(folder.path()));
    let request = sample.create_request();
    let mut client = Client::connect(whole.address);

    let mut group = c.benchmark_group("write");
    group.bench_function("raw SQLite", |b| b.iter(|| raw.add()));
    group.bench_function("tackboard", |b| b.iter(|| client.call(&request, 201)));
    group.finish();
}

/// A server on its own thread, stopped when dropped.
struct InThread {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl InThread {
    fn start<F: Future>(
        build: impl FnOnce() -> (SocketAddr, ServerHandle, F) + Send + 'static,
    ) -> Self {
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (address, handle, running) = build();
                tell.send((address, handle)).unwrap();
                running.await;
            });
        });
        let (address, handle) = told.recv().unwrap();
        Self {
            address,
            handle,
            thread: Some(thread),
        }
    }
}

impl Drop for InThread {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// The complete server, as `tackboard serve` builds it.
fn tackboard(database: &Path) -> InThread {
    let given = Given {
        listen: Some("127.0.0.1:0".to_owned()),
        workers: Some(WORKERS as u16),
        ..Given::default()
    };
    let folder = database.parent().unwrap().to_owned();
    let settings = Settings::new(folder, given, Given::default());
    let path = database.to_owned();
    let build = move || {
        let db = Db::open(&path, settings.durability, settings.workers).unwrap();
        let server = Server::start(settings, db).unwrap();
        (server.address(), server.handle(), server.run())
    };
    InThread::start(build)
}
