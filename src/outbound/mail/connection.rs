//! A connection to a mail server: SMTP over TCP or TLS. Only the three digits of a reply are interpreted; its text may have
//! any encoding. The length of a reply is limited.

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

/// The most bytes of a reply that are read. Usual replies are a hundred times shorter.
const MAX_REPLY_LENGTH: u64 = 64 * 1024;

/// The first digit of the reply that a command expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// 2yz: done.
    Completion = 2,
    /// 3yz: go on.
    Intermediate = 3,
}

/// A server's reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SmtpReply {
    /// The three digits.
    pub(super) code: u16,
    /// Its lines without the digits.
    lines: Vec<String>,
}

impl Display for SmtpReply {
    /// The reply in one line. An enhanced code such as `5.1.1` that begins every line is shown once.
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

/// Why a command failed.
#[derive(Debug)]
pub(super) enum ConnectionError {
    /// The server rejected the command with 4yz or 5yz.
    Rejected(SmtpReply),
    /// The server's reply is not SMTP, or does not fit the command.
    Unreadable,
    /// The connection cannot be used any more; the reason.
    Lost(String),
}

impl From<io::Error> for ConnectionError {
    fn from(error: io::Error) -> Self {
        Self::Lost(error.to_string())
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection to a mail server.
pub(super) struct SmtpConnection {
    stream: BufReader<Box<dyn Stream>>,
    /// The extensions that the server supports, with their parameters.
    extensions: Vec<String>,
}

impl SmtpConnection {
    /// Connects, waits for the server's greeting and sends EHLO. With `tls`, the connection is encrypted from the start.
    /// `per_address` is the timeout for each of the host's addresses.
    pub(super) async fn open(
        server: (&str, u16),
        per_address: Duration,
        tls: Option<&Tls>,
        name: &str,
    ) -> Result<Self, ConnectionError> {
        let tcp = connect(server, per_address).await?;
        let mut connection = match tls {
            Some(tls) => Self::new(tls.encrypt(tcp).await?),
            None => Self::new(tcp),
        };
        connection.read_reply(Expected::Completion).await?;
        connection.ehlo(name).await?;
        Ok(connection)
    }

    fn new(stream: impl Stream + 'static) -> Self {
        Self {
            stream: BufReader::new(Box::new(stream)),
            extensions: Vec::new(),
        }
    }

    async fn ehlo(&mut self, name: &str) -> Result<(), ConnectionError> {
        let ehlo = format!("EHLO {name}");
        let reply = self.command(&ehlo, Expected::Completion).await?;
        self.extensions = reply.lines;
        Ok(())
    }

    /// Encrypts the connection from now on, and sends EHLO again.
    pub(super) async fn start_tls(
        mut self,
        tls: &Tls,
        name: &str,
    ) -> Result<Self, ConnectionError> {
        if self.extension("STARTTLS").is_none() {
            let why = "The mail server offers no encryption (STARTTLS)";
            return Err(ConnectionError::Lost(why.to_owned()));
        }
        self.command("STARTTLS", Expected::Completion).await?;
        // The buffer may hold bytes that were not encrypted, so it is dropped.
        let mut encrypted = Self::new(tls.encrypt(self.stream.into_inner()).await?);
        encrypted.ehlo(name).await?;
        Ok(encrypted)
    }

    /// Logs in.
    pub(super) async fn log_in(
        &mut self,
        user: &str,
        password: &str,
    ) -> Result<(), ConnectionError> {
        let mechanisms = self.extension("AUTH").unwrap_or_default().to_uppercase();
        let offers = |mechanism| mechanisms.split([' ', '=']).any(|one| one == mechanism);
        if offers("PLAIN") {
            let login = BASE64.encode(format!("\0{user}\0{password}"));
            let command = format!("AUTH PLAIN {login}");
            self.command(&command, Expected::Completion).await?;
        } else if offers("LOGIN") {
            self.command("AUTH LOGIN", Expected::Intermediate).await?;
            let user = BASE64.encode(user);
            self.command(&user, Expected::Intermediate).await?;
            let password = BASE64.encode(password);
            self.command(&password, Expected::Completion).await?;
        } else {
            let why = "The mail server offers no login by password (AUTH PLAIN or LOGIN)";
            return Err(ConnectionError::Lost(why.to_owned()));
        }
        Ok(())
    }

    /// The parameters of an extension, which may be empty; `None` if the server does not support it.
    pub(super) fn extension(&self, extension: &str) -> Option<&str> {
        self.extensions.iter().find_map(|line| {
            let (name, rest) = line.split_at_checked(extension.len())?;
            let is_it = name.eq_ignore_ascii_case(extension)
                && (rest.is_empty() || rest.starts_with([' ', '=']));
            is_it.then_some(rest)
        })
    }

    /// Sends a command and reads the reply.
    pub(super) async fn command(
        &mut self,
        line: &str,
        expected: Expected,
    ) -> Result<SmtpReply, ConnectionError> {
        self.send(format!("{line}\r\n").as_bytes()).await?;
        self.read_reply(expected).await
    }

    /// Sends a message, whose lines end with CRLF, and reads the reply.
    pub(super) async fn send_message(&mut self, text: &[u8]) -> Result<SmtpReply, ConnectionError> {
        self.send(&dot_stuffed(text)).await?;
        self.read_reply(Expected::Completion).await
    }

    /// Ends the session.
    pub(super) async fn quit(mut self) -> Result<(), ConnectionError> {
        self.command("QUIT", Expected::Completion).await?;
        Ok(self.stream.shutdown().await?)
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), ConnectionError> {
        self.stream.write_all(bytes).await?;
        Ok(self.stream.flush().await?)
    }

    async fn read_reply(&mut self, expected: Expected) -> Result<SmtpReply, ConnectionError> {
        let mut bounded = (&mut self.stream).take(MAX_REPLY_LENGTH);
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            bounded.read_until(b'\n', &mut line).await?;
            if !line.ends_with(b"\n") && bounded.limit() > 0 {
                let why = "The mail server closed the connection";
                return Err(ConnectionError::Lost(why.to_owned()));
            }
            let (code, is_last, text) = parse_line(&line).ok_or(ConnectionError::Unreadable)?;
            lines.push(text);
            if is_last {
                let reply = SmtpReply { code, lines };
                return match code / 100 {
                    class if class == expected as u16 => Ok(reply),
                    4 | 5 => Err(ConnectionError::Rejected(reply)),
                    _ => Err(ConnectionError::Unreadable),
                };
            }
        }
    }
}

async fn connect(server: (&str, u16), per_address: Duration) -> Result<TcpStream, ConnectionError> {
    let mut why = "The name has no address".to_owned();
    for address in lookup_host(server).await? {
        match tokio::time::timeout(per_address, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(cause)) => why = cause.to_string(),
            Err(_) => why = "The connection timed out".to_owned(),
        }
    }
    Err(ConnectionError::Lost(why))
}

/// Parses one line of a reply: its code, whether it is the last line, and its text.
fn parse_line(line: &[u8]) -> Option<(u16, bool, String)> {
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

/// A message as it is sent: lines that begin with a dot get another one, and a single dot ends the message.
fn dot_stuffed(text: &[u8]) -> Vec<u8> {
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
