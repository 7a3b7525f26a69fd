//! How far the index is in step with the store: by the feed of changes where there is one, and else by
//! listings that were made in the name of those who search.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use wh_index::NameIndex;
use wh_ledger::GrantRow;
use wh_names::BucketName;

use crate::worst::Wire;

/// How many names are held: about a hundred bytes each, and what the names themselves take.
const NAMES_MAX: usize = 10_000_000;

/// How old a listing may be before whoever searches has another made.
const LISTING_AGE_MAX: SignedDuration = SignedDuration::from_mins(10);

/// How long is waited after a listing that failed.
const RETRY_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// The index of names, and how far it is in step. Cloning shares it.
#[derive(Debug, Clone)]
pub struct SearchIndex {
    names: NameIndex,
    wire: Wire,
    standing: Arc<Mutex<Standing>>,
    rebuild: Arc<Notify>,
    asked: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Standing {
    /// The buckets whose changes are followed.
    followed: BTreeMap<BucketName, Followed>,
    /// Since when changes wait that were not dealt with; nothing: there are none.
    behind_since: Option<Timestamp>,
    /// The prefixes that were listed in somebody's name.
    listed: BTreeMap<(BucketName, String), Listed>,
    /// Told apart from one that was begun before everything was forgotten.
    generation: u64,
}

#[derive(Debug, Default)]
struct Followed {
    /// Whether it was listed to its end.
    whole: bool,
}

#[derive(Debug, Default)]
struct Listed {
    /// When the last listing began that came to its end.
    whole_at: Option<Timestamp>,
    running: bool,
    /// Not before this another is made.
    next_at: Option<Timestamp>,
}

/// How far the index is in step where somebody searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchStanding {
    /// Whether everything was listed to its end.
    pub whole: bool,
    /// Since when the index may lack what happened in the store; `None`: of a part it knows nothing yet.
    pub as_of: Option<Timestamp>,
}

impl Default for SearchIndex {
    fn default() -> Self {
        Self::new(false)
    }
}

impl SearchIndex {
    /// An empty one. `tls`: whether the store is spoken to by TLS, which policies may ask for.
    pub fn new(tls: bool) -> Self {
        let wire = if tls { Wire::Tls } else { Wire::Plain };
        let names = NameIndex::new(NAMES_MAX);
        Self {
            names,
            wire,
            standing: Arc::default(),
            rebuild: Arc::default(),
            asked: Arc::default(),
        }
    }

    /// The names.
    pub fn names(&self) -> &NameIndex {
        &self.names
    }

    pub(crate) fn wire(&self) -> Wire {
        self.wire
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These buckets' changes are followed from now on; of none it is known what it holds.
    pub fn follow(&self, buckets: &[BucketName], now: Timestamp) {
        let mut standing = self.lock();
        standing.behind_since = Some(now);
        let fresh = buckets.iter().map(|bucket| (bucket.clone(), Followed::default()));
        standing.followed = fresh.collect();
    }

    /// This bucket was listed to its end.
    pub fn listed_whole(&self, bucket: &BucketName) {
        if let Some(followed) = self.lock().followed.get_mut(bucket) {
            followed.whole = true;
        }
    }

    /// Not all of this bucket is held.
    pub fn lacks(&self, bucket: &BucketName) {
        if let Some(followed) = self.lock().followed.get_mut(bucket) {
            followed.whole = false;
        }
    }

    /// Changes are waiting since this time, or since an earlier one of which this was said already.
    pub fn is_behind(&self, since: Timestamp) {
        let mut standing = self.lock();
        let earliest = standing.behind_since.map_or(since, |known| known.min(since));
        standing.behind_since = Some(earliest);
    }

    /// Every change was dealt with.
    pub fn caught_up(&self) {
        self.lock().behind_since = None;
    }

    /// Of changes to every bucket some will not come any more: what they hold is known once they are listed.
    pub fn lacks_changes(&self) {
        for followed in self.lock().followed.values_mut() {
            followed.whole = false;
        }
    }

    /// Has everything listed again from its beginning.
    pub fn rebuild(&self) {
        {
            let mut standing = self.lock();
            standing.listed.clear();
            standing.generation += 1;
            if standing.followed.is_empty() {
                self.names.clear();
            }
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.rebuild.notify_one();
    }

    /// How often everything was to be listed again.
    pub fn rebuilds(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Waits until somebody wants everything listed again.
    pub async fn rebuild_wanted(&self) {
        self.rebuild.notified().await;
    }

    /// How far it is in step where these grants are.
    pub(crate) fn standing(&self, grants: &[(GrantRow, String)], now: Timestamp) -> SearchStanding {
        let standing = self.lock();
        let mut whole = SearchStanding { whole: true, as_of: Some(now) };
        for (grant, _) in grants {
            let known = standing.of(grant, now);
            whole.whole &= known.is_some();
            whole.as_of = whole.as_of.zip(known).map(|(one, other)| one.min(other));
        }
        whole
    }

    /// How far all of it is in step, for whoever tends the house.
    pub fn standing_of_all(&self, now: Timestamp) -> SearchStanding {
        let standing = self.lock();
        let followed = standing.followed.values().map(|followed| followed.whole);
        let listed = standing.listed.values().map(|listed| listed.whole_at.is_some());
        let since = standing.behind_since.filter(|_| !standing.followed.is_empty());
        let oldest = standing.listed.values().filter_map(|listed| listed.whole_at).min();
        let as_of = since.into_iter().chain(oldest).chain([now]).min();
        SearchStanding { whole: followed.chain(listed).all(|whole| whole), as_of }
    }

    /// Takes it upon whoever asks to list where this grant is, if it is time. What is returned is to be
    /// given back.
    pub(super) fn begin_listing(&self, grant: &GrantRow, now: Timestamp) -> Option<u64> {
        let mut standing = self.lock();
        if standing.followed.contains_key(&grant.bucket) {
            return None;
        }
        let old = standing.of(grant, now);
        if old.is_some_and(|at| now.duration_since(at) < LISTING_AGE_MAX) {
            return None;
        }
        let generation = standing.generation;
        let place = (grant.bucket.clone(), grant.prefix.as_str().to_owned());
        let listed = standing.listed.entry(place).or_default();
        if listed.running || listed.next_at.is_some_and(|next| now < next) {
            return None;
        }
        listed.running = true;
        Some(generation)
    }

    /// Gives back what [`Self::begin_listing`] gave: it came to its end, having begun then, or did not.
    pub(super) fn end_listing(
        &self,
        (grant, generation): (&GrantRow, u64),
        whole_at: Option<Timestamp>,
        now: Timestamp,
    ) {
        let mut standing = self.lock();
        if standing.generation != generation {
            return;
        }
        let place = (grant.bucket.clone(), grant.prefix.as_str().to_owned());
        if let Some(listed) = standing.listed.get_mut(&place) {
            listed.running = false;
            listed.whole_at = whole_at.or(listed.whole_at);
            let later = now.checked_add(RETRY_AFTER).unwrap_or(Timestamp::MAX);
            listed.next_at = whole_at.is_none().then_some(later);
        }
    }

    /// Whether what is being listed still counts.
    pub(super) fn counts(&self, generation: u64) -> bool {
        self.lock().generation == generation
    }
}

impl Standing {
    /// Since when the index may lack what happened where this grant is; `None`: it never knew all.
    fn of(&self, grant: &GrantRow, now: Timestamp) -> Option<Timestamp> {
        if let Some(followed) = self.followed.get(&grant.bucket) {
            return followed.whole.then(|| self.behind_since.unwrap_or(now));
        }
        let covers = |((bucket, prefix), listed): ((&BucketName, &str), &Listed)| {
            let covers = *bucket == grant.bucket && grant.prefix.as_str().starts_with(prefix);
            listed.whole_at.filter(|_| covers)
        };
        let places = self.listed.iter();
        places.filter_map(|((bucket, prefix), listed)| covers(((bucket, prefix), listed))).max()
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use wh_names::BucketName;

    use super::SearchIndex;

    #[test]
    fn what_is_behind_stays_behind_since_it_was_until_all_is_dealt_with() {
        let (index, start) = (SearchIndex::default(), Timestamp::UNIX_EPOCH);
        let later = |minutes| start + SignedDuration::from_mins(minutes);
        let bucket = BucketName::parse("files").expect("a bucket");
        index.follow(std::slice::from_ref(&bucket), start);
        index.listed_whole(&bucket);
        index.caught_up();
        index.is_behind(later(1));
        index.is_behind(later(5));
        let standing = index.standing_of_all(later(9));
        assert_eq!((standing.whole, standing.as_of), (true, Some(later(1))));
        index.lacks_changes();
        assert!(!index.standing_of_all(later(9)).whole);
        index.caught_up();
        assert_eq!(index.standing_of_all(later(9)).as_of, Some(later(9)));
    }
}
