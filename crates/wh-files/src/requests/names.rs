//! Names that strangers choose: of themselves, and of their files.
//!
//! Invariant: what comes out is one segment of a path that people unpack, synchronise and type on any system. It names
//! no other place, hides nothing and turns no text round.

use unicode_normalization::UnicodeNormalization;

use crate::FilePath;
use crate::archives::names::{no_device, spelt};

pub(super) use crate::archives::names::folded;

/// The longest name of a sender, in characters; it is the beginning of their folder's name.
pub const SENDER_NAME_CHARS_MAX: usize = 80;

/// The same in bytes: with the day and the digits behind it, it is a name that file systems take.
pub(super) const SENDER_NAME_BYTES_MAX: usize = 200;

/// The longest name of a file, in bytes: what most file systems take, less what tells two of one name apart.
const FILE_NAME_BYTES_MAX: usize = 240;

/// What no file system, no shell and no policy may read something into.
const TELLING: [char; 14] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|', '$', '~', '%', '`', '&'];

/// What a sender calls themselves, as the beginning of a folder's name; `None` where nothing is left of it.
pub(super) fn sender_name(input: &str) -> Option<String> {
    let seen = input.chars().filter(|c| !is_unseen(*c)).nfc();
    let plain = seen.map(|c| if c.is_control() || TELLING.contains(&c) { '-' } else { c });
    let text: String = plain.collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches(|c| matches!(c, '.' | ' ' | '-'));
    // A few characters are two when they are composed.
    let short = |text: &str| text.chars().count() <= SENDER_NAME_CHARS_MAX;
    let is_name = !text.is_empty() && text.len() <= SENDER_NAME_BYTES_MAX;
    let fits = is_name && short(input) && short(text);
    fits.then(|| text.to_owned())
}

/// A file's name, composed, without what nobody sees, and as Windows takes it as well; `None` where it is a path, or no
/// name. Asked again of what came out, it is the same.
pub fn sent_name(input: &str) -> Option<String> {
    if input.chars().any(|c| c.is_control() || matches!(c, '/' | '\\')) {
        return None;
    }
    let seen: String = input.chars().filter(|c| !is_unseen(*c)).nfc().collect();
    let ends = |c: char| c == '.' || c.is_whitespace();
    let named = spelt(seen.trim_start().trim_end_matches(ends));
    if named.is_empty() {
        return None;
    }
    let named = no_device(named);
    let fits = named.len() <= FILE_NAME_BYTES_MAX && FilePath::parse(&named).is_ok();
    fits.then_some(named)
}

/// The extension of a file's name in lower case: `jpg`.
pub(super) fn kind_of(name: &str) -> Option<String> {
    let (stem, kind) = name.rsplit_once('.')?;
    (!stem.is_empty()).then(|| kind.to_lowercase())
}

/// `report (2).pdf` of `report.pdf`: the name under which a second file stands beside the first.
pub(super) fn variant(name: &str, number: u32) -> String {
    if number < 2 {
        return name.to_owned();
    }
    match name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) {
        Some((stem, kind)) => format!("{stem} ({number}).{kind}"),
        None => format!("{name} ({number})"),
    }
}

/// What the variants of a name begin with, up to the bracket.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

/// Characters without a shape of their own, and those that turn the direction of reading.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{folded, kind_of, sender_name, sent_name, stem, variant};

    #[test]
    fn a_sender_is_called_what_a_folder_may_be_called() {
        for (given, name) in [
            ("Ada Lovelace", Some("Ada Lovelace")),
            ("  Ada \t Lovelace ", Some("Ada - Lovelace")),
            ("../../etc/passwd", Some("etc-passwd")),
            ("a/b\\c", Some("a-b-c")),
            ("${uid}*?", Some("{uid}")),
            ("\u{1f980} crab", Some("\u{1f980} crab")),
            ("evil\u{202e}gpj", Some("evilgpj")),
            ("a\r\nb", Some("a--b")),
            ("Jürgen 李", Some("Jürgen 李")),
            ("", None),
            (" . ", None),
            ("..", None),
            ("\u{200b}\u{2066}", None),
            ("///", None),
        ] {
            assert_eq!(sender_name(given).as_deref(), name, "{given:?}");
        }
        assert_eq!(sender_name("e\u{301}ve").as_deref(), Some("\u{e9}ve"));
        assert!(sender_name(&"x".repeat(80)).is_some());
        assert!(sender_name(&"\u{1f980}".repeat(50)).is_some());
        assert_eq!(sender_name(&"\u{1f980}".repeat(51)), None, "more bytes than a folder may have");
        assert_eq!(sender_name(&"\u{958}".repeat(41)), None, "each is two when it is composed");
        assert_eq!(sender_name(&"x".repeat(81)), None);
    }

    #[test]
    fn a_file_has_a_name_and_no_path() {
        for (given, name) in [
            ("a.txt", Some("a.txt")),
            ("\u{1f980} ключ.pdf", Some("\u{1f980} ключ.pdf")),
            ("cv\u{202e}fdp.exe", Some("cvfdp.exe")),
            ("a.pdf. .", Some("a.pdf")),
            ("a\u{a0}.", Some("a")),
            ("a. \u{3000} .", Some("a")),
            ("\u{3000}.", None),
            (".htaccess", Some(".htaccess")),
            ("%2e%2e%2fa", Some("%2e%2e%2fa")),
            ("C:evil.txt", Some("C_evil.txt")),
            ("a.txt:stream", Some("a.txt_stream")),
            ("what? <*>|\".txt", Some("what_ _____.txt")),
            ("CON", Some("_CON")),
            ("nul .tar.gz", Some("_nul .tar.gz")),
            ("lpt\u{b2}.txt", Some("_lpt\u{b2}.txt")),
            ("conference.txt", Some("conference.txt")),
            ("e\u{301}.txt", Some("\u{e9}.txt")),
            ("e\u{200b}\u{301}.txt", Some("\u{e9}.txt")),
            (" . . ", None),
            ("a/b", None),
            ("../a", None),
            ("..\\a", None),
            ("..", None),
            (".", None),
            ("", None),
            ("a\0b", None),
            ("a\nb", None),
        ] {
            assert_eq!(sent_name(given).as_deref(), name, "{given:?}");
            let again = name.and_then(sent_name);
            assert_eq!(again.as_deref(), name, "it is the same when it is asked again");
        }
        assert_eq!(sent_name(&"x".repeat(241)), None);
    }

    #[test]
    fn a_second_file_of_one_name_stands_beside_the_first() {
        for (name, second) in [
            ("a.txt", "a (2).txt"),
            ("a", "a (2)"),
            (".profile", ".profile (2)"),
            ("a.tar.gz", "a.tar (2).gz"),
        ] {
            assert_eq!((variant(name, 1).as_str(), variant(name, 2).as_str()), (name, second));
        }
        assert_eq!(folded("Ärger.TXT"), folded("ärger.txt"));
        assert_eq!(folded("\u{e9}"), folded("e\u{301}"));
        assert_eq!((stem("a.tar.gz"), stem(".profile"), stem("a")), ("a.tar", ".profile", "a"));
        assert_eq!(kind_of("a.JPG").as_deref(), Some("jpg"));
        assert_eq!((kind_of("a"), kind_of(".jpg")), (None, None));
    }
}
