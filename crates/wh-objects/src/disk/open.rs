//! Opening a store.

use std::sync::Arc;

use super::buckets::Buckets;
use super::events::Feed;
use super::folder::{Folder, sync_folder};
use super::health::Health;
use super::index::{IndexFile, Readers, Writer};
use super::md5_pool::Md5Pool;
use super::opening;
use super::orphans;
use super::seal::Sealing;
use super::shelf::Shelf;
use super::upgrade;
use super::{DiskOptions, DiskStore, Durability, OpenError};

pub(super) async fn open(options: DiskOptions) -> Result<DiskStore, OpenError> {
    let folder = options.folder.clone();
    let opened = tokio::task::spawn_blocking(move || open_now(options)).await;
    let opened = opened.map_err(|e| io("opening the store", std::io::Error::other(e)))?;
    opened.map_err(|error| error.or_full(&folder))
}

fn io(doing: &'static str, source: std::io::Error) -> OpenError {
    OpenError::Io { doing, source }
}

fn open_now(options: DiskOptions) -> Result<DiskStore, OpenError> {
    let (folder, lock, format) = Folder::open(&options.folder)?;
    let sealing = Sealing::open(&folder, options.keys)?;
    let index = IndexFile { path: folder.index(), seal: sealing.page_seal() };
    match format {
        None => make_index(&folder, &index)?,
        Some(format) => upgrade::run_if_due(&folder, &index, format)?,
    }
    folder.has_index()?;
    let unusable = |e: rusqlite::Error| folder.unusable(&e);
    let conn = match index.prepare() {
        Err(wh_pages::OpenError::NotEncrypted) => {
            sealing.keep_index_key(&folder)?;
            upgrade::reseal(&folder, &index)?;
            index.prepare()
        }
        prepared => prepared,
    };
    let conn = conn.map_err(|e| unopened(&folder, e))?;
    sealing.admit(&conn, &folder)?;
    let opening = opening::count(&folder, &conn)?.number;
    if options.durability == Durability::LosesOnPowerCut {
        // From here on the log is synced by checkpoints alone; the index itself stays whole. The
        // count of this opening is durable in any case: the names of blobs depend on it.
        conn.pragma_update(None, "synchronous", "NORMAL").map_err(unusable)?;
    }
    // The names of the index and of its log become durable before anything relies on them.
    sync_folder(folder.path()).map_err(|e| io("syncing the store's folder", e))?;
    let buckets = Buckets::load(&conn).map_err(|e| folder.damaged(format!("the index: {e}")))?;
    let buckets = Arc::new(buckets);
    let feed = Feed::load(&conn).map_err(unusable)?;
    let health = Arc::new(Health::new(options.folder, options.reserve_bytes, options.durability));
    let threads = |e| io("starting a thread", e);
    let shelf = Shelf::new(folder.clone(), opening, sealing).map_err(threads)?;
    let readers = Readers::new(index.clone()).map_err(threads)?;
    let log_pages = options.log_pages.into();
    let (to_watch, to_fill) = (Arc::clone(&health), Arc::clone(&shelf));
    let writer =
        Arc::new(Writer::start(conn, (index, log_pages), to_watch, to_fill).map_err(threads)?);
    let parts = (Arc::clone(&shelf), Arc::clone(&readers), Arc::clone(&health));
    orphans::collect(parts).map_err(threads)?;
    let (raw_index, scrubbing) = Default::default();
    let hashing = Md5Pool::new();
    Ok(DiskStore {
        writer,
        readers,
        buckets,
        feed,
        shelf,
        health,
        raw_index,
        hashing,
        scrubbing,
        lock,
    })
}

/// Why the index is not opened.
pub(super) fn unopened(folder: &Folder, error: wh_pages::OpenError) -> OpenError {
    match error {
        wh_pages::OpenError::Io(source) => io("opening the index", source).or_full(folder.path()),
        wh_pages::OpenError::Sqlite(error) => folder.unusable(&error),
        wh_pages::OpenError::Encrypted => OpenError::KeysOff { folder: folder.path().to_owned() },
        wh_pages::OpenError::WrongKey => folder
            .damaged("`index.key` is missing, or not the one that the index was encrypted under"),
        wh_pages::OpenError::NotEncrypted
        | wh_pages::OpenError::Plain
        | wh_pages::OpenError::Damaged(_) => folder.damaged(format!("the index: {error}")),
    }
}

/// Makes the index of a new store. Only then it is one.
fn make_index(folder: &Folder, index: &IndexFile) -> Result<(), OpenError> {
    let unusable = |e: rusqlite::Error| folder.unusable(&e);
    let conn = index.prepare().map_err(|e| unopened(folder, e))?;
    // Into the index itself: without its log it would be as empty as one that is gone.
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(unusable)?;
    conn.close().map_err(|(_, e)| unusable(e))?;
    let made = || {
        std::fs::File::open(&index.path)?.sync_all()?;
        sync_folder(folder.path())?;
        folder.mark_current()
    };
    made().map_err(|e| io("making the index", e))
}
