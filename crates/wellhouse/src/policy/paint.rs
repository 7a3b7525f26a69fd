//! Colours. They are taken out again where output does not go to a terminal.

/// Good news.
pub(crate) fn green(text: &str) -> String {
    format!("\u{1b}[32m{text}\u{1b}[0m")
}

/// Bad news.
pub(crate) fn red(text: &str) -> String {
    format!("\u{1b}[31m{text}\u{1b}[0m")
}

/// A doubt.
pub(crate) fn yellow(text: &str) -> String {
    format!("\u{1b}[33m{text}\u{1b}[0m")
}

/// A heading.
pub(crate) fn bold(text: &str) -> String {
    format!("\u{1b}[1m{text}\u{1b}[0m")
}

/// What may be skipped.
pub(crate) fn faint(text: &str) -> String {
    format!("\u{1b}[2m{text}\u{1b}[0m")
}
