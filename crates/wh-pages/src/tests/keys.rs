//! A database opens with its own seal and no other.

use super::kit::{both, flip, key, make_table, put, seize, strict};
use crate::{OpenError, Seal, open, verify};
use std::ops::ControlFlow;
use std::path::Path;

fn made(path: &Path, seal: &Seal) {
    let conn = strict(path, seal);
    make_table(&conn);
    (1..=20).for_each(|n| put(&conn, n).unwrap());
}

#[test]
fn a_database_that_is_sealed_otherwise_is_refused_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let (keyed, summed) = (folder.path().join("k.db"), folder.path().join("s.db"));
    for fresh in [true, false] {
        if fresh {
            drop((strict(&keyed, &key(1)), strict(&summed, &Seal::Checksum)));
        } else {
            made(&keyed, &key(1));
            made(&summed, &Seal::Checksum);
        }
        assert!(matches!(open(&keyed, &key(2)), Err(OpenError::WrongKey)));
        assert!(matches!(open(&keyed, &Seal::Checksum), Err(OpenError::Encrypted)));
        assert!(matches!(open(&summed, &key(1)), Err(OpenError::NotEncrypted)));
        let looked = verify(&keyed, &key(2), |_| ControlFlow::Continue(()));
        assert!(matches!(looked, Err(OpenError::WrongKey)));
    }
    assert!(open(&keyed, &key(1)).is_ok());
    assert!(open(&summed, &Seal::Checksum).is_ok());
}

#[test]
fn an_ordinary_database_is_refused_as_plain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.db");
    make_table(&rusqlite::Connection::open(&path).unwrap());
    for seal in both() {
        assert!(matches!(open(&path, &seal), Err(OpenError::Plain)));
    }
}

#[test]
fn damage_to_the_first_page_is_not_taken_for_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
    for (seal, filled) in [(key(1), false), (key(1), true), (Seal::Checksum, true)] {
        drop(std::fs::remove_file(&path));
        if filled {
            made(&path, &seal);
        } else {
            drop(strict(&path, &seal));
        }
        // The seal of the first page begins at byte 4056.
        for bit in (0..4096 * 8).step_by(997).chain(4056 * 8..4096 * 8) {
            seize(&path, &copy);
            flip(&copy, bit);
            let opened = open(&copy, &seal);
            assert!(matches!(opened, Err(OpenError::Damaged(_))), "bit {bit}: {opened:?}");
        }
    }
}

#[test]
fn a_log_without_its_database_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let conn = strict(&path, &key(1));
    make_table(&conn);
    seize(&path, &copy);
    std::fs::remove_file(&copy).unwrap();
    assert!(matches!(open(&copy, &key(1)), Err(OpenError::Damaged(_))));
}
