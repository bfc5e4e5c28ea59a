//! A client that writes HTTP by hand, for malformed and unusual requests.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use crate::harness::{Client, Reply};

/// A connection for one request.
pub struct Raw {
    stream: TcpStream,
    method: String,
    path: String,
}

impl Raw {
    /// Connects and sends a request's headers with the client's credential. Asks the server to close the connection after
    /// its response.
    pub fn head(client: &Client, method: &str, path: &str, headers: &[(&str, &str)]) -> Self {
        let address = client.origin.trim_start_matches("http://");
        let stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        for (name, value) in client.headers() {
            head += &format!("{name}: {value}\r\n");
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut raw = Self {
            stream,
            method: method.to_owned(),
            path: path.to_owned(),
        };
        raw.send(head + "\r\n");
        raw
    }

    /// Sends more bytes. Errors are ignored, because the response is checked anyway.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        if let Err(cause) = self.stream.write_all(bytes.as_ref()) {
            assert!(
                [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset].contains(&cause.kind()),
                "{cause}"
            );
        }
    }

    /// Ends the request, and waits until the server closes the connection, with or without a response.
    pub fn end(mut self) {
        self.stream.shutdown(std::net::Shutdown::Write).unwrap();
        self.read_until(|_| false);
    }

    /// The response, checked against the contract. Does not wait until the server closes the connection, because that
    /// takes two seconds after an incomplete request.
    pub fn reply(mut self, client: &Client) -> Reply {
        let bytes = self.read_until(is_whole);
        self.parsed(client, &bytes)
    }

    /// The response, once the server has closed the connection.
    pub fn reply_at_close(mut self, client: &Client) -> Reply {
        let bytes = self.read_until(|_| false);
        self.parsed(client, &bytes)
    }

    fn parsed(&self, client: &Client, bytes: &[u8]) -> Reply {
        let reply = parse(bytes);
        client.check(&self.method, &self.path, &reply);
        reply
    }

    /// Reads until this is enough, or the server closes the connection.
    fn read_until(&mut self, is_enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let (mut all, mut part) = (Vec::new(), [0; 4096]);
        loop {
            match self.stream.read(&mut part) {
                Ok(0) => return all,
                Ok(length) => {
                    all.extend_from_slice(&part[..length]);
                    if is_enough(&all) {
                        return all;
                    }
                }
                Err(cause) if cause.kind() == ErrorKind::ConnectionReset && !all.is_empty() => {
                    return all;
                }
                Err(cause) => panic!("{} {}: {cause}", self.method, self.path),
            }
        }
    }
}

/// The end of a response's headers.
fn end_of_head(response: &[u8]) -> Option<usize> {
    response.windows(4).position(|four| four == b"\r\n\r\n")
}

/// Whether the body is as long as its `content-length`.
fn is_whole(response: &[u8]) -> bool {
    end_of_head(response).is_some() && {
        let reply = parse(response);
        let length = reply.header("content-length").parse();
        length.is_ok_and(|length: usize| reply.bytes.len() >= length)
    }
}

fn parse(answer: &[u8]) -> Reply {
    let end = end_of_head(answer);
    let end = end.unwrap_or_else(|| panic!("no whole answer: {answer:?}"));
    let head = str::from_utf8(&answer[..end]).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(
            name.parse::<HeaderName>().unwrap(),
            value.parse::<HeaderValue>().unwrap(),
        );
    }
    Reply::new(status.parse().unwrap(), headers, answer[end + 4..].to_vec())
}
