//! Counts that take long or fail, and uploads that the lifecycle drops.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use wh_gate::quota_room_of;
use wh_ledger::{
    Ledger, QuotaAmount, QuotaCounterRow, QuotaLimits, QuotaPlace, QuotaReserve, QuotaRow,
    QuotaSubject, RowId, WantedCounter,
};
use wh_names::{BucketName, Clock, Entropy, KeyPrefix, ObjectKey};
use wh_objects::lifecycle::{Action, Doing};
use wh_objects::{
    BucketDocument, BucketSettings, CreateUpload, ListObjects, ListPage, MemoryStore,
    ObjectAddress, ObjectStore, Stamp, StoreError, UploadId,
};

use super::{COUNTED_FOR, COUNTS_FOR, Count, Lists, dropped, give_back_dropped, is_due};
use crate::upkeep::tend_bucket;

const ID: &str = "location:files/";

fn bucket() -> BucketName {
    BucketName::parse("files").expect("a bucket")
}

fn place() -> QuotaPlace {
    QuotaPlace { bucket: bucket(), prefix: KeyPrefix::everything() }
}

async fn ledger() -> Ledger {
    let ledger = Ledger::in_memory().await.expect("a ledger");
    let now = Timestamp::UNIX_EPOCH;
    let row = QuotaRow {
        id: RowId::generate(now, &Entropy::new(|out| out.fill(7))),
        subject: QuotaSubject::Location(place()),
        limits: QuotaLimits { bytes: Some(1_000), objects: None },
        created_at: now,
        updated_at: now,
        updated_by: None,
    };
    ledger.put_quota(&row).await.expect("put");
    let QuotaRow { id: quota_id, subject, limits, .. } = row;
    let wanted = WantedCounter { quota_id, subject, limits, places: vec![place()] };
    assert!(ledger.set_quota_counters(&[wanted]).await.expect("set"));
    ledger
}

/// A clock that stands still until it is moved.
fn clock() -> (Clock, Arc<AtomicI64>) {
    let minute = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&minute);
    let clock = Clock::new(move || {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(told.load(Ordering::SeqCst))
    });
    (clock, minute)
}

/// So many pages, each of which takes four minutes. After the third another node tries to count.
fn slow_pages(
    (ledger, minute): (&Ledger, &Arc<AtomicI64>),
    (pages, fails): (usize, bool),
    tried: &Arc<AtomicUsize>,
) -> Box<Lists> {
    let (ledger, minute, tried) = (ledger.clone(), Arc::clone(minute), Arc::clone(tried));
    let page = Arc::new(AtomicUsize::new(0));
    Box::new(move |_: BucketName, _: ListObjects| {
        let (ledger, minute, tried) = (ledger.clone(), Arc::clone(&minute), Arc::clone(&tried));
        let page = page.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move {
            let mins = minute.fetch_add(4, Ordering::SeqCst) + 4;
            let now = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(mins);
            let begun = ledger.begin_quota_count((ID, 99), (now, now + COUNTS_FOR));
            if page < pages && begun.await.expect("asked") {
                tried.fetch_add(1, Ordering::SeqCst);
            }
            if fails && page == pages {
                return Err(StoreError::Busy);
            }
            let (truncated, next_after) = (page < pages, Some(page.to_string()));
            Ok(ListPage { entries: Vec::new(), truncated, next_after })
        })
    })
}

#[tokio::test]
async fn a_count_that_goes_on_is_nobody_elses_and_one_that_failed_is_anybodys_at_once() {
    for (alone, fails, stolen) in [(false, false, false), (false, true, false), (true, false, true)]
    {
        let (ledger, (clock, minute)) = (ledger().await, clock());
        let now = clock.now();
        assert!(ledger.begin_quota_count((ID, 7), (now, now + COUNTS_FOR)).await.expect("begun"));
        let tried = Arc::new(AtomicUsize::new(0));
        let list = slow_pages((&ledger, &minute), (7, fails), &tried);
        let count = Count { ledger: &ledger, clock: &clock, of: (ID, 7), alone, renewed: now };
        let done = count.of_places(&[place()], &*list).await;
        assert_eq!(done.is_err(), fails);
        // Where nothing is renewed, another takes it over after a quarter of an hour.
        assert_eq!(tried.load(Ordering::SeqCst) > 0, stolen, "alone: {alone}");
        let counters = ledger.quota_counters().await.expect("read");
        let counted = counters.iter().all(|(counter, _)| counter.counted_at.is_some());
        assert_eq!(counted, !fails && !stolen);
        let now = clock.now();
        let begun = ledger.begin_quota_count((ID, 8), (now, now + COUNTS_FOR));
        assert_eq!(begun.await.expect("asked"), !stolen, "it is nobody's now");
    }
}

async fn counter(ledger: &Ledger) -> QuotaCounterRow {
    let counters = ledger.quota_counters().await.expect("read");
    counters.into_iter().next().expect("a counter").0
}

async fn store() -> Arc<dyn ObjectStore> {
    let store = MemoryStore::new();
    let stamp = Stamp::new(Timestamp::UNIX_EPOCH, "somebody");
    let made = store.create_bucket(&bucket(), BucketSettings::default(), &stamp).await;
    made.expect("a bucket");
    Arc::new(store)
}

/// An upload that has room for ten bytes.
async fn begins(ledger: &Ledger, store: &dyn ObjectStore, name: &str) -> (ObjectAddress, UploadId) {
    let stamp = Stamp::new(Timestamp::UNIX_EPOCH, "somebody");
    let at = ObjectAddress { bucket: bucket(), key: ObjectKey::parse(name).expect("a key") };
    let id = UploadId::parse(&name.replace('/', "-")).expect("an id");
    let begun = store.create_multipart_upload(&at, CreateUpload::default(), id, &stamp);
    let upload = begun.await.expect("an upload");
    let room = quota_room_of(&upload);
    let more = QuotaAmount { bytes: 10, objects: 1 };
    let (counters, expires) = ([ID.to_owned()], Timestamp::MAX);
    let (id, counters) = (room.as_str(), &counters[..]);
    let reserve = QuotaReserve { id, counters, more, rounds: None, whole: 10, part: None, expires };
    assert_eq!(ledger.reserve_quota(reserve).await.expect("room"), None);
    (at, upload)
}

#[tokio::test]
async fn the_room_of_an_upload_that_the_lifecycle_drops_is_given_back_and_no_other() {
    let (ledger, store) = (ledger().await, store().await);
    let mut actions = Vec::new();
    for name in ["gone", "there"] {
        let (at, upload) = begins(&ledger, store.as_ref(), name).await;
        if name == "gone" {
            store.abort_multipart_upload(&at, &upload).await.expect("dropped");
        }
        let doing = Doing::AbortUpload(upload);
        actions.push(Action { rule: "1".to_owned(), key: at.key, doing, tagged: Vec::new() });
    }
    let uploads = actions.iter().filter_map(dropped).collect();
    give_back_dropped((&ledger, store.as_ref()), &bucket(), uploads).await;
    assert_eq!(counter(&ledger).await.reserved.bytes, 10);
}

/// The whole of it, as upkeep does it once an hour.
#[tokio::test]
async fn upkeep_gives_back_the_room_of_what_it_drops_and_makes_the_next_count_due() {
    let (ledger, store, (clock, minute)) = (ledger().await, store().await, clock());
    for name in ["gone/a", "there/a"] {
        begins(&ledger, store.as_ref(), name).await;
    }
    tend_bucket(&store, &bucket(), (&clock, &ledger)).await.expect("nothing to do");
    let before = counter(&ledger).await;
    assert_eq!((before.reserved.bytes, before.stale_at), (20, None));
    let rules = r#"{"Rules":[{"ID":"1","Status":"Enabled","Filter":{"Prefix":"gone/"},
        "AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}}]}"#;
    let bucket_name = bucket();
    let put = store.put_bucket_document(&bucket_name, BucketDocument::Lifecycle, Some(rules));
    put.await.expect("rules");
    minute.store(3 * 24 * 60, Ordering::SeqCst);
    tend_bucket(&store, &bucket(), (&clock, &ledger)).await.expect("tended");
    let after = counter(&ledger).await;
    assert_eq!((after.reserved.bytes, after.stale_at), (10, Some(clock.now())));
}

#[test]
fn what_came_to_no_end_is_counted_anew() {
    let now = Timestamp::UNIX_EPOCH;
    let counted = QuotaCounterRow {
        id: ID.to_owned(),
        quota_id: RowId::generate(now, &Entropy::new(|out| out.fill(7))),
        subject: QuotaSubject::Location(place()),
        limits: QuotaLimits::default(),
        used: QuotaAmount::default(),
        reserved: QuotaAmount::default(),
        round: 1,
        counted_at: Some(now),
        stale_at: None,
        counting: false,
    };
    assert!(!is_due(&counted, now));
    assert!(is_due(&QuotaCounterRow { counting: true, ..counted.clone() }, now));
    assert!(is_due(&QuotaCounterRow { stale_at: Some(now), ..counted.clone() }, now));
    assert!(is_due(&counted, now + COUNTED_FOR));
}
