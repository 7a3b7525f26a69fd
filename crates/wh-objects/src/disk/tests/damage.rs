//! Damage is found, and never served.

use std::os::unix::fs::FileExt;
use std::path::Path;

use wh_pages::Seal;

use super::kit::{blobs, open_both};
use crate::conformance::kit::{
    Store, bucket, bytes, code, delete, get, get_range, head, put, with_bucket,
};
use crate::{ByteRange, ListObjects};

fn flip(path: &Path, offset: u64) {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).expect("a file");
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).expect("a byte");
    file.write_all_at(&[byte[0] ^ 4], offset).expect("written");
}

async fn is_found(port: &Store, offset: u64) {
    let got = get(port, "a").await;
    assert!(matches!(code(&got), "corrupt" | "body-broken-off"), "{offset}: {}", code(&got));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_byte_of_a_file_is_never_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let data = bytes(1_500_000, 1);
    put(&port, "a", &data).await;
    let blob = blobs(folder.path()).remove(0);
    let len = std::fs::metadata(&blob).expect("a blob").len();
    let footer = 1_500_000..len;
    for offset in [0, 262_143, 262_144, 1_048_576, 1_499_999].into_iter().chain(footer) {
        flip(&blob, offset);
        is_found(&port, offset).await;
        flip(&blob, offset);
    }
    assert!(get(&port, "a").await.expect("a get") == data, "it is whole again");
    flip(&blob, 0);
    let first = get_range(&port, "a", Some(ByteRange::FromTo(100, 200))).await;
    assert_eq!(code(&first), "corrupt", "in the same block");
    let other = get_range(&port, "a", Some(ByteRange::FromTo(300_000, 300_009))).await;
    assert_eq!(other.expect("a range"), data[300_000..=300_009], "in another block");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_gone_or_another_is_never_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    put(&port, "a", &bytes(300_000, 1)).await;
    let blob = blobs(folder.path()).remove(0);
    put(&port, "b", &bytes(300_000, 2)).await;
    let other = blobs(folder.path()).into_iter().find(|b| *b != blob).expect("another");
    let whole = std::fs::read(&blob).expect("a blob");
    for wrong in [&whole[..0], &whole[..10], &whole[..whole.len() - 1]] {
        std::fs::write(&blob, wrong).expect("written");
        assert_eq!(code(&get(&port, "a").await), "corrupt");
    }
    std::fs::copy(other, &blob).expect("copied");
    assert_eq!(code(&get(&port, "a").await), "corrupt");
    std::fs::remove_file(&blob).expect("removed");
    assert_eq!(code(&get(&port, "a").await), "corrupt");
    // What is damaged can be replaced.
    put(&port, "a", &bytes(10, 3)).await;
    assert_eq!(get(&port, "a").await.expect("a get"), bytes(10, 3));
}

/// What a test does to the index, beside the store.
type Change = fn(&rusqlite::Connection) -> rusqlite::Result<()>;

/// Flips one bit of a column in every row.
fn flip_in(conn: &rusqlite::Connection, table: &str, column: &str) -> rusqlite::Result<()> {
    let mut rows = conn.prepare(&format!("SELECT rowid, {column} FROM {table}"))?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows = rows.collect::<rusqlite::Result<Vec<(i64, Vec<u8>)>>>()?;
    rows.into_iter().try_for_each(|(row, mut bytes)| {
        bytes[20] ^= 4;
        let sql = format!("UPDATE {table} SET {column} = ?1 WHERE rowid = ?2");
        conn.execute(&sql, (bytes, row)).map(drop)
    })
}

/// Flips one bit of a column of every object; their table has no row ids.
fn flip_in_objects(conn: &rusqlite::Connection, column: &str) -> rusqlite::Result<()> {
    conn.execute_batch("CREATE TABLE copy AS SELECT * FROM object; DELETE FROM object;")?;
    flip_in(conn, "copy", column)?;
    conn.execute_batch("INSERT INTO object SELECT * FROM copy; DROP TABLE copy;")
}

async fn changed(folder: &Path, change: Change) -> Store {
    let conn = wh_pages::open(&folder.join("index-2.db"), &Seal::Checksum).expect("the index");
    change(&conn).expect("changed");
    drop(conn);
    open_both(folder).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_byte_of_the_index_is_never_served() {
    let cases: [Change; 6] = [
        |conn| flip_in(conn, "blob", "data"),
        |conn| conn.execute_batch("UPDATE blob SET data = substr(data, 2)"),
        |conn| conn.execute_batch("UPDATE blob SET data = 'text'"),
        |conn| flip_in_objects(conn, "record"),
        |conn| flip_in_objects(conn, "extents"),
        |conn| {
            conn.execute_batch(
                "UPDATE object SET key = CAST('c' AS BLOB) WHERE key = CAST('a' AS BLOB);
                 UPDATE object SET key = CAST('a' AS BLOB) WHERE key = CAST('b' AS BLOB);",
            )
        },
    ];
    for (number, change) in cases.into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, port) = open_both(folder.path()).await;
        let port = with_bucket(port).await;
        put(&port, "a", &bytes(100, 1)).await;
        put(&port, "b", &bytes(100, 2)).await;
        store.close().await;
        drop((store, port));
        let port = changed(folder.path(), change).await;
        assert_eq!(code(&get(&port, "a").await), "corrupt", "case {number}");
        put(&port, "a", &bytes(100, 3)).await;
        assert_eq!(get(&port, "a").await.expect("a get"), bytes(100, 3), "case {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_page_of_the_index_is_damage_and_no_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    let data = bytes(60_000, 1);
    put(&port, "a", &data).await;
    store.close().await;
    drop((store, port));
    let index = folder.path().join("index-2.db");
    let middle = |page: u64| page * 4096 + 2000;
    let last = std::fs::metadata(&index).expect("the index").len() / 4096 - 1;
    let mut codes = std::collections::BTreeSet::new();
    for page in last - 8..=last {
        flip(&index, middle(page));
        let (store, port) = open_both(folder.path()).await;
        // A connection that met damage is of no use to the next read.
        for _ in 0..2 {
            codes.insert(code(&get(&port, "a").await));
        }
        store.close().await;
        flip(&index, middle(page));
    }
    assert!(codes.remove("corrupt"), "no page that holds the object was hit");
    codes.remove("ok");
    assert_eq!(codes, [].into(), "damage was told as something else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_record_is_not_listed_as_if_it_were_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    put(&port, "a", &bytes(100, 1)).await;
    store.close().await;
    drop((store, port));
    let port = changed(folder.path(), |conn| flip_in_objects(conn, "record")).await;
    let prefix = wh_names::KeyPrefix::everything();
    let all = ListObjects { prefix, delimiter: None, after: None, max_keys: 10 };
    assert_eq!(code(&port.list_objects(&bucket(), all).await), "corrupt");
    let head = head(&port, "a").await;
    assert_eq!(code(&head), "corrupt");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_disk_error_nothing_is_written_and_everything_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    put(&port, "a", &bytes(100, 1)).await;
    let error = store.health.sync("syncing a file", std::io::Error::from_raw_os_error(5));
    assert_eq!(error.code(), "io");
    let put = crate::conformance::kit::try_put(&port, "b", &bytes(1, 1), Default::default()).await;
    assert_eq!(code(&put), "read-only");
    assert_eq!(code(&delete(&port, "a").await), "read-only");
    assert_eq!(get(&port, "a").await.expect("a get"), bytes(100, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_version_does_not_keep_uploads_from_expiring() {
    use crate::lifecycle::{Lifecycle, Mode, Report, pass};
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    let port = with_bucket(port).await;
    put(&port, "a", &bytes(10, 1)).await;
    let id = crate::conformance::kit::begin(&port, "b", 1, crate::CreateUpload::default()).await;
    store.close().await;
    let index = wh_pages::open(&folder.path().join("index-2.db"), &Seal::Checksum).expect("it");
    flip_in_objects(&index, "record").expect("damage");
    drop(index);
    let (_, port) = open_both(folder.path()).await;
    let rules = r#"{"Rules":[{"Status":"Enabled","Expiration":{"Days":1},
        "AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}}]}"#;
    let rules = Lifecycle::parse(rules).expect("rules");
    let when = (crate::conformance::kit::at(9 * 86_400), Mode::Perform);
    let done = pass(&port, (&bucket(), &rules), when, &mut |_| {}).await.expect("a pass");
    assert_eq!(done, Report { failed: 1, uploads_aborted: 1, ..Report::default() });
    let again = port.abort_multipart_upload(&crate::conformance::kit::address("b"), &id).await;
    assert_eq!(code(&again), "no-such-upload");
}
