//! Which points there are, and which one is meant.

use jiff::Timestamp;

use super::error::BackupError;
use super::manifest::{Listed, Manifest, POINT_FORMAT, parse_list};
use super::pieces::{damaged, read_piece, read_small};
use super::target::Target;

/// The longest point that is read, in bytes: that of an index of some 900 GB.
const POINT_BYTES_MAX: usize = 256 << 20;

/// One backup, as told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Its name: the time at which it was begun, in UTC.
    pub name: String,
    /// The store that it was taken of.
    pub store: String,
    /// Whether that is encrypted; then its master key is needed, which no backup holds.
    pub encrypted: bool,
    /// How many buckets there were.
    pub buckets: u64,
    /// How many current versions.
    pub objects: u64,
    /// How many versions at all.
    pub versions: u64,
    /// The number of the newest event.
    pub newest_event: u64,
    /// How many blobs were files.
    pub blobs: u64,
    /// Their bytes.
    pub blob_bytes: u64,
    /// What was damaged already: the ids of blobs, which are not in the backup, and pages of the
    /// index, in words, which are in it as they were.
    pub damaged: Vec<String>,
}

/// Which point is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Select {
    /// The newest.
    #[default]
    Newest,
    /// The one of this name.
    Named(String),
    /// The newest that was begun at this time or before.
    At(Timestamp),
}

/// The name of a point that begins now.
pub(super) fn name_of(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%S.%3fZ").to_string()
}

fn path(name: &str) -> String {
    format!("points/{name}.point")
}

/// The names of all points, oldest first.
pub(super) async fn names(target: &dyn Target) -> Result<Vec<String>, BackupError> {
    let files = target.list("points/").await?;
    let name =
        |file: &String| Some(file.strip_prefix("points/")?.strip_suffix(".point")?.to_owned());
    Ok(files.iter().filter_map(name).collect())
}

pub(super) async fn load(target: &dyn Target, name: &str) -> Result<Manifest, BackupError> {
    let (text, _) = read_small(target, &path(name), POINT_BYTES_MAX).await?;
    Manifest::parse(&text).map_err(|newer| match newer {
        None => damaged(target, &path(name)),
        Some(found) => {
            BackupError::NewerFormat { point: name.to_owned(), found, known: POINT_FORMAT }
        }
    })
}

pub(super) fn path_of(manifest: &Manifest) -> String {
    path(&manifest.point)
}

/// Every blob that a point names, in order.
pub(super) async fn blobs(
    target: &dyn Target,
    manifest: &Manifest,
) -> Result<Vec<Listed>, BackupError> {
    let mut blobs = Vec::new();
    for piece in &manifest.lists {
        let data = read_piece(target, piece).await?;
        blobs.extend(parse_list(&data).ok_or_else(|| damaged(target, piece))?);
    }
    Ok(blobs)
}

/// The point that is meant.
pub(super) async fn select(target: &dyn Target, select: &Select) -> Result<Manifest, BackupError> {
    let names = names(target).await?;
    let none = |wanted: String| BackupError::NoSuchPoint { target: target.describe(), wanted };
    if names.is_empty() {
        return Err(BackupError::NoBackup { target: target.describe() });
    }
    let name = match select {
        Select::Newest => names.last().ok_or_else(|| none(String::new()))?,
        Select::Named(wanted) => {
            names.iter().find(|name| *name == wanted).ok_or_else(|| none(wanted.clone()))?
        }
        Select::At(at) => {
            let until = name_of(*at);
            let before = names.iter().rev().find(|name| **name <= until);
            before.ok_or_else(|| none(at.to_string()))?
        }
    };
    load(target, name).await
}

/// Every point, oldest first.
///
/// # Errors
/// [`BackupError`]; a point that cannot be read is one.
pub async fn list(target: &dyn Target) -> Result<Vec<Point>, BackupError> {
    let mut points = Vec::new();
    for name in names(target).await? {
        points.push(Point::of(load(target, &name).await?));
    }
    Ok(points)
}

impl Point {
    pub(super) fn of(manifest: Manifest) -> Self {
        Self {
            name: manifest.point,
            store: manifest.store,
            encrypted: manifest.encrypted,
            buckets: manifest.buckets,
            objects: manifest.objects,
            versions: manifest.versions,
            newest_event: manifest.newest_event,
            blobs: manifest.blobs,
            blob_bytes: manifest.blob_bytes,
            damaged: manifest.damaged,
        }
    }
}
