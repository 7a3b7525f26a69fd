//! How much of one kind is under way for whom: what streams through this house takes a place.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts what is under way, by the id of a person or of a link.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnderWay(Arc<Mutex<BTreeMap<String, u32>>>);

/// Held as long as it is under way.
pub(crate) struct Place {
    of: UnderWay,
    id: String,
}

impl UnderWay {
    /// A place, unless whoever is called so has `max` already.
    pub(crate) fn enter(&self, id: &str, max: u32) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(id.to_owned()).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Place { of: self.clone(), id: id.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = counts.get(&self.id).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            counts.remove(&self.id);
        } else {
            counts.insert(self.id.clone(), left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UnderWay;

    const AT_ONCE_MAX: u32 = 3;

    #[test]
    fn one_person_has_few_under_way_and_places_come_back() {
        let under_way = UnderWay::default();
        let (uid, other) = ("01hzy0000000000000000000aa", "01hzy0000000000000000000ab");
        let held: Vec<_> = (0..AT_ONCE_MAX).map(|_| under_way.enter(uid, AT_ONCE_MAX)).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(under_way.enter(uid, AT_ONCE_MAX).is_none(), "no more than that");
        assert!(under_way.enter(other, AT_ONCE_MAX).is_some(), "others are not kept waiting");
        drop(held);
        assert!(under_way.enter(uid, AT_ONCE_MAX).is_some());
        assert!(under_way.0.lock().expect("a lock").is_empty(), "nobody is remembered");
    }
}
