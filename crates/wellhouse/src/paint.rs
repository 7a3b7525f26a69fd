//! Colours. They are taken out again where output does not go to a terminal.

use crate::output::mark;

fn marked(mark: char, text: &str) -> String {
    format!("{mark}{text}{}", mark::END)
}

/// Good news.
pub(crate) fn green(text: &str) -> String {
    marked(mark::GREEN, text)
}

/// Bad news.
pub(crate) fn red(text: &str) -> String {
    marked(mark::RED, text)
}

/// A doubt.
pub(crate) fn yellow(text: &str) -> String {
    marked(mark::YELLOW, text)
}

/// A heading.
pub(crate) fn bold(text: &str) -> String {
    marked(mark::BOLD, text)
}

/// What may be skipped.
pub(crate) fn faint(text: &str) -> String {
    marked(mark::FAINT, text)
}
