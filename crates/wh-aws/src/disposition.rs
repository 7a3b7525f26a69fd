//! `Content-Disposition` for a download: what the browser does, and under which name.
//!
//! Sources: RFC 6266 (the header), RFC 8187 (`filename*`), RFC 3986 (what may stand unescaped).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a browser does with a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Saves it.
    Attachment,
    /// Shows it.
    Inline,
}

/// RFC 8187 `attr-char`: these, letters and digits stand as they are.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The header's value for a file name: an ASCII fallback, then the name itself.
///
/// Control and bidirectional formatting characters are dropped (they let `exe.gpj` pose as
/// `jpg.exe`), and separators of paths become `_`.
pub fn content_disposition(disposition: Disposition, name: &str) -> String {
    let kind = match disposition {
        Disposition::Attachment => "attachment",
        Disposition::Inline => "inline",
    };
    let name = presentable(name);
    let ascii: String = name.chars().map(ascii_fallback).collect();
    let encoded = utf8_percent_encode(&name, ATTR_CHAR);
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

fn presentable(name: &str) -> String {
    let kept: String = name
        .chars()
        .filter(|&c| !c.is_control() && !is_bidi(c))
        .map(|c| if matches!(c, '/' | '\\') { '_' } else { c })
        .collect();
    let trimmed = kept.trim().trim_start_matches('.');
    if trimmed.is_empty() { "download".to_owned() } else { trimmed.to_owned() }
}

/// The characters of Unicode's `Bidi_Control`, and the line separators.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A percent sign is replaced as well: some browsers decode it in the fallback.
fn ascii_fallback(c: char) -> char {
    if c.is_ascii() && !matches!(c, '"' | '%') { c } else { '_' }
}

#[cfg(test)]
mod tests {
    use super::{Disposition, content_disposition};

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(content_disposition(Disposition::Attachment, name), expected);
    }

    #[test]
    fn a_name_travels_whole_and_has_an_ascii_fallback() {
        check("a b.txt", "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt");
        check("naïve.txt", "attachment; filename=\"na_ve.txt\"; filename*=UTF-8''na%C3%AFve.txt");
        check("50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt");
    }

    #[test]
    fn a_name_breaks_out_of_nothing() {
        check("x\"\r\ny.txt", "attachment; filename=\"x_y.txt\"; filename*=UTF-8''x%22y.txt");
        check("../../etc", "attachment; filename=\"_.._etc\"; filename*=UTF-8''_.._etc");
        check(
            "photo\u{202e}gpj.exe",
            "attachment; filename=\"photogpj.exe\"; filename*=UTF-8''photogpj.exe",
        );
        check("\u{202e}", "attachment; filename=\"download\"; filename*=UTF-8''download");
    }
}
