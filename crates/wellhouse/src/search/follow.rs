//! One task: lists every bucket, then follows the feed; again from the beginning where the feed does not
//! reach back, or where somebody wants it.
//!
//! Invariant: what happened before a listing began is in the listing, and what happened after is in the feed
//! from the number that was the newest then. So a change comes twice at most, and the last to come is right.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use wh_files::{IndexFull, IndexedName, SearchIndex};
use wh_names::{BucketName, Clock, KeyPrefix, ObjectKey};
use wh_objects::{
    Event, EventKind, HeadObject, ListEntry, ListObjects, ObjectAddress, ObjectStore, StoreError,
};

/// How many changes, and how many keys, are read at once.
const PAGE: usize = 1_000;

/// How many changes are taken over before others have their turn: each rewrites some hundred names.
const CHANGES_AT_A_TIME: usize = 50;

/// How long is waited after a failure.
const WAIT: Duration = Duration::from_secs(5);

/// Follows a store.
pub(super) struct Follower {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) index: SearchIndex,
    pub(super) clock: Clock,
    pub(super) buckets: Vec<BucketName>,
}

/// Why the following ended, or began anew.
enum Halted {
    /// The store is closed.
    Closed,
    /// It is to be listed from its beginning.
    Anew,
}

/// What has become of a key.
enum Now {
    Holds(u64, i64),
    /// That is to be looked up: a version is gone, and an older one may count again.
    Unknown,
}

impl Follower {
    /// Follows it until the store is closed.
    pub(super) async fn run(self) {
        self.index.follow(&self.buckets, self.clock.now());
        loop {
            let mut newest = self.store.newest_event();
            let after = *newest.borrow_and_update();
            let rebuilds = self.index.rebuilds();
            let listed = self.list_all().await;
            let halted = match listed {
                Ok(()) => self.follow((after, rebuilds), &mut newest).await,
                Err(error) => {
                    tracing::warn!(%error, "the names in the store cannot be listed for searches");
                    tokio::time::sleep(WAIT).await;
                    Halted::Anew
                }
            };
            match halted {
                Halted::Closed => return,
                // Since when is known from before, if something failed.
                Halted::Anew => self.index.is_behind(self.clock.now()),
            }
        }
    }

    async fn list_all(&self) -> Result<(), StoreError> {
        let held: Vec<&str> = self.buckets.iter().map(BucketName::as_str).collect();
        self.index.names().keep_buckets(&held);
        for bucket in &self.buckets {
            match self.list(bucket).await {
                Ok(Ok(())) | Err(StoreError::NoSuchBucket) => self.index.listed_whole(bucket),
                Ok(Err(full)) => self.full(bucket, full),
                Err(error) => return Err(error),
            }
        }
        tracing::info!(names = self.index.names().names(), "searches find what is in the store");
        Ok(())
    }

    async fn list(&self, bucket: &BucketName) -> Result<Result<(), IndexFull>, StoreError> {
        let (mut after, mut from) = (None, String::new());
        loop {
            let asked = ListObjects {
                prefix: KeyPrefix::everything(),
                delimiter: None,
                after,
                max_keys: PAGE,
            };
            let page = self.store.list_objects(bucket, asked).await?;
            let names: Vec<IndexedName> = page.entries.into_iter().filter_map(named).collect();
            let last = names.last().map(|name| format!("{}\0", name.key));
            let next = page.next_after.filter(|_| page.truncated);
            let to = next.as_ref().and(last.clone());
            if let Err(full) =
                self.index.names().replace(bucket.as_str(), (&from, to.as_deref()), names)
            {
                return Ok(Err(full));
            }
            let Some(next) = next else { return Ok(Ok(())) };
            from = last.unwrap_or(from);
            after = Some(next);
        }
    }

    /// Follows from the change `after` on, until a rebuild is wanted beyond those that there were.
    async fn follow(
        &self,
        (mut after, rebuilds): (u64, u64),
        newest: &mut watch::Receiver<u64>,
    ) -> Halted {
        loop {
            if self.index.rebuilds() != rebuilds {
                return Halted::Anew;
            }
            if let Some(halted) = self.step(&mut after, newest).await {
                return halted;
            }
        }
    }

    /// Deals with the changes that there are after `after`, or waits for one.
    async fn step(&self, after: &mut u64, newest: &mut watch::Receiver<u64>) -> Option<Halted> {
        let events = match self.store.events(*after, PAGE).await {
            Ok(events) => events,
            Err(StoreError::EventsTrimmed { .. }) => {
                self.index.lacks_changes();
                return Some(Halted::Anew);
            }
            Err(error) => {
                self.failed(&error).await;
                return None;
            }
        };
        let Some(last) = events.last().map(|event| event.sequence) else {
            return self.rest(*after, newest).await;
        };
        if let Some(first) = events.first() {
            self.index.is_behind(first.at);
        }
        match self.take(&events).await {
            Ok(()) => *after = last,
            Err(error) => self.failed(&error).await,
        }
        None
    }

    /// Waits for a change; all were dealt with. `None`: one has come, or a rebuild is wanted.
    async fn rest(&self, after: u64, newest: &mut watch::Receiver<u64>) -> Option<Halted> {
        self.index.caught_up();
        tokio::select! {
            () = self.index.rebuild_wanted() => None,
            come = newest.wait_for(|newest| *newest > after) => come.is_err().then_some(Halted::Closed),
        }
    }

    async fn failed(&self, error: &StoreError) {
        tracing::warn!(%error, "changes are not found by searches");
        self.index.is_behind(self.clock.now());
        tokio::time::sleep(WAIT).await;
    }

    /// Takes over what came of these changes; of several of one key, the last.
    async fn take(&self, events: &[Event]) -> Result<(), StoreError> {
        let ours = events.iter().filter(|event| self.buckets.contains(&event.bucket));
        let mut changed: BTreeMap<(&BucketName, &ObjectKey), Now> = BTreeMap::new();
        for event in ours {
            let Some(now) = now(event) else { continue };
            changed.insert((&event.bucket, &event.key), now);
        }
        for (((bucket, key), now), count) in changed.into_iter().zip(1_usize..) {
            if count.is_multiple_of(CHANGES_AT_A_TIME) {
                tokio::task::yield_now().await;
            }
            let measures = match now {
                Now::Holds(size, modified) => Some((size, modified)),
                Now::Unknown => self.look_up(bucket, key).await?,
            };
            let name = |(size, modified)| IndexedName { key: key.to_string(), size, modified };
            let set = self.index.names().set(bucket.as_str(), key.as_str(), measures.map(name));
            if let Err(full) = set {
                self.full(bucket, full);
            }
        }
        Ok(())
    }

    async fn look_up(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
    ) -> Result<Option<(u64, i64)>, StoreError> {
        let address = ObjectAddress { bucket: bucket.clone(), key: key.clone() };
        match self.store.head_object(&address, HeadObject::default()).await {
            Ok(meta) => Ok(Some((meta.size, meta.modified.as_millisecond()))),
            Err(StoreError::NoSuchKey | StoreError::Deleted { .. } | StoreError::NoSuchBucket) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn full(&self, bucket: &BucketName, full: IndexFull) {
        tracing::error!(%bucket, %full, "not every name is found by searches");
        self.index.lacks(bucket);
    }
}

fn named(entry: ListEntry) -> Option<IndexedName> {
    match entry {
        ListEntry::Object(object) => Some(IndexedName {
            key: object.key.to_string(),
            size: object.size,
            modified: object.modified.as_millisecond(),
        }),
        ListEntry::CommonPrefix(_) => None,
    }
}

/// What a change makes of its key; `None`: it is as it was.
fn now(event: &Event) -> Option<Now> {
    match event.kind {
        EventKind::Put | EventKind::Copy | EventKind::CompleteMultipartUpload => {
            let size = event.content.as_ref().map(|(size, _)| *size);
            Some(size.map_or(Now::Unknown, |size| Now::Holds(size, event.at.as_millisecond())))
        }
        EventKind::Delete
        | EventKind::DeleteMarkerCreated
        | EventKind::LifecycleDelete
        | EventKind::LifecycleDeleteMarkerCreated => Some(Now::Unknown),
        EventKind::TaggingPut | EventKind::TaggingDelete | EventKind::LockChanged => None,
    }
}
