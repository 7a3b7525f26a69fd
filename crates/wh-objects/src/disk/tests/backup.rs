//! What was backed up comes back as it was, byte for byte.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use wh_names::{Entropy, KeyPrefix};

use super::check::checked;
use super::estate::{self, dump, fill};
use super::kit::{blobs, eventually, open_both};
use super::restart::copy_folder;
use super::sealed;
use crate::backup::{
    BackupError, BackupJob, BackupReport, Extra, FolderTarget, Keep, Select, Source, Target,
    TargetError, Unlock, backup, list, prune, restore, verify,
};
use crate::conformance::kit::{Store, address, at, bucket, bytes, delete, put};
use crate::disk::{Depth, DiskStore, check};
use crate::{
    BucketChange, BucketSettings, ByteStream, ListVersions, ListedVersion, VersionEntry, Versioning,
};

fn entropy() -> Entropy {
    Entropy::new(|b| b.fill(7))
}

fn job(seconds: i64) -> BackupJob {
    BackupJob { now: at(seconds), entropy: entropy(), extras: Vec::new(), held: None }
}

fn folder(path: &Path) -> Arc<FolderTarget> {
    Arc::new(FolderTarget::new(path))
}

async fn back_up(store: &DiskStore, to: &Path, seconds: i64) -> BackupReport {
    let report = backup(store, folder(to), job(seconds), &mut |_| {}).await;
    report.expect("a backup")
}

async fn put_back(from: &Path, select: Select, to: &Path) -> Vec<String> {
    restore(&*folder(from), &select, to, &mut |_| {}).await.expect("a restore");
    let objects = to.join("objects");
    let report = checked(&objects).await;
    assert!(report.is_whole() && report.findings.is_empty(), "{:?}", report.findings);
    let (store, port) = open_both(&objects).await;
    let lines = dump(&port).await;
    store.close().await;
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_comes_back_as_it_was_at_each_point() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (from, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&from).await;
    fill(&port).await;
    let first = dump(&port).await;
    let one = back_up(&store, &to, 1000).await;
    assert_eq!((one.blobs_copied, one.point.blobs), (7, 7));
    let again = back_up(&store, &to, 1001).await;
    assert_eq!((again.blobs_copied, again.bytes_written), (0, 0), "nothing is new");
    put(&port, "new", &bytes(300_000, 9)).await;
    delete(&port, "early").await.expect("a delete");
    let second = dump(&port).await;
    let two = back_up(&store, &to, 2000).await;
    assert_eq!(two.blobs_copied, 1);
    assert_ne!(first, second);
    assert_eq!(put_back(&to, Select::Newest, &scratch.path().join("a")).await, second);
    assert_eq!(put_back(&to, Select::At(at(1999)), &scratch.path().join("b")).await, first);
    let named = Select::Named(one.point.name.clone());
    assert_eq!(put_back(&to, named, &scratch.path().join("c")).await, first);
    let (before, none) = (Select::At(at(999)), scratch.path().join("d"));
    let earlier = restore(&*folder(&to), &before, &none, &mut |_| {}).await;
    assert_eq!(earlier.expect_err("none").code(), "backup-no-such-point");
    assert_eq!(dump(&port).await, second, "the store itself is as it was");
    let points = list(&*folder(&to)).await.expect("points").into_iter();
    let told: Vec<_> = points.map(|point| point.name).collect();
    assert_eq!(told, [one.point.name, again.point.name, two.point.name]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_put_back_goes_on() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(&scratch.path().join("store")).await;
    fill(&port).await;
    back_up(&store, &scratch.path().join("backup"), 1000).await;
    let to = scratch.path().join("again");
    put_back(&scratch.path().join("backup"), Select::Newest, &to).await;
    let (store, port) = open_both(&to.join("objects")).await;
    put(&port, "more", &bytes(300_000, 1)).await;
    let before = dump(&port).await;
    let other = back_up(&store, &scratch.path().join("other"), 2000).await;
    assert_eq!(other.blobs_copied, 8);
    // It is a store of its own now.
    let mixed =
        backup(&store, folder(&scratch.path().join("backup")), job(3000), &mut |_| {}).await;
    assert_eq!(mixed.expect_err("another store").code(), "backup-other-store");
    let third = scratch.path().join("third");
    assert_eq!(put_back(&scratch.path().join("other"), Select::Newest, &third).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_rolled_back_is_backed_up_as_it_is() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (from, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&from).await;
    fill(&port).await;
    back_up(&store, &to, 1000).await;
    store.close().await;
    let copy = scratch.path().join("copy");
    copy_folder(&from, &copy);
    let (store, port) = open_both(&from).await;
    put(&port, "then", &bytes(300_000, 1)).await;
    back_up(&store, &to, 2000).await;
    store.close().await;
    std::fs::remove_dir_all(&from).expect("removed");
    copy_folder(&copy, &from);
    let (store, port) = open_both(&from).await;
    put(&port, "now", &bytes(300_000, 2)).await;
    let before = dump(&port).await;
    let third = back_up(&store, &to, 3000).await;
    assert_eq!(third.blobs_copied, 1, "what is the same is there already");
    assert_eq!(put_back(&to, Select::Newest, &scratch.path().join("a")).await, before);
    let fourth = back_up(&store, &to, 4000).await;
    assert_eq!((fourth.blobs_copied, fourth.bytes_written), (0, 0), "nothing is new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_of_an_older_version_without_lineage_is_compared() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (from, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&from).await;
    fill(&port).await;
    let first = back_up(&store, &to, 1000).await;
    let path = to.join(format!("points/{}.point", first.point.name));
    let text = std::fs::read_to_string(&path).expect("a point");
    let json = text.lines().next().expect("a line");
    let (before, rest) = json.split_once(r#""lineage":"#).expect("a lineage");
    let (_, after) = rest.split_once(',').expect("more");
    let json = format!("{before}{after}");
    let sum = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(json.as_bytes()));
    std::fs::write(&path, format!("{json}\n{sum}\n")).expect("written");
    let second = back_up(&store, &to, 2000).await;
    assert_eq!((second.blobs_copied, second.point.blobs), (0, 7), "the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_beside_the_store_come_back_and_what_is_there_stays() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (store, _port) = open_both(&scratch.path().join("store")).await;
    let path = scratch.path().join("rows");
    std::fs::write(&path, bytes(600_000, 4)).expect("written");
    let extras = vec![Extra { name: "ledger.db".to_owned(), path: path.clone() }];
    let target = folder(&scratch.path().join("backup"));
    let job = BackupJob { extras, ..job(5) };
    backup(&store, Arc::clone(&target) as _, job, &mut |_| {}).await.expect("a backup");
    let to = scratch.path().join("to");
    restore(&*target, &Select::Newest, &to, &mut |_| {}).await.expect("a restore");
    assert_eq!(std::fs::read(to.join("ledger.db")).expect("it"), bytes(600_000, 4));
    let twice = restore(&*target, &Select::Newest, &to, &mut |_| {}).await;
    assert_eq!(twice.expect_err("not empty").code(), "backup-not-empty");
}

/// A target that keeps whoever puts waiting, and tells in which order it was asked.
#[derive(Debug)]
struct Slow {
    inner: FolderTarget,
    asked: std::sync::Mutex<Vec<String>>,
    wait: std::time::Duration,
}

impl Slow {
    fn new(to: &Path, millis: u64) -> Arc<Self> {
        let wait = std::time::Duration::from_millis(millis);
        Arc::new(Self { inner: FolderTarget::new(to), asked: std::sync::Mutex::default(), wait })
    }

    fn note(&self, what: &str, name: &str) {
        self.asked.lock().expect("asked").push(format!("{what} {name}"));
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("asked").clone()
    }
}

#[async_trait]
impl Target for Slow {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    async fn put(&self, name: &str, source: Source<'_>) -> Result<(), TargetError> {
        self.note("put", name);
        tokio::time::sleep(self.wait).await;
        self.inner.put(name, source).await
    }
    async fn get(&self, name: &str) -> Result<Option<ByteStream>, TargetError> {
        self.inner.get(name).await
    }
    async fn list(&self, folder: &str) -> Result<Vec<String>, TargetError> {
        self.note("list", folder);
        self.inner.list(folder).await
    }
    async fn remove(&self, name: &str) -> Result<(), TargetError> {
        self.inner.remove(name).await
    }
    async fn settle(&self) -> Result<(), TargetError> {
        self.inner.settle().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_nobody_waits_for_ends_and_keeps_its_turn_until_then() {
    let scratch = tempfile::tempdir().expect("a folder");
    let to = scratch.path().join("backup");
    let (store, port) = open_both(&scratch.path().join("store")).await;
    fill(&port).await;
    let target = Slow::new(&to, 50);
    let turn = Arc::new(tokio::sync::Mutex::new(()));
    let held = Arc::clone(&turn).try_lock_owned().expect("the turn");
    let job = BackupJob { held: Some(Box::new(held)), ..job(1000) };
    let (running, at) = (Arc::clone(&store), Arc::clone(&target) as Arc<dyn Target>);
    let waiting = tokio::spawn(async move { backup(&running, at, job, &mut |_| {}).await });
    eventually(|| target.asked().iter().any(|asked| asked.starts_with("put chunks/")));
    waiting.abort();
    assert!(waiting.await.expect_err("given up").is_cancelled());
    // The turn comes back when the run has ended, and it ended before its time.
    drop(turn.lock().await);
    let puts = target.asked().iter().filter(|asked| asked.starts_with("put ")).count();
    assert!(puts < 9, "{:?}", target.asked());
    assert!(list(&*folder(&to)).await.expect("points").is_empty());
    back_up(&store, &to, 2000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_prunings_by_processes_of_one_number_see_each_other() {
    let scratch = tempfile::tempdir().expect("a folder");
    let to = scratch.path().join("backup");
    let (store, port) = open_both(&scratch.path().join("store")).await;
    fill(&port).await;
    back_up(&store, &to, 1000).await;
    // Two containers: the same number, and each in a name space that the other cannot look into.
    let own = std::process::id();
    std::fs::create_dir_all(to.join("pruning")).expect("a folder");
    std::fs::write(to.join(format!("pruning/{own}")), "").expect("a mark of another");
    let refused = prune(&*folder(&to), Keep::default(), Unlock::No, &entropy()).await;
    assert_eq!(refused.expect_err("it is pruned").code(), "backup-pruning");
    let left = std::fs::read_dir(to.join("pruning")).expect("a folder").count();
    assert_eq!(left, 1, "one's own mark goes, and no other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_leaves_no_mark() {
    let scratch = tempfile::tempdir().expect("a folder");
    let to = scratch.path().join("backup");
    let (store, port) = open_both(&scratch.path().join("store")).await;
    fill(&port).await;
    let marks = |work: &str| std::fs::read_dir(to.join(work)).map_or(0, Iterator::count);
    let pruned = prune(&*folder(&to), Keep::default(), Unlock::No, &entropy()).await;
    assert_eq!(pruned.expect_err("there is none").code(), "backup-none");
    assert_eq!(marks("pruning"), 0);
    back_up(&store, &to, 1000).await;
    // The names of what is put are taken by folders.
    std::fs::remove_dir_all(to.join("points")).expect("removed");
    std::fs::write(to.join("points"), "").expect("in the way");
    assert!(backup(&store, folder(&to), job(2000), &mut |_| {}).await.is_err());
    assert_eq!(marks("running"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_and_pruning_mark_first_and_look_then() {
    let scratch = tempfile::tempdir().expect("a folder");
    let to = scratch.path().join("backup");
    let (store, port) = open_both(&scratch.path().join("store")).await;
    fill(&port).await;
    let target = Slow::new(&to, 0);
    let place = |asked: &[String], what: &str| {
        asked.iter().position(|asked| asked.starts_with(what)).expect("it was asked")
    };
    backup(&store, Arc::clone(&target) as _, job(1000), &mut |_| {}).await.expect("a backup");
    let asked = target.asked();
    assert!(place(&asked, "put running/") < place(&asked, "list pruning/"), "{asked:?}");
    assert!(place(&asked, "list pruning/") < place(&asked, "list points/"), "{asked:?}");
    let target = Slow::new(&to, 0);
    prune(&*target, Keep::default(), Unlock::No, &entropy()).await.expect("pruned");
    let asked = target.asked();
    assert!(place(&asked, "put pruning/") < place(&asked, "list running/"), "{asked:?}");
    assert!(place(&asked, "list running/") < place(&asked, "list points/"), "{asked:?}");
    // A mark of somebody unknown, and one of a process of this machine that is gone.
    std::fs::write(to.join("pruning/elsewhere"), "").expect("a mark");
    let refused = backup(&store, folder(&to), job(2000), &mut |_| {}).await;
    assert_eq!(refused.expect_err("it is pruned").code(), "backup-pruning");
    assert_eq!(std::fs::read_dir(to.join("running")).expect("a folder").count(), 0);
    prune(&*folder(&to), Keep::default(), Unlock::Yes, &entropy()).await.expect("pruned");
    back_up(&store, &to, 3000).await;
}

/// Every version, without whether it is still the newest.
async fn versions(port: &Store) -> Vec<ListedVersion> {
    let prefix = KeyPrefix::everything();
    let list = ListVersions { prefix, delimiter: None, after: None, max_keys: usize::MAX };
    let page = port.list_object_versions(&bucket(), list).await.expect("versions");
    let version = |entry| match entry {
        VersionEntry::Version(version) => Some(ListedVersion { latest: false, ..version }),
        VersionEntry::CommonPrefix(_) => None,
    };
    page.entries.into_iter().filter_map(version).collect()
}

/// Writes and deletes until it is told to stop.
async fn load(port: Store, stop: Arc<AtomicU64>, writer: u64) {
    let mut round = 0;
    while stop.load(Ordering::Relaxed) == 0 {
        let size = [10, 5000, 70_000, 300_000][usize::try_from(round % 4).expect("small")];
        let key = format!("{writer}/{}", round % 7);
        put(&port, &key, &bytes(size, writer * 1000 + round)).await;
        if round % 5 == 4 {
            delete(&port, &key).await.expect("a delete");
        }
        round += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_one_moment() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (from, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&from).await;
    port.create_bucket(&bucket(), BucketSettings::default(), &crate::conformance::kit::stamp(1))
        .await
        .expect("a bucket");
    let enabled = BucketChange::Versioning(Versioning::Enabled);
    port.change_bucket(&bucket(), enabled).await.expect("versions");
    let stop = Arc::new(AtomicU64::new(0));
    let writers = (0..4_u64).map(|writer| {
        let (port, stop) = (Arc::clone(&port), Arc::clone(&stop));
        tokio::spawn(load(port, stop, writer))
    });
    let writers: Vec<_> = writers.collect();
    let mut points = Vec::new();
    for second in 0..4 {
        points.push(back_up(&store, &to, 1000 + second).await.point);
    }
    stop.store(1, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("a writer");
    }
    assert!(points[0].newest_event < points[3].newest_event, "there was load");
    let (live, events) = (versions(&port).await, port.events(0, usize::MAX).await.expect("events"));
    for (number, point) in points.into_iter().enumerate() {
        let back = scratch.path().join(number.to_string());
        put_back(&to, Select::Named(point.name), &back).await;
        let (restored, port) = open_both(&back.join("objects")).await;
        let then = |v: &&ListedVersion| v.sequence <= point.newest_event;
        let expected: Vec<_> = live.iter().filter(then).cloned().collect();
        assert_eq!(versions(&port).await, expected);
        let told = port.events(0, usize::MAX).await.expect("events");
        assert_eq!(told, events[..told.len()]);
        assert_eq!(told.len() as u64, point.newest_event);
        restored.close().await;
    }
    let report = verify(&*folder(&to), None, &mut |_| {}).await.expect("verified");
    assert!(report.damaged.is_empty() && report.points == 4, "{report:?}");
}

/// What a target does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    BreaksOff,
    KeepsAnotherByte,
}

/// A target that does something wrong after so many puts.
#[derive(Debug)]
struct Breaking {
    inner: FolderTarget,
    left: AtomicU64,
    fault: Fault,
}

impl Breaking {
    fn new(to: &Path, puts: u64, fault: Fault) -> Arc<Self> {
        let (inner, left) = (FolderTarget::new(to), AtomicU64::new(puts));
        Arc::new(Self { inner, left, fault })
    }

    async fn put_wrong(&self, name: &str, source: Source<'_>) -> Result<(), TargetError> {
        if self.fault == Fault::BreaksOff {
            return Err(TargetError::new("writing".to_owned(), "it broke off"));
        }
        let mut data = match source {
            Source::Bytes(bytes) => bytes.to_vec(),
            Source::File(path, _) => std::fs::read(path).expect("a file"),
        };
        data[0] ^= 1;
        self.inner.put(name, Source::Bytes(&data)).await
    }
}

#[async_trait]
impl Target for Breaking {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    async fn put(&self, name: &str, source: Source<'_>) -> Result<(), TargetError> {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 0 {
            return self.put_wrong(name, source).await;
        }
        self.inner.put(name, source).await
    }
    async fn get(&self, name: &str) -> Result<Option<ByteStream>, TargetError> {
        self.inner.get(name).await
    }
    async fn list(&self, folder: &str) -> Result<Vec<String>, TargetError> {
        self.inner.list(folder).await
    }
    async fn remove(&self, name: &str) -> Result<(), TargetError> {
        self.inner.remove(name).await
    }
    async fn settle(&self) -> Result<(), TargetError> {
        self.inner.settle().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_breaks_off_leaves_earlier_points_whole() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (from, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&from).await;
    fill(&port).await;
    let first = dump(&port).await;
    back_up(&store, &to, 1000).await;
    put(&port, "new", &bytes(300_000, 9)).await;
    let second = dump(&port).await;
    let mut broken = 0;
    for puts in 0.. {
        let target = Breaking::new(&to, puts, Fault::BreaksOff);
        match backup(&store, target, job(2000 + broken), &mut |_| {}).await {
            Err(BackupError::Target(_)) => broken += 1,
            Err(other) => panic!("{other}"),
            Ok(_) => break,
        }
        let points = list(&*folder(&to)).await.expect("points");
        assert_eq!(points.len(), 1, "no point was made");
        let report = verify(&*folder(&to), None, &mut |_| {}).await.expect("verified");
        assert!(report.damaged.is_empty());
    }
    assert!(broken >= 4, "{broken}: mark, index, blob, list and point");
    let keep = Keep { last: 9, ..Keep::default() };
    let pruned = prune(&*folder(&to), keep, Unlock::No, &entropy()).await.expect("pruned");
    assert_eq!((pruned.kept.len(), pruned.removed.len()), (2, 0));
    assert_eq!(put_back(&to, Select::At(at(1500)), &scratch.path().join("a")).await, first);
    assert_eq!(put_back(&to, Select::Newest, &scratch.path().join("b")).await, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_earlier_point_is_in_nobodys_way() {
    let scratch = tempfile::tempdir().expect("a folder");
    let to = scratch.path().join("backup");
    let (store, port) = open_both(&scratch.path().join("store")).await;
    fill(&port).await;
    back_up(&store, &to, 1000).await;
    let second = back_up(&store, &to, 2000).await;
    let before = dump(&port).await;
    let point = to.join(format!("points/{}.point", second.point.name));
    std::fs::write(&point, "x").expect("written");
    let list = every_file(&to).into_iter().find(|file| {
        std::fs::read_to_string(file).is_ok_and(|text| text.starts_with("0000000000000001"))
    });
    std::fs::write(list.expect("a list"), "x").expect("written");
    let third = back_up(&store, &to, 3000).await;
    assert_eq!(third.blobs_copied, 7, "nobody can tell any more which are there");
    assert_eq!(put_back(&to, Select::Newest, &scratch.path().join("a")).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_target_keeps_wrong_is_found_before_there_is_a_point() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (store, port) = open_both(&scratch.path().join("store")).await;
    fill(&port).await;
    for puts in 0.. {
        let to = scratch.path().join(puts.to_string());
        let target = Breaking::new(&to, puts, Fault::KeepsAnotherByte);
        match backup(&store, target, job(2000), &mut |_| {}).await {
            Ok(_) => {
                assert!(puts > 9, "only {puts} puts");
                break;
            }
            Err(error) => assert_eq!(error.code(), "backup-damaged"),
        }
        let none = verify(&*folder(&to), None, &mut |_| {}).await;
        assert_eq!(none.expect_err("there is no point").code(), "backup-none");
    }
}

fn every_file(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(every_file(&path)) } else { files.push(path) }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_byte_of_a_backup_is_found_and_nothing_wrong_is_put_back() {
    let scratch = tempfile::tempdir().expect("a folder");
    let to = scratch.path().join("backup");
    let (store, port) = open_both(&scratch.path().join("store")).await;
    fill(&port).await;
    back_up(&store, &to, 1000).await;
    let files = every_file(&to);
    assert!(files.len() > 9, "{files:?}");
    for (number, file) in files.into_iter().enumerate() {
        let whole = std::fs::read(&file).expect("a file");
        let mut flipped = whole.clone();
        let middle = whole.len() / 2;
        flipped[middle] ^= 1;
        std::fs::write(&file, flipped).expect("written");
        let report = verify(&*folder(&to), None, &mut |_| {}).await.expect("verified");
        assert_eq!(report.damaged.len(), 1, "{}", file.display());
        let back = scratch.path().join(number.to_string());
        let refused = restore(&*folder(&to), &Select::Newest, &back, &mut |_| {}).await;
        assert_eq!(refused.expect_err("damage").code(), "backup-damaged");
        if back.exists() {
            let opened = DiskStore::open(crate::DiskOptions::new(back.join("objects"))).await;
            assert_eq!(opened.expect_err("no store is left behind").code(), "store-damaged");
        }
        std::fs::write(&file, whole).expect("written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_blob_is_named_and_an_earlier_copy_stays() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (from, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&from).await;
    fill(&port).await;
    let before = dump(&port).await;
    back_up(&store, &to, 1000).await;
    for blob in blobs(&from) {
        let mut data = std::fs::read(&blob).expect("a blob");
        data[0] ^= 1;
        std::fs::write(&blob, data).expect("written");
    }
    let known = back_up(&store, &to, 1001).await;
    assert!(known.point.damaged.is_empty(), "each is there already, whole");
    assert_eq!(put_back(&to, Select::Newest, &scratch.path().join("a")).await, before);
    let elsewhere = back_up(&store, &scratch.path().join("other"), 1002).await;
    assert_eq!((elsewhere.point.damaged.len(), elsewhere.point.blobs), (7, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_of_the_index_is_named_and_the_point_before_it_stays() {
    use std::os::unix::fs::FileExt;
    let scratch = tempfile::tempdir().expect("a folder");
    let (from, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let (store, port) = open_both(&from).await;
    fill(&port).await;
    for key in 0..20 {
        put(&port, &key.to_string(), &bytes(60_000, key)).await;
    }
    let whole = back_up(&store, &to, 1000).await;
    assert!(whole.point.damaged.is_empty());
    let index = std::fs::OpenOptions::new().write(true).open(from.join("index-2.db"));
    let page = std::fs::metadata(from.join("index-2.db")).expect("the index").len() / 4096;
    index.expect("the index").write_all_at(b"wrong", (page - 1) * 4096 + 9).expect("written");
    let damaged = back_up(&store, &to, 2000).await;
    assert_eq!(damaged.point.damaged, [format!("page {page} of the index")]);
    let pruned =
        prune(&*folder(&to), Keep::default(), Unlock::No, &entropy()).await.expect("pruned");
    assert_eq!(pruned.kept, [whole.point.name, damaged.point.name]);
}

/// A target that has a key deleted before the first blob is copied, and waits for what follows.
#[derive(Debug)]
struct Deleting {
    inner: FolderTarget,
    port: Store,
    damaged: std::path::PathBuf,
    copied: std::path::PathBuf,
    done: AtomicU64,
}

#[async_trait]
impl Target for Deleting {
    fn describe(&self) -> String {
        self.inner.describe()
    }
    async fn put(&self, name: &str, source: Source<'_>) -> Result<(), TargetError> {
        if name.starts_with("chunks/") && self.done.fetch_add(1, Ordering::Relaxed) == 0 {
            for key in ["copied", "damaged"] {
                delete(&self.port, key).await.expect("gone");
            }
            eventually(|| !self.copied.exists());
            assert!(self.damaged.exists(), "the backup wants it");
            let mut data = std::fs::read(&self.damaged).expect("a blob");
            data[0] ^= 1;
            std::fs::write(&self.damaged, data).expect("written");
        }
        self.inner.put(name, source).await
    }
    async fn get(&self, name: &str) -> Result<Option<ByteStream>, TargetError> {
        self.inner.get(name).await
    }
    async fn list(&self, folder: &str) -> Result<Vec<String>, TargetError> {
        self.inner.list(folder).await
    }
    async fn remove(&self, name: &str) -> Result<(), TargetError> {
        self.inner.remove(name).await
    }
    async fn settle(&self) -> Result<(), TargetError> {
        self.inner.settle().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_meanwhile_is_verified_and_what_is_copied_already_goes() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (from, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let store = sealed::open(&from, sealed::A).await;
    let port = crate::conformance::kit::with_bucket(sealed::port(&store)).await;
    put(&port, "copied", &bytes(100_000, 1)).await;
    let copied = blobs(&from).remove(0);
    back_up(&store, &to, 1000).await;
    put(&port, "damaged", &bytes(100_000, 2)).await;
    put(&port, "whole", &bytes(100_000, 3)).await;
    let ours = |blob: &&std::path::PathBuf| **blob != copied;
    let mut new: Vec<_> = blobs(&from).iter().filter(ours).cloned().collect();
    new.sort();
    let (inner, done) = (FolderTarget::new(&to), AtomicU64::new(0));
    let target = Deleting { inner, port, damaged: new.remove(0), copied, done };
    let report = backup(&store, Arc::new(target), job(2000), &mut |_| {}).await;
    let report = report.expect("a backup");
    assert_eq!((report.point.damaged.len(), report.blobs_copied), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn pruning_removes_what_no_point_needs_and_nothing_else() {
    let scratch = tempfile::tempdir().expect("a folder");
    let to = scratch.path().join("backup");
    let (store, port) = open_both(&scratch.path().join("store")).await;
    fill(&port).await;
    back_up(&store, &to, 1000).await;
    for key in ["a", "c/d"] {
        let object = crate::ObjectAddress { bucket: estate::plain(), ..address(key) };
        let (whole, stamp) = (crate::DeleteObject::default(), crate::conformance::kit::stamp(1));
        port.delete_object(&object, whole, &stamp).await.expect("a delete");
    }
    let after = dump(&port).await;
    back_up(&store, &to, 2000).await;
    let files = every_file(&to).len();
    let report =
        prune(&*folder(&to), Keep::default(), Unlock::No, &entropy()).await.expect("pruned");
    assert_eq!((report.kept.len(), report.removed.len()), (1, 1));
    assert!(report.files_removed >= 2, "{report:?}");
    let left = u64::try_from(every_file(&to).len()).expect("a count");
    assert_eq!(left + report.files_removed + 1, u64::try_from(files).expect("a count"));
    assert_eq!(put_back(&to, Select::Newest, &scratch.path().join("a")).await, after);
    std::fs::create_dir_all(to.join("running")).expect("a folder");
    std::fs::write(to.join("running/20260101T000000.000Z"), "").expect("a mark");
    let refused = prune(&*folder(&to), Keep::default(), Unlock::No, &entropy()).await;
    assert_eq!(refused.expect_err("it runs").code(), "backup-running");
    prune(&*folder(&to), Keep::default(), Unlock::Yes, &entropy()).await.expect("pruned");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_store_is_backed_up_sealed_and_comes_back_with_its_key() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (from, to) = (scratch.path().join("store"), scratch.path().join("backup"));
    let store = sealed::open(&from, sealed::A).await;
    let port = sealed::port(&store);
    fill(&port).await;
    let before = dump(&port).await;
    let report = back_up(&store, &to, 1000).await;
    assert!(report.point.encrypted);
    let plain = bytes(700_000, 5);
    for file in every_file(&to) {
        let data = std::fs::read(&file).expect("a file");
        for word in [&b"folder/large"[..], b"cellar", &plain[1000..1032]] {
            let found = data.windows(word.len()).any(|window| window == word);
            assert!(!found, "{} is in {}", word.escape_ascii(), file.display());
        }
    }
    put(&port, "new", &bytes(10, 9)).await;
    let again = back_up(&store, &to, 1001).await;
    let index = std::fs::metadata(from.join("index-2.db")).expect("the index").len();
    assert!(again.bytes_written <= index && again.blobs_copied == 0, "{again:?}");
    let back = scratch.path().join("back");
    let select = Select::Named(report.point.name);
    restore(&*folder(&to), &select, &back, &mut |_| {}).await.expect("a restore");
    let objects = back.join("objects");
    let report = check(sealed::options(&objects, sealed::A), Depth::Blocks).await.expect("a check");
    assert!(report.is_whole() && report.findings.is_empty(), "{:?}", report.findings);
    for (ring, why) in [("", "store-keys-off"), (sealed::B, "store-key-missing")] {
        assert_eq!(sealed::refusal(&objects, ring).await, why);
        let refused = check(sealed::options(&objects, ring), Depth::Ends).await;
        assert_eq!(refused.expect_err("the key is not there").code(), why);
    }
    let store = sealed::open(&objects, sealed::A).await;
    assert_eq!(dump(&sealed::port(&store)).await, before);
}
