//! What is being done, on a terminal: one line that is written over.

use std::io::{IsTerminal, Write};

use crate::output::visible;

/// A line on standard error, where that is a terminal; nothing elsewhere.
pub(super) struct Progress {
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal() }
    }

    pub(super) fn tell(&self, what: &str) {
        self.write(&format!("\r\u{1b}[2K{}", visible(what)));
    }

    fn write(&self, text: &str) {
        if self.shown {
            let mut out = std::io::stderr().lock();
            // Whoever does not see progress misses nothing.
            let _written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.write("\r\u{1b}[2K");
    }
}
