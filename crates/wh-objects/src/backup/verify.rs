//! Reading a backup and comparing all of it with what its points say.

use std::collections::{BTreeMap, BTreeSet};

use super::error::BackupError;
use super::manifest::Manifest;
use super::pieces::{Sum, read};
use super::points::{self, Select};
use super::target::Target;
use super::{OnProgress, Progress};

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// How many points were looked at.
    pub points: u64,
    /// How many files of the target were read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files of the target that are damaged or missing, each with the points that need it.
    pub damaged: BTreeMap<String, Vec<String>>,
}

/// Reads one point, or all of them with `None`, and everything that they name.
///
/// # Errors
/// [`BackupError`] when the target cannot be read; damage is what the report is for.
pub async fn verify(
    target: &dyn Target,
    select: Option<&Select>,
    on_progress: OnProgress<'_>,
) -> Result<VerifyReport, BackupError> {
    let mut report = VerifyReport::default();
    let names = match select {
        Some(select) => vec![points::select(target, select).await?.point],
        None => points::names(target).await?,
    };
    if names.is_empty() {
        return Err(BackupError::NoBackup { target: target.describe() });
    }
    let mut wanted: BTreeMap<(String, Sum), BTreeSet<String>> = BTreeMap::new();
    for name in names {
        report.points += 1;
        match needs(target, &name).await {
            Ok(needs) => {
                for need in needs {
                    wanted.entry(need).or_default().insert(name.clone());
                }
            }
            Err(BackupError::Damaged { what, .. }) => {
                report.damaged.entry(what).or_default().push(name);
            }
            Err(error) => return Err(error),
        }
    }
    let of = wanted.len() as u64;
    for ((file, sum), points) in wanted {
        match read(target, &file, &mut |_| Ok(())).await {
            Ok((bytes, found)) if found == sum => report.bytes += bytes,
            Ok(_) | Err(BackupError::Damaged { .. }) => {
                report.damaged.insert(format!("`{file}`"), points.into_iter().collect());
            }
            Err(error) => return Err(error),
        }
        report.files += 1;
        on_progress(Progress { done: report.files, of, bytes: report.bytes });
    }
    Ok(report)
}

/// Every file that a point needs, and what it must be.
pub(super) async fn needs(
    target: &dyn Target,
    point: &str,
) -> Result<BTreeSet<(String, Sum)>, BackupError> {
    let manifest = points::load(target, point).await?;
    let mut needs = pieces(&manifest).map(|sum| (sum.piece(), sum)).collect::<BTreeSet<_>>();
    for blob in points::blobs(target, &manifest).await? {
        needs.insert((blob.name(), blob.sum));
    }
    Ok(needs)
}

fn pieces(manifest: &Manifest) -> impl Iterator<Item = Sum> {
    let of_files = manifest.files.iter().flat_map(|file| &file.pieces);
    of_files.chain(&manifest.lists).filter_map(|sum| Sum::parse(sum))
}
