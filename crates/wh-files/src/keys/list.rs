//! One's own keys, and those of a person as administrators see them.

use wh_names::Uid;
use wh_people::{Administrator, Person};

use super::{KeyError, KeyOptions, OwnKey};
use crate::Files;

impl Files {
    /// The person's keys, the newest first; those that ended are remembered for a while.
    pub async fn keys(&self, person: &Person) -> Result<Vec<OwnKey>, KeyError> {
        self.keys_now(person.uid()).await
    }

    /// The keys of a person, the newest first; those that ended are remembered for a while.
    pub async fn keys_of(
        &self,
        _administrator: &Administrator,
        uid: &Uid,
    ) -> Result<Vec<OwnKey>, KeyError> {
        self.keys_now(uid).await
    }

    async fn keys_now(&self, uid: &Uid) -> Result<Vec<OwnKey>, KeyError> {
        let now = self.options.clock.now();
        let keys = self.options.ledger.person_keys_of(uid).await?;
        Ok(keys.into_iter().map(|state| OwnKey::read(state, now)).collect())
    }

    /// What keys persons may have.
    pub fn key_options(&self) -> &KeyOptions {
        &self.options.keys
    }
}
