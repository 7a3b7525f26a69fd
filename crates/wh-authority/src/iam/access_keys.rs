//! Access keys of users.
//!
//! Invariant: a secret leaves in the answer to `CreateAccessKey` and never again; what is stored of
//! it is sealed.

use wh_ledger::{AccessKeyRow, AccessKeyStatus, AccessKeyUse, IamWrite, UserRow};
use wh_names::{AccessKeyId, Secret, UserName};

use super::users::changed;
use super::view::AccessKey;
use super::{Ground, IamError, IamReply, NewAccessKey, Verdict};
use crate::keys::unique_id;
use crate::seal;

/// Access keys of one user.
const ACCESS_KEYS_MAX: usize = 2;

/// What a secret is made of, in random bytes: 40 characters, as AWS's have.
const SECRET_BYTES: usize = 30;

fn no_key(id: &AccessKeyId) -> IamError {
    IamError::NoSuchEntity { what: "access key", name: id.as_str().to_owned() }
}

impl Ground<'_> {
    fn user_of_key(&self, id: &AccessKeyId) -> Option<&UserRow> {
        self.rows.users.values().find(|user| user.access_keys.iter().any(|key| key.id == *id))
    }

    pub(super) fn create_access_key(&self, name: &UserName) -> Verdict {
        let mut row = self.user(name)?.clone();
        if row.access_keys.len() >= ACCESS_KEYS_MAX {
            let what = "access keys of a user";
            return Err(IamError::LimitExceeded { what, max: ACCESS_KEYS_MAX });
        }
        let (id, secret) = self.new_secret().ok_or(IamError::NoSecret)?;
        let keys = self.keys.sealing_now(self.now);
        let sealed_secret = seal::seal_secret(&keys, &id, &secret, self.entropy);
        let sealed_secret = sealed_secret.ok_or(IamError::NoSecret)?;
        let (status, created_at) = (AccessKeyStatus::Active, self.now);
        row.access_keys.push(AccessKeyRow { id: id.clone(), sealed_secret, status, created_at });
        row.access_keys.sort_by(|a, b| a.id.cmp(&b.id));
        let made = NewAccessKey { user: row.name.clone(), id, secret, created_at };
        Ok((IamReply::NewAccessKey(made), Some(IamWrite::PutUser(row))))
    }

    /// A key id that nobody has, the root user included, and its secret.
    fn new_secret(&self) -> Option<(AccessKeyId, Secret)> {
        let id = AccessKeyId::parse(&unique_id("AKIA", self.entropy)).ok()?;
        if id == *self.keys.root_access_key_id() || self.user_of_key(&id).is_some() {
            return None;
        }
        Some((id, seal::random_secret::<SECRET_BYTES>(self.entropy)?))
    }

    pub(super) fn list_access_keys(&self, name: &UserName) -> Verdict {
        let user = self.user(name)?;
        let keys = user.access_keys.iter().map(|key| AccessKey {
            user: user.name.clone(),
            id: key.id.clone(),
            status: key.status,
            created_at: key.created_at,
        });
        Ok((IamReply::AccessKeys(keys.collect()), None))
    }

    pub(super) fn update_access_key(
        &self,
        name: &UserName,
        id: &AccessKeyId,
        status: AccessKeyStatus,
    ) -> Verdict {
        let mut row = self.user(name)?.clone();
        let key = row.access_keys.iter_mut().find(|key| key.id == *id);
        key.ok_or_else(|| no_key(id))?.status = status;
        Ok(changed(row))
    }

    pub(super) fn delete_access_key(&self, name: &UserName, id: &AccessKeyId) -> Verdict {
        let mut row = self.user(name)?.clone();
        let before = row.access_keys.len();
        row.access_keys.retain(|key| key.id != *id);
        if row.access_keys.len() == before {
            return Err(no_key(id));
        }
        Ok((IamReply::Done, Some(IamWrite::DropAccessKey(id.clone(), row))))
    }

    pub(super) fn access_key_last_used(&self, id: &AccessKeyId) -> Verdict {
        let owner = self.user_of_key(id).ok_or_else(|| no_key(id))?;
        let last: Option<AccessKeyUse> = self.uses.of(id);
        Ok((IamReply::AccessKeyLastUsed { user: owner.name.clone(), used: last }, None))
    }
}
