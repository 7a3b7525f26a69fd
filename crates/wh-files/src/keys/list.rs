//! One's own keys.

use wh_people::Person;

use super::{KeyError, KeyOptions, OwnKey};
use crate::Files;

impl Files {
    /// The person's keys, the newest first; those that ended are remembered for a while.
    pub async fn keys(&self, person: &Person) -> Result<Vec<OwnKey>, KeyError> {
        let now = self.options.clock.now();
        let keys = self.options.ledger.person_keys_of(person.uid()).await?;
        Ok(keys.into_iter().map(|state| OwnKey::read(state, now)).collect())
    }

    /// What keys persons may have.
    pub fn key_options(&self) -> &KeyOptions {
        &self.options.keys
    }
}
