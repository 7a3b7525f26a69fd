//! Groups and who is in them.

use wh_ledger::{GroupRow, IamWrite, PoliciesRow, UserRow};
use wh_names::{GroupName, UserName};

use super::users::changed;
use super::{Answer, Ground, GroupCall, IamError, IamReply, Verdict, check, key};
use crate::keys::unique_id;

/// Groups of an account.
const GROUPS_MAX: usize = 300;

/// Groups that one user may be in.
const GROUPS_OF_USER_MAX: usize = 10;

pub(super) fn group_key(name: &GroupName) -> String {
    key(name.as_str())
}

impl Ground<'_> {
    pub(super) fn group(&self, name: &GroupName) -> Result<&GroupRow, IamError> {
        self.rows
            .groups
            .get(&group_key(name))
            .ok_or_else(|| IamError::NoSuchEntity { what: "group", name: name.as_str().to_owned() })
    }

    fn members(&self, group: &GroupRow) -> impl Iterator<Item = &UserRow> {
        let id = group.group_id.clone();
        self.rows.users.values().filter(move |user| user.groups.contains(&id))
    }

    pub(super) fn judge_group(&self, name: GroupName, call: GroupCall) -> Verdict {
        use GroupCall as C;
        match call {
            C::Create { path } => self.create_group(name, path),
            C::Get => {
                let group = self.group(&name)?;
                let users = self.members(group).map(|user| self.user_view(user)).collect();
                Ok((IamReply::Group { group: self.group_view(group), users: Some(users) }, None))
            }
            C::Update { name: new, path } => self.update_group(&name, new, path),
            C::Delete => self.delete_group(&name),
            C::AddUser { user } => self.add_to_group(&name, &user),
            C::RemoveUser { user } => self.remove_from_group(&name, &user),
        }
    }

    fn free_group_name(&self, name: &GroupName) -> Result<(), IamError> {
        if self.rows.groups.contains_key(&group_key(name)) {
            let name = name.as_str().to_owned();
            return Err(IamError::EntityAlreadyExists { what: "group", name });
        }
        Ok(())
    }

    fn create_group(&self, name: GroupName, path: String) -> Verdict {
        check::path(&path)?;
        self.free_group_name(&name)?;
        if self.rows.groups.len() >= GROUPS_MAX {
            return Err(IamError::LimitExceeded { what: "groups of an account", max: GROUPS_MAX });
        }
        let row = GroupRow {
            name,
            path,
            group_id: unique_id("AGPA", self.entropy),
            created_at: self.now,
            policies: PoliciesRow::default(),
        };
        let reply = IamReply::Group { group: self.group_view(&row), users: None };
        Ok((reply, Some(IamWrite::PutGroup(row))))
    }

    pub(super) fn list_groups(&self, prefix: &str) -> Answer {
        let groups = self.rows.groups.values().filter(|row| row.path.starts_with(prefix));
        (IamReply::Groups(groups.map(|row| self.group_view(row)).collect()), None)
    }

    fn update_group(
        &self,
        name: &GroupName,
        new: Option<GroupName>,
        path: Option<String>,
    ) -> Verdict {
        let known = self.group(name)?;
        let mut row = known.clone();
        if let Some(path) = path {
            check::path(&path)?;
            row.path = path;
        }
        if let Some(new) = new {
            if group_key(&new) != group_key(name) {
                self.free_group_name(&new)?;
            }
            row.name = new;
        }
        Ok((IamReply::Done, Some(IamWrite::RenameGroup(known.name.clone(), row))))
    }

    fn delete_group(&self, name: &GroupName) -> Verdict {
        let row = self.group(name)?;
        let conflict = |why| Err(IamError::DeleteConflict { what: "group", why });
        if self.members(row).next().is_some() {
            return conflict("has users; remove them first");
        }
        if !row.policies.inline.is_empty() {
            return conflict("has inline policies; delete them first");
        }
        if !row.policies.attached.is_empty() {
            return conflict("has attached policies; detach them first");
        }
        Ok((IamReply::Done, Some(IamWrite::DeleteGroup(row.name.clone()))))
    }

    fn add_to_group(&self, group: &GroupName, user: &UserName) -> Verdict {
        let group = self.group(group)?;
        let mut row = self.user(user)?.clone();
        row.groups.insert(group.group_id.clone());
        if row.groups.len() > GROUPS_OF_USER_MAX {
            let what = "groups of a user";
            return Err(IamError::LimitExceeded { what, max: GROUPS_OF_USER_MAX });
        }
        Ok(changed(row))
    }

    fn remove_from_group(&self, group: &GroupName, user: &UserName) -> Verdict {
        let group = self.group(group)?;
        let mut row = self.user(user)?.clone();
        if !row.groups.remove(&group.group_id) {
            let name = user.as_str().to_owned();
            return Err(IamError::NoSuchEntity { what: "member of the group", name });
        }
        Ok(changed(row))
    }
}
