//! Many connections at once.

use super::kit::{both, count, integrity, make_table, put, strict};
use crate::{Seal, verify};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

/// What runs beside the writer, and until when.
struct Beside<'b> {
    path: &'b Path,
    seal: &'b Seal,
    written: AtomicI64,
    done: AtomicBool,
}

impl Beside<'_> {
    fn until_done(&self, mut act: impl FnMut()) {
        while !self.done.load(Ordering::SeqCst) {
            act();
        }
    }

    /// A new connection each time: it reads the first page while others write it.
    fn read(&self) {
        let reader = strict(self.path, self.seal);
        let before = self.written.load(Ordering::SeqCst);
        assert!(count(&reader).unwrap() >= before);
    }

    fn checkpoint(&self) {
        let conn = strict(self.path, self.seal);
        conn.busy_timeout(Duration::from_secs(5)).unwrap();
        let mut modes = ["PASSIVE", "FULL", "RESTART", "TRUNCATE"].iter().cycle();
        self.until_done(|| {
            let mode = format!("PRAGMA wal_checkpoint({})", modes.next().unwrap());
            conn.query_row(&mode, [], |_| Ok(())).unwrap();
        });
    }

    fn verify(&self) {
        let report = verify(self.path, self.seal, |_| ControlFlow::Continue(())).unwrap();
        assert!(report.damaged.is_empty(), "{report:?}");
    }
}

fn check(seal: &Seal) {
    let folder = tempfile::tempdir().unwrap();
    let path = &folder.path().join("a.db");
    let conn = strict(path, seal);
    make_table(&conn);
    let (written, done) = (AtomicI64::new(0), AtomicBool::new(false));
    let beside = &Beside { path, seal, written, done };
    std::thread::scope(|scope| {
        scope.spawn(|| beside.until_done(|| beside.read()));
        scope.spawn(|| beside.until_done(|| beside.read()));
        scope.spawn(|| beside.checkpoint());
        scope.spawn(|| beside.until_done(|| beside.verify()));
        conn.busy_timeout(Duration::from_secs(30)).unwrap();
        for n in 1..=300 {
            put(&conn, n).unwrap();
            beside.written.store(n, Ordering::SeqCst);
        }
        beside.done.store(true, Ordering::SeqCst);
    });
    assert_eq!(count(&conn).unwrap(), 300);
    assert_eq!(integrity(&conn), "ok");
}

#[test]
fn readers_a_writer_checkpoints_and_a_check_run_side_by_side() {
    both().iter().for_each(check);
}

#[test]
fn two_writers_take_turns_and_a_kill_loses_nothing_of_either() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let conns = [strict(&path, &seal), strict(&path, &seal)];
        make_table(&conns[0]);
        for n in 1..=60 {
            put(&conns[usize::try_from(n % 3 / 2).unwrap()], n).unwrap();
            if n % 20 == 0 {
                conns[0].query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
            }
            super::kit::seize(&path, &copy);
            assert_eq!(super::kit::outcome(&copy, &seal), Some(n));
        }
    }
}

/// A checkpoint syncs the log while another connection has written on: no mark may fall on that.
#[test]
fn a_sync_outside_of_a_commit_writes_nothing() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let (one, other) = (strict(&path, &seal), strict(&path, &seal));
        make_table(&one);
        let reader = strict(&path, &seal);
        let pinned = reader.unchecked_transaction().unwrap();
        assert_eq!(count_in(&pinned), 0);
        for conn in [&one, &other] {
            conn.pragma_update(None, "synchronous", "NORMAL").unwrap();
        }
        put(&one, 1).unwrap();
        put(&other, 2).unwrap();
        one.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        let fresh = strict(&path, &seal);
        assert_eq!(count(&fresh).unwrap(), 2);
        drop(pinned);
        assert_eq!(integrity(&fresh), "ok");
    }
}

fn count_in(conn: &rusqlite::Connection) -> i64 {
    conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
}
