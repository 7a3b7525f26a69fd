//! What the tests share: seals, a table that grows by commits, copies of files, and numbers.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::{Key, OpenError, Seal, is_damage, open};

/// Stands in keys and values, and must not stand in any file.
pub(super) const SECRET: &str = "the-name-that-nobody-may-read";

pub(super) fn key(byte: u8) -> Seal {
    Seal::Encrypt(Key::new(Zeroizing::new([byte; 32])))
}

pub(super) fn both() -> [Seal; 2] {
    [Seal::Checksum, key(7)]
}

/// Opens with the settings of a store that loses nothing.
pub(super) fn strict(path: &Path, seal: &Seal) -> Connection {
    let conn = open(path, seal).unwrap();
    conn.pragma_update(None, "synchronous", "FULL").unwrap();
    conn.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    conn
}

pub(super) fn make_table(conn: &Connection) {
    conn.execute_batch(
        "CREATE TABLE t (n INTEGER PRIMARY KEY, name TEXT NOT NULL, body BLOB NOT NULL) STRICT;
         CREATE INDEX by_name ON t (name);",
    )
    .unwrap();
}

/// What row `n` holds: long enough for overflow pages now and then.
pub(super) fn body(n: i64) -> Vec<u8> {
    let mut numbers = Numbers(u64::try_from(n).unwrap());
    let bytes = if n % 5 == 0 { 9000 } else { 40 + numbers.below(200) };
    let mut body = SECRET.as_bytes().to_vec();
    body.extend((0..bytes).map(|_| u8::try_from(numbers.below(256)).unwrap()));
    body
}

pub(super) fn put(conn: &Connection, n: i64) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached("INSERT INTO t VALUES (?1, ?2, ?3)")?;
    statement.execute((n, format!("{SECRET}/{n:06}"), body(n))).map(drop)
}

/// Reads everything, and checks each row; gives how many there are, which are the first.
pub(super) fn count(conn: &Connection) -> rusqlite::Result<i64> {
    let conn = conn.unchecked_transaction()?;
    let mut statement = conn.prepare("SELECT n, name, body FROM t ORDER BY n")?;
    let mut rows = statement.query([])?;
    let mut next = 1;
    while let Some(row) = rows.next()? {
        let (n, name, found): (i64, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        assert_eq!(n, next, "a row is missing in the middle");
        assert_eq!(name, format!("{SECRET}/{n:06}"));
        assert_eq!(found, body(n), "row {n} is not what was written");
        next += 1;
    }
    let by_index: i64 =
        conn.query_row("SELECT count(name) FROM t INDEXED BY by_name", [], |row| row.get(0))?;
    assert_eq!(by_index, next - 1, "the index and the table differ");
    Ok(next - 1)
}

pub(super) fn integrity(conn: &Connection) -> String {
    conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

/// How reading everything ends: the rows, or that there is damage. Anything else is a failure of
/// the test.
pub(super) fn outcome(path: &Path, seal: &Seal) -> Option<i64> {
    let conn = match open(path, seal) {
        Ok(conn) => conn,
        Err(OpenError::Damaged(_)) => return None,
        Err(other) => panic!("{other:?}"),
    };
    // The copy is thrown away: closing it need not wait for the disk.
    conn.pragma_update(None, "synchronous", "OFF").unwrap();
    match count(&conn) {
        Ok(rows) => Some(rows),
        Err(error) => {
            assert!(is_damage(&error), "{error:?}");
            None
        }
    }
}

pub(super) fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// Copies a database and its log as they are on the disk, as a kill would leave them.
pub(super) fn seize(from: &Path, to: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        drop(std::fs::remove_file(name(to)));
        if suffix != "-shm" && name(from).exists() {
            std::fs::copy(name(from), name(to)).unwrap();
        }
    }
}

/// Flips one bit of a file.
pub(super) fn flip(path: &Path, bit: u64) {
    let file = std::fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, bit / 8).unwrap();
    file.write_all_at(&[byte[0] ^ (1 << (bit % 8))], bit / 8).unwrap();
}

/// Makes a file anew. (Some file systems wait for the disk when one is cut to nothing first.)
pub(super) fn remake(path: &Path, bytes: &[u8]) {
    drop(std::fs::remove_file(path));
    std::fs::write(path, bytes).unwrap();
}

/// `SplitMix64`.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}
