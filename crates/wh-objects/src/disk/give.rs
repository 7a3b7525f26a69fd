//! Gives a body out: verified chunks, read one ahead on blocking threads.
//!
//! A blocking thread is held for a chunk, never for a slow receiver; what is being read stays
//! pinned until the body is dropped.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use rusqlite::Connection;
use tokio::task::{JoinHandle, spawn_blocking};

use super::blob::{BlobReader, CHUNK_BYTES};
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

/// A piece of a body.
#[derive(Debug)]
enum Piece {
    Here(Bytes),
    Inline(Extent),
    File(Extent, Option<Wrapped>),
}

/// Reads the pieces of one body, one after the other.
#[derive(Debug)]
pub(super) struct BodyReader {
    pieces: VecDeque<Piece>,
    open: Option<BlobReader>,
    pin: Pin,
    readers: Arc<Readers>,
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
                Piece::File(extent, wrapped)
            } else if here < SNAPSHOT_BYTES_MAX {
                let data = blobs::inline_data(conn, pin.shelf().sealing(), &extent)?;
                here += data.len();
                Piece::Here(cut(data, &extent)?)
            } else {
                Piece::Inline(extent)
            };
            pieces.push_back(piece);
        }
        Ok(Self { pieces, open: None, pin, readers })
    }

    /// Whether the next bytes are here already.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.pieces.front(), None | Some(Piece::Here(_)))
    }

    /// The next bytes, verified; `None` at the end. For a thread that may block, unless they are
    /// ready.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        let (mut extent, wrapped) = match self.pieces.pop_front() {
            None => return Ok(None),
            Some(Piece::Here(data)) => return Ok(Some(data)),
            Some(Piece::Inline(extent)) => {
                let sealing = self.pin.shelf().sealing();
                let read = |conn: &Connection| blobs::inline_data(conn, sealing, &extent);
                return cut(self.readers.read_now(read)?, &extent).map(Some);
            }
            Some(Piece::File(extent, wrapped)) => (extent, wrapped),
        };
        // Chunks end where blocks do, so that no block is read twice.
        let chunk = CHUNK_BYTES as u64;
        let len = extent.len.min(chunk - extent.offset % chunk);
        let blob = match self.open.take() {
            Some(blob) => blob,
            None => BlobReader::open(self.pin.shelf(), extent.blob, wrapped.as_ref())?,
        };
        let data = blob.read(extent.offset..extent.offset + len)?;
        extent.offset += len;
        extent.len -= len;
        if extent.len > 0 {
            self.pieces.push_front(Piece::File(extent, wrapped));
            self.open = Some(blob);
        }
        Ok(Some(data))
    }

    fn is_done(&self) -> bool {
        self.pieces.is_empty()
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

type Ahead = JoinHandle<(BodyReader, Result<Option<Bytes>, StoreError>)>;

/// Where a body that is given out stands.
enum Giving {
    Ready(Bytes, BodyReader),
    Reading(Ahead),
    Ended,
}

/// A body whose first bytes were read already.
pub(super) fn body(first: Option<Bytes>, rest: BodyReader) -> ByteStream {
    let begin = first.map_or(Giving::Ended, |first| Giving::Ready(first, rest));
    Box::pin(futures::stream::unfold(begin, |giving| async {
        match giving {
            Giving::Ended => None,
            Giving::Ready(data, reader) => Some((Ok(data), read_on(reader))),
            Giving::Reading(ahead) => match ahead.await {
                Ok((reader, Ok(Some(data)))) => Some((Ok(data), read_on(reader))),
                Ok((_, Ok(None))) => None,
                Ok((_, Err(error))) => Some((Err(error.into()), Giving::Ended)),
                Err(_) => Some((Err(StoreError::Closed.into()), Giving::Ended)),
            },
        }
    }))
}

fn read_on(mut reader: BodyReader) -> Giving {
    if reader.is_done() {
        return Giving::Ended;
    }
    Giving::Reading(spawn_blocking(move || {
        let next = reader.next();
        (reader, next)
    }))
}
