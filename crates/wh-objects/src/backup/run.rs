//! Making a backup.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use tokio::runtime::Handle;
use ulid::Ulid;
use wh_names::Entropy;

use super::error::{BackupError, io};
use super::manifest::{FileEntry, Listed, Manifest, POINT_FORMAT, list_pieces};
use super::mark::{self, Work};
use super::pieces::{Known, PIECE_BYTES, Summing, damaged, put, read_piece, sum};
use super::points::{self, Point, name_of, path_of};
use super::target::{Source, Target};
use super::{OnProgress, Progress};
use crate::StoreError;
use crate::disk::{BlobId, DiskStore, FORMAT, Opening, Snapshot, sync_folder};

/// A file beside the store that belongs into the backup, as it is when the backup begins.
#[derive(Debug, Clone)]
pub struct Extra {
    /// Where it belongs below the folder that is restored to, such as `ledger.db`.
    pub name: String,
    /// Where it is now. It must not change before the backup ends.
    pub path: PathBuf,
}

/// What is backed up beside the store, and what a backup needs to know.
#[derive(Debug)]
pub struct BackupJob {
    /// The time, which becomes the point's name.
    pub now: Timestamp,
    /// Where a store gets its id from when it has none yet.
    pub entropy: Entropy,
    /// Files beside the store.
    pub extras: Vec<Extra>,
    /// What must not be let go before the run has ended, such as the turn of this backup, and
    /// whatever removes the extras: a run that is given up ends some time after that.
    pub held: Option<Box<dyn Any + Send>>,
}

/// Tells a run that nobody waits for it any more.
#[derive(Debug, Default)]
struct GivesUp(Arc<AtomicBool>);

impl Drop for GivesUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What a backup came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// The point that was made.
    pub point: Point,
    /// How many blobs were copied; the others were there already.
    pub blobs_copied: u64,
    /// How many bytes were written.
    pub bytes_written: u64,
}

/// Backs a store up while it runs. Nothing is served slower than by the reading itself; the
/// index's log grows until the index is copied.
///
/// A blob that turns out to be damaged is not copied: it is named in the point, and an earlier
/// backup may still have it whole. A damaged page of the index is copied, and named as well. When this is dropped, the run ends with what it has in hand.
///
/// # Errors
/// [`BackupError`]; then no point was made, and earlier ones are as they were.
pub async fn backup(
    store: &DiskStore,
    target: Arc<dyn Target>,
    job: BackupJob,
    on_progress: OnProgress<'_>,
) -> Result<BackupReport, BackupError> {
    let waiting = GivesUp::default();
    let given_up = Arc::clone(&waiting.0);
    let snapshot = store.snapshot().await?;
    let (sender, mut progress) = tokio::sync::mpsc::unbounded_channel();
    let handle = Handle::current();
    let running = tokio::task::spawn_blocking(move || {
        let told = move |progress| {
            if sender.send(progress).is_err() {
                tracing::debug!("nobody hears how far the backup has come");
            }
        };
        let run = Run::new((snapshot, target), told, given_up);
        let made = handle.block_on(run.whole(&job));
        drop(job);
        made
    });
    while let Some(progress) = progress.recv().await {
        on_progress(progress);
    }
    let made = running.await.map_err(|_| StoreError::Closed)?;
    drop(waiting);
    made
}

/// What the name of a blob in the last point means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// The store went on from there: the same blob.
    GoOn,
    /// The store was rolled back since, or nobody knows: the name may be another blob's now.
    MayComeAgain,
}

/// A backup under way.
struct Run<F> {
    snapshot: Snapshot,
    target: Arc<dyn Target>,
    told: F,
    given_up: Arc<AtomicBool>,
    known: Known,
    before: HashMap<BlobId, Listed>,
    names: Names,
    progress: Progress,
    written: u64,
    copied: u64,
    damaged: Vec<String>,
}

impl<F: Fn(Progress) + Send + Sync> Run<F> {
    fn new(
        (snapshot, target): (Snapshot, Arc<dyn Target>),
        told: F,
        given_up: Arc<AtomicBool>,
    ) -> Self {
        let (known, before, progress) = (Known::default(), HashMap::new(), Progress::default());
        let (names, damaged, written, copied) = (Names::MayComeAgain, Vec::new(), 0, 0);
        Self {
            snapshot,
            target,
            told,
            given_up,
            known,
            before,
            names,
            progress,
            written,
            copied,
            damaged,
        }
    }

    async fn whole(self, job: &BackupJob) -> Result<BackupReport, BackupError> {
        let point = name_of(job.now);
        let target = Arc::clone(&self.target);
        // Marked first: pruning removes nothing that is found from here on.
        let own = mark::leave(&*target, Work::Backup, &point).await?;
        let made = self.marked(point, &own, job).await;
        if made.is_err()
            && let Err(error) = target.remove(&own).await
        {
            tracing::warn!(%error, own, "the mark of a backup that ended is left");
        }
        made
    }

    async fn marked(
        mut self,
        point: String,
        own: &str,
        job: &BackupJob,
    ) -> Result<BackupReport, BackupError> {
        let store = store_id(self.snapshot.folder().path(), job)?;
        let prunes = mark::others(&*self.target, Work::Prune, own).await?;
        if let Some(mark) = prunes.into_iter().next() {
            return Err(BackupError::Pruning { target: self.target.describe(), mark });
        }
        self.look_back(&store).await?;
        self.take_over(own).await?;
        let (before, names) = (&self.before, self.names);
        let wanted = |id: &BlobId| names == Names::MayComeAgain || !before.contains_key(id);
        self.snapshot.want(wanted)?;
        let pieces = self.snapshot.index_bytes().div_ceil(PIECE_BYTES as u64);
        self.progress.of = pieces + self.snapshot.blobs().len() as u64;
        let mut files = vec![self.index().await?];
        self.snapshot.thaw();
        let index_key = self.snapshot.folder().index_key();
        let encrypted = index_key.is_file();
        if encrypted {
            files.push(self.file(&below(&index_key), &index_key).await?);
        }
        for extra in &job.extras {
            files.push(self.file(&extra.name, &extra.path).await?);
        }
        let blobs = self.blobs().await?;
        let lists = self.lists(&blobs).await?;
        let facts = self.snapshot.facts();
        let manifest = Manifest {
            format: POINT_FORMAT,
            point,
            store,
            store_format: FORMAT,
            encrypted,
            openings: facts.opening.number,
            lineage: facts.opening.lineage,
            buckets: facts.buckets,
            objects: facts.objects,
            versions: facts.versions,
            newest_event: facts.newest_event,
            files,
            blobs: blobs.len() as u64,
            blob_bytes: blobs.iter().map(|blob| blob.bytes).sum(),
            lists,
            damaged: std::mem::take(&mut self.damaged),
        };
        self.finish(manifest).await
    }

    /// What earlier backups of the store have. One that cannot be read is passed over.
    async fn look_back(&mut self, store: &str) -> Result<(), BackupError> {
        let target = Arc::clone(&self.target);
        for name in points::names(&*target).await?.iter().rev() {
            match self.look_at(store, name).await {
                Err(BackupError::Damaged { what, .. }) => {
                    tracing::error!(what, "an earlier backup is damaged; what it lacks is copied");
                }
                looked => return looked,
            }
        }
        Ok(())
    }

    async fn look_at(&mut self, store: &str, point: &str) -> Result<(), BackupError> {
        let target = &*self.target;
        let last = points::load(target, point).await?;
        if last.store != store {
            let (target, found) = (target.describe(), last.store);
            return Err(BackupError::OtherStore { target, found });
        }
        let opening = Opening { number: last.openings, lineage: last.lineage.clone() };
        self.names = if self.snapshot.knows(&opening)? { Names::GoOn } else { Names::MayComeAgain };
        let blobs = points::blobs(target, &last).await?;
        let there: HashSet<String> = target.list("blobs/").await?.into_iter().collect();
        let there = blobs.into_iter().filter(|blob| there.contains(&blob.name()));
        self.before = there.map(|blob| (blob.id, blob)).collect();
        for file in target.list("chunks/").await? {
            let name = file.rsplit('/').next().unwrap_or_default();
            self.known.0.extend(super::pieces::Sum::parse(name));
        }
        Ok(())
    }

    /// Removes marks of other backups, which were broken off: this store makes one at a time, and
    /// no other's are here.
    async fn take_over(&self, own: &str) -> Result<(), BackupError> {
        let target = &*self.target;
        for other in mark::others(target, Work::Backup, own).await? {
            target.remove(&other).await?;
        }
        Ok(target.settle().await?)
    }

    /// Ends the run when nobody waits for it.
    fn goes_on(&self) -> Result<(), BackupError> {
        if self.given_up.load(Ordering::Relaxed) { Err(BackupError::GivenUp) } else { Ok(()) }
    }

    async fn index(&mut self) -> Result<FileEntry, BackupError> {
        let bytes = self.snapshot.index_bytes();
        let (mut pieces, mut whole, mut at) = (Vec::new(), Summing::default(), 0);
        while at < bytes {
            let len = usize::try_from(bytes - at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
            let data = self.snapshot.read_index(at, len).map_err(io("reading the index"))?;
            // It is kept as it is: most of the store can be read with it, and an earlier point
            // may have it whole.
            for page in self.snapshot.damaged_pages(at, &data) {
                tracing::error!(page, "a damaged page of the index is backed up");
                self.damaged.push(format!("page {page} of the index"));
            }
            whole.add(&data);
            pieces.push(self.piece(&data).await?);
            at += len as u64;
            self.step(0);
        }
        let (name, sha256) = (below(&self.snapshot.folder().index()), whole.sum().to_string());
        Ok(FileEntry { name, bytes, sha256, pieces })
    }

    async fn file(&mut self, name: &str, path: &Path) -> Result<FileEntry, BackupError> {
        let doing = || io(format!("reading `{}`", path.display()));
        let mut file = File::open(path).map_err(doing())?;
        let (mut pieces, mut whole, mut bytes) = (Vec::new(), Summing::default(), 0);
        loop {
            let mut data = Vec::with_capacity(PIECE_BYTES);
            (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut data).map_err(doing())?;
            if data.is_empty() {
                break;
            }
            whole.add(&data);
            bytes += data.len() as u64;
            pieces.push(self.piece(&data).await?);
        }
        let sha256 = whole.sum().to_string();
        Ok(FileEntry { name: name.to_owned(), bytes, sha256, pieces })
    }

    async fn piece(&mut self, data: &[u8]) -> Result<String, BackupError> {
        self.goes_on()?;
        let (sum, written) = self.known.keep(&*self.target, data).await?;
        self.written += written;
        Ok(sum.to_string())
    }

    async fn blobs(&mut self) -> Result<Vec<Listed>, BackupError> {
        let ids = self.snapshot.blobs().to_vec();
        let mut blobs = Vec::with_capacity(ids.len());
        for id in ids {
            let listed = match (self.before.get(&id), self.names) {
                (Some(listed), Names::GoOn) => Some(*listed),
                (Some(_), Names::MayComeAgain) | (None, _) => self.blob(id).await?,
            };
            match listed {
                Some(listed) => blobs.push(listed),
                None => self.damaged.push(id.to_string()),
            }
            self.step(0);
        }
        Ok(blobs)
    }

    /// Copies a blob that is sound.
    async fn blob(&mut self, id: BlobId) -> Result<Option<Listed>, BackupError> {
        self.goes_on()?;
        match self.snapshot.verify(id) {
            Ok(()) => {}
            Err(StoreError::Corrupt { what }) => {
                tracing::error!(%id, what, "a damaged blob is not backed up");
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        }
        let path = self.snapshot.folder().blob(id);
        let (bytes, sum) = sum_of(&path).map_err(io(format!("reading blob {id}")))?;
        let listed = Listed { id, bytes, sum };
        if self.before.get(&id) == Some(&listed) {
            return Ok(Some(listed));
        }
        put(&*self.target, &listed.name(), Source::File(&path, bytes), sum).await?;
        self.copied += 1;
        self.written += bytes;
        self.progress.bytes += bytes;
        Ok(Some(listed))
    }

    async fn lists(&mut self, blobs: &[Listed]) -> Result<Vec<String>, BackupError> {
        let mut lists = Vec::new();
        for piece in list_pieces(blobs) {
            let (data, target) = (piece.as_bytes(), Arc::clone(&self.target));
            // Whoever loses a list loses all that it names, so one that is there is read again.
            if read_piece(&*target, &sum(data).to_string()).await.is_err() {
                self.known.0.remove(&sum(data));
            }
            lists.push(self.piece(data).await?);
        }
        Ok(lists)
    }

    /// Everything is there: the point makes it a backup.
    async fn finish(self, manifest: Manifest) -> Result<BackupReport, BackupError> {
        let target = &*self.target;
        target.settle().await?;
        self.goes_on()?;
        let name = path_of(&manifest);
        let text = manifest.to_text().ok_or_else(|| damaged(target, &name))?;
        let text = text.as_bytes();
        if let Err(error) = put(target, &name, Source::Bytes(text), sum(text)).await {
            target.remove(&name).await?;
            return Err(error);
        }
        target.settle().await?;
        target.remove(&format!("running/{}", manifest.point)).await?;
        let point = Point::of(manifest);
        Ok(BackupReport { point, blobs_copied: self.copied, bytes_written: self.written })
    }

    fn step(&mut self, bytes: u64) {
        self.progress.done += 1;
        self.progress.bytes += bytes;
        (self.told)(self.progress);
    }
}

/// Where a file of the store belongs below the folder that is restored to.
fn below(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    format!("objects/{}", name.to_string_lossy())
}

fn sum_of(path: &Path) -> std::io::Result<(u64, super::pieces::Sum)> {
    let mut file = File::open(path)?;
    let (mut bytes, mut summing) = (0, Summing::default());
    let mut block = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut block)?;
        let Some(data) = block.get(..read).filter(|data| !data.is_empty()) else { break };
        bytes += read as u64;
        summing.add(data);
    }
    Ok((bytes, summing.sum()))
}

/// The id of a store, which it gets with its first backup.
fn store_id(folder: &Path, job: &BackupJob) -> Result<String, BackupError> {
    let path = folder.join("store-id");
    match std::fs::read_to_string(&path) {
        Ok(text) => return Ok(text.trim().to_owned()),
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => return Err(io("reading the store's id")(e)),
    }
    let millis = u64::try_from(job.now.as_millisecond()).unwrap_or_default();
    let id = Ulid::from_parts(millis, u128::from_be_bytes(job.entropy.bytes::<16>()));
    let id = id.to_string().to_ascii_lowercase();
    let write = || {
        let draft = folder.join("store-id.new");
        let mut file = File::create(&draft)?;
        std::io::Write::write_all(&mut file, format!("{id}\n").as_bytes())?;
        file.sync_all()?;
        std::fs::rename(draft, path)?;
        sync_folder(folder)
    };
    write().map_err(io("writing the store's id"))?;
    Ok(id)
}
