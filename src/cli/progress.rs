//! The progress of long commands on standard error: a bar on a terminal, otherwise a line every ten seconds, and nothing
//! with `--json`.

use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use super::common::Common;

/// The time between two lines without a terminal.
const LINES: Duration = Duration::from_secs(10);
/// The time between two changes of the bar.
const FRAMES: Duration = Duration::from_millis(100);
/// Characters of the bar.
const WIDTH: u64 = 30;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Bar,
    Lines,
    Hidden,
}

/// Shows how far a command has come.
pub(super) struct Progress {
    form: Form,
    shown: Cell<Option<Instant>>,
    began: Instant,
}

impl Progress {
    pub(super) fn new(common: &Common) -> Self {
        let form = match (common.json, std::io::stderr().is_terminal()) {
            (true, _) => Form::Hidden,
            (false, true) => Form::Bar,
            (false, false) => Form::Lines,
        };
        Self {
            form,
            shown: Cell::new(None),
            began: Instant::now(),
        }
    }

    /// Shows that `done` of `all` is done, unless something was shown a moment ago.
    pub(super) fn show(&self, what: &str, done: u64, all: u64) {
        let (pause, last) = match self.form {
            Form::Hidden => return,
            Form::Bar => (FRAMES, self.shown.get()),
            Form::Lines => (LINES, self.shown.get().or(Some(self.began))),
        };
        if last.is_some_and(|last| last.elapsed() < pause) {
            return;
        }
        self.shown.set(Some(Instant::now()));
        let all = all.max(1);
        let share = done.min(all) * 100 / all;
        let mut out = std::io::stderr();
        // Standard error may be closed; the command goes on.
        let _ = match self.form {
            Form::Bar => {
                let full = (share * WIDTH / 100) as usize;
                let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH as usize - full));
                write!(out, "\r\x1b[K{bar} {share:3} % {what}")
            }
            _ => writeln!(out, "tackboard: {what}: {share} %"),
        };
    }

    /// Removes the bar.
    pub(super) fn clear(&self) {
        if self.form == Form::Bar && self.shown.get().is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
