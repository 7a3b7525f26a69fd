//! Takes a body in: hashes it, seals it and writes it, on blocking threads.
//!
//! Three things run beside each other, each on another chunk: gathering from the sender, MD5 — side
//! by side with that of other bodies — and the rest: other sums, sealing, writing. Chunks go round: what was written is gathered into
//! again. So a stream has at most [`CHUNKS_MAX`] of them in memory, and they are copied once. A
//! thread is held while there are chunks to work on, never for a slow sender.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::DiskStore;
use super::blob::{BlobWriter, CHUNK_BYTES, Published};
use super::extent::BlobId;
use super::health::Health;
use super::lane::{Lane, Work};
use super::md5_pool::{Chunk, Md5Pool, Md5Stream};
use super::seal::Inline;
use crate::digest::{Announced, Digests, Hasher, Sums};
use crate::{ByteStream, ChecksumAlgorithm, StoreError};

/// How many chunks of one stream there are at most.
const CHUNKS_MAX: usize = 6;

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
                let (draft, health) = (self.shelf.draft(), Arc::clone(&self.health));
                let size = announced.size;
                let create = move || BlobWriter::create(draft, size, &health);
                let writer = on_thread(create).await?;
                let mill = Mill::new(&self.hashing, hasher, writer, Arc::clone(&self.health));
                let rest = Rest { body, bytes, announced, bytes_max };
                return mill.grind_all(gathered, block, rest).await;
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

/// Computes the other sums, seals and writes, and gives chunks back to be filled again.
pub(super) struct Writing {
    writer: BlobWriter,
    sums: Sums,
    health: Arc<Health>,
    /// Gone after a failure, so that gathering ends.
    back: Option<mpsc::UnboundedSender<Chunk>>,
    failure: Option<StoreError>,
}

impl Work for Writing {
    type Piece = Chunk;

    fn work(&mut self, mut chunk: Chunk) {
        let Some(back) = &self.back else { return };
        self.sums.update(&chunk);
        match self.writer.write(&mut chunk, &self.health) {
            // Nobody gathers any more when the receiver is gone.
            Ok(()) => drop(back.send(chunk)),
            Err(error) => {
                self.back = None;
                self.failure = Some(error);
            }
        }
    }
}

/// Gathers chunks, and has them hashed and written.
struct Mill {
    hashing: Md5Stream<Writing>,
    writing: Lane<Writing>,
    filling: Chunk,
    returned: mpsc::UnboundedReceiver<Chunk>,
    made: usize,
}

impl Mill {
    fn new(
        pool: &Md5Pool<Writing>,
        hasher: Hasher,
        writer: BlobWriter,
        health: Arc<Health>,
    ) -> Self {
        let (md5, sums) = hasher.split();
        let (back, returned) = mpsc::unbounded_channel();
        let writing = Writing { writer, sums, health, back: Some(back), failure: None };
        let writing = Lane::new(writing);
        let hashing = pool.begin(md5, writing.clone());
        Self { hashing, writing, filling: Vec::with_capacity(CHUNK_BYTES), returned, made: 1 }
    }

    /// Takes everything in, judges it and makes it durable.
    async fn grind_all(
        mut self,
        gathered: BytesMut,
        first: Bytes,
        mut rest: Rest,
    ) -> Result<(Digests, Content), StoreError> {
        self.grind(&gathered).await?;
        drop(gathered);
        self.grind(&first).await?;
        drop(first);
        while let Some(block) = rest.body.next().await {
            let block = block.map_err(StoreError::Body)?;
            rest.bytes += block.len() as u64;
            rest.announced.judge_so_far(rest.bytes, rest.bytes_max)?;
            self.grind(&block).await?;
        }
        if !self.filling.is_empty() {
            self.hashing.push(self.filling);
        }
        let md5 = self.hashing.end().await.ok_or(StoreError::Closed)?;
        let Writing { writer, sums, health, failure, .. } =
            self.writing.end().await.ok_or(StoreError::Closed)?;
        failure.map_or(Ok(()), Err)?;
        let digests = Digests::of(md5, sums);
        rest.announced.judge(&digests)?;
        let file = on_thread(move || writer.publish(&health)).await?;
        Ok((digests, Content::File(file)))
    }

    /// Cuts what comes into chunks.
    async fn grind(&mut self, mut block: &[u8]) -> Result<(), StoreError> {
        while !block.is_empty() {
            let room = CHUNK_BYTES.saturating_sub(self.filling.len());
            let (now, later) = block.split_at_checked(room).unwrap_or((block, &[]));
            self.filling.extend_from_slice(now);
            block = later;
            if self.filling.len() >= CHUNK_BYTES {
                self.hashing.push(std::mem::take(&mut self.filling));
                self.filling = self.empty().await?;
            }
        }
        Ok(())
    }

    /// A chunk to fill: one that came back, or a new one.
    async fn empty(&mut self) -> Result<Chunk, StoreError> {
        let mut chunk = match self.returned.try_recv() {
            Ok(chunk) => chunk,
            Err(_) if self.made < CHUNKS_MAX => {
                self.made += 1;
                Vec::with_capacity(CHUNK_BYTES)
            }
            Err(_) => match self.returned.recv().await {
                Some(chunk) => chunk,
                None => return Err(self.failure().await),
            },
        };
        chunk.clear();
        Ok(chunk)
    }

    /// Why chunks come back no more.
    async fn failure(&self) -> StoreError {
        let failure = self.writing.end().await.and_then(|writing| writing.failure);
        failure.unwrap_or(StoreError::Closed)
    }
}

async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    // A blocking thread ends without an answer only when the runtime ends.
    spawn_blocking(work).await.map_err(|_| StoreError::Closed)?
}
