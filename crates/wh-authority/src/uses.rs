//! When access keys were last used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use wh_ledger::AccessKeyUse;
use wh_names::{AccessKeyId, Region};

use crate::Authority;

/// How old what is remembered may be: a key that is always at work costs one write a minute.
const AGE_MAX: SignedDuration = SignedDuration::from_mins(1);

/// The last use of each access key of a user.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<HashMap<AccessKeyId, AccessKeyUse>>);

impl Uses {
    pub(crate) fn load(known: Vec<(AccessKeyId, AccessKeyUse)>) -> Self {
        Self(Mutex::new(known.into_iter().collect()))
    }

    pub(crate) fn of(&self, id: &AccessKeyId) -> Option<AccessKeyUse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Takes over what other nodes have seen.
    pub(crate) fn learn(&self, known: Vec<(AccessKeyId, AccessKeyUse)>) {
        let mut mine = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, used) in known {
            let last = mine.entry(id).or_insert_with(|| used.clone());
            if last.at < used.at {
                *last = used;
            }
        }
    }

    /// Takes a use over, if what is remembered is too old.
    fn take(&self, id: &AccessKeyId, used: &AccessKeyUse) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = known.get(id).is_some_and(|last| used.at.duration_since(last.at) < AGE_MAX);
        if !fresh {
            known.insert(id.clone(), used.clone());
        }
        !fresh
    }
}

impl Authority {
    /// Remembers that a request by this access key was authentic. Keys of users only; what cannot be
    /// written is lost with the process.
    pub async fn note_use(&self, id: &AccessKeyId, service: &str, region: &Region) {
        if self.state().access_key(id).is_none() {
            return;
        }
        let (service, region) = (service.to_owned(), region.as_str().to_owned());
        let used = AccessKeyUse { at: self.now(), service, region };
        if !self.uses.take(id, &used) {
            return;
        }
        if let Err(error) = self.ledger.note_access_key_use(id, &used).await {
            tracing::warn!(%error, "the use of an access key cannot be written");
        }
    }
}
