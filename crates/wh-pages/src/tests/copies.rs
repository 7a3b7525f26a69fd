//! Copies: out of plain databases, under other keys, and beside a writer.

use super::kit::{body, both, count, integrity, key, make_table, put, strict};
use crate::{Seal, copy, open};
use rusqlite::Connection;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn an_ordinary_database_becomes_a_sealed_one() {
    for mode in ["WAL", "DELETE"] {
        for seal in both() {
            let folder = tempfile::tempdir().unwrap();
            let (from, to) = (folder.path().join("plain.db"), folder.path().join("sealed ?#%.db"));
            let plain = Connection::open(&from).unwrap();
            plain.pragma_update(None, "journal_mode", mode).unwrap();
            make_table(&plain);
            (1..=50).for_each(|n| put(&plain, n).unwrap());
            copy(&plain, &to, &seal).unwrap();
            assert_eq!(count(&plain).unwrap(), 50, "the source is as it was");
            let sealed = strict(&to, &seal);
            assert_eq!(count(&sealed).unwrap(), 50);
            assert_eq!(integrity(&sealed), "ok");
            put(&sealed, 51).unwrap();
        }
    }
}

#[test]
fn a_copy_may_have_another_seal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let conn = strict(&path, &key(1));
    make_table(&conn);
    (1..=50).for_each(|n| put(&conn, n).unwrap());
    for seal in [key(2), key(1), Seal::Checksum] {
        let to = folder.path().join("b.db");
        copy(&conn, &to, &seal).unwrap();
        let copied = strict(&to, &seal);
        assert_eq!(count(&copied).unwrap(), 50);
        assert_eq!(
            body(50),
            copied
                .query_row("SELECT body FROM t WHERE n = 50", [], |r| { r.get::<_, Vec<u8>>(0) })
                .unwrap()
        );
    }
    assert!(open(&folder.path().join("b.db"), &key(1)).is_err());
}

/// What does not fit into the cache is written before the copy is complete.
#[test]
fn a_copy_that_outgrows_the_cache_is_whole() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let conn = strict(&path, &seal);
        make_table(&conn);
        conn.execute_batch("BEGIN").unwrap();
        (1..=400).for_each(|n| put(&conn, n).unwrap());
        conn.execute_batch("COMMIT; PRAGMA cache_size = 10").unwrap();
        for seal in [key(2), Seal::Checksum] {
            let to = folder.path().join("b.db");
            copy(&conn, &to, &seal).unwrap();
            let copied = strict(&to, &seal);
            assert_eq!((count(&copied).unwrap(), integrity(&copied)), (400, "ok".to_owned()));
        }
    }
}

/// Writes until it is told to stop.
fn keep_writing(conn: &Connection, done: &AtomicBool) {
    for n in 2..20_000 {
        put(conn, n).unwrap();
        if n % 50 == 0 {
            conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        }
        if done.load(Ordering::SeqCst) {
            return;
        }
    }
}

#[test]
fn a_copy_beside_a_writer_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let seal = key(1);
    let conn = strict(&path, &seal);
    make_table(&conn);
    put(&conn, 1).unwrap();
    let done = &AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(move || keep_writing(&conn, done));
        let reader = strict(&path, &seal);
        for round in 0..10 {
            let to = folder.path().join(format!("{round}.db"));
            let before = count(&reader).unwrap();
            copy(&reader, &to, &key(2)).unwrap();
            let after = count(&reader).unwrap();
            let rows = count(&strict(&to, &key(2))).unwrap();
            assert!((before..=after).contains(&rows), "{rows} of {before}..={after}");
        }
        done.store(true, Ordering::SeqCst);
    });
}
