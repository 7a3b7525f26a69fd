//! Takes a body in: hashes it and writes it, a chunk at a time, on blocking threads.
//!
//! While one chunk is being hashed and written, in parallel, the next one is gathered: at most
//! three chunks of a stream are in memory. A blocking thread is held for a chunk, never for a
//! slow sender.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use tokio::task::{JoinHandle, spawn_blocking};

use super::DiskStore;
use super::blob::{BlobWriter, CHUNK_BYTES, Published};
use super::extent::BlobId;
use super::health::Health;
use super::seal::Inline;
use super::shelf::Draft;
use crate::digest::{Announced, Digests, Hasher};
use crate::{ByteStream, ChecksumAlgorithm, StoreError};

/// What is kept in the index itself, in bytes at most.
pub(super) const INLINE_BYTES_MAX: usize = 64 << 10;

/// A body that was taken in and not yet named by the index.
#[derive(Debug)]
pub(super) enum Content {
    /// Small: it goes into the index.
    Inline(BlobId, Inline),
    /// Large: it is durable in a file.
    File(Published),
}

/// What a body is to be.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) announced: Announced,
    pub(super) also: Option<ChecksumAlgorithm>,
    pub(super) bytes_max: u64,
}

impl DiskStore {
    /// Takes a body in and judges it. What is returned is durable or small.
    pub(super) async fn take(
        &self,
        mut body: ByteStream,
        intake: Intake,
    ) -> Result<(Digests, Content), StoreError> {
        let Intake { announced, also, bytes_max } = intake;
        self.health.has_room()?;
        let mut hasher = Hasher::new(announced.algorithm().into_iter().chain(also));
        let mut gathered = BytesMut::new();
        let mut bytes = 0;
        // Until it is known to be large, a body is only gathered.
        while let Some(block) = body.next().await {
            let block = block.map_err(StoreError::Body)?;
            bytes += block.len() as u64;
            announced.judge_so_far(bytes, bytes_max)?;
            if bytes > INLINE_BYTES_MAX as u64 {
                let first = (gathered, block);
                let mill = Mill::new(hasher, self.shelf.draft(), Arc::clone(&self.health));
                let rest = Rest { body, bytes, announced, bytes_max };
                return mill.grind_all(first, rest).await;
            }
            gathered.extend_from_slice(&block);
        }
        hasher.update(&gathered);
        let digests = hasher.finish();
        announced.judge(&digests)?;
        let id = self.shelf.name();
        let small = self.shelf.sealing().cover_inline(id, gathered)?;
        Ok((digests, Content::Inline(id, small)))
    }
}

/// What is still to come of a body.
struct Rest {
    body: ByteStream,
    bytes: u64,
    announced: Announced,
    bytes_max: u64,
}

async fn on_thread<T>(work: JoinHandle<T>) -> Result<T, StoreError> {
    // A blocking thread ends without an answer only when the runtime ends.
    work.await.map_err(|_| StoreError::Closed)
}

/// Something that is at hand, or at work on a blocking thread.
enum Worker<T> {
    Idle(T),
    Busy(JoinHandle<Result<T, StoreError>>),
}

impl<T: Send + 'static> Worker<T> {
    async fn rest(self) -> Result<T, StoreError> {
        match self {
            Self::Idle(it) => Ok(it),
            Self::Busy(work) => on_thread(work).await?,
        }
    }

    fn start(work: impl FnOnce() -> Result<T, StoreError> + Send + 'static) -> Self {
        Self::Busy(spawn_blocking(work))
    }
}

/// Hashes and writes chunks, side by side.
struct Mill {
    hasher: Worker<Hasher>,
    writer: Worker<BlobWriter>,
    health: Arc<Health>,
}

impl Mill {
    fn new(hasher: Hasher, draft: Draft, health: Arc<Health>) -> Self {
        let creating = Arc::clone(&health);
        let writer = Worker::start(move || BlobWriter::create(draft, &creating));
        Self { hasher: Worker::Idle(hasher), writer, health }
    }

    /// Takes everything in, judges it and makes it durable.
    async fn grind_all(
        mut self,
        (mut gathered, first): (BytesMut, Bytes),
        mut rest: Rest,
    ) -> Result<(Digests, Content), StoreError> {
        self = self.grind(&mut gathered, first).await?;
        while let Some(block) = rest.body.next().await {
            let block = block.map_err(StoreError::Body)?;
            rest.bytes += block.len() as u64;
            rest.announced.judge_so_far(rest.bytes, rest.bytes_max)?;
            self = self.grind(&mut gathered, block).await?;
        }
        if !gathered.is_empty() {
            self = self.feed(gathered.freeze()).await?;
        }
        let digests = self.hasher.rest().await?.finish();
        rest.announced.judge(&digests)?;
        let (writer, health) = (self.writer.rest().await?, self.health);
        let file = on_thread(spawn_blocking(move || writer.publish(&health))).await??;
        Ok((digests, Content::File(file)))
    }

    /// Cuts what comes into chunks.
    async fn grind(
        mut self,
        gathered: &mut BytesMut,
        mut block: Bytes,
    ) -> Result<Self, StoreError> {
        while gathered.len() + block.len() >= CHUNK_BYTES {
            let later = block.split_off(CHUNK_BYTES - gathered.len());
            let chunk = if gathered.is_empty() {
                block
            } else {
                gathered.extend_from_slice(&block);
                gathered.split().freeze()
            };
            self = self.feed(chunk).await?;
            block = later;
        }
        if gathered.is_empty() {
            gathered.reserve(CHUNK_BYTES);
        }
        gathered.extend_from_slice(&block);
        Ok(self)
    }

    /// Hands a chunk to both workers, once they are done with the last one.
    async fn feed(self, chunk: Bytes) -> Result<Self, StoreError> {
        let (mut hasher, mut writer) = (self.hasher.rest().await?, self.writer.rest().await?);
        let (to_hash, health) = (chunk.clone(), Arc::clone(&self.health));
        let hashing = move || {
            hasher.update(&to_hash);
            Ok(hasher)
        };
        let writing = move || writer.write(&mut chunk.to_vec(), &health).map(|()| writer);
        let (hasher, writer) = (Worker::start(hashing), Worker::start(writing));
        Ok(Self { hasher, writer, health: self.health })
    }
}
