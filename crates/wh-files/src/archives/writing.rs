//! The archive as a stream, packed while it is read.
//!
//! Invariant: what fails ends the stream with an error, never as if it were whole. What the person may
//! not read, or what went away meanwhile, is named in the archive itself. Whoever comes by a link learns
//! there what is missing, and not why: the reason names persons, roles and keys.

use std::fmt::Display;
use std::io;

use async_zip::error::ZipError;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _};
use tokio::io::DuplexStream;
use tokio_util::io::ReaderStream;
use wh_people::Person;
use wh_policy::s3::action;

use super::patient::{PATIENCE, Patient};
use super::walk::{Found, Walk};
use super::zip::Zip;
use crate::access::Access;
use crate::{EntryPath, Files, FilesError};

/// How many bytes wait for the reader.
const AHEAD_BYTES: usize = 256 * 1024;

/// What whoever comes by a link is told of what is missing.
const NOT_BY_LINK: &str = "it cannot be had by this link";

/// What is to be packed, and for whom.
pub(super) struct Order {
    pub(super) files: Files,
    pub(super) person: Person,
    pub(super) location: String,
    pub(super) paths: Vec<EntryPath>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Zip(#[from] ZipError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the packing ended early")]
    Ended,
}

/// Packs while it is read; at most [`AHEAD_BYTES`] are ahead of the reader. `held` is kept as long.
pub(super) fn stream<T: Send + 'static>(
    order: Order,
    held: T,
) -> BoxStream<'static, io::Result<Bytes>> {
    let (into, out) = tokio::io::duplex(AHEAD_BYTES);
    let packing = tokio::spawn(async move {
        let _held = held;
        pack(&order, into).await
    });
    let end = stream::once(async move {
        let why = match packing.await {
            Ok(Ok(())) => return Ok(Bytes::new()),
            Ok(Err(why)) => why,
            Err(_stopped) => Broken::Ended,
        };
        tracing::warn!(error = %why, "an archive was broken off");
        Err(io::Error::other(why))
    });
    ReaderStream::with_capacity(out, AHEAD_BYTES / 4).chain(end).boxed()
}

async fn pack(order: &Order, into: DuplexStream) -> Result<(), Broken> {
    let access = order.files.access(&order.person, &order.location).await?;
    let mut packing =
        Packing { files: &order.files, access, zip: Zip::into(Patient::with(into, PATIENCE)) };
    let mut walk = Walk::over(&order.paths);
    while let Some(page) = walk.next(packing.files, &packing.access).await? {
        for found in page {
            packing.add(found).await?;
        }
    }
    packing.zip.finish(order.files.options.clock.now()).await
}

struct Packing<'a> {
    files: &'a Files,
    access: Access<'a>,
    zip: Zip<Patient<DuplexStream>>,
}

impl Packing<'_> {
    async fn add(&mut self, found: Found) -> Result<(), Broken> {
        if let Some(folder) = found.path.strip_suffix('/') {
            return self.zip.folder(folder).await;
        }
        let target = self.access.object_target(&found.key);
        if let Err(why) = self.access.foresee(action::GET_OBJECT, &target) {
            return self.leave_out(&found, &why);
        }
        let session = self.access.session().await?;
        let (objects, bucket) = (&self.files.options.objects, &self.access.grant.bucket);
        let object = match objects.read(&session, bucket, &found.key).await {
            Ok(object) => object,
            Err(error) => {
                let why = self.access.told(action::GET_OBJECT, &target, error);
                if matches!(why, FilesError::Refused(_) | FilesError::NotFound) {
                    return self.leave_out(&found, &why);
                }
                return Err(why.into());
            }
        };
        let modified = object.modified;
        let pieces = stream::try_unfold(object, async |mut object| {
            let piece = object.next().await.map_err(FilesError::Store)?;
            Ok(piece.map(|piece| (piece, object)))
        });
        self.zip.file((&found.path, modified), pieces).await
    }

    fn leave_out(&mut self, found: &Found, why: &FilesError) -> Result<(), Broken> {
        let by_link = self.access.by_link();
        let why: &dyn Display = if by_link { &NOT_BY_LINK } else { why };
        self.zip.leave_out(&found.path, why)
    }
}
