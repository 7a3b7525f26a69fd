//! Revoking a key.

use wh_names::{AccessKeyId, RoleSessionName, Uid};
use wh_people::{Person, ProvenAdministrator};

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
        let principal = RoleSessionName::said_of_person(person.uid(), person.session_id());
        let actor = KeyActor { principal, uid: Some(person.uid().clone()), ip };
        self.end_key((person.uid(), id), &actor).await
    }

    /// Ends a key of a person for good, within a second everywhere.
    pub async fn end_key_of(
        &self,
        administrator: &ProvenAdministrator,
        (uid, id): (&Uid, &str),
        ip: Option<std::net::IpAddr>,
    ) -> Result<(), KeyError> {
        let person = administrator.administrator().person();
        let principal = RoleSessionName::said_of_person(person.uid(), person.session_id());
        let actor = KeyActor { principal, uid: Some(person.uid().clone()), ip };
        self.end_key((uid, id), &actor).await
    }

    async fn end_key(&self, (uid, id): (&Uid, &str), actor: &KeyActor) -> Result<(), KeyError> {
        let options = &self.options;
        let id = AccessKeyId::parse(id).map_err(|_| KeyError::NoSuchKey)?;
        let state = options.ledger.person_key(&id).await?;
        let state = state.filter(|state| state.key.uid == *uid);
        let key = state.ok_or(KeyError::NoSuchKey)?.key;
        let done = ("RevokePersonKey", "wellhouse:RevokePersonKey");
        let record = key_record(actor, done, &key, (options.clock.now(), &options.entropy));
        if options.ledger.revoke_person_key(uid, &id, &record).await? {
            return Ok(());
        }
        Err(KeyError::NoSuchKey)
    }
}
