//! Names of jobs' objects: the last segment of a path, and the next name where one is taken.

use crate::EntryPath;

/// `b/` of `a/b/`, `c` of `a/c`.
pub(super) fn last(path: &EntryPath) -> &str {
    let whole = path.as_str();
    let inner = whole.strip_suffix('/').unwrap_or(whole);
    inner.rfind('/').and_then(|at| whole.get(at + 1..)).unwrap_or(whole)
}

/// `a/b (2).txt` for the second try of `a/b.txt`; the first is the key itself.
pub(super) fn variant(key: &str, n: u32) -> String {
    if n < 2 {
        return key.to_owned();
    }
    let (folder, name) = match key.rfind('/') {
        Some(at) => key.split_at(at + 1),
        None => ("", key),
    };
    match name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) {
        Some((stem, extension)) => format!("{folder}{stem} ({n}).{extension}"),
        None => format!("{folder}{name} ({n})"),
    }
}

#[cfg(test)]
mod tests {
    use super::{last, variant};
    use crate::EntryPath;

    #[test]
    fn a_taken_name_gets_a_number_before_its_ending() {
        for (key, n, expected) in [
            ("a/b.txt", 1, "a/b.txt"),
            ("a/b.txt", 2, "a/b (2).txt"),
            ("a.b/c", 3, "a.b/c (3)"),
            (".profile", 2, ".profile (2)"),
            ("x.tar.gz", 2, "x.tar (2).gz"),
        ] {
            assert_eq!(variant(key, n), expected);
        }
    }

    #[test]
    fn the_last_segment_keeps_the_slash_of_a_folder() {
        for (path, expected) in [("a/b/", "b/"), ("b/", "b/"), ("a/c", "c"), ("c", "c")] {
            assert_eq!(last(&EntryPath::parse(path).expect("a path")), expected);
        }
    }
}
