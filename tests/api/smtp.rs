//! A mail server that follows a test's script.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use tackboard::config::{Encryption, Smtp};

/// The server's reaction to a command.
#[derive(Clone, Debug)]
pub enum Reaction {
    /// The usual reply.
    Usual,
    /// These lines.
    Say(&'static str),
    /// A line with these bytes.
    SayBytes(Vec<u8>),
    /// Closes the connection.
    HangUp,
    /// Does not reply.
    Silence,
}

/// Chooses the reaction to a command's first word, `CONNECT`, or `TEXT` for the end of a mail. The number counts the
/// occurrences of this word, from 0.
type Script = dyn Fn(&str, usize) -> Reaction + Send + Sync;

/// A mail as it arrived, even if it was not accepted.
#[derive(Clone, Debug)]
pub struct Received {
    pub from: String,
    pub to: String,
    pub text: String,
}

impl Received {
    /// A header's value, unfolded.
    pub fn header(&self, name: &str) -> &str {
        let head = self.text.split("\r\n\r\n").next().unwrap();
        let start = format!("{name}: ");
        let line = head.split("\r\n").find(|line| line.starts_with(&start));
        &line.unwrap_or_else(|| panic!("no {name} in {head}"))[start.len()..]
    }
}

#[derive(Default)]
struct Seen {
    counts: HashMap<String, usize>,
    mails: Vec<Received>,
}

/// A running server.
#[derive(Clone)]
pub struct MailServer {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl MailServer {
    pub fn start(script: impl Fn(&str, usize) -> Reaction + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), script)
    }

    /// A server that accepts every mail.
    pub fn usual() -> Self {
        Self::start(|_, _| Reaction::Usual)
    }

    pub fn on(
        listener: TcpListener,
        script: impl Fn(&str, usize) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
        };
        let (same, script): (_, Arc<Script>) = (server.clone(), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (server, script) = (same.clone(), Arc::clone(&script));
                // A client that disconnects ends its thread with an error.
                std::thread::spawn(move || server.serve(stream, &*script));
            }
        });
        server
    }

    /// The settings for this server.
    pub fn settings(&self) -> Smtp {
        Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            encryption: Encryption::None,
            login: None,
            ca: None,
        }
    }

    /// How often this word was received.
    pub fn count(&self, what: &str) -> usize {
        *self.seen.lock().unwrap().counts.get(what).unwrap_or(&0)
    }

    /// The texts of all mails that arrived.
    pub fn mails(&self) -> Vec<Received> {
        self.seen.lock().unwrap().mails.clone()
    }

    fn serve(&self, mut stream: TcpStream, script: &Script) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?);
        let (mut from, mut to) = (String::new(), String::new());
        if !self.react(&mut stream, script, "CONNECT", "220 mail.example")? {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let verb = line.split([' ', '\r']).next().unwrap().to_uppercase();
            let usual = match verb.as_str() {
                "EHLO" => "250-mail.example\r\n250 AUTH PLAIN",
                "AUTH" => "235 welcome",
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            let path = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            match verb.as_str() {
                "MAIL" => from = path(),
                "RCPT" => to = path(),
                _ => {}
            }
            if !self.react(&mut stream, script, &verb, usual)? {
                return Ok(());
            }
            if verb == "DATA" && self.last_was_usual(script, &verb) {
                let text = text(&mut lines)?;
                let (from, to) = (from.clone(), to.clone());
                let mail = Received { from, to, text };
                self.seen.lock().unwrap().mails.push(mail);
                if !self.react(&mut stream, script, "TEXT", "250 taken")? {
                    return Ok(());
                }
            }
        }
    }

    /// Whether the latest command of this kind got the usual reply.
    fn last_was_usual(&self, script: &Script, what: &str) -> bool {
        matches!(script(what, self.count(what) - 1), Reaction::Usual)
    }

    /// Counts and replies. Returns `false` to end the connection.
    fn react(
        &self,
        stream: &mut TcpStream,
        script: &Script,
        what: &str,
        usual: &str,
    ) -> std::io::Result<bool> {
        let nth = {
            let mut seen = self.seen.lock().unwrap();
            let count = seen.counts.entry(what.to_owned()).or_default();
            *count += 1;
            *count - 1
        };
        let say = match script(what, nth) {
            Reaction::Usual => usual.as_bytes().to_vec(),
            Reaction::Say(text) => text.as_bytes().to_vec(),
            Reaction::SayBytes(bytes) => bytes,
            Reaction::HangUp => return Ok(false),
            Reaction::Silence => {
                stream.read_to_end(&mut Vec::new())?;
                return Ok(false);
            }
        };
        stream.write_all(&[say.as_slice(), b"\r\n"].concat())?;
        Ok(what != "QUIT")
    }
}

/// Reads a mail's text, and removes the escaping of dots.
fn text(lines: &mut impl BufRead) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        match line.strip_prefix('.') {
            Some("\r\n") | None if line.is_empty() || line == ".\r\n" => return Ok(text),
            Some(rest) => text.push_str(rest),
            None => text.push_str(&line),
        }
    }
}
