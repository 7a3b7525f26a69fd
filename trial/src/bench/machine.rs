//! What the figures were measured on.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::kit::{Effort, MIB, Pace, drop_caches};

/// A sentence or two about the machine and the run.
pub(super) fn describe(folder: &Path, effort: &Effort) -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_default();
    let memory = kib("/proc/meminfo", "MemTotal")? / 1024 / 1024;
    let disk = disk_of(folder).unwrap_or_else(|| "an unknown disk".to_owned());
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let cold = if drop_caches() {
        "Cold: the page cache was dropped before."
    } else {
        "The page cache could not be dropped: nothing is cold."
    };
    let pace = match effort.pace {
        Pace::Full => "",
        Pace::Quick => " Quick: to see that it works, not to quote.",
    };
    let rounds = effort.rounds;
    Ok(format!(
        "{cores} cores ({processor}), {memory} GiB, {disk}; load at the end {load}. Medians of \
         {rounds} rounds in turn (ours, plain files, ours, …), beside them the least and the most; \
         the ratio is that of each round. {cold}{pace}"
    ))
}

/// A field of a file of `/proc` in which each line is `name: value`.
pub(super) fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// A field that is a number of KiB.
pub(super) fn kib(path: &str, name: &str) -> Result<u64> {
    let value = field(path, name).with_context(|| format!("{name} of {path}"))?;
    Ok(value.trim_end_matches("kB").trim().parse()?)
}

/// File system and device that a folder is on.
fn disk_of(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let mount = mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (device, at, kind) = (words.next()?, words.next()?, words.next()?);
            folder.starts_with(at).then(|| (at.len(), format!("{kind} on {device}")))
        })
        .max()?;
    Some(mount.1)
}

/// How often the device under a folder was told to flush its cache, by anybody; where that is told.
pub(super) fn flushes(folder: &Path) -> Option<u64> {
    let device = rustix::fs::stat(folder).ok()?.st_dev;
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let text = fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).ok()?;
    text.split_whitespace().nth(15)?.parse().ok()
}

/// How many bytes a folder takes on its disk, everything in it included.
pub(super) fn bytes_on_disk(folder: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        bytes += if meta.is_dir() { bytes_on_disk(&entry.path())? } else { meta.blocks() * 512 };
    }
    Ok(bytes)
}

/// The memory of this process, in MiB: now, and at most.
pub(super) fn memory() -> Result<(u64, u64)> {
    let mib = (MIB / 1024) as u64;
    let of = |name| Ok::<_, anyhow::Error>(kib("/proc/self/status", name)? / mib);
    Ok((of("VmRSS")?, of("VmHWM")?))
}
