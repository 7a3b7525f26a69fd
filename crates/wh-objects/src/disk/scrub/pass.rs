//! One pass: some rows on a snapshot, then the bytes of a file, a chunk at a time.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tokio::time::Instant;
use wh_names::Clock;

use super::ScrubOptions;
use super::index;
use super::pace::Pace;
use super::record::{self, Bad, Kept, ScrubPass};
use crate::StoreError;
use crate::disk::DiskStore;
use crate::disk::index::Work;
use crate::disk::shelf::Shelf;
use crate::disk::sound::{BlobRow, FileRead, rows_after};

/// How many rows are looked at on one snapshot.
const ROWS: u32 = 32;

/// How often is kept how far the pass has come.
const KEEP_EVERY: Duration = Duration::from_secs(10);

/// What a look at some rows came to: small blobs are read already, the file is still to be.
struct Looked {
    last: Option<i64>,
    blobs: u64,
    bytes: u64,
    bad: Vec<Bad>,
    file: Option<(BlobRow, FileRead)>,
}

struct Pass<'a> {
    store: &'a DiskStore,
    kept: Kept,
    bad: Vec<Bad>,
    pace: Pace,
    kept_at: Instant,
}

pub(super) async fn run(
    store: &DiskStore,
    options: ScrubOptions,
    clock: &Clock,
    on_progress: &mut (dyn FnMut(&ScrubPass) + Send),
) -> Result<ScrubPass, StoreError> {
    let now = clock.now();
    let kept = store.writer.submit(move |work: &mut Work<'_>| record::begin(work, now)).await?;
    let pace = Pace::new(options.bytes_per_second);
    let mut pass = Pass { store, kept, bad: Vec::new(), pace, kept_at: Instant::now() };
    while pass.step().await? {
        on_progress(&pass.kept.pass);
        if pass.kept_at.elapsed() >= KEEP_EVERY || !pass.bad.is_empty() {
            pass.keep().await?;
        }
    }
    // What is found now is kept with the end of the pass: a pass that is broken off here reads the
    // whole index again.
    let index = index::read(store, Pace::new(options.bytes_per_second)).await?;
    pass.kept.pass.bytes += index.bytes;
    index.bad.into_iter().for_each(|bad| pass.find(bad));
    pass.kept.pass.ended = Some(clock.now());
    pass.keep().await?;
    let done = pass.kept.pass;
    let ScrubPass { blobs, bytes, damaged, .. } = done;
    if damaged > 0 {
        tell(store).await?;
        tracing::error!(blobs, bytes, damaged, "the scrub ended and found damage");
    } else {
        tracing::info!(blobs, bytes, "the scrub ended and found no damage");
    }
    Ok(done)
}

/// Names those who are concerned, in the log.
async fn tell(store: &DiskStore) -> Result<(), StoreError> {
    for blob in store.scrub_status().await?.damaged {
        for owner in &blob.owners {
            tracing::error!(blob = blob.blob, what = blob.what, %owner, "an object is damaged");
        }
    }
    Ok(())
}

impl Pass<'_> {
    /// Reads some more, and tells whether there may be yet more.
    async fn step(&mut self) -> Result<bool, StoreError> {
        let (after, files) = (self.kept.after, Arc::clone(&self.store.shelf));
        let look = move |conn: &Connection| look(conn, &files, after);
        let Looked { last, blobs, bytes, bad, file } = self.store.readers.read(look).await?;
        let Some(last) = last else { return Ok(false) };
        self.kept.pass.blobs += blobs;
        self.count(bytes).await;
        for bad in bad {
            self.find(bad);
        }
        if let Some((row, file)) = file {
            self.read(row, file).await?;
        }
        self.kept.after = last;
        Ok(true)
    }

    async fn read(&mut self, row: BlobRow, mut file: FileRead) -> Result<(), StoreError> {
        loop {
            let reading = tokio::task::spawn_blocking(move || {
                let read = file.next();
                (file, read)
            });
            let (back, read) = reading.await.map_err(|_| StoreError::Closed)?;
            file = back;
            match read {
                Ok(Some(data)) => self.count(data.len() as u64).await,
                Ok(None) => return Ok(()),
                Err(StoreError::Corrupt { what }) => {
                    self.find(Bad { row: row.row, id: row.id, what });
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
            self.store.health.readable()?;
        }
    }

    async fn count(&mut self, bytes: u64) {
        self.kept.pass.bytes += bytes;
        self.pace.pay(bytes, &self.store.shelf).await;
    }

    fn find(&mut self, bad: Bad) {
        tracing::error!(what = bad.what, "the scrub found damage");
        self.kept.pass.damaged += 1;
        self.bad.push(bad);
    }

    async fn keep(&mut self) -> Result<(), StoreError> {
        let (kept, bad) = (self.kept, std::mem::take(&mut self.bad));
        self.kept_at = Instant::now();
        self.store.writer.submit(move |work: &mut Work<'_>| record::keep(work, &kept, &bad)).await
    }
}

/// Looks at rows up to the first one that has a file.
fn look(conn: &Connection, shelf: &Arc<Shelf>, after: i64) -> Result<Looked, StoreError> {
    // Files that die meanwhile stay until this one is opened.
    let _look = shelf.look();
    let mut looked = Looked { last: None, blobs: 0, bytes: 0, bad: Vec::new(), file: None };
    for row in rows_after(conn, after, ROWS)? {
        looked.last = Some(row.row);
        looked.blobs += 1;
        let read = if row.inline {
            row.read_inline(conn, shelf).map(|data| looked.bytes += data.len() as u64)
        } else {
            FileRead::open(conn, shelf, &row).map(|file| looked.file = Some((row, file)))
        };
        match read {
            Ok(()) => {}
            Err(StoreError::Corrupt { what }) => {
                looked.bad.push(Bad { row: row.row, id: row.id, what });
            }
            Err(error) => return Err(error),
        }
        if !row.inline {
            break;
        }
    }
    Ok(looked)
}
