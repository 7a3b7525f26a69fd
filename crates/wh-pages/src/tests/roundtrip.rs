//! What is written is read, and nothing plain is on the disk.

use super::kit::{SECRET, both, count, integrity, make_table, put, strict};
use crate::{Seal, verify};
use std::ops::ControlFlow;

#[test]
fn what_was_written_is_read_after_reopening_and_every_seal_holds() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let conn = strict(&path, &seal);
        make_table(&conn);
        (1..=120).for_each(|n| put(&conn, n).unwrap());
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        (121..=200).for_each(|n| put(&conn, n).unwrap());
        assert_eq!(count(&conn).unwrap(), 200);
        let report = verify(&path, &seal, |_| ControlFlow::Continue(())).unwrap();
        assert!(report.damaged.is_empty() && report.frames > 80, "{report:?}");
        drop(conn);
        let conn = strict(&path, &seal);
        assert_eq!(count(&conn).unwrap(), 200);
        assert_eq!(integrity(&conn), "ok");
        let report = verify(&path, &seal, |_| ControlFlow::Continue(())).unwrap();
        assert!(report.damaged.is_empty() && report.pages > 100, "{report:?}");
    }
}

#[test]
fn a_large_transaction_that_spills_and_rolls_back_to_savepoints_is_right() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let conn = strict(&path, &seal);
        make_table(&conn);
        conn.pragma_update(None, "cache_size", 10).unwrap();
        conn.execute_batch("BEGIN").unwrap();
        for n in 1..=300 {
            put(&conn, n).unwrap();
            conn.execute_batch("SAVEPOINT s; UPDATE t SET body = zeroblob(3000); ROLLBACK TO s")
                .unwrap();
            conn.execute("UPDATE t SET name = name WHERE n % 7 = ?1", [n % 7]).unwrap();
        }
        conn.execute_batch("COMMIT").unwrap();
        assert_eq!(count(&conn).unwrap(), 300);
        // The log as a kill leaves it is recovered to the same.
        let copy = folder.path().join("b.db");
        super::kit::seize(&path, &copy);
        assert_eq!(super::kit::outcome(&copy, &seal), Some(300));
        conn.execute_batch("DELETE FROM t WHERE n > 10; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            .unwrap();
        assert_eq!(count(&conn).unwrap(), 10);
        assert_eq!(integrity(&conn), "ok");
        let report = verify(&path, &seal, |_| ControlFlow::Continue(())).unwrap();
        assert!(report.damaged.is_empty(), "{report:?}");
    }
}

#[test]
fn pages_that_are_freed_and_used_again_are_sealed_too() {
    let seal = super::kit::key(3);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let conn = strict(&path, &seal);
    make_table(&conn);
    for round in 0..30 {
        conn.execute_batch("BEGIN").unwrap();
        for n in 1..=100 {
            put(&conn, n).unwrap();
        }
        conn.execute_batch("CREATE TABLE u AS SELECT * FROM t; DROP TABLE u").unwrap();
        conn.execute_batch(if round % 3 == 0 { "ROLLBACK" } else { "DELETE FROM t; COMMIT" })
            .unwrap();
        conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    }
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    assert_eq!(integrity(&conn), "ok");
    let report = verify(&path, &seal, |_| ControlFlow::Continue(())).unwrap();
    assert!(report.damaged.is_empty() && report.pages > 100, "{report:?}");
}

#[test]
fn nothing_plain_is_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let find = |what: &str| {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let holds = files.filter(|file| {
            let bytes = std::fs::read(file.as_ref().unwrap().path()).unwrap();
            bytes.windows(what.len()).any(|window| window == what.as_bytes())
        });
        holds.count()
    };
    let fill = |seal: &Seal| {
        let conn = strict(&path, seal);
        make_table(&conn);
        (1..=40).for_each(|n| put(&conn, n).unwrap());
        conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        (41..=80).for_each(|n| put(&conn, n).unwrap());
        conn
    };
    let conn = fill(&super::kit::key(1));
    assert_eq!((find(SECRET), find("by_name"), find("SQLite")), (0, 0, 0));
    conn.execute_batch("VACUUM").unwrap();
    assert_eq!((find(SECRET), find("by_name"), find("SQLite")), (0, 0, 0));
    drop(conn);
    assert_eq!((find(SECRET), find("by_name"), find("SQLite")), (0, 0, 0));
    // The search finds what there is to find.
    std::fs::remove_file(&path).unwrap();
    let _conn = fill(&Seal::Checksum);
    assert_eq!(find(SECRET), 2);
}

#[test]
fn what_would_be_written_plain_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let conn = strict(&folder.path().join("a.db"), &super::kit::key(1));
    make_table(&conn);
    (1..=300).for_each(|n| put(&conn, n).unwrap());
    conn.execute_batch("PRAGMA temp_store = FILE; PRAGMA temp.cache_size = 10").unwrap();
    let sorted = "CREATE TEMP TABLE u AS SELECT * FROM t ORDER BY body";
    assert!(conn.execute_batch(sorted).is_err());
    conn.execute_batch("PRAGMA temp_store = MEMORY").unwrap();
    conn.execute_batch(sorted).unwrap();
    // Nor is there a journal with pages, in another mode than the log's.
    let mode = conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0));
    assert!(mode.map_or(true, |mode| mode == "wal"));
    let plain = rusqlite::Connection::open(folder.path().join("plain.db")).unwrap();
    let unnumbered = format!("ATTACH 'file:{}/x?vfs=wh-pages' AS x", folder.path().display());
    assert!(plain.execute_batch(&unnumbered).is_err(), "a file without a seal");
}
