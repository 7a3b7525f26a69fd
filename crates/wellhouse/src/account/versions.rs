//! `wellhouse versions`: what a file was, listed, fetched, and put in the place of what it is now.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::jobs::{Shown, escaped};
use super::keep::{Kept, Place};
use super::portal::Portal;
use super::the_one;
use crate::store::Output;
use crate::{Ended, say};

/// The versions of a file, as long as the bucket keeps them
#[derive(Subcommand)]
pub(crate) enum Versions {
    /// List the versions of a file, the newest first, and when it was deleted
    List(Listed),
    /// Fetch a version of a file from the store
    ///
    /// Nothing that is there already is written over, and what did not come whole is not left behind.
    Get(Got),
    /// Put a version in the place of what the file is now, which stays among its versions
    Restore(Restored),
}

#[derive(clap::Args)]
pub(crate) struct Listed {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// The file
    path: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(clap::Args)]
pub(crate) struct Got {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// The file
    path: String,
    /// The version, as `list` shows it
    version: String,
    /// Where it is written to; without it, under its own name in this folder
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub(crate) struct Restored {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    /// The file
    path: String,
    /// The version, as `list` shows it
    version: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Deserialize, Serialize)]
struct Version {
    #[serde(rename = "version")]
    id: String,
    current: bool,
    deleted: bool,
    modified: String,
    size: u64,
    etag: String,
}

#[derive(Deserialize)]
struct Page {
    versions: Vec<Version>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    url: String,
}

pub(crate) async fn versions(versions: Versions) -> Result<Ended> {
    match versions {
        Versions::List(Listed { location, path, shown }) => {
            let kept = Kept::read(&shown.place.path()?)?;
            let portal = Portal::of(&kept);
            let id = id_of(&portal, &location).await?;
            tell(&all(&portal, &id, &path).await?, shown.output)
        }
        Versions::Get(got) => get(got).await,
        Versions::Restore(restored) => restore(restored).await,
    }
}

async fn id_of(portal: &Portal<'_>, location: &str) -> Result<String> {
    let locations = portal.locations().await?;
    Ok(the_one(&locations, location)?.id.clone())
}

/// All versions of a file, page after page.
async fn all(portal: &Portal<'_>, id: &str, path: &str) -> Result<Vec<Version>> {
    let asked = format!("locations/{id}/versions?path={}", escaped(path));
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Page = portal.get(&format!("{asked}{cursor}")).await?;
        all.extend(page.versions);
        match page.next {
            Some(next) => cursor = format!("&cursor={}", escaped(&next)),
            None => return Ok(all),
        }
    }
}

fn tell(all: &[Version], output: Output) -> Result<Ended> {
    if output == Output::Json {
        say(&serde_json::to_string(all)?);
        return Ok(Ended::Done);
    }
    for Version { id, current, deleted, modified, size, .. } in all {
        let what = if *deleted { "deleted".to_owned() } else { format!("{size} bytes") };
        let now = if *current { ", now" } else { "" };
        say(&format!("{id}: {modified}, {what}{now}"));
    }
    if all.is_empty() {
        say("There is no version of this file.");
    }
    Ok(Ended::Done)
}

async fn get(got: Got) -> Result<Ended> {
    let Got { location, path, version, to, place } = got;
    let kept = Kept::read(&place.path()?)?;
    let portal = Portal::of(&kept);
    let id = id_of(&portal, &location).await?;
    let name = path.rsplit('/').next().unwrap_or(&path);
    let to = to.unwrap_or_else(|| PathBuf::from(name));
    let asked = json!({ "path": path, "version": version });
    let address: Address = portal.post(&format!("locations/{id}/downloads"), &asked).await?;
    if to.symlink_metadata().is_ok() {
        bail!("{} is there already: name another file by --to", to.display());
    }
    let beside = beside(&to)?;
    let file = OpenOptions::new().write(true).create_new(true).open(&beside);
    let file = file.with_context(|| format!("{} cannot be made", beside.display()))?;
    let came = written(file, &address.url).await;
    let size = came.with_context(|| format!("{path} did not come whole"));
    let put = size.and_then(|size| put(&beside, &to).map(|()| size));
    // It has its own name by now, or is not whole. What failed first is what is told.
    let removed = remove(&beside);
    let size = put?;
    removed?;
    say(&format!("{}: {size} bytes", to.display()));
    Ok(Ended::Done)
}

/// Where it is written until it is whole: whoever looks at its own name finds all of it, or nothing. The name is
/// short: a file's own may be as long as the file system takes.
fn beside(to: &Path) -> Result<PathBuf> {
    to.file_name().with_context(|| format!("{} names no file", to.display()))?;
    Ok(to.with_file_name(format!(".wellhouse-{}.part", std::process::id())))
}

/// Gives what is whole its own name, and writes over nothing that has it meanwhile.
fn put(beside: &Path, to: &Path) -> Result<()> {
    let placed = match std::fs::hard_link(beside, to) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // Some file systems know no second name.
        Err(_) => replaced(beside, to),
        Ok(()) => Ok(()),
    };
    match placed {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} is there already: name another file by --to", to.display())
        }
        placed => placed.with_context(|| format!("{} cannot be made", to.display())),
    }
}

/// The same by one name alone: it is taken first, so that nobody else's file is written over.
fn replaced(beside: &Path, to: &Path) -> std::io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(to)?;
    let renamed = std::fs::rename(beside, to);
    if renamed.is_err() {
        // It is empty, and ours.
        drop(std::fs::remove_file(to));
    }
    renamed
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(|| format!("{} cannot be removed", path.display())),
    }
}

/// Writes what comes from there, as it comes.
async fn written(mut file: File, address: &str) -> Result<u64> {
    let mut body = wh_aws::fetch_body(address).await?;
    let mut size = 0;
    while let Some(bytes) = body.next().await? {
        file.write_all(&bytes)?;
        size += bytes.len() as u64;
    }
    file.sync_all()?;
    Ok(size)
}

async fn restore(restored: Restored) -> Result<Ended> {
    let Restored { location, path, version, place } = restored;
    let kept = Kept::read(&place.path()?)?;
    let portal = Portal::of(&kept);
    let id = id_of(&portal, &location).await?;
    let all = all(&portal, &id, &path).await?;
    if !all.iter().any(|one| one.id == version && !one.deleted) {
        bail!("{path} has no version `{version}`: `wellhouse versions list` shows those there are");
    }
    // Another file than the one that was seen just now is left as it is.
    let over = all.iter().find(|one| one.current).map(|one| one.etag.as_str());
    let form = json!({ "path": path, "version": version, "over": over });
    portal.tell(&format!("locations/{id}/versions"), &form).await?;
    say(&format!("{path} is what it was in the version {version}."));
    Ok(Ended::Done)
}

#[cfg(test)]
mod tests {
    use std::fs::{read_to_string, remove_file, write};

    use super::{beside, put, replaced};

    #[test]
    fn nothing_is_written_over_whether_there_are_second_names_or_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        write(&from, "new").expect("written");
        write(&to, "theirs").expect("written");
        assert!(put(&from, &to).is_err() && replaced(&from, &to).is_err());
        assert_eq!(read_to_string(&to).expect("read"), "theirs");
        remove_file(&to).expect("removed");
        put(&from, &to).expect("put");
        assert_eq!(read_to_string(&to).expect("read"), "new");
        remove_file(&to).expect("removed");
        replaced(&from, &to).expect("put");
        assert_eq!(read_to_string(&to).expect("read"), "new");
    }

    #[test]
    fn a_file_of_the_longest_name_is_written_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("n".repeat(255));
        let beside = beside(&to).expect("a name");
        write(&beside, "new").expect("written");
        put(&beside, &to).expect("put");
        assert_eq!(read_to_string(&to).expect("read"), "new");
    }
}
