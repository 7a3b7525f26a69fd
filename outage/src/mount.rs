//! Mounting the layer.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use fuser::{BackgroundSession, Config, MountOption, Session};
use rustix::mount::UnmountFlags;

use crate::disk::Disk;
use crate::layer::{Layer, Mood, State};
use crate::record::Record;
use crate::tree::Tree;

/// What the kernel calls the file system.
const NAME: &str = "outage";

/// How many threads answer the kernel.
const THREADS: usize = 2;

/// Why the layer could not be mounted.
#[derive(Debug)]
pub struct MountError {
    at: PathBuf,
    source: std::io::Error,
}

impl std::fmt::Display for MountError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FUSE cannot be mounted at `{}`: {}", self.at.display(), self.source)?;
        if !Path::new("/dev/fuse").exists() {
            return write!(f, "; this needs the device /dev/fuse (`modprobe fuse`)");
        }
        write!(f, "; this needs root (CAP_SYS_ADMIN), or `fusermount3` on the path")
    }
}

impl std::error::Error for MountError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// A mounted disk. Dropping it unmounts it, and waits for programs that have files of it open.
#[derive(Debug)]
pub struct Mounted {
    at: PathBuf,
    layer: Layer,
    session: Option<BackgroundSession>,
}

impl Mounted {
    /// Mounts a disk with this on it at an empty folder. What is written to the file `marks` in
    /// its root goes into the record as marks.
    pub fn new(
        at: &Path,
        base: &Tree,
        marks: Option<&OsStr>,
        seed: u64,
    ) -> Result<Self, MountError> {
        let state = State::new(base, marks.map(OsStr::to_owned), seed);
        let layer = Layer(Arc::new(Mutex::new(state)));
        let mut config = Config::default();
        config.mount_options =
            vec![MountOption::FSName(NAME.to_owned()), MountOption::Subtype(NAME.to_owned())];
        config.n_threads = Some(THREADS);
        let session = Session::new(layer.clone(), at, &config).and_then(Session::spawn);
        let session = session.map_err(|source| MountError { at: at.to_owned(), source })?;
        Ok(Self { at: at.to_owned(), layer, session: Some(session) })
    }

    /// Changes the disk's mood.
    pub fn set_mood(&self, mood: Mood) {
        self.layer.state().mood = mood;
    }

    /// How often the mood was felt.
    pub fn failed(&self) -> u64 {
        self.layer.state().failed()
    }

    /// Looks at the disk.
    pub fn with_disk<T>(&self, look: impl FnOnce(&Disk) -> T) -> T {
        look(&self.layer.state().disk)
    }

    /// Unmounts, once no program has a file of it open, and gives what was recorded.
    pub fn unmount(mut self) -> std::io::Result<Record> {
        self.end()?;
        Ok(self.layer.state().take_record())
    }

    fn end(&mut self) -> std::io::Result<()> {
        let Some(session) = self.session.take() else { return Ok(()) };
        rustix::mount::unmount(&self.at, UnmountFlags::DETACH)?;
        // `umount_and_join` would unmount again, what is not there any more.
        session.join()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Nobody is left who could be told.
        drop(self.end());
    }
}
