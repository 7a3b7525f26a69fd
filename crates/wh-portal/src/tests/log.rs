//! What the log is told while a test runs.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tracing::subscriber::{DefaultGuard, set_default};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The log of this thread, as long as it is held.
pub(crate) struct Log {
    kept: Kept,
    _guard: DefaultGuard,
}

/// Listens from now on. The test and what it spawns must run on one thread, as `tokio::test` has it.
pub(crate) fn listen() -> Log {
    let kept = Kept::default();
    let writer = kept.clone();
    let log = tracing_subscriber::fmt().json().with_writer(move || writer.clone());
    Log { kept, _guard: set_default(log.finish()) }
}

impl Log {
    /// All that was written.
    pub(crate) fn text(&self) -> String {
        let text = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(text).expect("UTF-8")
    }

    /// The lines of a level, `WARN` or `ERROR`, as they are in the JSON form of the log.
    pub(crate) fn lines(&self, level: &str) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"));
        lines.filter(|line: &Value| line["level"] == level).collect()
    }
}
