//! A connection to a mail server: SMTP over TCP or TLS, lenient with the server's words. Of an answer only the three
//! digits count, whatever its text is written in and however long it is; and no answer is read without end.

use std::fmt::{self, Display};
use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpStream, lookup_host};

use super::tls::Tls;

/// Bytes of an answer that are read: some hundred times what servers say.
const LONGEST_REPLY: u64 = 64 * 1024;

/// What an answer begins with, as far as we ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// 2yz: done.
    Completion = 2,
    /// 3yz: go on.
    Intermediate = 3,
}

/// A server's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// The three digits.
    pub(super) code: u16,
    /// Its lines without the digits, of which the last ends it.
    lines: Vec<String>,
}

impl Display for Reply {
    /// In one line, where an enhanced code such as `5.1.1` that begins every line stands once.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        let first = self.lines.first().map(String::as_str).unwrap_or_default();
        let word = first.split_inclusive(' ').next().unwrap_or_default();
        let numbers = |c: char| c.is_ascii_digit() || c == '.' || c == ' ';
        let repeated = if word.chars().all(numbers) { word } else { "" };
        for (at, line) in self.lines.iter().enumerate() {
            let again = line.strip_prefix(repeated).filter(|_| at > 0);
            write!(f, " {}", again.unwrap_or(line))?;
        }
        Ok(())
    }
}

/// Why something did not go as it should.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server said no: 4yz or 5yz.
    Negative(Reply),
    /// The server said something that is no answer to what it was asked.
    Unreadable,
    /// The connection is of no use; why.
    Lost(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Lost(error.to_string())
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection to a mail server.
pub(super) struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    /// What the server said that it can do.
    extensions: Vec<String>,
}

impl Connection {
    /// Connects, encrypted from the start where there is `tls`, waits for the server's greeting and says hello. `each` is
    /// the time for one of the host's addresses.
    pub(super) async fn open(
        server: (&str, u16),
        each: Duration,
        tls: Option<&Tls>,
        name: &str,
    ) -> Result<Self, Fault> {
        let tcp = dial(server, each).await?;
        let mut connection = match tls {
            Some(tls) => Self::over(tls.encrypt(tcp).await?),
            None => Self::over(tcp),
        };
        connection.reply(Wanted::Completion).await?;
        connection.hello(name).await?;
        Ok(connection)
    }

    fn over(stream: impl Stream + 'static) -> Self {
        Self {
            stream: BufReader::new(Box::new(stream)),
            extensions: Vec::new(),
        }
    }

    async fn hello(&mut self, name: &str) -> Result<(), Fault> {
        let hello = format!("EHLO {name}");
        let reply = self.command(&hello, Wanted::Completion).await?;
        self.extensions = reply.lines;
        Ok(())
    }

    /// Encrypts from here on, and says hello again.
    pub(super) async fn start_tls(mut self, tls: &Tls, name: &str) -> Result<Self, Fault> {
        if self.offered("STARTTLS").is_none() {
            let why = "The mail server offers no encryption (STARTTLS)";
            return Err(Fault::Lost(why.to_owned()));
        }
        self.command("STARTTLS", Wanted::Completion).await?;
        // What was read already was not encrypted, and goes with the buffer.
        let mut encrypted = Self::over(tls.encrypt(self.stream.into_inner()).await?);
        encrypted.hello(name).await?;
        Ok(encrypted)
    }

    /// Logs in.
    pub(super) async fn log_in(&mut self, user: &str, password: &str) -> Result<(), Fault> {
        let ways = self.offered("AUTH").unwrap_or_default().to_uppercase();
        let offers = |way| ways.split([' ', '=']).any(|offered| offered == way);
        if offers("PLAIN") {
            let login = BASE64.encode(format!("\0{user}\0{password}"));
            let command = format!("AUTH PLAIN {login}");
            self.command(&command, Wanted::Completion).await?;
        } else if offers("LOGIN") {
            self.command("AUTH LOGIN", Wanted::Intermediate).await?;
            let user = BASE64.encode(user);
            self.command(&user, Wanted::Intermediate).await?;
            let password = BASE64.encode(password);
            self.command(&password, Wanted::Completion).await?;
        } else {
            let why = "The mail server offers no login by password (AUTH PLAIN or LOGIN)";
            return Err(Fault::Lost(why.to_owned()));
        }
        Ok(())
    }

    /// What the server said about an extension: empty where it only named it, `None` where it did not.
    pub(super) fn offered(&self, extension: &str) -> Option<&str> {
        self.extensions.iter().find_map(|line| {
            let (name, rest) = line.split_at_checked(extension.len())?;
            let is_it = name.eq_ignore_ascii_case(extension)
                && (rest.is_empty() || rest.starts_with([' ', '=']));
            is_it.then_some(rest)
        })
    }

    /// Sends a line and reads the answer.
    pub(super) async fn command(&mut self, line: &str, wanted: Wanted) -> Result<Reply, Fault> {
        self.send(format!("{line}\r\n").as_bytes()).await?;
        self.reply(wanted).await
    }

    /// Sends a mail's text, whose lines end with CRLF, and reads the answer.
    pub(super) async fn text(&mut self, text: &[u8]) -> Result<Reply, Fault> {
        self.send(&stuffed(text)).await?;
        self.reply(Wanted::Completion).await
    }

    /// Says goodbye.
    pub(super) async fn quit(mut self) -> Result<(), Fault> {
        self.command("QUIT", Wanted::Completion).await?;
        Ok(self.stream.shutdown().await?)
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.stream.write_all(bytes).await?;
        Ok(self.stream.flush().await?)
    }

    async fn reply(&mut self, wanted: Wanted) -> Result<Reply, Fault> {
        let mut bounded = (&mut self.stream).take(LONGEST_REPLY);
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            bounded.read_until(b'\n', &mut line).await?;
            if !line.ends_with(b"\n") && bounded.limit() > 0 {
                let why = "The mail server closed the connection";
                return Err(Fault::Lost(why.to_owned()));
            }
            let (code, is_last, text) = parsed(&line).ok_or(Fault::Unreadable)?;
            lines.push(text);
            if is_last {
                let reply = Reply { code, lines };
                return match code / 100 {
                    class if class == wanted as u16 => Ok(reply),
                    4 | 5 => Err(Fault::Negative(reply)),
                    _ => Err(Fault::Unreadable),
                };
            }
        }
    }
}

async fn dial(server: (&str, u16), each: Duration) -> Result<TcpStream, Fault> {
    let mut why = "The name has no address".to_owned();
    for address in lookup_host(server).await? {
        match tokio::time::timeout(each, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(cause)) => why = cause.to_string(),
            Err(_) => why = "The connection timed out".to_owned(),
        }
    }
    Err(Fault::Lost(why))
}

/// One whole line of an answer: its code, whether it is the last, and its text.
fn parsed(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = line.strip_suffix(b"\n")?;
    let (digits, rest) = line.trim_ascii_end().split_at_checked(3)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = digits
        .iter()
        .fold(0, |code, digit| 10 * code + u16::from(digit - b'0'));
    let is_last = match rest.first() {
        Some(b'-') => false,
        Some(b' ') | None => true,
        Some(_) => return None,
    };
    let text = rest.get(1..).unwrap_or_default();
    Some((code, is_last, String::from_utf8_lossy(text).into_owned()))
}

/// A text as it is sent: no line of it looks like its end, and then its end.
fn stuffed(text: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(text.len() + text.len() / 64 + 5);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    if !stuffed.ends_with(b"\r\n") {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed.extend_from_slice(b".\r\n");
    stuffed
}

#[cfg(test)]
mod tests;
