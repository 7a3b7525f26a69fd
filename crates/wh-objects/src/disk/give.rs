//! Gives a body out: verified chunks in plain, read ahead on blocking threads.
//!
//! How far ahead depends on the receiver: one that waits for the disk gets more chunks read beside
//! each other, a slow one has a single chunk waiting for it. A blocking thread is held for a chunk,
//! never for a receiver; what is being read stays pinned until the body is dropped.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use rusqlite::Connection;
use tokio::task::{JoinHandle, spawn_blocking};

use super::blob::{BlobReader, CHUNK_BYTES, Spare};
use super::blobs;
use super::extent::Extent;
use super::index::Readers;
use super::seal::Wrapped;
use super::shelf::Pin;
use crate::{ByteStream, StoreError};

/// How many bytes of inline blobs are read ahead with the snapshot, which alone still holds them
/// when the object is replaced. Only objects copied together from odd ends have more; such a body
/// breaks off when it is replaced while it is read.
const SNAPSHOT_BYTES_MAX: usize = 4 << 20;

/// How many chunks of a body are read ahead at most.
const AHEAD_MAX: usize = 4;

/// A piece of a body.
#[derive(Debug)]
enum Piece {
    Here(Bytes),
    Inline(Extent),
    File(FileExtent),
}

/// A range of a file.
#[derive(Debug)]
struct FileExtent {
    extent: Extent,
    file: Arc<BlobFile>,
}

/// A file that is opened when the first chunk of it is needed, and closed after the last.
#[derive(Debug)]
struct BlobFile {
    wrapped: Option<Wrapped>,
    open: Mutex<Option<Arc<BlobReader>>>,
}

/// What every chunk of a body needs.
#[derive(Debug)]
struct Source {
    pin: Pin,
    readers: Arc<Readers>,
    spare: Arc<Spare>,
}

/// Reads the pieces of one body.
#[derive(Debug)]
pub(super) struct BodyReader {
    pieces: VecDeque<Piece>,
    source: Arc<Source>,
}

/// A chunk to be read on a thread that may block.
struct Task {
    piece: Piece,
    source: Arc<Source>,
}

impl BodyReader {
    /// Prepares a body on the snapshot that its extents come from.
    pub(super) fn new(
        conn: &Connection,
        extents: Vec<Extent>,
        pin: Pin,
        readers: Arc<Readers>,
    ) -> Result<Self, StoreError> {
        let mut pieces = VecDeque::with_capacity(extents.len());
        let mut here = 0;
        for extent in extents {
            let piece = if !extent.inline {
                let wrapped = blobs::wrapped(conn, &extent)?;
                let file = Arc::new(BlobFile { wrapped, open: Mutex::default() });
                Piece::File(FileExtent { extent, file })
            } else if here < SNAPSHOT_BYTES_MAX {
                let data = blobs::inline_data(conn, pin.shelf().sealing(), &extent)?;
                here += data.len();
                Piece::Here(cut(data, &extent)?)
            } else {
                Piece::Inline(extent)
            };
            pieces.push_back(piece);
        }
        let source = Arc::new(Source { pin, readers, spare: Spare::new(AHEAD_MAX) });
        Ok(Self { pieces, source })
    }

    /// Whether the next bytes are here already.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.pieces.front(), None | Some(Piece::Here(_)))
    }

    /// The next bytes, verified; `None` at the end. For a thread that may block, unless they are
    /// ready.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        self.cut_next().map(Task::read).transpose()
    }

    /// Cuts the next chunk off. Chunks end where blocks do, so that no block is read twice.
    fn cut_next(&mut self) -> Option<Task> {
        let mut piece = self.pieces.pop_front()?;
        if let Piece::File(FileExtent { extent, file }) = &mut piece {
            let chunk = CHUNK_BYTES as u64;
            let len = extent.len.min(chunk - extent.offset % chunk);
            if len < extent.len {
                let rest = Extent { offset: extent.offset + len, len: extent.len - len, ..*extent };
                let rest = FileExtent { extent: rest, file: Arc::clone(file) };
                self.pieces.push_front(Piece::File(rest));
                extent.len = len;
            }
        }
        Some(Task { piece, source: Arc::clone(&self.source) })
    }
}

impl Task {
    fn read(self) -> Result<Bytes, StoreError> {
        let Self { piece, source } = self;
        match piece {
            Piece::Here(data) => Ok(data),
            Piece::Inline(extent) => {
                let sealing = source.pin.shelf().sealing();
                let read = |conn: &Connection| blobs::inline_data(conn, sealing, &extent);
                cut(source.readers.read_now(read)?, &extent)
            }
            Piece::File(FileExtent { extent, file }) => {
                let reader = file.reader(&source, &extent)?;
                reader.read(extent.offset..extent.offset + extent.len, &source.spare)
            }
        }
    }
}

impl BlobFile {
    fn reader(&self, source: &Source, extent: &Extent) -> Result<Arc<BlobReader>, StoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = &*open {
            return Ok(Arc::clone(reader));
        }
        let wrapped = self.wrapped.as_ref();
        let reader = Arc::new(BlobReader::open(source.pin.shelf(), extent.blob, wrapped)?);
        *open = Some(Arc::clone(&reader));
        Ok(reader)
    }
}

/// The part of an inline blob that an extent means.
fn cut(data: Vec<u8>, extent: &Extent) -> Result<Bytes, StoreError> {
    let damaged = || StoreError::Corrupt { what: format!("the extent of blob {}", extent.blob) };
    let from = usize::try_from(extent.offset).map_err(|_| damaged())?;
    let to = usize::try_from(extent.offset + extent.len).map_err(|_| damaged())?;
    if to > data.len() {
        return Err(damaged());
    }
    Ok(Bytes::from(data).slice(from..to))
}

type Read = Result<Bytes, StoreError>;

/// A chunk that was asked for.
enum Ahead {
    Here(Read),
    Reading(JoinHandle<Read>),
}

impl Ahead {
    fn is_here(&self) -> bool {
        match self {
            Self::Here(_) => true,
            Self::Reading(reading) => reading.is_finished(),
        }
    }

    async fn wait(self) -> Read {
        match self {
            Self::Here(read) => read,
            Self::Reading(reading) => reading.await.unwrap_or(Err(StoreError::Closed)),
        }
    }
}

/// A body that is given out.
struct Giving {
    ahead: VecDeque<Ahead>,
    depth: usize,
    rest: BodyReader,
}

impl Giving {
    async fn next(&mut self) -> Option<Read> {
        self.read_ahead();
        let next = self.ahead.pop_front()?;
        // A receiver that has to wait could take more; one that finds everything there could not.
        if !next.is_here() {
            self.depth = AHEAD_MAX.min(self.depth + 1);
        } else if self.ahead.iter().all(Ahead::is_here) {
            self.depth = 1.max(self.depth - 1);
        }
        let read = next.wait().await;
        if read.is_err() {
            self.ahead.clear();
            self.rest.pieces.clear();
        }
        self.read_ahead();
        Some(read)
    }

    fn read_ahead(&mut self) {
        while self.ahead.len() < self.depth
            && let Some(task) = self.rest.cut_next()
        {
            self.ahead.push_back(match task.piece {
                Piece::Here(data) => Ahead::Here(Ok(data)),
                Piece::Inline(_) | Piece::File(_) => {
                    Ahead::Reading(spawn_blocking(move || task.read()))
                }
            });
        }
    }
}

/// A body whose first bytes were read already.
pub(super) fn body(first: Option<Bytes>, rest: BodyReader) -> ByteStream {
    let ahead = first.into_iter().map(|first| Ahead::Here(Ok(first))).collect();
    let begin = Giving { ahead, depth: 1, rest };
    Box::pin(futures::stream::unfold(begin, |mut giving| async {
        let read = giving.next().await?;
        Some((read.map_err(Into::into), giving))
    }))
}
