//! Putting a backup back.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use super::error::{BackupError, io};
use super::folder::missing;
use super::manifest::{FileEntry, Listed, Manifest};
use super::pieces::{Summing, damaged, read, read_piece};
use super::points::{self, Point, Select};
use super::target::Target;
use super::{OnProgress, Progress};
use crate::disk::{FORMAT, Folder, sync_folder};

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreReport {
    /// The point.
    pub point: Point,
    /// How many bytes were written.
    pub bytes: u64,
}

/// Puts a point back into a folder that is empty or not there: the store below `objects`, and
/// beside it what else the point holds. Everything is compared while it is written. The store can
/// be opened only once all of it is there; what a broken-off run leaves must be removed by hand.
///
/// # Errors
/// [`BackupError`]; the first thing that is damaged or missing is one.
pub async fn restore(
    target: &dyn Target,
    select: &Select,
    to: &Path,
    on_progress: OnProgress<'_>,
) -> Result<RestoreReport, BackupError> {
    let manifest = points::select(target, select).await?;
    if manifest.store_format > FORMAT {
        let (found, known) = (manifest.store_format, FORMAT);
        return Err(BackupError::NewerFormat { point: manifest.point, found, known });
    }
    let blobs = points::blobs(target, &manifest).await?;
    let above = missing(to);
    let folder = begin(to)?;
    let pieces: usize = manifest.files.iter().map(|file| file.pieces.len()).sum();
    let mut progress = Progress { done: 0, of: (pieces + blobs.len()) as u64, bytes: 0 };
    for file in &manifest.files {
        put_file(target, file, to, (&mut progress, on_progress)).await?;
    }
    for blob in &blobs {
        put_blob(target, blob, &folder).await?;
        progress.done += 1;
        progress.bytes += blob.bytes;
        on_progress(progress);
    }
    finish(&folder, &manifest, (to, &above))?;
    Ok(RestoreReport { point: Point::of(manifest), bytes: progress.bytes })
}

fn begin(to: &Path) -> Result<Folder, BackupError> {
    let doing = || io(format!("preparing `{}`", to.display()));
    match std::fs::read_dir(to) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(BackupError::NotEmpty { folder: to.to_owned() });
            }
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(to).map_err(doing())?;
        }
        Err(e) => return Err(doing()(e)),
    }
    Folder::make_empty(&to.join("objects")).map_err(doing())
}

/// The path of a file below the folder; a name that leads elsewhere is refused.
fn inside(to: &Path, name: &str) -> Option<PathBuf> {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    let path = Path::new(name);
    path.components().all(plain).then(|| to.join(path))
}

fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

async fn put_file(
    target: &dyn Target,
    entry: &FileEntry,
    to: &Path,
    (progress, on_progress): (&mut Progress, &mut (dyn FnMut(Progress) + Send)),
) -> Result<(), BackupError> {
    let path = inside(to, &entry.name).ok_or_else(|| damaged(target, &entry.name))?;
    let doing = || io(format!("writing `{}`", path.display()));
    let mut file = create(&path).map_err(doing())?;
    let (mut whole, mut bytes) = (Summing::default(), 0);
    for piece in &entry.pieces {
        let data = read_piece(target, piece).await?;
        whole.add(&data);
        bytes += data.len() as u64;
        file.write_all(&data).map_err(doing())?;
        progress.done += 1;
        progress.bytes += data.len() as u64;
        on_progress(*progress);
    }
    if bytes != entry.bytes || whole.sum().to_string() != entry.sha256 {
        return Err(damaged(target, &entry.name));
    }
    file.sync_all().map_err(doing())
}

async fn put_blob(target: &dyn Target, blob: &Listed, folder: &Folder) -> Result<(), BackupError> {
    let path = folder.blob(blob.id);
    let doing = || io(format!("writing `{}`", path.display()));
    let mut file = create(&path).map_err(doing())?;
    let mut write = |block: &[u8]| file.write_all(block).map_err(doing());
    let (bytes, sum) = read(target, &blob.name(), &mut write).await?;
    if bytes != blob.bytes || sum != blob.sum {
        return Err(damaged(target, &blob.name()));
    }
    file.sync_all().map_err(doing())
}

/// The store's format is written last; before that, everything has its name for good.
fn finish(
    folder: &Folder,
    manifest: &Manifest,
    (to, above): (&Path, &[PathBuf]),
) -> Result<(), BackupError> {
    let named = || above.iter().try_for_each(|folder| sync_folder(folder));
    let done = sync_folder(to)
        .and_then(|()| named())
        .and_then(|()| folder.recognise(manifest.store_format));
    done.map_err(io(format!("finishing `{}`", to.display())))
}
