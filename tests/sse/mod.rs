//! A client of event streams that parses HTTP and Server-Sent Events itself.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// How long a stream may be silent.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open stream.
pub struct Events {
    reader: BufReader<TcpStream>,
    /// The status line and the headers, in lower case.
    pub head: String,
    /// What has arrived of the body and is not returned yet.
    body: String,
}

/// What stands between two empty lines of a stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    pub id: Option<i64>,
    pub event: Option<String>,
    pub data: Option<Value>,
    pub comment: Option<String>,
    pub retry: Option<String>,
}

impl Events {
    /// Sends a request and reads the headers of the response.
    pub fn open(origin: &str, token: &str, path: &str, headers: &[(&str, &str)]) -> Option<Self> {
        let address = origin.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut request =
            format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        stream.write_all((request + "\r\n").as_bytes()).ok()?;
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        Some(Self {
            reader,
            head: head.to_lowercase(),
            body: String::new(),
        })
    }

    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Returns the next message; `None` at the end of the stream.
    pub fn message(&mut self) -> Option<Message> {
        while !self.body.contains("\n\n") {
            let chunk = self.chunk()?;
            self.body += &chunk;
        }
        let (text, rest) = self.body.split_once("\n\n").unwrap();
        let message = Message::parse(text);
        self.body = rest.to_owned();
        Some(message)
    }

    /// Returns the next message that has data; `None` at the end of the stream.
    pub fn event(&mut self) -> Option<Message> {
        loop {
            let message = self.message()?;
            if message.data.is_some() {
                return Some(message);
            }
        }
    }

    /// Whether nothing arrives for some time.
    pub fn is_silent_for(&mut self, time: Duration) -> bool {
        assert_eq!(self.body, "");
        self.reader.get_ref().set_read_timeout(Some(time)).unwrap();
        let silent = self.reader.fill_buf().is_err_and(|cause| {
            [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&cause.kind())
        });
        let stream = self.reader.get_ref();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        silent
    }

    /// Reads a chunk of the body. `None` at its end, or when the connection is cut.
    fn chunk(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(cause) if cause.kind() == ErrorKind::ConnectionReset => return None,
            Err(cause) => panic!("the stream is silent: {cause}"),
        }
        let length = usize::from_str_radix(line.trim(), 16).ok()?;
        let mut bytes = vec![0; length + 2];
        self.reader.read_exact(&mut bytes).ok()?;
        bytes.truncate(length);
        (length > 0).then(|| String::from_utf8(bytes).unwrap())
    }
}

impl Message {
    fn parse(text: &str) -> Self {
        let mut message = Self::default();
        for line in text.lines() {
            let (name, value) = line.split_once(": ").unwrap();
            let known = match name {
                "id" => message.id.replace(value.parse().unwrap()).is_none(),
                "event" => message.event.replace(value.to_owned()).is_none(),
                "data" => {
                    let value = serde_json::from_str(value).unwrap();
                    message.data.replace(value).is_none()
                }
                "" => message.comment.replace(value.to_owned()).is_none(),
                "retry" => message.retry.replace(value.to_owned()).is_none(),
                _ => false,
            };
            assert!(known, "{text}");
        }
        message
    }
}
