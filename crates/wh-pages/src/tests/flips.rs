//! Single bits that flip at rest: each is found or does no harm; none is served, and none makes
//! an acknowledged commit disappear.

use super::kit::{
    Numbers, both, count, flip, log_of, make_table, outcome, put, remake, seize, strict,
};
use crate::{Seal, verify};
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A database with pages in both files, as a kill leaves it after `rows` were acknowledged.
fn killed(path: &Path, seal: &Seal) -> i64 {
    let scratch = path.with_file_name("running.db");
    for suffix in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{suffix}", scratch.display())));
    }
    let conn = strict(&scratch, seal);
    make_table(&conn);
    (1..=60).for_each(|n| put(&conn, n).unwrap());
    // The log begins anew afterwards, over frames of the old one.
    conn.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
    (61..=72).for_each(|n| put(&conn, n).unwrap());
    seize(&scratch, path);
    72
}

fn check(seal: &Seal, seed: u64, flips: u64) {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let rows = killed(&path, seal);
    let sizes = [&path, &log_of(&path)].map(|file| std::fs::metadata(file).unwrap().len());
    let mut numbers = Numbers(seed);
    let (mut found, mut harmless) = (0, 0);
    for _ in 0..flips {
        seize(&path, &copy);
        let in_log = numbers.below(2) == 1;
        let bit = numbers.below(8 * sizes[usize::from(in_log)]);
        flip(&if in_log { log_of(&copy) } else { copy.clone() }, bit);
        let report = bit
            .is_multiple_of(8)
            .then(|| verify(&copy, seal, |_| ControlFlow::Continue(())).unwrap());
        match outcome(&copy, seal) {
            None => found += 1,
            Some(read) => {
                assert_eq!(read, rows, "seed {seed}: bit {bit} (log: {in_log}) lost a commit");
                harmless += 1;
            }
        }
        if report.is_some_and(|report| report.damaged.is_empty()) {
            // What the check passes can be read.
            seize(&path, &copy);
            flip(&if in_log { log_of(&copy) } else { copy.clone() }, bit);
            assert_eq!(outcome(&copy, seal), Some(rows), "seed {seed}: bit {bit}");
        }
    }
    println!("{seal:?}, seed {seed}: {flips} flips, {found} found, {harmless} harmless, 0 served");
    assert!(found > flips / 4, "flips hit what matters");
}

#[test]
fn a_flipped_bit_is_found_or_does_no_harm() {
    for (seal, seed) in both().into_iter().zip([1, 2]) {
        check(&seal, seed, 1000);
    }
}

#[test]
fn every_byte_of_the_headers_and_of_the_last_commit_is_guarded() {
    let seal = super::kit::key(9);
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let scratch = folder.path().join("running.db");
    let conn = strict(&scratch, &seal);
    make_table(&conn);
    (1..=3).for_each(|n| put(&conn, n).unwrap());
    seize(&scratch, &path);
    let bytes = std::fs::metadata(log_of(&path)).unwrap().len();
    let mark = bytes - u64::try_from(8 + crate::layout::SEAL).unwrap();
    let last = mark - u64::try_from(crate::layout::FRAME).unwrap();
    let frame_headers = (0..8).map(|n| crate::layout::frame_offset(n + 1)).filter(|at| *at < mark);
    let guarded = (0..32).chain(frame_headers.flat_map(|at| at..at + 24));
    for byte in guarded.chain((last..mark).step_by(7)) {
        seize(&path, &copy);
        flip(&log_of(&copy), byte * 8 + byte % 8);
        assert_eq!(outcome(&copy, &seal), None, "byte {byte} of {bytes} (mark at {mark})");
    }
    for byte in mark..bytes {
        seize(&path, &copy);
        flip(&log_of(&copy), byte * 8 + byte % 8);
        assert_eq!(outcome(&copy, &seal), Some(3), "the mark alone is no loss");
    }
}

#[test]
fn a_page_that_stands_elsewhere_or_was_zeroed_is_found() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let conn = strict(&path, &seal);
        make_table(&conn);
        (1..=60).for_each(|n| put(&conn, n).unwrap());
        drop(conn);
        let sound = std::fs::read(&path).unwrap();
        let pages = sound.len() / 4096;
        for page in 1..pages {
            let mut bytes = sound.clone();
            bytes.copy_within((page - 1) * 4096..page * 4096, page * 4096);
            remake(&path, &bytes);
            assert_eq!(outcome(&path, &seal), None, "page {page} stands on the next");
            bytes[page * 4096..(page + 1) * 4096].fill(0);
            remake(&path, &bytes);
            assert_eq!(outcome(&path, &seal), None, "zeros on page {}", page + 1);
        }
        // A file that lost its end.
        remake(&path, &sound[..(pages - 1) * 4096]);
        assert_eq!(outcome(&path, &seal), None);
        remake(&path, &sound);
        assert_eq!(count(&strict(&path, &seal)).unwrap(), 60);
    }
}

#[test]
fn damage_under_a_running_connection_is_not_served() {
    let seal = super::kit::key(9);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let conn = strict(&path, &seal);
    make_table(&conn);
    (1..=40).for_each(|n| put(&conn, n).unwrap());
    let other = strict(&path, &seal);
    // In place, as the disk would: every frame, in its middle.
    let log = std::fs::File::options().write(true).open(log_of(&path)).unwrap();
    for frame in 1..crate::layout::frames_in(log.metadata().unwrap().len()) {
        log.write_all_at(b"damage", crate::layout::frame_offset(frame) + 2000).unwrap();
    }
    assert!(crate::is_damage(&count(&other).unwrap_err()));
    let moved = other.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(()));
    assert!(crate::is_damage(&moved.unwrap_err()), "nothing damaged is moved to the database");
}

/// The log says how large the database is, and the file is shorter.
#[test]
fn pages_that_are_missing_are_not_read_as_zeros() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let conn = strict(&path, &seal);
        make_table(&conn);
        (1..=60).for_each(|n| put(&conn, n).unwrap());
        conn.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
        conn.execute("UPDATE t SET name = name WHERE n = 1", []).unwrap();
        seize(&path, &copy);
        assert_eq!(outcome(&copy, &seal), Some(60));
        for missing in 1..8 {
            seize(&path, &copy);
            let file = std::fs::File::options().write(true).open(&copy).unwrap();
            let bytes = file.metadata().unwrap().len();
            file.set_len(bytes - missing * 4096).unwrap();
            assert_eq!(outcome(&copy, &seal), None, "{missing} pages are missing");
            let report = verify(&copy, &seal, |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(u64::try_from(report.damaged.len()).unwrap(), missing, "{report:?}");
        }
    }
}
