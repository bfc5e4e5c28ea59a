//! Operating-system settings of the program's own process.

use rustix::process::{Resource, Signal, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

/// Makes a write to a file that has reached its size limit fail with EFBIG, like a write to a full disk. Without this,
/// SIGXFSZ ends the process.
pub(super) fn survive_file_size_limit() {
    // tokio installs the handler for the life of the process, and needs a runtime only for that.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    let Ok(runtime) = runtime else { return };
    let _guard = runtime.enter();
    let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
}

/// Raises the soft limit of open files to the hard limit, and returns it; `None` means no limit. Every connection is an
/// open file, and the usual soft limit is only 1024.
pub(super) fn raise_file_limit() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => limit.maximum,
        Err(_) => before,
    }
}
