//! What the program says on standard output and standard error: the one place where text leaves it.
//!
//! Names, values and messages come from files and arguments of others. A control character among
//! them could repaint the terminal or hide what was said, so all are shown by number, as `\u001b`.
//! JSON reads that as the same character.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Mutex;

/// Why standard output took no more.
static UNWRITTEN: Mutex<Option<io::Error>> = Mutex::new(None);

/// Colours are marked by characters that no text may hold, and become a terminal's codes last. From
/// outside they could change a colour, and no more.
pub(crate) mod mark {
    pub(crate) const GREEN: char = '\u{fdd0}';
    pub(crate) const RED: char = '\u{fdd1}';
    pub(crate) const YELLOW: char = '\u{fdd2}';
    pub(crate) const BOLD: char = '\u{fdd3}';
    pub(crate) const FAINT: char = '\u{fdd4}';
    pub(crate) const END: char = '\u{fdd5}';
}

/// Prints a line for the person at the terminal; colours only reach a terminal that wants them.
///
/// A line break inside is not ours, and is shown by number; only JSON keeps its own.
pub(crate) fn say(line: &str) {
    if line.contains('\n') && serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok() {
        return say_document(line);
    }
    put(&coloured(&visible(line)));
}

/// Prints a text of many lines that is laid out here.
pub(crate) fn say_document(text: &str) {
    let lines: Vec<String> = text.split('\n').map(visible).collect();
    put(&lines.join("\n"));
}

fn put(text: &str) {
    let Ok(mut unwritten) = UNWRITTEN.lock() else { return };
    if unwritten.is_none() {
        *unwritten = writeln!(anstream::stdout(), "{text}").err();
    }
}

/// Whether all that was said has been written. Whoever read may have gone, as `head` does: then there
/// is nobody to tell, and nothing failed.
pub(crate) fn written() -> io::Result<()> {
    let flushed = io::stdout().flush();
    let earlier = UNWRITTEN.lock().ok().and_then(|mut unwritten| unwritten.take());
    match earlier.map_or(flushed, Err) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// One sentence on standard error, causes included.
#[expect(clippy::print_stderr, reason = "this is the program's output")]
pub(crate) fn complain(error: &anyhow::Error) {
    let sentence = format!("{error:#}");
    let one_line: Vec<&str> = sentence.split_whitespace().collect();
    eprintln!("wellhouse: {}", visible(&one_line.join(" ")));
}

/// A line beside the answer, on standard error: whoever reads the answer by machine does not meet it.
pub(crate) fn remark(line: &str) {
    // Whoever closed standard error does not want it.
    let _written = writeln!(anstream::stderr(), "{}", coloured(&visible(line)));
}

/// Text with its control characters shown by number, those too that turn the direction of writing.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            // Writing to a string cannot fail.
            let _written = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether what is said still reaches somebody. Whoever goes on for ever asks.
pub(crate) fn is_heard() -> bool {
    UNWRITTEN.lock().is_ok_and(|unwritten| unwritten.is_none())
}

fn coloured(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            mark::GREEN => out.push_str("\u{1b}[32m"),
            mark::RED => out.push_str("\u{1b}[31m"),
            mark::YELLOW => out.push_str("\u{1b}[33m"),
            mark::BOLD => out.push_str("\u{1b}[1m"),
            mark::FAINT => out.push_str("\u{1b}[2m"),
            mark::END => out.push_str("\u{1b}[0m"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_would_steer_a_terminal_is_shown_by_number() {
        assert_eq!(visible("a\u{1b}[2J\u{7f}\u{9b}\n"), "a\\u001b[2J\\u007f\\u009b\\u000a");
        assert_eq!(visible("\u{202a}\u{202e}\u{2066}\u{2069}"), "\\u202a\\u202e\\u2066\\u2069");
        assert_eq!(visible("Ärger\u{2029}│ ✔"), "Ärger\u{2029}│ ✔");
    }
}
