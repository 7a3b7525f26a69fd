//! A log that a crash tore: nothing acknowledged is lost, nothing half is seen, and it opens.

use super::kit::{both, flip, log_of, make_table, outcome, put, remake, seize, strict};
use std::path::Path;

/// The log after `rows` commits, at several moments: (bytes of the log, rows acknowledged).
fn history(path: &Path, seal: &crate::Seal) -> Vec<(Vec<u8>, i64)> {
    let conn = strict(path, seal);
    make_table(&conn);
    let mut history = vec![(std::fs::read(log_of(path)).unwrap(), 0)];
    for n in 1..=6 {
        put(&conn, n).unwrap();
        history.push((std::fs::read(log_of(path)).unwrap(), n));
    }
    seize(path, &path.with_file_name("kept.db"));
    history
}

/// A commit that was being written when everything stopped: the log holds the old bytes, or the
/// new ones up to some byte.
#[test]
fn a_commit_cut_at_any_byte_leaves_those_before_it() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let history = history(&folder.path().join("a.db"), &seal);
        let (kept, copy) = (folder.path().join("kept.db"), folder.path().join("b.db"));
        for pair in history.windows(2).skip(3) {
            let ((old, before), (new, after)) = (&pair[0], &pair[1]);
            let from = old.iter().zip(new).position(|(a, b)| a != b).unwrap_or(old.len());
            let step = if new.len() - from > 20_000 { 61 } else { 7 };
            let near = |at: usize| (at % 4120).abs_diff(32) < 60;
            for cut in (from..new.len()).filter(|at| at % step == 0 || near(*at)) {
                seize(&kept, &copy);
                remake(&log_of(&copy), &new[..cut]);
                let rows = outcome(&copy, &seal).expect("a torn end is no damage");
                assert!(rows == *before || rows == *after, "cut at {cut}: {rows}, not {before}");
                // The same, where the file was longer before.
                let mut over = old.clone();
                over.resize(new.len(), 0);
                over[..cut].copy_from_slice(&new[..cut]);
                seize(&kept, &copy);
                remake(&log_of(&copy), &over);
                let rows = outcome(&copy, &seal).expect("a torn end is no damage");
                assert!(rows == *before || rows == *after, "cut at {cut}: {rows}, not {before}");
            }
        }
    }
}

/// Sectors of an unsynced commit reach the disk in any order.
#[test]
fn a_commit_whose_sectors_are_lost_at_random_is_whole_or_not_there() {
    let mut numbers = super::kit::Numbers(5);
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let history = history(&folder.path().join("a.db"), &seal);
        let (kept, copy) = (folder.path().join("kept.db"), folder.path().join("b.db"));
        for round in 0..300 {
            let pair = &history[round % 6..round % 6 + 2];
            let ((old, before), (new, after)) = (&pair[0], &pair[1]);
            let mut disk = old.clone();
            disk.resize(new.len(), 0);
            // The mark is written after the sync: it is not there while sectors are missing.
            let commit_end = new.len() - 48;
            for at in (0..commit_end).step_by(512).filter(|_| numbers.below(4) > 0) {
                let end = commit_end.min(at + 512);
                disk[at..end].copy_from_slice(&new[at..end]);
            }
            seize(&kept, &copy);
            remake(&log_of(&copy), &disk);
            let rows = outcome(&copy, &seal).expect("a torn end is no damage");
            assert!(rows == *before || rows == *after, "{rows}, not {before} or {after}");
        }
    }
}

#[test]
fn a_checkpoint_that_was_torn_is_done_again_from_the_log() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let conn = strict(&path, &seal);
        make_table(&conn);
        (1..=30).for_each(|n| put(&conn, n).unwrap());
        seize(&path, &copy);
        let log = std::fs::read(log_of(&path)).unwrap();
        conn.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(())).unwrap();
        let (old, new) = (std::fs::read(&copy).unwrap(), std::fs::read(&path).unwrap());
        let mut numbers = super::kit::Numbers(11);
        for _ in 0..60 {
            let mut disk = old.clone();
            disk.resize(new.len() - usize::try_from(numbers.below(9000)).unwrap(), 0);
            for at in (0..disk.len()).step_by(512).filter(|_| numbers.below(2) > 0) {
                let end = disk.len().min(at + 512);
                disk[at..end].copy_from_slice(&new[at..end]);
            }
            seize(&path, &copy);
            remake(&copy, &disk);
            remake(&log_of(&copy), &log);
            assert_eq!(outcome(&copy, &seal), Some(30));
        }
    }
}

/// The mark went with the torn commit; the counts in its frames tell.
#[test]
fn damage_before_a_torn_end_is_still_damage() {
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let history = history(&folder.path().join("a.db"), &seal);
        let (kept, copy) = (folder.path().join("kept.db"), folder.path().join("b.db"));
        let ((synced, before), (new, _)) = (&history[5], &history[6]);
        let end = u64::try_from(synced.len() - 48).unwrap();
        // All but the last frame of the new commit is there, and so its count.
        let cut = new.len() - 48 - crate::layout::FRAME;
        for byte in (0..end).step_by(1013) {
            seize(&kept, &copy);
            remake(&log_of(&copy), &new[..cut]);
            flip(&log_of(&copy), byte * 8 + byte % 8);
            assert_eq!(outcome(&copy, &seal), None, "byte {byte} of {end}");
        }
        seize(&kept, &copy);
        remake(&log_of(&copy), &new[..cut]);
        assert_eq!(outcome(&copy, &seal), Some(*before));
    }
}

/// Without syncs nothing is known to be on the disk, so nothing that is missing is damage.
#[test]
fn a_log_that_is_not_synced_makes_no_claims() {
    let mut numbers = super::kit::Numbers(6);
    for seal in both() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let conn = strict(&path, &seal);
        make_table(&conn);
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        conn.pragma_update(None, "synchronous", "NORMAL").unwrap();
        (1..=12).for_each(|n| put(&conn, n).unwrap());
        let log = std::fs::read(log_of(&path)).unwrap();
        for _ in 0..100 {
            let mut disk = log.clone();
            // The header is synced.
            for at in (512..disk.len()).step_by(512).filter(|_| numbers.below(20) == 0) {
                let end = disk.len().min(at + 512);
                disk[at..end].fill(0);
            }
            seize(&path, &copy);
            remake(&log_of(&copy), &disk);
            assert!(outcome(&copy, &seal).expect("a power cut is no damage") <= 12);
        }
    }
}
