//! Copies of the files taken while they are written, as a kill leaves them.

use super::kit::{both, make_table, outcome, put, seize, strict};
use crate::{Seal, verify};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI64, Ordering};

/// Everything acknowledged before the copy began is in it. Checkpoints wait meanwhile: two files
/// that are copied one after the other are no moment of a store that moves pages between them.
fn check(seal: &Seal) {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let conn = strict(&path, seal);
    make_table(&conn);
    let (begun, acknowledged) = (AtomicI64::new(0), AtomicI64::new(0));
    std::thread::scope(|scope| {
        let (begun, acknowledged) = (&begun, &acknowledged);
        // The connection comes back: closing it would move pages.
        let writing = scope.spawn(move || {
            for n in 1..=400 {
                begun.store(n, Ordering::SeqCst);
                put(&conn, n).unwrap();
                acknowledged.store(n, Ordering::SeqCst);
            }
            conn
        });
        let mut copies = 0;
        while !writing.is_finished() || copies == 0 {
            let before = acknowledged.load(Ordering::SeqCst);
            if before == 0 {
                std::thread::yield_now();
                continue;
            }
            seize(&path, &copy);
            let after = begun.load(Ordering::SeqCst);
            let rows = outcome(&copy, seal).expect("a kill is no damage");
            assert!((before..=after).contains(&rows), "{rows} of {before}..={after}");
            let report = verify(&copy, seal, |_| ControlFlow::Continue(())).unwrap();
            assert!(report.damaged.is_empty(), "{report:?}");
            copies += 1;
        }
        drop(writing.join().unwrap());
    });
}

#[test]
fn a_copy_taken_while_writing_has_every_acknowledged_commit() {
    both().iter().for_each(check);
}

#[test]
fn a_database_is_made_whole_or_not_at_all() {
    let seal = super::kit::key(4);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    // What a crash in the midst of making one leaves.
    std::fs::write(folder.path().join("a.db.new"), b"half").unwrap();
    std::fs::write(folder.path().join("a.db.new-wal"), b"half").unwrap();
    std::fs::write(&path, b"").unwrap();
    let conn = strict(&path, &seal);
    make_table(&conn);
    put(&conn, 1).unwrap();
    let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    names.retain(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".new"));
    assert!(names.is_empty(), "{names:?}");
    drop(conn);
    assert_eq!(outcome(&path, &seal), Some(1));
}
