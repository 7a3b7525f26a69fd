//! One file, from its opening to the store's word.
//!
//! The journal is written before each step that the store could remember: an intent before an object
//! is made, a part after the store has it. So a crash leaves at most one question open, and it is
//! asked here: whether an object that is there is the one whose answer nobody lived to hear.

mod error;
mod parts;
mod proof;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wh_aws::{AwsError, Sender};
use wh_names::{Clock, ObjectKey};

use super::events::{Event, Events};
use super::file::{Open, Sum};
use super::folder::{Folder, Found};
use super::journal::{Journal, Known, Line, Proof, Version};
use super::place::Place;
use crate::stop::Stop;

use error::is_answer;
pub(super) use error::{Hope, SendError};

/// A file longer than this, in bytes, goes in parts.
const WHOLE_BYTES_MAX: u64 = 16 << 20;
/// The shortest part, in bytes; longer ones keep a file within as many parts as S3 takes.
const PART_BYTES_MIN: u64 = 16 << 20;
/// S3's longest object, in bytes.
const FILE_BYTES_MAX: u64 = 5 << 40;

/// How much of files is held in memory at once, in [`MEMORY_UNIT_BYTES`]. A part that is longer has all
/// of it to itself.
const MEMORY_UNITS: u32 = 64;
const MEMORY_UNIT_BYTES: u64 = 1 << 20;

/// How often an upload is begun anew, because its parts are of no use, before it is left for later.
const BEGINNINGS_MAX: u32 = 2;

/// What files are sent with.
pub(super) struct Sending {
    pub(super) sender: Sender,
    pub(super) place: Place,
    pub(super) folder: Arc<Folder>,
    pub(super) journal: Arc<Journal>,
    pub(super) memory: Arc<Semaphore>,
    pub(super) events: Events,
    pub(super) clock: Clock,
    pub(super) stop: Stop,
}

/// The memory that all files share.
pub(super) fn memory() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(usize::try_from(MEMORY_UNITS).unwrap_or(1)))
}

/// Whether a file that the store has is still what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    AsItWas,
    /// It has changed after it was read, or is gone.
    Otherwise,
}

/// A file on its way.
struct Way<'a> {
    found: &'a Found,
    version: Version,
    key: ObjectKey,
    open: Open,
}

impl Sending {
    /// Sends a file; `Ok` once the store has it as it was when it was read.
    pub(super) async fn send(&self, found: &Found) -> Result<Stands, SendError> {
        if found.stamp.size > FILE_BYTES_MAX {
            return Err(SendError::TooLong);
        }
        let key = self.place.key(&found.path)?;
        let open = Open::open(&self.folder, &found.path, found.stamp).await?;
        let way = Way { found, version: Version::of(&found.stamp), key, open };
        match self.journal.known(&found.path) {
            Some(Known::Done { version, crc64nvme, proof }) => {
                self.look_again(&way, version, (crc64nvme, proof)).await?;
            }
            Some(Known::Upload(upload)) if upload.version != way.version => {
                self.abandon(&way, &upload.id).await?;
                self.send_new(&way).await?;
            }
            Some(Known::Upload(_) | Known::Putting { .. }) | None => self.send_new(&way).await?,
        }
        // What was sent is what was read, and was checked before it was sent. This is about now.
        let as_it_was = way.open.unchanged().await.is_ok();
        Ok(if as_it_was { Stands::AsItWas } else { Stands::Otherwise })
    }

    async fn send_new(&self, way: &Way<'_>) -> Result<(), SendError> {
        if way.found.stamp.size <= WHOLE_BYTES_MAX {
            return self.put(way).await;
        }
        for _ in 0..BEGINNINGS_MAX {
            if self.put_parts(way).await? {
                return Ok(());
            }
        }
        Err(SendError::PartsLost)
    }

    /// A file that was sent before looks otherwise now. Where only its time differs it is the same.
    async fn look_again(
        &self,
        way: &Way<'_>,
        sent: Version,
        (crc64nvme, proof): (String, Proof),
    ) -> Result<(), SendError> {
        if sent.size != way.version.size {
            return Err(SendError::ChangedSince);
        }
        let mut sum = Sum::new();
        for (at, len) in slices(way.version.size, PART_BYTES_MIN) {
            let _held = self.hold(len).await;
            sum.update(&way.open.read(at, index(len)).await?);
        }
        way.open.unchanged().await?;
        if sum.text() != crc64nvme {
            return Err(SendError::ChangedSince);
        }
        Ok(self.journal.write(done(way, (crc64nvme, proof), None)).await?)
    }

    async fn put(&self, way: &Way<'_>) -> Result<(), SendError> {
        let path = &way.found.path;
        let _held = self.hold(way.version.size).await;
        let body = way.open.read(0, index(way.version.size)).await?;
        way.open.unchanged().await?;
        let crc64nvme = Sum::of(&body);
        let asked_before = matches!(self.journal.known(path), Some(Known::Putting { .. }));
        let (version, sum) = (way.version, crc64nvme.clone());
        let putting = Line::Putting { path: path.clone(), version, crc64nvme: sum };
        self.journal.write(putting).await?;
        match self.sender.put(&way.key, body.clone(), &crc64nvme).await {
            Ok(written) => {
                let proof = proof::of_bytes(&written, &crc64nvme, &body)?;
                self.settle(way, (crc64nvme, proof), Some(written.etag)).await
            }
            Err(AwsError::PreconditionFailed) if asked_before => self.confirm(way, crc64nvme).await,
            Err(error) => {
                if is_answer(&error) && !asked_before {
                    self.journal.write(Line::Refused { path: path.clone() }).await?;
                }
                let occupied = matches!(error, AwsError::PreconditionFailed);
                let key = || SendError::Occupied(way.key.clone());
                Err(if occupied { key() } else { error.into() })
            }
        }
    }

    /// There is an object, and nobody heard whether it is this file. Whoever may read is told by the
    /// store; who may only upload cannot know.
    async fn confirm(&self, way: &Way<'_>, crc64nvme: String) -> Result<(), SendError> {
        let ours = (way.version.size, Some(&crc64nvme));
        match self.sender.look(&way.key).await {
            Ok((size, theirs)) if (size, theirs.as_ref()) == ours => {
                self.settle(way, (crc64nvme, Proof::Verified), None).await
            }
            Err(error @ AwsError::Unreachable { .. }) => Err(error.into()),
            Ok(_) | Err(_) => Err(SendError::Unconfirmed(way.key.clone())),
        }
    }

    /// The store has it.
    async fn settle(
        &self,
        way: &Way<'_>,
        (crc64nvme, proof): (String, Proof),
        etag: Option<String>,
    ) -> Result<(), SendError> {
        self.journal.write(done(way, (crc64nvme.clone(), proof), etag)).await?;
        let (key, bytes) = (way.key.as_str().to_owned(), way.version.size);
        self.events.tell(&way.found.path, &Event::Sent { key, bytes, crc64nvme, proof });
        Ok(())
    }

    /// Frees the parts in the store. Those that cannot be freed now are left to the bucket's rules.
    ///
    /// Written down first: an upload that is gone and not known as abandoned would be taken for one
    /// that was completed.
    async fn abandon(&self, way: &Way<'_>, upload_id: &str) -> Result<(), SendError> {
        self.give_up(way).await?;
        if let Err(error) = self.sender.abort(&way.key, upload_id).await {
            tracing::warn!(%error, key = %way.key, "parts of an upload are left in the store");
        }
        Ok(())
    }

    async fn give_up(&self, way: &Way<'_>) -> Result<(), SendError> {
        Ok(self.journal.write(Line::Abandoned { path: way.found.path.clone() }).await?)
    }

    /// A share of the memory that all files have.
    async fn hold(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let units = bytes.div_ceil(MEMORY_UNIT_BYTES).min(u64::from(MEMORY_UNITS));
        let units = u32::try_from(units).unwrap_or(MEMORY_UNITS);
        Arc::clone(&self.memory).acquire_many_owned(units).await.ok()
    }
}

fn done(way: &Way<'_>, (crc64nvme, proof): (String, Proof), etag: Option<String>) -> Line {
    let (path, key) = (way.found.path.clone(), way.key.as_str().to_owned());
    let version = way.version;
    match proof {
        Proof::Verified => Line::Done { path, version, key, crc64nvme, etag },
        Proof::Unverified => Line::Unverified { path, version, key, crc64nvme, etag },
    }
}

/// Where the slices of a file begin, and how long they are.
fn slices(size: u64, of: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..size.div_ceil(of)).map(move |n| (n * of, of.min(size - n * of)))
}

/// Slices are far shorter than an address space.
fn index(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

#[cfg(test)]
pub(super) mod tests;
