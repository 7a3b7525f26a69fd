//! Instance profiles: the boxes in which a role reaches an instance.

use wh_ledger::{IamWrite, InstanceProfileRow};
use wh_names::RoleName;

use super::{Answer, Ground, IamError, IamReply, Verdict, check, key, role_key, tags};
use crate::keys::unique_id;

/// Roles in one instance profile.
const ROLES_MAX: usize = 1;

fn changed(row: InstanceProfileRow) -> Answer {
    (IamReply::Done, Some(IamWrite::PutInstanceProfile(row)))
}

impl Ground<'_> {
    pub(super) fn profile(&self, name: &str) -> Result<&InstanceProfileRow, IamError> {
        self.rows.profiles.get(&key(name)).ok_or_else(|| IamError::NoSuchEntity {
            what: "instance profile",
            name: name.to_owned(),
        })
    }

    pub(super) fn create_profile(
        &self,
        name: String,
        path: String,
        tags: Vec<(String, String)>,
    ) -> Verdict {
        check::name(&name)?;
        check::path(&path)?;
        let tags = tags::of_new(tags)?;
        if self.rows.profiles.contains_key(&key(&name)) {
            return Err(IamError::EntityAlreadyExists { what: "instance profile", name });
        }
        let profile_id = unique_id("AIPA", self.entropy);
        let (role, created_at) = (None, self.now);
        let row = InstanceProfileRow { name, path, profile_id, role, created_at, tags };
        let view = IamReply::InstanceProfile(self.profile_view(&row));
        Ok((view, Some(IamWrite::PutInstanceProfile(row))))
    }

    pub(super) fn get_profile(&self, name: &str) -> Verdict {
        Ok((IamReply::InstanceProfile(self.profile_view(self.profile(name)?)), None))
    }

    pub(super) fn add_to_profile(&self, name: &str, role: RoleName) -> Verdict {
        let mut row = self.profile(name)?.clone();
        let known = self.role(&role)?;
        if row.role.is_some() {
            let what = "roles of an instance profile";
            return Err(IamError::LimitExceeded { what, max: ROLES_MAX });
        }
        row.role = Some(known.name.clone());
        Ok(changed(row))
    }

    pub(super) fn remove_from_profile(&self, name: &str, role: &RoleName) -> Verdict {
        let mut row = self.profile(name)?.clone();
        if row.role.as_ref().map(role_key) != Some(role_key(role)) {
            let name = role.as_str().to_owned();
            return Err(IamError::NoSuchEntity { what: "role of the instance profile", name });
        }
        row.role = None;
        Ok(changed(row))
    }

    pub(super) fn delete_profile(&self, name: &str) -> Verdict {
        let row = self.profile(name)?;
        if row.role.is_some() {
            let what = "instance profile";
            return Err(IamError::DeleteConflict { what, why: "holds a role" });
        }
        Ok((IamReply::Done, Some(IamWrite::DeleteInstanceProfile(row.name.clone()))))
    }

    pub(super) fn list_all_profiles(&self, prefix: &str) -> Answer {
        let profiles = self.rows.profiles.values().filter(|row| row.path.starts_with(prefix));
        (IamReply::InstanceProfiles(profiles.map(|row| self.profile_view(row)).collect()), None)
    }

    pub(super) fn list_profiles(&self, role: &RoleName) -> Verdict {
        self.role(role)?;
        let holds =
            |row: &&InstanceProfileRow| row.role.as_ref().map(role_key) == Some(role_key(role));
        let profiles = self.rows.profiles.values().filter(holds);
        Ok((IamReply::InstanceProfiles(profiles.map(|p| self.profile_view(p)).collect()), None))
    }
}
