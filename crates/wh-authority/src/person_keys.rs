//! Access keys of persons: each stands for its person's role session under one grant, for tools that
//! cannot refresh temporary credentials.
//!
//! A key is kept by whoever writes it into the ledger; here it is recognised. What it is worth is read
//! from the ledger again and again, so that what is revoked anywhere ends here within [`AGE_MAX`].
//!
//! Invariant: a session of a key is never worth more than a session of the same role that the portal
//! opens for the same person and grant, and opens no further sessions.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{PersonKeyRefusal, PersonKeyState, PersonKeyUse};
use wh_names::{AccessKeyId, Entropy, RoleSessionName, Secret};
use wh_policy::s3::{Ending, ending, narrowed_to, session_policy};

use crate::keys::unique_id;
use crate::seal::{self, Claims};
use crate::session::Session;
use crate::{AuthenticationError, Authority, KeyRing};

/// How old what is known of a key may be.
const AGE_MAX: SignedDuration = SignedDuration::from_millis(250);

/// How many keys are remembered, those included that do not exist.
const KNOWN_MAX: usize = 4096;

/// A key that is always at work costs one write a minute.
const USE_AGE_MAX: SignedDuration = SignedDuration::from_mins(1);

/// What a secret is made of, in random bytes: 40 characters, as AWS's have.
const SECRET_BYTES: usize = 30;

/// A new access key that counts once it is in the ledger.
#[derive(Debug)]
pub struct MintedKey {
    /// `AKIA…`.
    pub id: AccessKeyId,
    /// The secret. It is shown once.
    pub secret: Secret,
    /// What is kept of the secret: sealed, in base64.
    pub sealed_secret: String,
}

impl KeyRing {
    /// Mints an access key for a person. `None` where the source of randomness is broken.
    pub fn mint_person_key(&self, now: Timestamp, entropy: &Entropy) -> Option<MintedKey> {
        let id = AccessKeyId::parse(&unique_id("AKIA", entropy)).ok()?;
        let secret = seal::random_secret::<SECRET_BYTES>(entropy)?;
        let sealed_secret = seal::seal_secret(&self.sealing_now(now), &id, &secret, entropy)?;
        (id != *self.root_access_key_id()).then_some(MintedKey { id, secret, sealed_secret })
    }
}

/// A key as it was recognised.
#[derive(Debug)]
pub(crate) struct PersonKey {
    pub(crate) state: PersonKeyState,
    /// Its session, or why it has none.
    pub(crate) session: Result<Arc<Session>, PersonKeyRefusal>,
}

/// What was read of an access key, and when; none where no person has it.
#[derive(Debug)]
struct Known {
    read: Timestamp,
    key: Option<Arc<PersonKey>>,
}

/// What is known of persons' keys.
#[derive(Debug, Default)]
pub(crate) struct PersonKeys {
    known: Mutex<HashMap<AccessKeyId, Known>>,
    uses: Mutex<HashMap<AccessKeyId, Timestamp>>,
}

impl PersonKeys {
    pub(crate) fn get(&self, id: &AccessKeyId) -> Option<Arc<PersonKey>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).and_then(|known| known.key.clone())
    }

    fn is_fresh(&self, id: &AccessKeyId, now: Timestamp) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let age = known.get(id).map(|known| now.duration_since(known.read));
        age.is_some_and(|age| (SignedDuration::ZERO..AGE_MAX).contains(&age))
    }

    fn put(&self, id: &AccessKeyId, now: Timestamp, key: Option<Arc<PersonKey>>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            // Ids that a stranger makes up push out no key that there is.
            known.retain(|_, known| known.key.is_some());
        }
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(id.clone(), Known { read: now, key });
    }

    /// Whether a use is to be written down.
    fn uses(&self, id: &AccessKeyId, now: Timestamp) -> bool {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = uses.get(id).is_some_and(|last| now.duration_since(*last) < USE_AGE_MAX);
        if !fresh {
            if uses.len() >= KNOWN_MAX {
                uses.clear();
            }
            uses.insert(id.clone(), now);
        }
        !fresh
    }
}

impl Authority {
    /// Reads what is to be known of an access key before [`Authority::secret_key`] is asked for it:
    /// keys of persons are in the ledger.
    pub async fn learn(&self, id: &AccessKeyId) -> Result<(), AuthenticationError> {
        let now = self.now();
        let is_elsewhere = id.is_temporary()
            || id == self.keys.root_access_key_id()
            || self.state().access_key(id).is_some();
        if is_elsewhere || self.person_keys.is_fresh(id, now) {
            return Ok(());
        }
        let state = self.ledger.person_key(id).await.map_err(|error| {
            tracing::error!(%error, "an access key cannot be looked up");
            AuthenticationError::Unavailable
        })?;
        let key = state.map(|state| Arc::new(self.person_key(state, now)));
        self.person_keys.put(id, now, key);
        Ok(())
    }

    fn person_key(&self, state: PersonKeyState, now: Timestamp) -> PersonKey {
        let session = self.session_of(&state, now).map(Arc::new);
        PersonKey { state, session }
    }

    /// The person's role session under the key's grant, as the portal's `AssumeRole` would make it.
    fn session_of(
        &self,
        known: &PersonKeyState,
        now: Timestamp,
    ) -> Result<Session, PersonKeyRefusal> {
        let (grant, key) = (known.opens(now)?, &known.key);
        let iam = self.state();
        let role = iam.role(&grant.role).ok_or(PersonKeyRefusal::RoleGone)?;
        let place = &self.place;
        let mut policy = session_policy(&place.partition, &grant.bucket, &grant.prefix);
        if let Some(actions) = &key.actions {
            policy = narrowed_to(policy, actions);
        }
        if let Some(end) = grant.ends_at {
            policy = ending(policy, (end, Ending::Grant));
        }
        let uid = key.uid.as_str().to_owned();
        let claims = Claims {
            ri: role.role_id.clone(),
            rn: role.name.as_str().to_owned(),
            sn: RoleSessionName::said_of_person(&key.uid, key.id.as_str()),
            ia: key.created_at.as_millisecond(),
            ex: key.expires_at.as_millisecond(),
            tg: BTreeMap::from([("uid".to_owned(), uid.clone())]),
            tt: Vec::new(),
            si: Some(uid),
            po: Some(policy.to_json()),
            pa: Vec::new(),
            sv: None,
            mi: None,
            fp: None,
            fk: BTreeMap::new(),
        };
        let session = Session::read(claims, &place.partition, &place.account);
        // What is in the ledger was checked before it was written.
        let mut session = session.ok_or(PersonKeyRefusal::GrantGone)?;
        session.key = Some(key.id.clone());
        Ok(session)
    }

    /// Whether the key of a session that was recognised before still counts.
    pub(crate) fn key_counts(&self, id: &AccessKeyId) -> Result<(), AuthenticationError> {
        let known = self.person_keys.get(id).ok_or(AuthenticationError::InvalidAccessKeyId)?;
        let opens = known.state.opens(self.now()).map(drop);
        opens.map_err(AuthenticationError::KeyRefused)?;
        // Memory learns before the disk that a person is shut out.
        if self.ledger.revoked(&known.state.key.uid, Timestamp::MAX) {
            return Err(AuthenticationError::KeyRefused(PersonKeyRefusal::PersonNotActive));
        }
        Ok(())
    }

    /// Remembers that a request by a person's key was authentic, and where it came from. What cannot
    /// be written is lost.
    pub async fn note_person_key_use(&self, id: &AccessKeyId, ip: Option<IpAddr>) {
        let at = self.now();
        if self.person_keys.get(id).is_none() || !self.person_keys.uses(id, at) {
            return;
        }
        let used = PersonKeyUse { at, ip: ip.map(|ip| ip.to_string()) };
        if let Err(error) = self.ledger.note_person_key_use(id, &used).await {
            tracing::warn!(%error, "the use of a person's access key cannot be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use wh_ledger::{PersonKeyRow, RowId};
    use wh_names::Uid;

    use super::*;

    #[test]
    fn ids_that_strangers_make_up_push_out_no_key() {
        let id = |number: usize| AccessKeyId::parse(&format!("AKIA{number:016}")).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let entropy = Entropy::new(|bytes| bytes.fill(7));
        let row = PersonKeyRow {
            id: id(0),
            uid: Uid::generate(now, &entropy),
            grant: RowId::generate(now, &entropy),
            name: "laptop".to_owned(),
            actions: None,
            sealed_secret: String::new(),
            created_at: now,
            created_by: None,
            expires_at: now,
            revoked_at: None,
        };
        let state = PersonKeyState { key: row, active: true, grant: None, used: None };
        let key = PersonKey { state, session: Err(PersonKeyRefusal::GrantGone) };
        let keys = PersonKeys::default();
        keys.put(&id(0), now, Some(Arc::new(key)));
        (1..=KNOWN_MAX).for_each(|number| keys.put(&id(number), now, None));
        assert!(keys.get(&id(0)).is_some());
        let known = keys.known.lock().unwrap();
        assert!(known.len() <= KNOWN_MAX, "{} are remembered", known.len());
    }
}
