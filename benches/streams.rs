//! The delay of live events: `cargo bench --bench streams`. 100 clients follow one workspace. Each round creates a task and
//! measures, from the response to the creation, when each client has the event. The same is done with a minimal server that
//! passes the body of a POST on to 100 open responses. Only the ratio says something: machines differ.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    reason = "a benchmark that cannot go on fails"
)]

mod common;

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use common::Sample;
use futures_util::stream;
use tackboard::config::{Given, Settings};
use tackboard::error::Error;
use tackboard::server::Server;
use tackboard::store::Db;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const LISTENERS: usize = 100;
const WORKERS: usize = 2;
const ROUNDS: usize = 300;
/// Rounds before the measurement begins.
const WARM_UP: usize = 20;
const REPEATS: usize = 5;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("streams: run it with `cargo bench --bench streams`");
        return;
    }
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("tackboard.db");
    let sample = Sample::create(&database, "bench", None);
    let tackboard = Target {
        address: start_tackboard(&folder),
        follow: format!(
            "GET /v1/events/stream HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n",
            sample.token
        ),
        create: sample.create_request(),
    };
    let bare = Target {
        address: start_bare(),
        follow: "GET /events HTTP/1.1\r\nHost: bench\r\n\r\n".to_owned(),
        create: bare_request(),
    };
    println!("| round | bare p50 | bare p95 | Tackboard p50 | Tackboard p95 | ratio of p95 |");
    println!("|---|--:|--:|--:|--:|--:|");
    for round in 1..=REPEATS {
        let (least, ours) = (bare.delays(), tackboard.delays());
        println!(
            "| {round} | {:.0} µs | {:.0} µs | {:.0} µs | {:.0} µs | {:.2} |",
            least.at(0.5),
            least.at(0.95),
            ours.at(0.5),
            ours.at(0.95),
            ours.at(0.95) / least.at(0.95)
        );
    }
    std::process::exit(0);
}

/// A server and what to send to it.
struct Target {
    address: SocketAddr,
    follow: String,
    create: Vec<u8>,
}

/// Sorted delays in microseconds.
struct Delays(Vec<f64>);

impl Delays {
    fn at(&self, part: f64) -> f64 {
        self.0[(self.0.len() as f64 * part) as usize]
    }
}

impl Target {
    fn delays(&self) -> Delays {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let mut delays = runtime.unwrap().block_on(self.measure());
        delays.sort_by(f64::total_cmp);
        Delays(delays)
    }

    async fn measure(&self) -> Vec<f64> {
        let (send, mut receipts) = unbounded_channel();
        let mut listeners = tokio::task::JoinSet::new();
        for _ in 0..LISTENERS {
            let mut stream = self.connect().await;
            stream.write_all(self.follow.as_bytes()).await.unwrap();
            listeners.spawn(listen(stream, send.clone()));
        }
        // The first receipt of each is the beginning of its response.
        for _ in 0..LISTENERS {
            receipts.recv().await.unwrap();
        }
        let mut creator = self.connect().await;
        let mut delays = Vec::new();
        for round in 0..WARM_UP + ROUNDS {
            creator.write_all(&self.create).await.unwrap();
            let mut response = [0; 4096];
            let length = creator.read(&mut response).await.unwrap();
            assert!(response[..length].starts_with(b"HTTP/1.1 201"));
            let responded = Instant::now();
            for _ in 0..LISTENERS {
                let received: Instant = receipts.recv().await.unwrap();
                let delay = received.saturating_duration_since(responded);
                if round >= WARM_UP {
                    delays.push(delay.as_secs_f64() * 1e6);
                }
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        delays
    }

    async fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }
}

/// Reports when the response begins, and when each event arrives.
async fn listen(mut stream: TcpStream, receipts: UnboundedSender<Instant>) {
    let mut part = [0; 16 << 10];
    let mut has_begun = false;
    while let Ok(length @ 1..) = stream.read(&mut part).await {
        let is_event = part[..length].windows(6).any(|window| window == b"data: ");
        if is_event || !std::mem::replace(&mut has_begun, true) {
            let _ = receipts.send(Instant::now());
        }
    }
}

fn start_tackboard(folder: &TempDir) -> SocketAddr {
    let path = folder.path().to_owned();
    run(move || {
        let given = Given {
            listen: Some("127.0.0.1:0".to_owned()),
            workers: Some(WORKERS as u16),
            ..Given::default()
        };
        let settings = Settings::new(path.clone(), given, Given::default());
        let database = path.join("tackboard.db");
        let db = Db::open(&database, settings.durability, settings.workers)?;
        let server = Server::start(settings, db).unwrap();
        Ok((server.address(), server.run()))
    })
}

/// The open responses of the minimal server.
type Open = Arc<Mutex<Vec<UnboundedSender<Bytes>>>>;

fn start_bare() -> SocketAddr {
    run(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let open = web::Data::new(Open::default());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(open.clone())
                .route("/events", web::get().to(bare_events))
                .route("/events", web::post().to(bare_create))
        });
        let server = server.workers(WORKERS).disable_signals();
        let running = server.listen(listener).unwrap().run();
        Ok((address, async {
            running.await.unwrap();
            Ok(())
        }))
    })
}

async fn bare_events(open: web::Data<Open>) -> HttpResponse {
    let (send, receive) = unbounded_channel();
    send.send(Bytes::from_static(b": connected\n\n")).unwrap();
    open.lock().unwrap().push(send);
    let body = stream::unfold(receive, async |mut receive: UnboundedReceiver<Bytes>| {
        let bytes = receive.recv().await?;
        Some((Ok::<_, Error>(bytes), receive))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(body)
}

async fn bare_create(open: web::Data<Open>, body: Bytes) -> HttpResponse {
    open.lock()
        .unwrap()
        .retain(|listener| listener.send(body.clone()).is_ok());
    HttpResponse::Created().body("{}")
}

/// A POST with an event of the usual size.
fn bare_request() -> Vec<u8> {
    let event = format!("id: 1\nevent: task.created\ndata: {}\n\n", "x".repeat(900));
    let length = event.len();
    format!("POST /events HTTP/1.1\r\nHost: bench\r\nContent-Length: {length}\r\n\r\n{event}")
        .into_bytes()
}

/// Runs a server on a thread of its own, until the process ends.
fn run<F>(
    start: impl FnOnce() -> tackboard::error::Result<(SocketAddr, F)> + Send + 'static,
) -> SocketAddr
where
    F: Future<Output = tackboard::error::Result<()>>,
{
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let (address, running) = start().unwrap();
            send.send(address).unwrap();
            running.await.unwrap();
        });
    });
    receive.recv().unwrap()
}
