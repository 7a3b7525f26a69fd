//! Text as it stands in a page: names, sizes, addresses.
//!
//! Invariant: no text reaches a page but through [`escaped`], and no name changes the direction of what
//! stands beside it.

use url::form_urlencoded;

/// Text that is nothing but text, in content and in quoted attributes. What has no shape, or turns the
/// direction of reading, is shown as a mark.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || is_unseen(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The same, for the value of a field that comes back as it is: nothing is replaced there but what ends it.
pub(crate) fn as_value(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// What stands behind `?`, ready for an attribute.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        out.append_pair(name, value);
    }
    out.finish().replace('&', "&amp;")
}

/// A size as people read it, in steps of a thousand.
pub(crate) fn size(bytes: u64, decimal: char) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes / 100, "kB");
    for larger in UNITS.into_iter().skip(1) {
        if tenths < 10_000 {
            break;
        }
        (tenths, unit) = (tenths / 1_000, larger);
    }
    format!("{}{decimal}{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::{as_value, escaped, query, size};

    #[test]
    fn text_ends_nothing_and_turns_nothing_round() {
        let text = "\"><script>alert('1')</script>&\u{202e}gpj.exe\u{0}";
        let shown = escaped(text);
        assert!(!shown.contains(['<', '>', '"', '\'', '\u{202e}', '\u{0}']), "{shown}");
        assert_eq!(shown.matches('\u{fffd}').count(), 2);
        assert!(!as_value(text).contains(['"', '<']));
        assert_eq!(query(&[("path", "a&b=\"c\"/"), ("x", "1")]), "path=a%26b%3D%22c%22%2F&amp;x=1");
    }

    #[test]
    fn sizes_are_read_in_steps_of_a_thousand() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_234_567, "1.2 MB"),
            (5_000_000_000, "5.0 GB"),
            (u64::MAX, "18446744.0 TB"),
        ] {
            assert_eq!(size(bytes, '.'), shown);
        }
        assert_eq!(size(1_500, ','), "1,5 kB");
    }
}
