//! The index itself: its pages and its log, read at the scrub's pace.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::Arc;

use wh_pages::{Progress, Spot};

use super::pace::Pace;
use super::record::Bad;
use crate::StoreError;
use crate::disk::DiskStore;
use crate::disk::index::{in_words, unopened};

/// The bytes of a page on the disk.
const PAGE_BYTES: u64 = 4096;

/// After how many pages is waited: less would be shorter than a thread can sleep.
const PAGES: u64 = 64;

/// What a reading of the index came to.
pub(super) struct Looked {
    pub(super) bytes: u64,
    pub(super) bad: Vec<Bad>,
}

/// Reads every page and every frame. It ends early when nobody waits for it any more.
pub(super) async fn read(store: &DiskStore, mut pace: Pace) -> Result<Looked, StoreError> {
    let (shelf, health) = (Arc::clone(&store.shelf), Arc::clone(&store.health));
    let index = store.readers.index().clone();
    let waiting = Arc::new(());
    let waited_for = Arc::downgrade(&waiting);
    let reading = move || {
        let mut readable = Ok(());
        let on_page = |Progress { pages, .. }: Progress| {
            if !pages.is_multiple_of(PAGES) {
                return Continue(());
            }
            pace.pay_on_thread(PAGES * PAGE_BYTES, &shelf);
            readable = health.readable();
            if readable.is_ok() && waited_for.strong_count() > 0 { Continue(()) } else { Break(()) }
        };
        let report = wh_pages::verify(&index.path, &index.seal, on_page).map_err(unopened)?;
        readable.map(|()| report)
    };
    let report = tokio::task::spawn_blocking(reading).await.map_err(|_| StoreError::Closed)??;
    drop(waiting);
    let bad = |spot: &Spot| Bad { row: row(*spot), id: None, what: in_words(*spot) };
    let bytes = (report.pages + report.frames) * PAGE_BYTES;
    Ok(Looked { bytes, bad: report.damaged.iter().map(bad).collect() })
}

/// Under which row damage of the index is kept: a negative one, as no blob has.
fn row(spot: Spot) -> i64 {
    match spot {
        Spot::Page(number) => -i64::from(number),
        Spot::Frame(number) => -(1 << 32) - i64::from(number),
        _ => i64::MIN,
    }
}
