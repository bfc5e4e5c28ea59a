//! An endpoint that follows a test's script.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// The endpoint's reaction to a delivery.
#[derive(Clone, Debug)]
pub enum Reaction {
    /// A response with this status and an empty body.
    Status(u16),
    /// These bytes instead of a response; the connection stays open.
    Raw(Vec<u8>),
    /// Closes the connection.
    Close,
    /// Does not respond.
    Hang,
    /// Responds with 200 after this time.
    Slow(Duration),
}

/// Chooses the reaction to a delivery. The number counts the deliveries to its path, from 0.
type Script = dyn Fn(&Delivery, usize) -> Reaction + Send + Sync;

/// A delivery as it arrived.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Delivery {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn sequence(&self) -> i64 {
        self.json()["sequence"].as_i64().unwrap()
    }

    /// The headers as the Standard Webhooks library takes them.
    pub fn verify(&self, secret: &str) -> Result<(), String> {
        let mut headers = ureq::http::HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, self.header(name).parse().unwrap());
        }
        let webhook = standardwebhooks::Webhook::new(secret).unwrap();
        let verified = webhook.verify(self.body.as_bytes(), &headers);
        verified.map_err(|cause| cause.to_string())
    }
}

#[derive(Default)]
struct Seen {
    deliveries: Vec<Delivery>,
    connections: usize,
    in_flight: usize,
    most_in_flight: usize,
}

/// A running endpoint.
#[derive(Clone)]
pub struct Sink {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Sink {
    pub fn start(script: impl Fn(&Delivery, usize) -> Reaction + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
        };
        let (same, script): (_, Arc<Script>) = (sink.clone(), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (sink, script) = (same.clone(), Arc::clone(&script));
                sink.seen.lock().unwrap().connections += 1;
                // A client that disconnects ends its thread with an error.
                std::thread::spawn(move || sink.serve(stream, &*script));
            }
        });
        sink
    }

    /// An endpoint that accepts every delivery.
    pub fn usual() -> Self {
        Self::start(|_, _| Reaction::Status(200))
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The deliveries to a path, in the order of their arrival.
    pub fn deliveries(&self, path: &str) -> Vec<Delivery> {
        let seen = self.seen.lock().unwrap();
        let here = seen.deliveries.iter().filter(|one| one.path == path);
        here.cloned().collect()
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// How many deliveries were in flight at once.
    pub fn most_in_flight(&self) -> usize {
        self.seen.lock().unwrap().most_in_flight
    }

    fn serve(&self, mut stream: TcpStream, script: &Script) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?);
        while let Some(delivery) = read(&mut lines)? {
            let nth = self.note(&delivery);
            let reaction = script(&delivery, nth);
            match reaction {
                Reaction::Status(status) => respond(&mut stream, status, self)?,
                Reaction::Raw(bytes) => {
                    self.seen.lock().unwrap().in_flight -= 1;
                    stream.write_all(&bytes)?;
                }
                Reaction::Close => {
                    self.seen.lock().unwrap().in_flight -= 1;
                    return Ok(());
                }
                Reaction::Hang => {
                    // Until the client gives up.
                    let _ = stream.read(&mut [0; 1]);
                    self.seen.lock().unwrap().in_flight -= 1;
                    return Ok(());
                }
                Reaction::Slow(time) => {
                    std::thread::sleep(time);
                    respond(&mut stream, 200, self)?;
                }
            }
        }
        Ok(())
    }

    fn note(&self, delivery: &Delivery) -> usize {
        let mut seen = self.seen.lock().unwrap();
        seen.in_flight += 1;
        seen.most_in_flight = seen.most_in_flight.max(seen.in_flight);
        let before = seen
            .deliveries
            .iter()
            .filter(|one| one.path == delivery.path);
        let nth = before.count();
        seen.deliveries.push(delivery.clone());
        nth
    }
}

fn respond(stream: &mut TcpStream, status: u16, sink: &Sink) -> std::io::Result<()> {
    // Before the response: the next delivery may arrive at once.
    sink.seen.lock().unwrap().in_flight -= 1;
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\ncontent-length: 0\r\n\r\n"
    )
}

/// Reads a request; `None` at the end of the connection.
fn read(lines: &mut BufReader<TcpStream>) -> std::io::Result<Option<Delivery>> {
    let mut first = String::new();
    if lines.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut words = first.split(' ');
    assert_eq!(words.next(), Some("POST"), "{first}");
    let path = words.next().unwrap().to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => {
                let before = headers.insert(name.to_ascii_lowercase(), value.to_owned());
                assert_eq!(before, None, "{name} twice");
            }
            None => break,
        }
    }
    let length = headers["content-length"].parse().unwrap();
    let mut body = vec![0; length];
    lines.read_exact(&mut body)?;
    Ok(Some(Delivery {
        path,
        headers,
        body: String::from_utf8(body).unwrap(),
    }))
}
