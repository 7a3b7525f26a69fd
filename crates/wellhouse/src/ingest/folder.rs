//! The folder: what files are in it, and opening them without following links.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustix::fs::{Mode, OFlags, ResolveFlags};
use tokio::time::Instant;

use super::JOURNAL;
use super::journal::BESIDE;

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Stamp {
    pub(super) device: u64,
    pub(super) inode: u64,
    /// In bytes.
    pub(super) size: u64,
    /// In nanoseconds since 1970.
    pub(super) modified: i128,
    /// When anything of it was changed last, in nanoseconds since 1970: no program can set it back.
    pub(super) changed: i128,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

fn nanoseconds(seconds: i64, rest: i64) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(rest)
}

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Below the folder, with `/` between names.
    pub(super) path: String,
    pub(super) stamp: Stamp,
    /// When it was looked at, or a moment before.
    pub(super) seen: Instant,
}

/// What a look at the folder came to.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) files: Vec<Found>,
    /// What is there and is not sent, with the reason: links, devices and the like.
    pub(super) passed: Vec<(String, &'static str)>,
    /// What should be sent and cannot be, with the reason.
    pub(super) failed: Vec<(String, String)>,
}

/// The folder.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    handle: OwnedFd,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let cannot = || format!("cannot open the folder {}", path.display());
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::open(path, flags, Mode::empty()).with_context(cannot)?;
        if path.as_os_str().is_empty() {
            bail!("the folder has no name");
        }
        Ok(Self { path: path.to_owned(), handle })
    }

    /// Opens a file below the folder. A link on the way there is an error, and so is one that came
    /// after the look; a pipe does not keep it waiting.
    pub(super) fn open_file(&self, path: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let opened = rustix::fs::openat2(&self.handle, path, flags, Mode::empty(), within)?;
        Ok(File::from(opened))
    }

    /// All files below, but the journal, and one that another ingest has in its usual place.
    pub(super) fn look(&self, journal: &Metadata) -> Look {
        let own = (journal.dev(), journal.ino());
        let mut look = Look::default();
        let mut folders = vec![(self.path.clone(), String::new())];
        while let Some((folder, below)) = folders.pop() {
            if let Err(error) = look_into(&folder, &below, own, (&mut look, &mut folders))
                && error.kind() != ErrorKind::NotFound
            {
                look.failed.push((shown(&below), format!("the folder cannot be read: {error}")));
            }
        }
        look.files = each_once(look.files);
        look
    }
}

/// Each path once, in order. A folder that changes while it is read may yield a name twice: what was
/// seen last counts. Source: POSIX, `readdir`, which leaves that open.
fn each_once(files: Vec<Found>) -> Vec<Found> {
    let once: BTreeMap<String, Found> =
        files.into_iter().map(|found| (found.path.clone(), found)).collect();
    once.into_values().collect()
}

fn shown(below: &str) -> String {
    if below.is_empty() { "./".to_owned() } else { below.to_owned() }
}

fn look_into(
    folder: &Path,
    below: &str,
    journal: (u64, u64),
    (look, folders): (&mut Look, &mut Vec<(PathBuf, String)>),
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            let path = format!("{below}{}", name.to_string_lossy());
            look.failed.push((path, "its name is not UTF-8, so no key can hold it".to_owned()));
            continue;
        };
        let path = format!("{below}{name}");
        let seen = Instant::now();
        // Of the link itself, if it is one.
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                look.failed.push((path, error.to_string()));
                continue;
            }
        };
        if metadata.is_dir() {
            folders.push((entry.path(), format!("{path}/")));
        } else if metadata.is_symlink() {
            look.passed.push((path, "a symbolic link"));
        } else if !metadata.is_file() {
            look.passed.push((path, "not a file"));
        } else if path.strip_prefix(JOURNAL).is_none_or(|rest| !["", BESIDE].contains(&rest))
            && (metadata.dev(), metadata.ino()) != journal
        {
            look.files.push(Found { path, stamp: Stamp::of(&metadata), seen });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_name_that_is_read_twice_is_one_file() {
        let stamp = Stamp { device: 1, inode: 1, size: 1, modified: 0, changed: 0 };
        let found = |path: &str, size| Found {
            path: path.to_owned(),
            stamp: Stamp { size, ..stamp },
            seen: Instant::now(),
        };
        let files = each_once(vec![found("b", 1), found("a", 2), found("b", 3), found("a", 2)]);
        let files: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.stamp.size)).collect();
        assert_eq!(files, [("a", 2), ("b", 3)]);
    }

    #[test]
    fn files_are_found_by_their_names_and_links_are_not_followed() {
        let (outside, inside) = (tempfile::tempdir(), tempfile::tempdir());
        let (outside, inside) = (outside.expect("a folder"), inside.expect("a folder"));
        fs::write(outside.path().join("secret"), "x").expect("written");
        let root = inside.path();
        fs::create_dir_all(root.join("a b/🦀")).expect("folders");
        for name in ["journal", "z", "a b/one two", "a b/🦀/ünï"] {
            fs::write(root.join(name), "x").expect("written");
        }
        symlink(outside.path(), root.join("link")).expect("a link");
        symlink(outside.path().join("secret"), root.join("a b/file")).expect("a link");
        symlink("a b", root.join("near")).expect("a link");
        fs::write(root.join(OsStr::from_bytes(b"bad\xff")), "x").expect("written");
        let folder = Folder::open(root).expect("a folder");
        let journal = fs::metadata(root.join("journal")).expect("a file");
        let look = folder.look(&journal);
        let paths: Vec<_> = look.files.iter().map(|found| found.path.as_str()).collect();
        assert_eq!(paths, ["a b/one two", "a b/🦀/ünï", "z"]);
        let mut passed: Vec<_> = look.passed.iter().map(|(path, _)| path.as_str()).collect();
        passed.sort_unstable();
        assert_eq!(passed, ["a b/file", "link", "near"]);
        let [(bad, why)] = &look.failed[..] else { panic!("{:?}", look.failed) };
        assert!(bad.starts_with("bad") && why.contains("UTF-8"), "{bad}: {why}");
        assert!(folder.open_file("a b/🦀/ünï").is_ok());
        for linked in ["link/secret", "near/one two", "a b/file", "../secret", "/etc/passwd"] {
            assert!(folder.open_file(linked).is_err(), "{linked}");
        }
    }
}
