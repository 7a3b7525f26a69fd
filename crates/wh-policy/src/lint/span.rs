//! Where values end, and how to cut and replace them.

use std::ops::Range;

use crate::print;

/// The byte after the value or key that begins at a byte.
pub(crate) fn end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (offset, byte) in rest.bytes().enumerate() {
        if quoted {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            quoted = !closes;
            if closes && depth == 0 {
                return at + offset + 1;
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return at + offset + depth,
            b'}' | b']' => depth -= 1,
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at + offset,
            _ => {}
        }
    }
    text.len()
}

/// The value or key that begins at a byte.
pub(super) fn token(text: &str, at: usize) -> Range<usize> {
    at..end(text, at)
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    print::quote(&mut out, text);
    out
}

/// The bytes to cut so that an item leaves its list with its comma; none where it is no list's item,
/// or its only one.
pub(super) fn removal(text: &str, at: usize) -> Option<Range<usize>> {
    let after = end(text, at);
    let behind = text.get(after..)?;
    let blank = behind.len() - behind.trim_start().len();
    if let Some(rest) = behind.trim_start().strip_prefix(',') {
        let next = rest.len() - rest.trim_start().len();
        return Some(at..after + blank + 1 + next);
    }
    let before = text.get(..at)?.trim_end();
    let comma = before.strip_suffix(',')?;
    Some(comma.len()..after)
}

/// A text with some of its bytes replaced; none where the bytes are not whole characters of it.
pub(super) fn replaced(text: &str, range: &Range<usize>, put: &str) -> Option<String> {
    Some(format!("{}{put}{}", text.get(..range.start)?, text.get(range.end..)?))
}

#[cfg(test)]
mod tests {
    use super::{end, removal, replaced};

    #[test]
    fn a_value_ends_where_it_ends() {
        for value in [r#""a\"}\\""#, "12.5", "true", "[]", r#"{"a":["]",{}]}"#, "\"\""] {
            for after in ["", ",1", "]", "}", " ", "\n"] {
                let text = format!("[{value}{after}");
                assert_eq!(end(&text, 1), 1 + value.len(), "{text}");
            }
        }
    }

    #[test]
    fn an_item_leaves_with_its_comma() {
        #[track_caller]
        fn check(text: &str, item: &str, left: Option<&str>) {
            let cut = removal(text, text.find(item).expect("the item"));
            let rest = cut.and_then(|cut| replaced(text, &cut, ""));
            assert_eq!(rest.as_deref(), left);
        }
        check(r#"["a", "b", "c"]"#, "\"a\"", Some(r#"["b", "c"]"#));
        check(r#"["a", "b" , "c"]"#, "\"b\"", Some(r#"["a", "c"]"#));
        check("[\"a\" ,\n \"c\"]", "\"c\"", Some(r#"["a" ]"#));
        check(r#"["a"]"#, "\"a\"", None);
    }
}
