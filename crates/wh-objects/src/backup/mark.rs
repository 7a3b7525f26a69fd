//! Marks at the target: that a backup is written, or old points are removed, just now.
//!
//! Each leaves its own mark first and then looks for the other's, so that of two that begin at
//! once at least one sees the other and gives way. A mark tells of the process that left it: when
//! that is gone from this machine, the mark means nothing any more.

use std::path::Path;

use super::error::BackupError;
use super::pieces::{put, read_small, sum};
use super::target::{Source, Target};

/// The longest mark that is read, in bytes.
const MARK_BYTES_MAX: usize = 4096;

/// Which work a mark is of: the folder that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Backup,
    Prune,
}

impl Work {
    fn folder(self) -> &'static str {
        match self {
            Self::Backup => "running/",
            Self::Prune => "pruning/",
        }
    }
}

/// Leaves a mark, durably, and tells its name.
pub(super) async fn leave(
    target: &dyn Target,
    work: Work,
    since: &str,
) -> Result<String, BackupError> {
    let name = format!("{}{since}", work.folder());
    let text = format!("{since}\n{}\n", owner(std::process::id()).unwrap_or_default());
    put(target, &name, Source::Bytes(text.as_bytes()), sum(text.as_bytes())).await?;
    target.settle().await?;
    Ok(name)
}

/// The marks of a work that may be under way, but for one's own. Those of processes that are gone
/// are removed.
pub(super) async fn others(
    target: &dyn Target,
    work: Work,
    own: &str,
) -> Result<Vec<String>, BackupError> {
    let mut others = Vec::new();
    for name in target.list(work.folder()).await? {
        if name == own {
            continue;
        }
        let text = match read_small(target, &name, MARK_BYTES_MAX).await {
            Ok((text, _)) => String::from_utf8(text).unwrap_or_default(),
            Err(BackupError::Damaged { .. }) => String::new(),
            Err(error) => return Err(error),
        };
        if text.lines().nth(1).is_some_and(is_gone) {
            target.remove(&name).await?;
        } else {
            others.push(name);
        }
    }
    Ok(others)
}

/// When the work of a mark began.
pub(super) fn since(mark: &str) -> String {
    mark.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A process, so that no other is taken for it: the boot of the machine, the name space of the
/// number, the number, and when it began. Nothing where the system does not tell.
fn owner(process: u32) -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let began = began(process)?;
    Some(format!("{} {} {process} {began}", boot.trim(), space.to_str()?))
}

/// When a process began, in ticks since the boot: the 22nd field; the second one, in
/// parentheses, may hold anything.
fn began(process: u32) -> Option<String> {
    let stat = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
    let (_, rest) = stat.as_ref().ok()?.rsplit_once(')')?;
    rest.split_whitespace().nth(19).map(str::to_owned)
}

/// Whether a process of this machine, since it was booted, is there no more. One of another
/// machine may run.
fn is_gone(told: &str) -> bool {
    let Some(here) = owner(std::process::id()) else { return false };
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (told, here) = (words(told), words(&here));
    let [boot, space, process, began_then] = &*told else { return false };
    let same = here.first() == Some(boot) && here.get(1) == Some(space);
    let Ok(process) = process.parse() else { return false };
    same && began(process).as_ref() != Some(began_then)
}

#[cfg(test)]
mod tests {
    use super::{is_gone, owner};

    #[test]
    fn only_a_process_that_is_gone_from_this_machine_is_gone() {
        let own = owner(std::process::id()).expect("a process");
        assert!(!is_gone(&own));
        let words: Vec<_> = own.split(' ').collect();
        let [boot, space, process, began] = words[..] else { panic!("{own}") };
        assert!(is_gone(&format!("{boot} {space} 4194305 {began}")), "no such process");
        assert!(is_gone(&format!("{boot} {space} {process} 1")), "another with its number");
        for unknown in [
            format!("0-1 {space} 4194305 {began}"),
            format!("{boot} pid:[1] 4194305 {began}"),
            String::new(),
            "some thing".to_owned(),
        ] {
            assert!(!is_gone(&unknown), "{unknown}");
        }
    }
}
