//! What sign-ins cost and reveal: `cargo bench --bench sign_in`.
//!
//! - Whether the duration tells if an address has an account: 2,000 wrong passwords each for a known and an unknown
//!   address, in turns.
//! - How long reads take while 500 wrong passwords arrive at once, next to reads alone, and how much memory that takes.
//!
//! Only the ratios say something: machines differ.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    reason = "a benchmark that cannot go on fails"
)]

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Client, Program, Sample};
use tackboard::app;
use tackboard::error::Error;
use tackboard::model::passwords::Password;
use tackboard::store::{self, db};
use tempfile::TempDir;

const TRIES: usize = 2_000;
const FLOOD: usize = 500;
const CLIENTS: usize = 100;
const KNOWN: &str = "known@example.org";
const UNKNOWN: &str = "nobody@example.org";

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("sign_in: run it with `cargo bench --bench sign_in`");
        return;
    }
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("tackboard.db");
    let sample = Sample::create(&database, "known", None);
    set_password(&database);
    // Each request claims another client, so that no limit of failures ends the measurement.
    let program = Program::start(folder.path(), &["--trusted-proxy", "127.0.0.0/8"]);
    measure_flood(&program, &sample);
    measure_durations(&program);
}

fn set_password(database: &Path) {
    let hash = Password::typed("correct horse battery".to_owned())
        .hash()
        .unwrap();
    let set = db::write_once::<_, Error>(database, |tx| {
        let user = store::users::find(tx, KNOWN)?.expect("the sample has an owner");
        app::accounts::set_password(tx, user.id, &hash, None)
    });
    set.unwrap();
}

/// A sign-in with a wrong password. Each number is another client.
fn sign_in(email: &str, number: usize) -> Vec<u8> {
    let body = format!(r#"{{"email":"{email}","password":"a wrong password"}}"#);
    format!(
        "POST /v1/session HTTP/1.1\r\nHost: bench\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: 10.{}.{}.1\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        number / 256 % 256,
        number % 256,
        body.len()
    )
    .into_bytes()
}

/// Durations in milliseconds, sorted.
struct Durations(Vec<f64>);

impl Durations {
    fn new(mut durations: Vec<f64>) -> Self {
        durations.sort_by(f64::total_cmp);
        Self(durations)
    }

    fn at(&self, part: f64) -> f64 {
        let index = (self.0.len() as f64 * part) as usize;
        self.0[index.min(self.0.len() - 1)]
    }

    /// The mean of the middle half, which few slow requests do not move, and its standard error.
    fn middle(&self) -> (f64, f64) {
        let part = &self.0[self.0.len() / 4..self.0.len() * 3 / 4];
        let count = part.len() as f64;
        let mean = part.iter().sum::<f64>() / count;
        let variance = part.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / count;
        (mean, (variance / count).sqrt())
    }
}

fn timed(client: &mut Client, request: &[u8], status: u16) -> f64 {
    let began = Instant::now();
    client.call(request, status);
    began.elapsed().as_secs_f64() * 1_000.0
}

fn measure_durations(program: &Program) {
    let mut client = Client::connect(program.address);
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 0..TRIES {
        known.push(timed(&mut client, &sign_in(KNOWN, number), 401));
        unknown.push(timed(&mut client, &sign_in(UNKNOWN, number), 401));
    }
    let (known, unknown) = (Durations::new(known), Durations::new(unknown));
    println!("\n| {TRIES} wrong passwords | p50 | p95 | mean of the middle half |");
    println!("|---|--:|--:|--:|");
    for (name, durations) in [("known address", &known), ("unknown address", &unknown)] {
        let (mean, error) = durations.middle();
        println!(
            "| {name} | {:.2} ms | {:.2} ms | {mean:.3} ± {error:.3} ms |",
            durations.at(0.5),
            durations.at(0.95)
        );
    }
    let ratio = known.middle().0 / unknown.middle().0;
    println!("\nknown / unknown: {ratio:.4}");
}

fn measure_flood(program: &Program, sample: &Sample) {
    let read = sample.read_request();
    let mut reader = Client::connect(program.address);
    // The first hash needs memory, too; then the rest of the flood adds none.
    Client::connect(program.address).call(&sign_in(KNOWN, 0), 401);
    let alone = reads(&mut reader, &read, || false);
    let (before, ended) = (program.peak_memory(), AtomicBool::new(false));
    let (wrong, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut during = None;
    std::thread::scope(|scope| {
        let flood: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (wrong, refused) = (&wrong, &refused);
                scope.spawn(move || {
                    let mut connection = Client::connect(program.address);
                    for round in 0..FLOOD / CLIENTS {
                        let number = TRIES + round * CLIENTS + client;
                        match connection.send(&sign_in(KNOWN, number)) {
                            401 => wrong.fetch_add(1, Ordering::Relaxed),
                            503 => refused.fetch_add(1, Ordering::Relaxed),
                            other => panic!("unexpected status {other}"),
                        };
                    }
                })
            })
            .collect();
        let ended = &ended;
        scope.spawn(move || {
            flood.into_iter().for_each(|one| one.join().unwrap());
            ended.store(true, Ordering::Relaxed);
        });
        during = Some(reads(&mut reader, &read, || ended.load(Ordering::Relaxed)));
    });
    let during = during.unwrap();
    println!("| reads | count | p50 | p99 |\n|---|--:|--:|--:|");
    for (name, durations) in [("alone", &alone), ("during the flood", &during)] {
        println!(
            "| {name} | {} | {:.3} ms | {:.3} ms |",
            durations.0.len(),
            durations.at(0.5),
            durations.at(0.99)
        );
    }
    println!(
        "\n{FLOOD} sign-ins at once: {} wrong, {} refused; p99 of reads × {:.2}; memory {before:.0} MiB before, at most {:.0} MiB",
        wrong.into_inner(),
        refused.into_inner(),
        during.at(0.99) / alone.at(0.99),
        program.peak_memory()
    );
}

/// Reads for at most two seconds, one after the other, as a client that works with what it reads.
fn reads(client: &mut Client, read: &[u8], is_over: impl Fn() -> bool) -> Durations {
    let (began, mut durations) = (Instant::now(), Vec::new());
    while began.elapsed() < Duration::from_secs(2) && !is_over() {
        durations.push(timed(client, read, 200));
        std::thread::sleep(Duration::from_millis(1));
    }
    Durations::new(durations)
}
