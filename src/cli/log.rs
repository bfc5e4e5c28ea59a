//! Logging to standard error.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};
use crate::error::failure::{Failure, refuse};

/// Starts logging, including panics.
pub(super) fn start(settings: &Settings) -> Result<(), Failure> {
    let filter = filter(&settings.log)?;
    let terminal = io::stderr().is_terminal();
    let format = settings.log_format.unwrap_or(if terminal {
        LogFormat::Text
    } else {
        LogFormat::Json
    });
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Lossy(io::stderr()))
        .log_internal_errors(false);
    match format {
        LogFormat::Text => lines.with_ansi(terminal).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(tracing::field::display);
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, "panic: {message}");
    }));
    Ok(())
}

/// Standard error that drops what it cannot write. A full disk behind a log file must not end the server: a failed write
/// that is reported to standard error panics, and the panic is logged again.
struct Lossy(io::Stderr);

impl io::Write for Lossy {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _ = io::Write::write_all(&mut self.0, line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Parses a log filter.
pub(super) fn filter(text: &str) -> Result<EnvFilter, Failure> {
    EnvFilter::try_new(text)
        .map_err(|cause| refuse(format!("invalid log filter {text:?}: {cause}")))
}
