//! A round: the same operations on a store in memory and on one on the disk, answer by answer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use wh_objects::{
    DeleteObject, DiskStore, ListVersions, MemoryStore, ObjectAddress, ObjectStore, Stamp,
    StoreError, VersionAddress, VersionChange, VersionEntry, VersionId,
};

use super::answer::{Answer, answer};
use super::names::{bucket, prefix};
use super::operation::{
    Cut, KEYS, OnBucket, OnObject, OnUpload, Op, Place, Reading, UPLOADS, Upload, Which,
};
use crate::keys::Sealed;

/// How long the files of what was removed may stay.
const SWEEP_WAIT: Duration = Duration::from_secs(10);

/// How many versions of each key are read in the end.
const OLDER: u8 = 6;

/// More than there ever is to list.
const EVERYTHING: usize = 10_000;

/// How often each answer came, by its code.
pub(crate) type Tally = BTreeMap<&'static str, u64>;

/// Where two stores differ.
#[derive(Debug)]
pub(crate) struct Divergence {
    /// The place of the operation; that of the last one for what was compared in the end.
    pub(crate) at: usize,
    pub(crate) op: Op,
    pub(crate) memory: String,
    pub(crate) disk: String,
}

/// The store on the disk, in the folder that it has after so many crashes.
struct Disk {
    home: PathBuf,
    sealed: Sealed,
    crashes: usize,
    store: DiskStore,
}

/// Plays a round in an empty folder. An error is no answer: the store did not open, or left files
/// behind.
pub(crate) async fn play(
    (ops, sealed): (&[Op], Sealed),
    home: &Path,
    tally: &mut Tally,
) -> Result<Option<Divergence>> {
    let memory = MemoryStore::new();
    let mut disk = Disk::open(home.to_owned(), sealed, 0).await?;
    for (at, op) in ops.iter().enumerate() {
        match op {
            Op::Reopen => disk = disk.reopen().await?,
            Op::Crash => disk = disk.crash().await?,
            Op::Bucket(_) | Op::Object(_) | Op::Upload(_) => {}
        }
        if let Some(found) = compare(&memory, &disk.store, (at, *op), tally).await {
            return Ok(Some(found));
        }
    }
    let at = ops.len();
    for op in everything() {
        if let Some(found) = compare(&memory, &disk.store, (at, op), &mut Tally::new()).await {
            return Ok(Some(found));
        }
    }
    disk.leaves_nothing().await?;
    Ok(None)
}

async fn compare(
    memory: &MemoryStore,
    disk: &DiskStore,
    (at, op): (usize, Op),
    tally: &mut Tally,
) -> Option<Divergence> {
    let number = at as u64;
    let Answer { code, text: memory } = answer(memory, op, number).await;
    let Answer { text: disk, .. } = answer(disk, op, number).await;
    // What is in memory is at rest nowhere.
    let disk = disk.replace("encryption: Some(Aes256)", "encryption: None");
    *tally.entry(code).or_default() += 1;
    (memory != disk).then_some(Divergence { at, op, memory, disk })
}

/// Everything that can be asked for without a change: after it, nothing is left to differ.
pub(crate) fn everything() -> impl Iterator<Item = Op> {
    let events = OnBucket::Events { after: 0, max: EVERYTHING };
    let all = [OnBucket::TellAll, events].map(Op::Bucket);
    all.into_iter().chain((0..3).flat_map(of_bucket))
}

fn of_bucket(bucket: u8) -> impl Iterator<Item = Op> {
    let parts = move |number: u8| {
        let upload = Upload { to: Place { bucket, key: number / UPLOADS }, id: number % UPLOADS };
        Op::Upload(OnUpload::Parts { upload, after: 0, max: EVERYTHING })
    };
    let list = OnObject::List { bucket, prefix: 0, delimiter: 0, after: None, max: EVERYTHING };
    let versions =
        OnObject::ListVersions { bucket, prefix: 0, delimiter: 0, after: None, max: EVERYTHING };
    let uploads = OnUpload::List { bucket, prefix: 0, after: None, max: EVERYTHING };
    let documents = (0..4).map(move |kind| Op::Bucket(OnBucket::Document { bucket, kind }));
    documents
        .chain([OnBucket::Settings(bucket), OnBucket::Usage(bucket)].map(Op::Bucket))
        .chain([Op::Object(list), Op::Object(versions), Op::Upload(uploads)])
        .chain((0..KEYS).flat_map(move |key| of_key(Place { bucket, key })))
        .chain((0..2 * UPLOADS).map(parts))
}

fn of_key(at: Place) -> impl Iterator<Item = Op> {
    let when = Reading::default();
    let range = Some(Cut::FromTo(3, 70_000));
    let (newest, null) = (Which::Newest, Which::Null);
    let older = (0..OLDER).map(Which::Older);
    let whole = older.chain([newest, null]);
    whole
        .map(move |version| OnObject::Get { at, version, range: None, when })
        .chain([OnObject::Get { at, version: newest, range, when }])
        .map(Op::Object)
}

impl Disk {
    async fn open(home: PathBuf, sealed: Sealed, crashes: usize) -> Result<Self> {
        let folder = home.join(format!("store-{crashes}"));
        let store = DiskStore::open(sealed.options(&folder)?).await.context("opening the store")?;
        Ok(Self { home, sealed, crashes, store })
    }

    fn folder(&self) -> PathBuf {
        self.home.join(format!("store-{}", self.crashes))
    }

    async fn reopen(self) -> Result<Self> {
        let Self { home, sealed, crashes, store } = self;
        store.close().await;
        drop(store);
        Self::open(home, sealed, crashes).await
    }

    async fn crash(self) -> Result<Self> {
        let left = self.folder();
        let found = self.home.join(format!("store-{}", self.crashes + 1));
        copy_folder(&left, &found).context("copying the store's folder")?;
        let Self { home, sealed, crashes, store } = self;
        store.close().await;
        drop(store);
        std::fs::remove_dir_all(left).context("removing the store that crashed")?;
        Self::open(home, sealed, crashes + 1).await
    }

    /// Removes everything, and sees that no file stays.
    async fn leaves_nothing(self) -> Result<()> {
        for number in 0..3 {
            self.empty(number).await?;
        }
        let begun = Instant::now();
        loop {
            let left = files(&self.folder().join("blobs"))?;
            if left.is_empty() {
                break;
            }
            ensure!(begun.elapsed() < SWEEP_WAIT, "files that nothing names: {left:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.store.close().await;
        Ok(())
    }

    /// Removes all versions, long after every retention has ended, and the bucket.
    async fn empty(&self, number: u8) -> Result<()> {
        let (Ok(name), Ok(prefix)) = (bucket(number), prefix(0)) else { return Ok(()) };
        if self.store.bucket(&name).await.is_err() {
            return Ok(());
        }
        let list = ListVersions { prefix, delimiter: None, after: None, max_keys: EVERYTHING };
        for entry in self.store.list_object_versions(&name, list).await?.entries {
            if let VersionEntry::Version(version) = entry {
                let object = ObjectAddress { bucket: name.clone(), key: version.key };
                self.remove(object, version.version).await?;
            }
        }
        self.store.delete_bucket(&name).await.context("removing a bucket")
    }

    async fn remove(&self, object: ObjectAddress, version: VersionId) -> Result<()> {
        let late = Stamp::new(Timestamp::MAX, "the end");
        let address = VersionAddress { object: object.clone(), version: Some(version) };
        let released = self.store.change_version(&address, VersionChange::LegalHold(false), &late);
        match released.await {
            // A delete marker has no lock, and neither have buckets without.
            Ok(_) | Err(StoreError::DeleteMarker { .. } | StoreError::InvalidRequest { .. }) => {}
            Err(error) => return Err(error).context("ending a legal hold"),
        }
        let delete = DeleteObject { version: Some(version), ..DeleteObject::default() };
        self.store.delete_object(&object, delete, &late).await.context("removing a version")?;
        Ok(())
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// Copies a folder; a file that goes away meanwhile was on its way out.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
            continue;
        }
        match std::fs::copy(entry.path(), to) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            done => drop(done?),
        }
    }
    Ok(())
}
