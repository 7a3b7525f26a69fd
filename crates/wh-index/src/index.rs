//! The index: the leaves of every bucket, and the one way in which they change.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::leaf::Leaf;

/// How many names a leaf has at most: few in tests, so that they meet the ends of leaves.
const LEAF_NAMES_MAX: usize = if cfg!(test) { 5 } else { 512 };

/// Of how many names a leaf is made that was touched: below, its neighbour joins it.
const LEAF_NAMES_MIN: usize = LEAF_NAMES_MAX / 4;

/// An object, as it is found by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedName {
    /// Its key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was written, in milliseconds since 1970.
    pub modified: i64,
}

/// The index holds as many names as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexFull {
    /// How many that is.
    pub max: usize,
}

impl fmt::Display for IndexFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the index of names is full: it holds at most {}", self.max)
    }
}

impl std::error::Error for IndexFull {}

/// The names of what is in the store. Cloning shares it.
#[derive(Clone)]
pub struct NameIndex {
    inner: Arc<RwLock<Inner>>,
    max: usize,
}

#[derive(Default)]
struct Inner {
    buckets: HashMap<String, Vec<Arc<Leaf>>>,
    names: usize,
}

impl fmt::Debug for NameIndex {
    /// No name is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NameIndex").field("names", &self.names()).finish_non_exhaustive()
    }
}

impl NameIndex {
    /// An empty one, which takes at most `max` names.
    pub fn new(max: usize) -> Self {
        Self { inner: Arc::default(), max }
    }

    /// How many names it holds.
    pub fn names(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).names
    }

    /// Puts `names`, which are in the order of their keys, in the place of all that `bucket` has from the
    /// key `from` on and before the key `to`; to its end without one.
    ///
    /// # Errors
    /// [`IndexFull`]: nothing was changed.
    pub fn replace(
        &self,
        bucket: &str,
        (from, to): (&str, Option<&str>),
        names: Vec<IndexedName>,
    ) -> Result<(), IndexFull> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let Inner { buckets, names: count } = &mut *inner;
        if !buckets.contains_key(bucket) {
            buckets.insert(bucket.to_owned(), Vec::new());
        }
        let Some(leaves) = buckets.get_mut(bucket) else { return Ok(()) };
        let is_before = |key: &str| to.is_none_or(|to| key < to);
        let start = leaves.partition_point(|leaf| leaf.last_key() < from);
        let mut end = start.max(leaves.partition_point(|leaf| is_before(leaf.first_key())));
        let touched = leaves.get(start..end).unwrap_or_default();
        let mut before = touched.iter().map(|leaf| leaf.len()).sum::<usize>();
        let held = touched.iter().flat_map(|leaf| leaf.names());
        let kept = held.filter(|name| name.key.as_str() < from || !is_before(&name.key));
        let (mut merged, mut tail): (Vec<_>, Vec<_>) =
            kept.partition(|name| name.key.as_str() < from);
        merged.extend(names);
        merged.append(&mut tail);
        if merged.len() < LEAF_NAMES_MIN
            && let Some(next) = leaves.get(end)
        {
            before += next.len();
            merged.extend(next.names());
            end += 1;
        }
        let after = *count - before + merged.len();
        if after > self.max && merged.len() > before {
            return Err(IndexFull { max: self.max });
        }
        *count = after;
        leaves.splice(start..end, leaves_of(&merged));
        Ok(())
    }

    /// Puts in one object, or takes out the one of this key.
    ///
    /// # Errors
    /// [`IndexFull`]: it was not put in.
    pub fn set(&self, bucket: &str, key: &str, now: Option<IndexedName>) -> Result<(), IndexFull> {
        let after = format!("{key}\0");
        self.replace(bucket, (key, Some(&after)), now.into_iter().collect())
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.inner.write().unwrap_or_else(PoisonError::into_inner) = Inner::default();
    }

    /// Takes out every bucket that is not one of these.
    pub fn keep_buckets(&self, buckets: &[&str]) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.buckets.retain(|bucket, _| buckets.contains(&bucket.as_str()));
        inner.names = inner.buckets.values().flatten().map(|leaf| leaf.len()).sum();
    }

    /// The leaves that hold what begins with `prefix`, as they are now.
    pub(crate) fn below(&self, bucket: &str, prefix: &str) -> Vec<Arc<Leaf>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let Some(leaves) = inner.buckets.get(bucket) else { return Vec::new() };
        let start = leaves.partition_point(|leaf| leaf.last_key() < prefix);
        let reaches =
            |leaf: &&Arc<Leaf>| leaf.first_key() < prefix || leaf.first_key().starts_with(prefix);
        let rest = leaves.get(start..).unwrap_or_default();
        rest.iter().take_while(reaches).map(Arc::clone).collect()
    }
}

/// As few leaves as hold them, of about the same length.
fn leaves_of(names: &[IndexedName]) -> Vec<Arc<Leaf>> {
    if names.is_empty() {
        return Vec::new();
    }
    let leaves = names.len().div_ceil(LEAF_NAMES_MAX);
    let each = names.len().div_ceil(leaves);
    names.chunks(each).map(|names| Arc::new(Leaf::of(names))).collect()
}
