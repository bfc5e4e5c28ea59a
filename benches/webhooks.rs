//! The delivery of events to webhooks: `cargo bench --bench webhooks`, or `cargo bench --bench webhooks -- --quick` for
//! a first impression.
//!
//! The program runs in a process of its own, the endpoints in this one. Measured are the deliveries per second while
//! changes come in, the time from a commit to its arrival, and how much others suffer from an endpoint that hangs, one
//! that is slow and one that closes its connections. The database is in the temporary folder; set TMPDIR to measure
//! another disk.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    reason = "a benchmark that cannot go on fails"
)]

mod common;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{Client, Program, Sample};
use tackboard::app;
use tackboard::error::Error;
use tackboard::model::context::Ctx;
use tackboard::model::webhooks::WebhookCreate;
use tackboard::store::db;
use tempfile::TempDir;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Endpoints that receive everything.
const ENDPOINTS: usize = 20;
/// How often the latency is measured alone and beside bad endpoints, in turns. Single rounds differ by more than the aim of 10 %, so
/// there are many short ones.
const ROUNDS: usize = 15;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("webhooks: run it with `cargo bench --bench webhooks`");
        return ExitCode::SUCCESS;
    }
    let seconds = match arguments.iter().any(|argument| argument == "--quick") {
        true => 3,
        false => 15,
    };
    measure_rate(seconds);
    measure_latency(seconds / 3);
    ExitCode::SUCCESS
}

/// Deliveries per second to many endpoints, while as many changes come in as deliveries go out per endpoint.
fn measure_rate(seconds: u64) {
    for (name, endpoints) in [
        ("one endpoint per event", 1),
        ("20 endpoints per event", ENDPOINTS),
    ] {
        let bench = Bench::start();
        let sink = Sink::start();
        // With one endpoint per event, each of 20 workspaces has one webhook.
        let workspaces = ENDPOINTS / endpoints;
        let samples: Vec<_> = (0..workspaces)
            .map(|n| bench.sample(&format!("rate{n}")))
            .collect();
        for sample in &samples {
            for n in 0..endpoints {
                bench.webhook(sample, &sink.url(&format!("/{n}")));
            }
        }
        std::thread::sleep(Duration::from_secs(1));
        let before = sink.count();
        let began = Instant::now();
        let created = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (samples, created, address) = (&samples, &created, bench.program.address);
                scope.spawn(move || {
                    let mut client = Client::connect(address);
                    for n in thread.. {
                        if began.elapsed() > Duration::from_secs(seconds) {
                            return;
                        }
                        client.call(&samples[n % samples.len()].create_request(), 201);
                        created.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let took = began.elapsed().as_secs_f64();
        let (made, arrived) = (created.load(Ordering::Relaxed), sink.count() - before);
        println!(
            "{name}: {:.0} deliveries/s while {:.0} changes/s came in",
            arrived as f64 / took,
            made as f64 / took
        );
        let expected = before + made * endpoints;
        let drained = Instant::now();
        while sink.count() < expected && drained.elapsed() < Duration::from_secs(120) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let rest = expected.saturating_sub(before + arrived);
        println!(
            "  then {:.0}/s for the rest of {rest}; {} of {} arrived",
            rest as f64 / drained.elapsed().as_secs_f64(),
            sink.count(),
            expected
        );
    }
}

/// The time from the response to a change until its event has arrived, alone and beside bad endpoints. Two programs take turns,
/// so that both meet the same disturbances by others.
fn measure_latency(seconds: u64) {
    let (alone, beside) = (Listener::start(), Listener::start());
    alone.bench.program.pause();
    let bad = beside.bench.sample("bad");
    for path in ["/hang", "/hang", "/slow", "/close"] {
        for sample in [&bad, &beside.sample] {
            beside.bench.webhook(sample, &beside.sink.url(path));
        }
    }
    beside.bench.add_backlog(&bad);
    let mut rounds: Vec<(Vec<f64>, Vec<f64>)> = (0..ROUNDS)
        .map(|_| {
            let without = alone.measure_while_paused(&beside, seconds);
            (without, beside.measure_while_paused(&alone, seconds))
        })
        .collect();
    rounds.sort_by(|a, b| f64::total_cmp(&change_of_p95(a), &change_of_p95(b)));
    let (without, with) = &rounds[ROUNDS / 2];
    report("500 changes/s, alone", without);
    report(
        "500 changes/s, beside endpoints that hang, are slow or close, a million events behind, with 100,000 due retries",
        with,
    );
    let changes: Vec<_> = rounds
        .iter()
        .map(|round| format!("{:+.0}", change_of_p95(round) * 100.0))
        .collect();
    println!(
        "  p95 changes by {} % (median) in {ROUNDS} rounds: {}",
        changes[ROUNDS / 2],
        changes.join(", ")
    );
}

fn change_of_p95((without, with): &(Vec<f64>, Vec<f64>)) -> f64 {
    percentile(with, 95) / percentile(without, 95) - 1.0
}

/// A program with an endpoint that accepts everything.
struct Listener {
    bench: Bench,
    sink: Sink,
    sample: Sample,
}

impl Listener {
    fn start() -> Self {
        let (bench, sink) = (Bench::start(), Sink::start());
        let sample = bench.sample("good");
        bench.webhook(&sample, &sink.url("/good"));
        Self {
            bench,
            sink,
            sample,
        }
    }

    fn measure_while_paused(&self, other: &Self, seconds: u64) -> Vec<f64> {
        other.bench.program.pause();
        self.bench.program.resume();
        // What was due meanwhile is done first.
        std::thread::sleep(Duration::from_secs(5));
        arrival_times(&self.bench, &self.sample, &self.sink, seconds)
    }
}

/// Makes 500 changes per second and returns the times to their arrival in milliseconds, sorted.
fn arrival_times(bench: &Bench, sample: &Sample, sink: &Sink, seconds: u64) -> Vec<f64> {
    let sent = Mutex::new(HashMap::new());
    let began = Instant::now();
    let count = 500 * seconds as usize;
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (sent, next) = (&sent, &next);
            scope.spawn(move || {
                let mut client = Client::connect(bench.program.address);
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return;
                    }
                    let at = began + Duration::from_micros(2_000 * n as u64);
                    std::thread::sleep(at.saturating_duration_since(Instant::now()));
                    let id = client.create(sample);
                    sent.lock().unwrap().insert(id, Instant::now());
                }
            });
        }
    });
    std::thread::sleep(Duration::from_secs(2));
    let arrived = sink.arrived();
    let sent = sent.into_inner().unwrap();
    let mut times: Vec<_> = sent
        .iter()
        .filter_map(|(id, at)| {
            let arrival: &Instant = arrived.get(id)?;
            Some(arrival.saturating_duration_since(*at).as_secs_f64() * 1_000.0)
        })
        .collect();
    assert_eq!(times.len(), sent.len(), "every event arrives");
    times.sort_by(f64::total_cmp);
    times
}

fn report(name: &str, times: &[f64]) {
    println!(
        "{name}: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        percentile(times, 50),
        percentile(times, 95),
        percentile(times, 99)
    );
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// The program, with an empty database.
struct Bench {
    _folder: TempDir,
    database: PathBuf,
    program: Program,
}

impl Bench {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let database = folder.path().join("tackboard.db");
        Sample::create(&database, "first", None);
        let program = Program::start(folder.path(), &["--webhook-allow", "127.0.0.1"]);
        Self {
            _folder: folder,
            database,
            program,
        }
    }

    fn sample(&self, name: &str) -> Sample {
        Sample::create(&self.database, name, None)
    }

    fn webhook(&self, sample: &Sample, url: &str) {
        let webhook = serde_json::from_value(serde_json::json!({
            "name": "Bench", "url": url, "events": ["task.created"]
        }));
        let webhook: WebhookCreate = webhook.unwrap();
        let allowed =
            tackboard::model::addresses::AllowList::new(vec!["127.0.0.1".parse().unwrap()]);
        let made = db::write_once::<_, Error>(Path::new(&self.database), |tx| {
            app::webhooks::create(tx, &Ctx::command(sample.workspace), webhook, &allowed).map(drop)
        });
        made.unwrap();
    }
}

impl Bench {
    /// Puts the webhooks of a workspace a million events behind, and makes 100,000 retries due for each of them.
    fn add_backlog(&self, sample: &Sample) {
        let conn = rusqlite::Connection::open(&self.database).unwrap();
        conn.busy_timeout(Duration::from_secs(60)).unwrap();
        let workspace = format!("x'{}'", sample.workspace.to_string().replace('-', ""));
        let numbers = |most: u32| {
            format!(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})"
            )
        };
        let now = "unixepoch() * 1000";
        // Few rows per transaction, so that the server can write in between.
        for part in 0..100 {
            let event = format!(
                "SELECT workspace_id, latest + i, unhex(printf('%012x70008000%012x', {now}, latest + i)), 'task.created', {now}, 'system', '{{}}' FROM journal_state, n
                  WHERE workspace_id = {workspace}"
            );
            let delivery = format!(
                "SELECT workspace_id, unhex(printf('%012x7%03x8000%012x', {now}, w.seq, {part} * 1000 + i)), id,
                        unhex(printf('%012x70008000%012x', {now}, {part} * 1000 + i)), {part} * 1000 + i, 'task.created', 'event',
                        'pending', 1, {now}, {now} FROM webhook w, n WHERE workspace_id = {workspace}"
            );
            conn.execute_batch(&format!(
                "BEGIN IMMEDIATE;
                 {} INSERT INTO event (workspace_id, sequence, id, type, created_at, actor_kind, data) {event};
                 {} INSERT INTO webhook_delivery (workspace_id, id, webhook_id, event_id, sequence, event, cause, status,
                                                  attempts, due_at, created_at) {delivery};
                 COMMIT;",
                numbers(10_000),
                numbers(1_000)
            ))
            .unwrap();
        }
    }
}

/// Endpoints, told apart by their paths: `/hang`, `/slow`, `/close`, and others that accept everything.
#[derive(Clone)]
struct Sink {
    port: u16,
    count: Arc<AtomicUsize>,
    arrived: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Sink {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            count: Arc::default(),
            arrived: Arc::default(),
        };
        let same = sink.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sink = same.clone();
                std::thread::spawn(move || sink.serve(stream));
            }
        });
        sink
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// When the events about each task arrived at `/good`.
    fn arrived(&self) -> HashMap<String, Instant> {
        self.arrived.lock().unwrap().clone()
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut received = Vec::new();
        let mut chunk = [0; 16 << 10];
        loop {
            let end = loop {
                if let Some(end) = request_end(&received) {
                    break end;
                }
                let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
                received.extend_from_slice(&chunk[..read]);
            };
            if received.starts_with(b"POST /good") {
                let body = String::from_utf8_lossy(&received[..end]).into_owned();
                let (_, rest) = body.split_once("\"task_id\":\"")?;
                let task = rest.get(..36)?.to_owned();
                self.arrived.lock().unwrap().insert(task, Instant::now());
            } else if received.starts_with(b"POST /hang") {
                let _ = stream.read(&mut chunk);
                return None;
            } else if received.starts_with(b"POST /slow") {
                std::thread::sleep(Duration::from_secs(14));
            } else if received.starts_with(b"POST /close") {
                return None;
            }
            self.count.fetch_add(1, Ordering::Relaxed);
            received.drain(..end);
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .ok()?;
        }
    }
}

/// Where the first request of these bytes ends, if it is complete.
fn request_end(received: &[u8]) -> Option<usize> {
    let head = received.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&received[..head])
        .ok()?
        .to_ascii_lowercase();
    let (_, rest) = text.split_once("content-length: ")?;
    let length: usize = rest.lines().next()?.trim().parse().ok()?;
    Some(head + length).filter(|end| *end <= received.len())
}
