//! Whose write makes room by what it replaces: of several that saw the same object there, the first.
//!
//! The same tells whether several were under way at once: what each of them saw before may be otherwise after.
//!
//! Invariant: as long as any write to a key goes on that may have looked at it, an object that was claimed
//! there is not claimed again.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wh_objects::ObjectAddress;

type Keys = HashMap<(String, String), OneKey>;

/// What is claimed. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims(Arc<Mutex<Keys>>);

#[derive(Debug, Default)]
struct OneKey {
    flights: usize,
    /// Whether there were several at any moment since the first.
    crowded: bool,
    claimed: HashSet<String>,
}

impl Claims {
    fn lock(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A write to a key begins, before anything is looked at.
    pub(crate) fn enter(&self, at: &ObjectAddress) -> Flight {
        self.enter_as((at.bucket.to_string(), at.key.to_string()))
    }

    /// A part of an upload comes.
    pub(crate) fn enter_part(&self, upload: &str, part: u16) -> Flight {
        self.enter_as((upload.to_owned(), part.to_string()))
    }

    fn enter_as(&self, key: (String, String)) -> Flight {
        let mut all = self.lock();
        let one = all.entry(key.clone()).or_default();
        one.crowded |= one.flights > 0;
        one.flights += 1;
        drop(all);
        Flight { claims: self.clone(), key, claimed: Mutex::default() }
    }
}

/// A write that goes on.
#[derive(Debug)]
pub(crate) struct Flight {
    claims: Claims,
    key: (String, String),
    claimed: Mutex<Option<String>>,
}

impl Flight {
    /// Claims an object; `false`: another write has.
    pub(crate) fn claim(&self, which: String) -> bool {
        let mut all = self.claims.lock();
        let won = all.entry(self.key.clone()).or_default().claimed.insert(which.clone());
        if won {
            *self.claimed.lock().unwrap_or_else(PoisonError::into_inner) = Some(which);
        }
        won
    }

    /// Whether no other went on at any moment of this one.
    pub(crate) fn was_alone(&self) -> bool {
        self.claims.lock().get(&self.key).is_some_and(|one| !one.crowded)
    }

    /// Nothing came of the write: what it claimed is there as it was.
    pub(crate) fn give_back(&self) {
        let mine = self.claimed.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut all = self.claims.lock();
        if let (Some(mine), Some(key)) = (mine, all.get_mut(&self.key)) {
            key.claimed.remove(&mine);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut all = self.claims.lock();
        let Some(key) = all.get_mut(&self.key) else { return };
        key.flights = key.flights.saturating_sub(1);
        if key.flights == 0 {
            all.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use wh_names::{BucketName, ObjectKey};
    use wh_objects::ObjectAddress;

    use super::Claims;

    #[test]
    fn who_was_not_alone_at_any_moment_is_told_so() {
        let claims = Claims::default();
        let first = claims.enter_part("upload", 1);
        assert!(first.was_alone());
        let second = claims.enter_part("upload", 1);
        let other = claims.enter_part("upload", 2);
        assert!(!first.was_alone() && !second.was_alone() && other.was_alone());
        drop(second);
        assert!(!first.was_alone(), "another was, in between");
        drop(first);
        assert!(claims.enter_part("upload", 1).was_alone(), "they are over");
    }

    #[test]
    fn of_writes_that_saw_the_same_object_one_makes_its_room() {
        let bucket = BucketName::parse("files").expect("a bucket");
        let at = ObjectAddress { bucket, key: ObjectKey::parse("a").expect("a key") };
        let claims = Claims::default();
        let (first, second) = (claims.enter(&at), claims.enter(&at));
        assert!(first.claim("1".to_owned()));
        assert!(!second.claim("1".to_owned()));
        drop(first);
        assert!(!second.claim("1".to_owned()), "it was replaced, and not by this one");
        let third = claims.enter(&at);
        assert!(third.claim("2".to_owned()));
        third.give_back();
        assert!(second.claim("2".to_owned()), "nothing came of the other");
        drop((second, third));
        assert!(claims.lock().is_empty(), "nothing is kept of what is over");
    }
}
