//! Users: their names, tags and boundaries.

use std::collections::BTreeSet;

use wh_ledger::{IamWrite, PoliciesRow, UserRow};
use wh_names::UserName;

use super::{Answer, Ground, IamError, IamReply, UserCall, Verdict, check, key, tags};
use crate::keys::unique_id;

/// Users of an account.
const USERS_MAX: usize = 5000;

/// Names that would read like principals that no policy gives anything to, or that have everything.
const RESERVED: [&str; 3] = ["root", "anonymous", "administrator"];

pub(super) fn changed(row: UserRow) -> Answer {
    (IamReply::Done, Some(IamWrite::PutUser(row)))
}

pub(super) fn user_key(name: &UserName) -> String {
    key(name.as_str())
}

impl Ground<'_> {
    pub(super) fn user(&self, name: &UserName) -> Result<&UserRow, IamError> {
        self.rows
            .users
            .get(&user_key(name))
            .ok_or_else(|| IamError::NoSuchEntity { what: "user", name: name.as_str().to_owned() })
    }

    pub(super) fn judge_user(&self, name: UserName, call: UserCall) -> Verdict {
        use UserCall as C;
        match call {
            C::Create { path, boundary, tags } => self.create_user(name, path, boundary, tags),
            C::Get => Ok((IamReply::User(self.user_view(self.user(&name)?)), None)),
            C::Update { name: new, path } => self.update_user(&name, new, path),
            C::Delete => self.delete_user(&name),
            C::Tag { tags } => self.tag_user(&name, tags),
            C::Untag { keys } => self.untag_user(&name, &keys),
            C::ListTags => {
                let tags = self.user(&name)?.tags.clone();
                Ok((IamReply::Tags(tags.into_iter().collect()), None))
            }
            C::PutBoundary { policy_arn } => self.put_user_boundary(&name, policy_arn),
            C::DeleteBoundary => self.delete_user_boundary(&name),
            C::ListGroups => self.groups_of(&name),
            C::CreateAccessKey => self.create_access_key(&name),
            C::ListAccessKeys => self.list_access_keys(&name),
            C::UpdateAccessKey { id, status } => self.update_access_key(&name, &id, status),
            C::DeleteAccessKey { id } => self.delete_access_key(&name, &id),
        }
    }

    /// A name that no user has yet, and that no one could take for the root user's.
    fn free_user_name(&self, name: &UserName) -> Result<(), IamError> {
        let lowered = user_key(name);
        if RESERVED.contains(&lowered.as_str()) || lowered == self.place.account.as_str() {
            return Err(IamError::InvalidInput {
                why: format!("the user name `{name}` is reserved; choose another UserName"),
            });
        }
        if self.rows.users.contains_key(&lowered) {
            let name = name.as_str().to_owned();
            return Err(IamError::EntityAlreadyExists { what: "user", name });
        }
        Ok(())
    }

    fn create_user(
        &self,
        name: UserName,
        path: String,
        boundary: Option<String>,
        tags: Vec<(String, String)>,
    ) -> Verdict {
        check::path(&path)?;
        let tags = tags::of_new(tags)?;
        self.free_user_name(&name)?;
        if let Some(arn) = &boundary {
            self.policy(arn)?;
        }
        if self.rows.users.len() >= USERS_MAX {
            return Err(IamError::LimitExceeded { what: "users of an account", max: USERS_MAX });
        }
        let row = UserRow {
            name,
            path,
            user_id: unique_id("AIDA", self.entropy),
            boundary,
            created_at: self.now,
            tags,
            policies: PoliciesRow::default(),
            groups: BTreeSet::new(),
            access_keys: Vec::new(),
        };
        Ok((IamReply::User(self.user_view(&row)), Some(IamWrite::PutUser(row))))
    }

    pub(super) fn list_users(&self, prefix: &str) -> Answer {
        let users = self.rows.users.values().filter(|row| row.path.starts_with(prefix));
        (IamReply::Users(users.map(|row| self.user_view(row)).collect()), None)
    }

    fn update_user(&self, name: &UserName, new: Option<UserName>, path: Option<String>) -> Verdict {
        let known = self.user(name)?;
        let mut row = known.clone();
        if let Some(path) = path {
            check::path(&path)?;
            row.path = path;
        }
        if let Some(new) = new {
            if user_key(&new) != user_key(name) {
                self.free_user_name(&new)?;
            }
            row.name = new;
        }
        Ok((IamReply::Done, Some(IamWrite::RenameUser(known.name.clone(), row))))
    }

    fn delete_user(&self, name: &UserName) -> Verdict {
        let row = self.user(name)?;
        let conflict = |why| Err(IamError::DeleteConflict { what: "user", why });
        if !row.access_keys.is_empty() {
            return conflict("has access keys; delete them first");
        }
        if !row.policies.inline.is_empty() {
            return conflict("has inline policies; delete them first");
        }
        if !row.policies.attached.is_empty() {
            return conflict("has attached policies; detach them first");
        }
        if !row.groups.is_empty() {
            return conflict("is in groups; remove it from them first");
        }
        Ok((IamReply::Done, Some(IamWrite::DeleteUser(row.name.clone()))))
    }

    fn tag_user(&self, name: &UserName, tags: Vec<(String, String)>) -> Verdict {
        let mut row = self.user(name)?.clone();
        tags::put(&mut row.tags, tags)?;
        Ok(changed(row))
    }

    fn untag_user(&self, name: &UserName, keys: &[String]) -> Verdict {
        let mut row = self.user(name)?.clone();
        tags::remove(&mut row.tags, keys);
        Ok(changed(row))
    }

    fn put_user_boundary(&self, name: &UserName, policy_arn: String) -> Verdict {
        let mut row = self.user(name)?.clone();
        self.policy(&policy_arn)?;
        row.boundary = Some(policy_arn);
        Ok(changed(row))
    }

    fn delete_user_boundary(&self, name: &UserName) -> Verdict {
        let mut row = self.user(name)?.clone();
        if row.boundary.take().is_none() {
            let name = name.as_str().to_owned();
            return Err(IamError::NoSuchEntity { what: "permissions boundary of", name });
        }
        Ok(changed(row))
    }

    fn groups_of(&self, name: &UserName) -> Verdict {
        let user = self.user(name)?;
        let groups = self.rows.groups.values().filter(|row| user.groups.contains(&row.group_id));
        Ok((IamReply::Groups(groups.map(|row| self.group_view(row)).collect()), None))
    }
}
