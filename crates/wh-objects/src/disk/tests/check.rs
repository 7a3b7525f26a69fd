//! A whole store is found whole, and what is damaged is found and named.

use std::path::Path;

use super::estate;
use super::kit::{blobs, eventually, open_both};
use crate::disk::check::{CheckReport, Depth, FindingKind, check};
use crate::disk::{DiskOptions, OpenError};

pub(super) async fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(folder.path()).await;
    estate::fill(&port).await;
    store.close().await;
    folder
}

pub(super) async fn checked(folder: &Path) -> CheckReport {
    check(DiskOptions::new(folder), Depth::Blocks).await.expect("a check")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_store_is_found_whole() {
    let folder = filled().await;
    let report = checked(folder.path()).await;
    assert!(report.is_whole() && report.findings.is_empty(), "{:?}", report.findings);
    let counts = report.counts;
    assert_eq!((counts.buckets, counts.objects, counts.versions), (2, 8, 12));
    assert_eq!((counts.uploads, counts.parts, counts.events), (1, 3, 13));
    assert_eq!((counts.blobs, counts.files), (11, 7));
    assert!(counts.bytes > 2_000_000, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_store_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_store, _port) = open_both(folder.path()).await;
    let refused = check(DiskOptions::new(folder.path()), Depth::Ends).await;
    assert!(matches!(refused, Err(OpenError::Locked { .. })));
    let none = check(DiskOptions::new(folder.path().join("none")), Depth::Ends).await;
    assert!(matches!(none, Err(OpenError::Damaged { .. })), "and nothing is made");
    assert!(!folder.path().join("none").exists());
}

/// Leaves a key without a current version.
pub(super) const HIDE_EMPTY: &str = "
    INSERT INTO version SELECT * FROM object WHERE key = CAST('empty' AS BLOB);
    DELETE FROM object WHERE key = CAST('empty' AS BLOB)";

/// A file that nobody names.
pub(super) const ORPHAN: &str = "blobs/00/00000000000000010000000000000f00";

/// What damage does, the kind that it is told as, and whose it is.
type Case = (&'static str, fn(&Path), FindingKind, Option<&'static str>);

/// The index, opened beside the store.
pub(super) fn index(folder: &Path) -> rusqlite::Connection {
    wh_pages::open(&folder.join("index-2.db"), &wh_pages::Seal::Checksum).expect("the index")
}

pub(super) fn sql(folder: &Path, text: &str) {
    let conn = index(folder);
    conn.execute_batch(text).expect(text);
}

const CASES: [Case; 14] = [
    (
        "a record",
        |f| sql(f, "UPDATE object SET record = record || x'00' WHERE key = CAST('b' AS BLOB)"),
        FindingKind::Record,
        Some("plain/b version null"),
    ),
    (
        "extents",
        |f| sql(f, "UPDATE object SET extents = x'00' WHERE key = CAST('b' AS BLOB)"),
        FindingKind::Extents,
        Some("plain/b version null"),
    ),
    (
        "an older version",
        |f| sql(f, "UPDATE version SET record = x'0000000000' WHERE key = CAST('small' AS BLOB)"),
        FindingKind::Record,
        Some("cellar/small version 0000000000000003"),
    ),
    (
        "inline bytes",
        |f| sql(f, "UPDATE blob SET data = zeroblob(10) WHERE length(data) = 10"),
        FindingKind::BlobBytes,
        Some("plain/b version null"),
    ),
    ("refs", |f| sql(f, "UPDATE blob SET refs = refs + 1"), FindingKind::Refs, None),
    (
        "a row that is gone",
        |f| sql(f, "DELETE FROM blob WHERE length(data) = 10"),
        FindingKind::BlobRow,
        Some("plain/b version null"),
    ),
    ("usage", |f| sql(f, "UPDATE bucket SET bytes = bytes + 1"), FindingKind::Usage, None),
    ("settings", |f| sql(f, "UPDATE bucket SET settings = x'00'"), FindingKind::Bucket, None),
    ("an event", |f| sql(f, "DELETE FROM event WHERE seq = 5"), FindingKind::Event, None),
    ("events", |f| sql(f, "UPDATE event SET record = x'00'"), FindingKind::Event, None),
    ("an upload", |f| sql(f, "UPDATE upload SET record = x'00'"), FindingKind::Upload, None),
    (
        "a part",
        |f| sql(f, "UPDATE part SET record = x'00' WHERE number = 2"),
        FindingKind::Record,
        Some("cellar/up part 2 of upload"),
    ),
    (
        "the order",
        |f| sql(f, "UPDATE version SET seq = 1000 WHERE key = CAST('small' AS BLOB)"),
        FindingKind::Order,
        Some("cellar/small"),
    ),
    ("no current version", |f| sql(f, HIDE_EMPTY), FindingKind::Order, Some("cellar/empty")),
];

#[tokio::test(flavor = "multi_thread")]
async fn damage_of_the_index_is_found_and_named() {
    for (name, damage, kind, owner) in CASES {
        let folder = filled().await;
        damage(folder.path());
        let report = checked(folder.path()).await;
        assert!(!report.is_whole(), "{name}");
        let found = report.findings.iter().any(|finding| {
            let told = finding.owner.as_ref().map(ToString::to_string);
            let named = owner.is_none_or(|o| told.is_some_and(|told| told.starts_with(o)));
            finding.kind == kind && named
        });
        assert!(found, "{name}: {:?}", report.findings);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_damaged_file_is_found_with_all_who_use_it() {
    let folder = filled().await;
    for blob in blobs(folder.path()) {
        let whole = std::fs::read(&blob).expect("a blob");
        let mut flipped = whole.clone();
        flipped[1000] ^= 1;
        for (damage, kind) in [
            (Some(flipped), FindingKind::BlobBytes),
            (Some(whole[1..].to_vec()), FindingKind::BlobFile),
            (None, FindingKind::BlobFile),
        ] {
            match damage {
                Some(bytes) => std::fs::write(&blob, bytes).expect("written"),
                None => std::fs::remove_file(&blob).expect("removed"),
            }
            let report = checked(folder.path()).await;
            let kinds: Vec<_> = report.findings.iter().map(|f| f.kind).collect();
            let owned = report.findings.iter().all(|f| f.owner.is_some());
            assert!(!kinds.is_empty() && kinds.iter().all(|k| *k == kind) && owned, "{report:?}");
        }
        std::fs::write(&blob, whole).expect("written");
    }
    assert!(checked(folder.path()).await.is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_is_told_and_is_no_damage() {
    let folder = filled().await;
    let orphan = folder.path().join(ORPHAN);
    std::fs::write(&orphan, "x").expect("written");
    let report = checked(folder.path()).await;
    assert!(report.is_whole());
    assert!(report.findings.iter().all(|f| f.kind == FindingKind::Orphan));
    assert_eq!(report.findings.len(), 1);
    let (store, _port) = open_both(folder.path()).await;
    eventually(|| !orphan.exists());
    store.close().await;
}
