//! The throughput of the whole program, compared with the best that the machine can do at the same time: `cargo bench
//! --bench load`, or `cargo bench --bench load -- --quick` for a first impression.
//!
//! Absolute rates depend mostly on the machine. So each rate is measured alternately with its baseline, and the result
//! is the median of the ratios. Any status other than 200 or 201 ends the run. Needs `wrk`. The database is in the
//! temporary folder; set TMPDIR to measure another disk.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    reason = "a benchmark that cannot go on fails"
)]

mod common;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::{Client, RawRows, Sample, bare, create_body};
use tempfile::TempDir;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECTIONS: [u32; 4] = [1, 8, 32, 128];
/// The first argument of the child process that runs the minimal handler.
const BARE: &str = "--serve-bare";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = arguments.as_slice()
        && first == BARE
    {
        return serve_bare(rest);
    }
    let known = |argument: &&str| ["--bench", "--quick"].contains(argument);
    if let Some(unknown) = arguments
        .iter()
        .map(String::as_str)
        .find(|argument| !known(argument))
    {
        eprintln!("load: {unknown} is not known; there is only --quick");
        return ExitCode::from(2);
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("load: run it with `cargo bench --bench load`");
        return ExitCode::SUCCESS;
    }
    if Command::new("wrk").arg("-v").output().is_err() {
        eprintln!("load: wrk is not installed; on Debian: apt-get install wrk");
        return ExitCode::FAILURE;
    }
    let folder = TempDir::new().unwrap();
    end_on_signals(folder.path().to_owned());
    let quick = arguments.iter().any(|argument| argument == "--quick");
    println!("{}", Bench::new(folder, quick).run());
    ExitCode::SUCCESS
}

/// Durations and repetitions of the measurements.
struct Plan {
    seconds: u32,
    rounds: usize,
    starts: usize,
    rest: Duration,
}

struct Bench {
    plan: Plan,
    workers: usize,
    folder: TempDir,
    database: PathBuf,
    sample: Sample,
}

impl Bench {
    fn new(folder: TempDir, quick: bool) -> Self {
        let database = folder.path().join("tackboard.db");
        let plan = match quick {
            true => Plan {
                seconds: 1,
                rounds: 2,
                starts: 5,
                rest: Duration::from_secs(2),
            },
            false => Plan {
                seconds: 3,
                rounds: 5,
                starts: 15,
                rest: Duration::from_secs(10),
            },
        };
        Self {
            plan,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            sample: Sample::create(&database, "bench", None),
            folder,
            database,
        }
    }

    /// Runs all measurements and returns the results as Markdown.
    fn run(&self) -> String {
        let mut raw = RawRows::create(self.folder.path());
        let baseline = self.start_bare();
        let tackboard = self.start_tackboard();
        std::thread::sleep(Duration::from_secs(2));
        let fresh = tackboard.memory();

        let mut text = String::new();
        self.report_rates(&mut text, &baseline, &tackboard, &mut raw);
        self.report_limited(&mut text, &tackboard);
        drop(baseline);
        self.report_latency(&mut text, &tackboard);

        std::thread::sleep(self.plan.rest);
        let (rows, file) = (self.tasks(), megabytes(&self.database));
        let (after, peak) = (tackboard.memory(), tackboard.peak_memory());
        tackboard.stop();
        let _ = writeln!(
            text,
            "\n| The process | |\n|---|--:|\n\
             | Resident memory, idle after the start | {fresh:.1} MB |\n\
             | Resident memory, {} s after all that load ({rows} tasks, {file:.0} MB of database) | {after:.1} MB |\n\
             | Resident memory, the most it ever was | {peak:.1} MB |\n\
             | Start on that database, from spawn to ready (median of {}) | {:.0} ms |",
            self.plan.rest.as_secs(),
            self.plan.starts,
            self.start_time()
        );
        text
    }

    /// Reads and creations per second, for several numbers of connections.
    fn report_rates(
        &self,
        text: &mut String,
        baseline: &Server,
        tackboard: &Server,
        raw: &mut RawRows,
    ) {
        let mut reads = vec![Pair::default(); CONNECTIONS.len()];
        let mut writes = vec![Pair::default(); CONNECTIONS.len()];
        let mut durable = vec![Pair::default(); CONNECTIONS.len()];
        let mut raws = Vec::new();
        for server in [baseline, tackboard] {
            self.read(server, &self.sample, 8, 1);
            self.create(server, 8, 1);
        }
        let seconds = self.plan.seconds;
        for round in 1..=self.plan.rounds {
            for (at, connections) in CONNECTIONS.into_iter().enumerate() {
                eprintln!("round {round}, {connections} connections");
                reads[at].push(
                    self.read(baseline, &self.sample, connections, seconds).rate,
                    self.read(tackboard, &self.sample, connections, seconds)
                        .rate,
                );
                let one_by_one = raw.rate(Duration::from_secs(1));
                let created = self.create(tackboard, connections, seconds).rate;
                writes[at].push(self.create(baseline, connections, seconds).rate, created);
                durable[at].push(one_by_one, created);
                raws.push(one_by_one);
            }
        }
        text.push_str(
            "\n| Requests a second | bare actix handler | tackboard | ratio |\n|---|--:|--:|--:|\n",
        );
        for (name, pairs) in [
            ("GET /v1/tasks/{taskId}", &reads),
            ("POST /v1/tasks", &writes),
        ] {
            for (connections, pair) in CONNECTIONS.iter().zip(pairs) {
                let _ = writeln!(
                    text,
                    "| `{name}`, {connections} connections | {:.0} | {:.0} | {:.2} |",
                    median(&pair.baseline),
                    median(&pair.measured),
                    pair.ratio()
                );
            }
        }
        let _ = writeln!(
            text,
            "\n| Durable writes a second | SQLite alone, one row a transaction | tackboard, tasks created | ratio |\n|---|--:|--:|--:|"
        );
        for (connections, pair) in CONNECTIONS.iter().zip(&durable) {
            let _ = writeln!(
                text,
                "| {connections} connections | {:.0} | {:.0} | {:.1} |",
                median(&raws),
                median(&pair.measured),
                pair.ratio()
            );
        }
    }

    /// Reads on a plan with a monthly quota, compared with a plan without one.
    fn report_limited(&self, text: &mut String, tackboard: &Server) {
        let limited = Sample::create(&self.database, "limited", Some(1_000_000_000));
        let mut pair = Pair::default();
        for _ in 0..self.plan.rounds {
            pair.push(
                self.read(tackboard, &self.sample, 32, self.plan.seconds)
                    .rate,
                self.read(tackboard, &limited, 32, self.plan.seconds).rate,
            );
        }
        let _ = writeln!(
            text,
            "\n| Reads a second, 32 connections | plan without a limit | plan with a monthly limit | ratio |\n|---|--:|--:|--:|\n\
             | `GET /v1/tasks/{{taskId}}` | {:.0} | {:.0} | {:.2} |",
            median(&pair.baseline),
            median(&pair.measured),
            pair.ratio()
        );
    }

    /// Latency of single reads: without other load, with a steady stream of creations, and with as many creations as
    /// possible.
    fn report_latency(&self, text: &mut String, tackboard: &Server) {
        let (mut alone, mut steady, mut writes, mut flood) = (
            Times::default(),
            Times::default(),
            Times::default(),
            Times::default(),
        );
        let time = Duration::from_secs(self.plan.seconds.into());
        for _ in 0..self.plan.rounds {
            alone.extend(self.single_reads(tackboard, time));
            let stop = AtomicBool::new(false);
            std::thread::scope(|scope| {
                let stream: Vec<_> = (0..4)
                    .map(|_| scope.spawn(|| self.paced_writes(tackboard, &stop)))
                    .collect();
                steady.extend(self.single_reads(tackboard, time));
                stop.store(true, Ordering::Relaxed);
                for thread in stream {
                    writes.extend(thread.join().unwrap());
                }
            });
            std::thread::scope(|scope| {
                let load = scope.spawn(|| self.create(tackboard, 32, self.plan.seconds + 1));
                std::thread::sleep(Duration::from_millis(500));
                flood.extend(self.single_reads(tackboard, time));
                load.join().unwrap();
            });
        }
        text.push_str("\n| Time of one call, ms | p50 | p99 | longest |\n|---|--:|--:|--:|\n");
        let rate = writes.0.len() as f64 / (time.as_secs_f64() * self.plan.rounds as f64);
        for (name, times) in [
            ("Reads alone".to_owned(), &mut alone),
            (
                format!("Reads beside {rate:.0} creations a second"),
                &mut steady,
            ),
            (
                "Reads beside as many creations as 32 connections make".to_owned(),
                &mut flood,
            ),
            (
                format!("The {rate:.0} creations a second themselves"),
                &mut writes,
            ),
        ] {
            let _ = writeln!(
                text,
                "| {name} | {:.2} | {:.2} | {:.2} |",
                times.at(0.5),
                times.at(0.99),
                times.at(1.0)
            );
        }
    }

    /// Sends one read after the other.
    fn single_reads(&self, server: &Server, time: Duration) -> Vec<f64> {
        let mut client = Client::connect(server.address);
        let (request, started) = (self.sample.read_request(), Instant::now());
        let mut times = Vec::new();
        while started.elapsed() < time {
            times.push(timed(|| client.call(&request, 200)));
        }
        times
    }

    /// Sends a creation every twenty milliseconds.
    fn paced_writes(&self, server: &Server, stop: &AtomicBool) -> Vec<f64> {
        let mut client = Client::connect(server.address);
        let request = self.sample.create_request();
        let (mut times, mut next) = (Vec::new(), Instant::now());
        while !stop.load(Ordering::Relaxed) {
            times.push(timed(|| client.call(&request, 201)));
            next = (next + Duration::from_millis(20)).max(Instant::now());
            std::thread::sleep(next - Instant::now());
        }
        times
    }

    /// Milliseconds from the start of the process to its "ready" line, with the database that the load has filled.
    fn start_time(&self) -> f64 {
        let mut times = Vec::new();
        for _ in 0..self.plan.starts {
            let started = Instant::now();
            let server = self.start_tackboard();
            times.push(started.elapsed().as_secs_f64() * 1e3);
            server.stop();
        }
        median(&times)
    }

    fn read(&self, server: &Server, sample: &Sample, connections: u32, seconds: u32) -> Wrk {
        let path = format!("/v1/tasks/{}", sample.task);
        wrk(
            self.folder.path(),
            server,
            &path,
            &sample.token,
            None,
            connections,
            seconds,
        )
    }

    /// Creates tasks in a new project, and checks that each acknowledged task is in the database.
    fn create(&self, server: &Server, connections: u32, seconds: u32) -> Wrk {
        let before = self.tasks();
        let body = create_body(self.sample.new_project(&self.database));
        let done = wrk(
            self.folder.path(),
            server,
            "/v1/tasks",
            &self.sample.token,
            Some(&body),
            connections,
            seconds,
        );
        let there = self.tasks() - before;
        assert!(
            server.name == BARE || there >= done.requests,
            "{} creations were answered, {there} are in the database",
            done.requests
        );
        done
    }

    /// Counts the tasks in the database.
    fn tasks(&self) -> u64 {
        let conn = rusqlite::Connection::open(&self.database).unwrap();
        conn.busy_timeout(Duration::from_secs(10)).unwrap();
        conn.query_row("SELECT sum(tasks) FROM workspace_count", (), |row| {
            row.get(0)
        })
        .unwrap()
    }

    fn start_bare(&self) -> Server {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([BARE, &self.workers.to_string()])
            .arg(&self.database)
            .args([
                self.sample.workspace.to_string(),
                self.sample.task.to_string(),
            ]);
        Server::start(BARE, command, self.folder.path())
    }

    fn start_tackboard(&self) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tackboard"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--durability", "full"])
            .args(["--workers", &self.workers.to_string(), "--data"])
            .arg(self.folder.path());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TACKBOARD_") {
                command.env_remove(name);
            }
        }
        Server::start("tackboard", command, self.folder.path())
    }
}

/// Runs the minimal handler in this child process. Arguments: workers, database, workspace, task.
fn serve_bare(arguments: &[String]) -> ExitCode {
    let [workers, database, workspace, task] = arguments else {
        return ExitCode::from(2);
    };
    let task = Sample::task(
        Path::new(database),
        workspace.parse().unwrap(),
        task.parse().unwrap(),
    );
    let workers = workers.parse().unwrap();
    actix_web::rt::System::new().block_on(async move {
        let (address, server) = bare(task, workers);
        println!("bare ready at http://{address}");
        server.await.unwrap();
    });
    ExitCode::SUCCESS
}

/// Rates of two servers, measured alternately.
#[derive(Clone, Default)]
struct Pair {
    baseline: Vec<f64>,
    measured: Vec<f64>,
}

impl Pair {
    fn push(&mut self, baseline: f64, measured: f64) {
        self.baseline.push(baseline);
        self.measured.push(measured);
    }

    /// The median of the ratios per round. A disturbance of the machine affects both sides of a round.
    fn ratio(&self) -> f64 {
        let ratios = self.measured.iter().zip(&self.baseline).map(|(m, b)| m / b);
        median(&ratios.collect::<Vec<_>>())
    }
}

/// Times in milliseconds.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn extend(&mut self, times: Vec<f64>) {
        self.0.extend(times);
    }

    fn at(&mut self, part: f64) -> f64 {
        self.0.sort_by(f64::total_cmp);
        self.0[((self.0.len() - 1) as f64 * part).round() as usize]
    }
}

fn median(values: &[f64]) -> f64 {
    Times(values.to_vec()).at(0.5)
}

fn timed(call: impl FnOnce()) -> f64 {
    let started = Instant::now();
    call();
    started.elapsed().as_secs_f64() * 1e3
}

fn megabytes(file: &Path) -> f64 {
    std::fs::metadata(file).unwrap().len() as f64 / 1e6
}

/// The result of one run of wrk.
struct Wrk {
    requests: u64,
    rate: f64,
}

/// Prints the results in a form that this program parses, after wrk's own summary.
const DONE: &str = r#"
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("FIGURES %d %d %d\n", summary.requests, summary.duration,
                         e.connect + e.read + e.write + e.status + e.timeout))
end
"#;

/// Sends the same request repeatedly. Panics if any response is not as expected.
fn wrk(
    folder: &Path,
    server: &Server,
    path: &str,
    token: &str,
    body: Option<&str>,
    connections: u32,
    seconds: u32,
) -> Wrk {
    let url = format!("http://{}{path}", server.address);
    let mut script = format!("wrk.headers[\"Authorization\"] = \"Bearer {token}\"\n{DONE}");
    if let Some(body) = body {
        let _ = write!(
            script,
            "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = [[{body}]]\n"
        );
    }
    let script_path = folder.join("wrk.lua");
    std::fs::write(&script_path, script).unwrap();
    let mut command = Command::new("wrk");
    command
        .args(["--threads", "1", "--timeout", "10s", "--connections"])
        .arg(connections.to_string())
        .args(["--duration", &format!("{seconds}s"), "--script"])
        .arg(script_path)
        .arg(url)
        .stdout(Stdio::piped());
    let mut process = Process::spawn(command);
    let mut text = String::new();
    let mut out = process.child.stdout.take().unwrap();
    out.read_to_string(&mut text).unwrap();
    let status = process.child.wait().unwrap();
    let figures: Vec<u64> = text
        .lines()
        .find_map(|line| line.strip_prefix("FIGURES "))
        .map(|line| {
            line.split(' ')
                .map(|figure| figure.parse().unwrap())
                .collect()
        })
        .unwrap_or_default();
    match figures.as_slice() {
        [requests, micros, 0] if status.success() && *requests > 0 => Wrk {
            requests: *requests,
            rate: *requests as f64 * 1e6 / *micros as f64,
        },
        _ => panic!(
            "{}: answers that are not 200 or 201, or none:\n{text}{}",
            server.name,
            server.log()
        ),
    }
}

/// A child process that listens.
struct Server {
    name: &'static str,
    address: SocketAddr,
    process: Process,
    log: PathBuf,
}

impl Server {
    /// Starts the process and waits until it is ready.
    fn start(name: &'static str, mut command: Command, folder: &Path) -> Self {
        let log = folder.join(format!("{}.log", name.trim_matches('-')));
        command
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap());
        let mut process = Process::spawn(command);
        let out = BufReader::new(process.child.stdout.take().unwrap());
        let ready = out.lines().map_while(Result::ok).find_map(|line| {
            let (_, address) = line.split_once(" ready at http://")?;
            address.parse().ok()
        });
        let Some(address) = ready else {
            panic!(
                "{name} did not start:\n{}",
                std::fs::read_to_string(&log).unwrap()
            );
        };
        Self {
            name,
            address,
            process,
            log,
        }
    }

    /// Resident memory in megabytes.
    fn memory(&self) -> f64 {
        self.status("VmRSS:")
    }

    fn peak_memory(&self) -> f64 {
        self.status("VmHWM:")
    }

    fn status(&self, key: &str) -> f64 {
        let path = format!("/proc/{}/status", self.process.child.id());
        let text = std::fs::read_to_string(path).expect("memory is read from /proc");
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .unwrap();
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        kibibytes * 1024.0 / 1e6
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }

    /// Stops the process with a signal and waits for its end.
    fn stop(mut self) {
        let id = self.process.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        let ended = self.process.child.wait().unwrap();
        assert!(
            told.success() && ended.success(),
            "{} ended badly:\n{}",
            self.name,
            self.log()
        );
    }
}

/// A child process that ends with this program at the latest.
struct Process {
    child: Child,
}

/// The ids of all child processes.
fn running() -> MutexGuard<'static, Vec<u32>> {
    static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Process {
    fn spawn(mut command: Command) -> Self {
        let mut running = running();
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        running.push(child.id());
        Self { child }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let mut running = running();
        let _ = self.child.kill();
        let _ = self.child.wait();
        running.retain(|id| *id != self.child.id());
    }
}

/// On Ctrl-C nothing is dropped, so the child processes and the folder are cleaned up here.
fn end_on_signals(folder: PathBuf) {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async {
        let mut interrupt = signal(SignalKind::interrupt()).unwrap();
        let mut terminate = signal(SignalKind::terminate()).unwrap();
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(wait);
        let running = running();
        for id in running.iter() {
            let _ = Command::new("kill")
                .args(["-KILL", &id.to_string()])
                .status();
        }
        let _ = std::fs::remove_dir_all(folder);
        std::process::exit(130);
    });
}
