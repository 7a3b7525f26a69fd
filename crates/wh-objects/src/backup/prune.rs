//! Letting old points go, and what only they needed.

use std::collections::BTreeSet;

use wh_names::Entropy;

use super::error::BackupError;
use super::mark::{self, Work};
use super::points;
use super::target::Target;
use super::verify::needs;

/// Which points stay. The newest one always does, and the newest of a store without damage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// The newest so many.
    pub last: usize,
    /// The newest of each of the newest so many days (UTC) that have one.
    pub daily: usize,
    /// The newest of each of the newest so many months that have one.
    pub monthly: usize,
}

/// What is done about marks of backups that run or were broken off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unlock {
    /// Refuse.
    #[default]
    No,
    /// Remove them: no backup runs.
    Yes,
}

/// What went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// The points that stay.
    pub kept: Vec<String>,
    /// The points that went.
    pub removed: Vec<String>,
    /// How many files went with them.
    pub files_removed: u64,
}

/// Removes points, and then every file that no point needs. `entropy` names the mark of this run.
///
/// # Errors
/// [`BackupError`]. Nothing that a kept point needs is ever removed; what a broken-off run leaves,
/// the next one removes.
pub async fn prune(
    target: &dyn Target,
    keep: Keep,
    unlock: Unlock,
    entropy: &Entropy,
) -> Result<PruneReport, BackupError> {
    if unlock == Unlock::Yes {
        for folder in ["running/", "pruning/"] {
            for mark in target.list(folder).await? {
                target.remove(&mark).await?;
            }
        }
    }
    // The number alone is that of another process in another container.
    let name = format!("{}-{}", std::process::id(), hex::encode(entropy.bytes::<8>()));
    let own = mark::leave(target, Work::Prune, &name).await?;
    let pruned = alone(target, keep, &own).await;
    target.remove(&own).await?;
    pruned
}

/// As [`prune`], once that is marked.
async fn alone(target: &dyn Target, keep: Keep, own: &str) -> Result<PruneReport, BackupError> {
    let place = || target.describe();
    if let Some(mark) = mark::others(target, Work::Backup, own).await?.first() {
        return Err(BackupError::Running { target: place(), since: mark::since(mark) });
    }
    if let Some(mark) = mark::others(target, Work::Prune, own).await?.first() {
        return Err(BackupError::Pruning { target: place(), mark: mark.clone() });
    }
    let names = points::names(target).await?;
    if names.is_empty() {
        return Err(BackupError::NoBackup { target: place() });
    }
    let mut stay = staying(&names, keep);
    stay.extend(newest_whole(target, &names).await?);
    let mut report = PruneReport::default();
    let mut needed = BTreeSet::new();
    // Whatever cannot be read ends it before anything goes.
    for name in names.iter().filter(|name| stay.contains(*name)) {
        needed.extend(needs(target, name).await?.into_iter().map(|(file, _)| file));
        report.kept.push(name.clone());
    }
    for name in names.into_iter().filter(|name| !stay.contains(name)) {
        target.remove(&format!("points/{name}.point")).await?;
        report.removed.push(name);
    }
    target.settle().await?;
    for folder in ["chunks/", "blobs/", "drafts/"] {
        for file in target.list(folder).await? {
            if !needed.contains(&file) {
                target.remove(&file).await?;
                report.files_removed += 1;
            }
        }
    }
    Ok(report)
}

/// The newest point that was made of a store without damage. It stays, too: later ones may lack
/// what it has.
async fn newest_whole(
    target: &dyn Target,
    names: &[String],
) -> Result<Option<String>, BackupError> {
    for name in names.iter().rev() {
        if points::load(target, name).await?.damaged.is_empty() {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

/// The points that stay; names begin with `YYYYMMDD`.
fn staying(names: &[String], keep: Keep) -> BTreeSet<String> {
    let newest_first = || names.iter().rev();
    let mut stay: BTreeSet<String> = newest_first().take(keep.last.max(1)).cloned().collect();
    for (characters, count) in [(8, keep.daily), (6, keep.monthly)] {
        let mut periods = BTreeSet::new();
        for name in newest_first() {
            let period: String = name.chars().take(characters).collect();
            if periods.len() < count && periods.insert(period) {
                stay.insert(name.clone());
            }
        }
    }
    stay
}

#[cfg(test)]
mod tests {
    use super::{Keep, staying};

    #[track_caller]
    fn check(keep: Keep, expected: &[&str]) {
        let names = ["20260101T1", "20260101T2", "20260115T1", "20260201T1", "20260202T1"];
        let stay = staying(&names.map(str::to_owned), keep);
        assert_eq!(stay.iter().collect::<Vec<_>>(), expected, "{keep:?}");
    }

    #[test]
    fn the_newest_of_each_period_stays() {
        let (last, daily, monthly) = (0, 0, 0);
        check(Keep { last, daily, monthly }, &["20260202T1"]);
        check(Keep { last: 2, daily, monthly }, &["20260201T1", "20260202T1"]);
        check(Keep { last, daily: 3, monthly }, &["20260115T1", "20260201T1", "20260202T1"]);
        check(
            Keep { last, daily: 9, monthly },
            &["20260101T2", "20260115T1", "20260201T1", "20260202T1"],
        );
        check(Keep { last, daily, monthly: 2 }, &["20260115T1", "20260202T1"]);
    }
}
