//! A repair takes what is damaged away, keeps all that can be read of it, and touches nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::check::{HIDE_EMPTY, ORPHAN, checked, filled, index, sql};
use super::estate::{self, dump};
use super::kit::{blobs, open_both};
use super::sealed;
use crate::Stamp;
use crate::conformance::kit::{at, bytes};
use crate::disk::DiskOptions;
use crate::disk::check::FindingKind;
use crate::disk::repair::{RepairReport, plan_repair};

async fn lines(folder: &Path) -> BTreeSet<String> {
    let (store, port) = open_both(folder).await;
    let lines = dump(&port).await;
    store.close().await;
    lines.into_iter().collect()
}

/// Repairs, checks that a second run finds nothing, and tells who was doomed.
async fn repaired(folder: &Path) -> (Vec<String>, RepairReport) {
    let repair = plan_repair(DiskOptions::new(folder)).await.expect("a plan");
    assert!(repair.plan().left.is_empty(), "{:?}", repair.plan());
    let doomed = repair.plan().doomed.iter().map(|d| d.owner.to_string()).collect();
    let report = repair.apply(Stamp::new(at(5000), "repair")).await.expect("a repair");
    let after = checked(folder).await;
    let left = after.findings.iter().filter(|f| f.kind != FindingKind::Unused).count();
    assert!(after.is_whole() && left == 0, "{:?}", after.findings);
    let again = plan_repair(DiskOptions::new(folder)).await.expect("a plan");
    assert!(again.plan().is_empty(), "{:?}", again.plan());
    (doomed, report)
}

fn of_size(folder: &Path, size: u64) -> PathBuf {
    let fits = |blob: &PathBuf| {
        let len = std::fs::metadata(blob).expect("a blob").len();
        (size..size + 1000).contains(&len)
    };
    blobs(folder).into_iter().find(fits).expect("a blob of that size")
}

fn flip(path: &Path, at: usize) {
    let mut data = std::fs::read(path).expect("a blob");
    data[at] ^= 1;
    std::fs::write(path, data).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_store_needs_no_repair() {
    let folder = filled().await;
    let before = lines(folder.path()).await;
    let (doomed, report) = repaired(folder.path()).await;
    assert_eq!((doomed.len(), report), (0, RepairReport::default()));
    assert!(!folder.path().join("quarantine").exists());
    assert_eq!(lines(folder.path()).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_block_dooms_those_who_have_it_and_nobody_else() {
    let folder = filled().await;
    let before = lines(folder.path()).await;
    let blob = of_size(folder.path(), 700_000);
    flip(&blob, 600_000);
    let raw = std::fs::read(&blob).expect("a blob");
    let (doomed, report) = repaired(folder.path()).await;
    // Part 3 of the upload shares the blob, too, but only its first 300,000 bytes.
    assert_eq!(doomed.len(), 2, "{doomed:?}");
    assert!(doomed[0].starts_with("cellar/folder/copy version "), "{doomed:?}");
    assert!(doomed[1].starts_with("cellar/folder/large version "), "{doomed:?}");
    let quarantine = report.quarantine.expect("a quarantine");
    let readable = std::fs::read(quarantine.join("2/readable")).expect("what can be read");
    let whole = bytes(700_000, 5);
    assert!(readable[..524_288] == whole[..524_288], "the sound blocks");
    assert!(readable[524_288..].iter().all(|byte| *byte == 0) && readable.len() == 700_000);
    let about = std::fs::read_to_string(quarantine.join("2/about.json")).expect("what is known");
    let about: serde_json::Value = serde_json::from_str(&about).expect("JSON");
    assert_eq!(about["key"], "folder/large");
    assert_eq!(about["metadata"]["user"]["seed"], "5");
    assert_eq!(about["unreadable"], serde_json::json!([[524_288, 700_000]]));
    let name = blob.file_name().expect("a name");
    assert_eq!(std::fs::read(quarantine.join("blobs").join(name)).expect("the blob"), raw);
    let after = lines(folder.path()).await;
    let gone: Vec<_> = before.difference(&after).collect();
    assert!(gone.iter().all(|line| line.contains("folder/") || line.contains("BucketUsage")));
    let new: Vec<_> = after.difference(&before).collect();
    let told = new.iter().filter(|line| line.contains("by: \"repair\"")).count();
    assert_eq!((told, new.len()), (2, 3), "the feed tells of both, and the usage: {new:?}");
}

/// What is damaged, how, who leaves, and how many blobs and files nobody claims then.
type Case = (&'static str, fn(&Path), &'static [&'static str], u64);

const CASES: [Case; 14] = [
    (
        "a record",
        |f| sql(f, "UPDATE object SET record = x'00' WHERE key = CAST('b' AS BLOB)"),
        &["plain/b"],
        1,
    ),
    (
        "extents",
        |f| sql(f, "UPDATE object SET extents = x'00' WHERE key = CAST('a' AS BLOB)"),
        &["plain/a"],
        1,
    ),
    (
        "inline bytes",
        |f| sql(f, "UPDATE blob SET data = zeroblob(10) WHERE length(data) = 10"),
        &["plain/b"],
        1,
    ),
    ("a row", |f| sql(f, "DELETE FROM blob WHERE length(data) = 10"), &["plain/b"], 0),
    ("refs", |f| sql(f, "UPDATE blob SET refs = refs + 1"), &[], 0),
    ("usage", |f| sql(f, "UPDATE bucket SET bytes = 0, objects = 77"), &[], 0),
    ("an event", |f| sql(f, "DELETE FROM event WHERE seq = 5"), &[], 0),
    ("events", |f| sql(f, "UPDATE event SET record = x'00' WHERE seq < 9"), &[], 0),
    (
        "an upload",
        |f| sql(f, "UPDATE upload SET record = x'00'"),
        &["cellar/up part 1", "cellar/up part 2", "cellar/up part 3", "cellar/up part 0"],
        2,
    ),
    (
        "a part",
        |f| sql(f, "UPDATE part SET record = x'00' WHERE number = 2"),
        &["cellar/up part 2"],
        1,
    ),
    ("no current version", |f| sql(f, HIDE_EMPTY), &[], 0),
    ("a file", |f| std::fs::remove_file(of_size(f, 66_000)).expect("removed"), &["plain/a"], 0),
    ("a cut file", |f| std::fs::write(of_size(f, 66_000), "x").expect("cut"), &["plain/a"], 1),
    ("an orphan", |f| std::fs::write(f.join(ORPHAN), "x").expect("written"), &[], 1),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_damage_is_put_away() {
    for (name, damage, expected, unclaimed) in CASES {
        let folder = filled().await;
        let before = lines(folder.path()).await;
        damage(folder.path());
        let (doomed, report) = repaired(folder.path()).await;
        assert_eq!(doomed.len(), expected.len(), "{name}: {doomed:?}");
        let named = doomed.iter().zip(expected).all(|(doomed, key)| doomed.starts_with(key));
        assert!(named, "{name}: {doomed:?}");
        assert_eq!(report.unclaimed, unclaimed, "{name}: {report:?}");
        let after = lines(folder.path()).await;
        let objects = |lines: &BTreeSet<String>| -> BTreeSet<String> {
            lines.iter().filter(|line| line.starts_with("ObjectMeta")).cloned().collect()
        };
        let lost = objects(&before).difference(&objects(&after)).count();
        let doomed = doomed.iter().filter(|owner| owner.contains(" version ")).count();
        assert_eq!(lost, doomed, "{name}: nothing else is gone");
        assert!(objects(&after).is_subset(&objects(&before)), "{name}: nothing is changed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_below_a_damaged_one_becomes_current() {
    let folder = filled().await;
    let conn = index(folder.path());
    let text = "UPDATE object SET record = x'00' WHERE key = CAST('small' AS BLOB)";
    conn.execute_batch(text).expect("damaged");
    drop(conn);
    let (doomed, _) = repaired(folder.path()).await;
    assert_eq!(doomed.len(), 1);
    let (store, port) = open_both(folder.path()).await;
    assert_eq!(crate::conformance::kit::get(&port, "small").await.expect("a get"), bytes(100, 3));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_of_the_index_itself_is_left_to_a_backup() {
    let folder = filled().await;
    let index = folder.path().join("index-2.db");
    let mut data = std::fs::read(&index).expect("the index");
    let len = data.len();
    data[len - 4096 * 4..len - 4096 * 3].fill(0xff);
    std::fs::write(&index, &data).expect("written");
    let repair = plan_repair(DiskOptions::new(folder.path())).await.expect("a plan");
    assert!(repair.plan().is_empty() && !repair.plan().left.is_empty(), "{:?}", repair.plan());
    repair.apply(Stamp::new(at(5000), "repair")).await.expect("nothing");
    assert_eq!(std::fs::read(&index).expect("the index"), data);
    assert!(!folder.path().join("quarantine").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_store_is_repaired_and_its_quarantine_can_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = sealed::open(folder.path(), sealed::A).await;
    estate::fill(&sealed::port(&store)).await;
    store.close().await;
    drop(store);
    flip(&of_size(folder.path(), 700_000), 600_000);
    let options = || sealed::options(folder.path(), sealed::A);
    let repair = plan_repair(options()).await.expect("a plan");
    assert_eq!(repair.plan().doomed.len(), 2, "{:?}", repair.plan());
    let report = repair.apply(Stamp::new(at(5000), "repair")).await.expect("a repair");
    let quarantine = report.quarantine.expect("a quarantine");
    let readable = std::fs::read(quarantine.join("1/readable")).expect("what can be read");
    assert!(readable[..524_288] == bytes(700_000, 5)[..524_288], "the sound blocks");
    let kept = std::fs::read_dir(quarantine.join("blobs")).expect("blobs").count();
    assert_eq!(kept, 2, "the blob and its key");
    let again = plan_repair(options()).await.expect("a plan");
    assert!(again.plan().is_empty() && again.plan().left.is_empty(), "{:?}", again.plan());
}
