//! What is looked at on this machine: folders, keys, space.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::Line;
use crate::cellar;
use crate::config::{Config, KeySource, StoreKind};
use crate::{keys, parameters};

/// Less free space than this, in bytes, is too little: 1 GiB.
const FREE_BYTES_MIN: u64 = 1 << 30;

/// The data folder, and the keys in it that every endpoint of ours needs.
pub(super) fn look(config: &Config) -> Vec<Line> {
    let data = &config.data;
    if !data.is_dir() {
        let found = format!("{} is not there yet", data.display());
        return vec![Line::note("data folder", format!("{found}; `wellhouse serve` makes it"))];
    }
    let mut lines = vec![folder(data), space(data)];
    if config.store.kind != StoreKind::Aws {
        lines.push(private("keys of IAM and STS", &data.join("authority.keys")));
    }
    lines.extend(ages(config));
    lines
}

/// The house's own keys: that they are whole, and not older than they should be.
fn ages(config: &Config) -> Vec<Line> {
    let wrong = |found: String, fix: &str| vec![Line::wrong("age of the house's keys", found, fix)];
    let found = match keys::found(config, None) {
        Ok(found) => found,
        Err(error) => {
            let fix = "docs/cryptography.md tells what to do about keys that are not yours";
            return wrong(format!("{error:#}"), fix);
        }
    };
    let overdue = keys::overdue(found, parameters::clock().now());
    if overdue.is_empty() {
        return vec![Line::good("age of the house's keys", "none is older than two years")];
    }
    let old = overdue.iter().map(|(file, made)| format!("{file} was made {made}"));
    wrong(old.collect::<Vec<_>>().join(", "), "run `wellhouse keys rotate`")
}

/// The embedded store.
pub(super) fn cellar(config: &Config) -> Vec<Line> {
    let mut lines = Vec::new();
    match cellar::is_there(config) {
        Ok(()) => lines.push(Line::good("store", "it is there; `store check` reads all of it")),
        Err(_) => lines.push(Line::note("store", "none yet; `wellhouse serve` makes it")),
    }
    match config.store.encryption.keys {
        KeySource::Off => lines.push(Line::note("encryption at rest", "off")),
        KeySource::Environment => {
            lines.push(Line::note("master keys", "in the environment; keep a copy elsewhere"));
        }
        KeySource::File | KeySource::Kms => {
            lines.push(private("master keys", &cellar::key_file(config)));
        }
    }
    lines
}

fn folder(data: &Path) -> Line {
    let shown = data.display();
    let probe = data.join(".doctor");
    if let Err(error) = fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)) {
        let fix = format!("let this user write in {shown}, or name another folder by --data");
        return Line::wrong("data folder", format!("{shown} cannot be written: {error}"), fix);
    }
    match fs::metadata(data).map(|found| found.permissions().mode()) {
        Ok(mode) if !is_open(mode) => Line::good("data folder", format!("{shown}, and private")),
        Ok(_) => {
            let fix = format!("run `chmod 700 {shown}`");
            Line::wrong("data folder", format!("others may enter {shown}"), fix)
        }
        Err(error) => Line::wrong("data folder", format!("{shown}: {error}"), "look at the disk"),
    }
}

/// What of the data folder others than its owner may open, secrets among it first of all.
pub(crate) fn open_to_others(config: &Config) -> Vec<PathBuf> {
    let data = &config.data;
    let secrets = ["authority.keys", "audit.key", "ledger.db"].map(|name| data.join(name));
    let all = [data.clone(), cellar::key_file(config)].into_iter().chain(secrets);
    let mode = |path: &PathBuf| fs::metadata(path).map(|found| found.permissions().mode());
    // Whoever may not enter the folder reaches none of its files; a file elsewhere lies open by itself.
    let folder_open = mode(data).is_ok_and(is_open);
    all.filter(|path| mode(path).is_ok_and(is_open) && (folder_open || !path.starts_with(data)))
        .collect()
}

/// Whether others than the owner may do anything.
fn is_open(mode: u32) -> bool {
    mode & 0o077 != 0
}

fn space(data: &Path) -> Line {
    let free = match rustix::fs::statvfs(data) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => return Line::note("free space", format!("not known: {error}")),
    };
    let shown = crate::store::size(free);
    if free < FREE_BYTES_MIN {
        let fix = "make room, or move the data folder to a larger disk";
        return Line::wrong("free space", format!("only {shown} are left"), fix);
    }
    Line::good("free space", shown)
}

/// A file of secrets: there, and nobody else's.
pub(super) fn private(what: &str, path: &Path) -> Line {
    let shown = path.display();
    match fs::metadata(path).map(|found| found.permissions().mode()) {
        Ok(mode) if !is_open(mode) => Line::good(what, format!("{shown}, and private")),
        Ok(_) => Line::wrong(
            what,
            format!("others may read {shown}"),
            format!("run `chmod 600 {shown}`"),
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Line::note(what, format!("{shown} is not there yet; `wellhouse serve` makes it"))
        }
        Err(error) => {
            let fix = format!("let this user read {shown}");
            Line::wrong(what, format!("{shown} cannot be read: {error}"), fix)
        }
    }
}
