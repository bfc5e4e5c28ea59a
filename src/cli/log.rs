//! Logging to standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};
use crate::error::failure::{Failure, refuse};

/// Starts logging, including panics.
pub(super) fn start(settings: &Settings) -> Result<(), Failure> {
    let filter = filter(&settings.log)?;
    let terminal = std::io::stderr().is_terminal();
    let format = settings.log_format.unwrap_or(if terminal {
        LogFormat::Text
    } else {
        LogFormat::Json
    });
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
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

/// Parses a log filter.
pub(super) fn filter(text: &str) -> Result<EnvFilter, Failure> {
    EnvFilter::try_new(text)
        .map_err(|cause| refuse(format!("invalid log filter {text:?}: {cause}")))
}
