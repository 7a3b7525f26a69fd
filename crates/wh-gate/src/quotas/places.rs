//! Which keys are under a quota.

use std::collections::HashMap;

use wh_ledger::QuotaPlaces;
use wh_objects::ObjectAddress;

/// The counters of one bucket.
#[derive(Debug, Default)]
struct InBucket {
    /// By whole folders: empty, or ending in `/`.
    folders: HashMap<String, Vec<String>>,
    /// By beginnings of names.
    beginnings: Vec<(String, Vec<String>)>,
}

/// All places under a quota.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Of which version; none was read yet.
    version: Option<(i64, u64)>,
    buckets: HashMap<String, InBucket>,
}

impl Places {
    /// As they were when the version was this one, or later.
    pub(super) fn of(version: (i64, u64), read: QuotaPlaces) -> Self {
        let mut buckets: HashMap<String, InBucket> = HashMap::new();
        for ((bucket, prefix), counters) in read.places {
            let of = buckets.entry(bucket).or_default();
            if prefix.is_empty() || prefix.ends_with('/') {
                of.folders.insert(prefix, counters);
            } else {
                of.beginnings.push((prefix, counters));
            }
        }
        Self { version: Some(version), buckets }
    }

    pub(super) fn is_of(&self, version: (i64, u64)) -> bool {
        self.version == Some(version)
    }

    /// The counters over a key, each once.
    pub(super) fn over(&self, at: &ObjectAddress) -> Vec<String> {
        let Some(of) = self.buckets.get(at.bucket.as_str()) else { return Vec::new() };
        let key = at.key.as_str();
        let ends = std::iter::once(0).chain(key.match_indices('/').map(|(at, _)| at + 1));
        let folders = ends.filter_map(|end| of.folders.get(key.get(..end)?)).flatten();
        let beginnings = of.beginnings.iter().filter(|(prefix, _)| key.starts_with(prefix));
        let mut counters: Vec<String> =
            folders.chain(beginnings.flat_map(|(_, counters)| counters)).cloned().collect();
        counters.sort_unstable();
        counters.dedup();
        counters
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wh_ledger::QuotaPlaces;
    use wh_names::{BucketName, ObjectKey};
    use wh_objects::ObjectAddress;

    use super::Places;

    #[test]
    fn a_key_is_under_the_folders_that_hold_it_by_whole_segments() {
        let place = |prefix: &str, counter: &str| {
            (("files".to_owned(), prefix.to_owned()), vec![counter.to_owned()])
        };
        let places = BTreeMap::from([
            place("", "whole"),
            place("a/", "a"),
            place("a/b/", "ab"),
            place("ab/", "other"),
            place("be", "begins"),
        ]);
        let places = Places::of((1, 0), QuotaPlaces { version: 1, places });
        let check = |bucket: &str, key: &str, expected: &[&str]| {
            let bucket = BucketName::parse(bucket).expect("a bucket");
            let at = ObjectAddress { bucket, key: ObjectKey::parse(key).expect("a key") };
            assert_eq!(places.over(&at), expected, "{key}");
        };
        check("files", "a/b/c", &["a", "ab", "whole"]);
        check("files", "a/b", &["a", "whole"]);
        check("files", "abc", &["whole"]);
        check("files", "ab/c", &["other", "whole"]);
        check("files", "been", &["begins", "whole"]);
        check("others", "a/b/c", &[]);
    }
}
