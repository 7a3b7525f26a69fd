//! What an archive is called, and whether people can read it.

mod reading;

use super::named;
use crate::EntryPath;

#[track_caller]
fn called(paths: &[&str], expected: &str) {
    let paths: Vec<_> = paths.iter().map(|path| EntryPath::parse(path).expect("a path")).collect();
    assert_eq!(named(&paths), expected);
}

#[test]
fn an_archive_is_called_as_what_is_in_it() {
    called(&["a/reports 2026/"], "reports 2026.zip");
    called(&["a/b.txt"], "b.txt.zip");
    called(&["a/", "b/"], "files.zip");
}
