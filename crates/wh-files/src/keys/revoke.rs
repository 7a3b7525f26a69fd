//! Revoking a key.

use wh_names::AccessKeyId;
use wh_people::Person;

use super::{KeyActor, KeyError, key_record};
use crate::Files;

impl Files {
    /// Ends one of the person's keys for good, within a second everywhere.
    pub async fn revoke_key(
        &self,
        person: &Person,
        id: &str,
        ip: Option<std::net::IpAddr>,
    ) -> Result<(), KeyError> {
        let options = &self.options;
        let id = AccessKeyId::parse(id).map_err(|_| KeyError::NoSuchKey)?;
        let state = options.ledger.person_key(&id).await?;
        let state = state.filter(|state| state.key.uid == *person.uid());
        let key = state.ok_or(KeyError::NoSuchKey)?.key;
        let principal = format!("u-{}-{}", person.uid(), person.session_id());
        let actor = KeyActor { principal, uid: Some(person.uid().clone()), ip };
        let done = ("RevokePersonKey", "wellhouse:RevokePersonKey");
        let record = key_record(&actor, done, &key, (options.clock.now(), &options.entropy));
        if options.ledger.revoke_person_key(person.uid(), &id, &record).await? {
            return Ok(());
        }
        Err(KeyError::NoSuchKey)
    }
}
