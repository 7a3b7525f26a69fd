//! Instance profiles.

use wh_names::RoleName;
use wh_provision::{InstanceProfileState, Step};

use super::AwsCloud;
use crate::error::{AwsError, sort};

impl AwsCloud {
    pub(super) async fn read_profile(
        &self,
        name: &RoleName,
    ) -> Result<InstanceProfileState, AwsError> {
        let call = self.iam.get_instance_profile().instance_profile_name(name.as_str());
        let answer = call.send().await.map_err(sort)?;
        let profile = answer.instance_profile();
        let profile = profile.ok_or_else(|| AwsError::malformed("an empty instance profile"))?;
        let roles = profile.roles().iter().map(|role| role.role_name().to_owned()).collect();
        let tags = super::tags::of_iam(profile.tags.clone());
        Ok(InstanceProfileState { path: profile.path().to_owned(), roles, tags })
    }

    pub(super) async fn read_profiles_of(&self, role: &RoleName) -> Result<Vec<String>, AwsError> {
        let pages = self.iam.list_instance_profiles_for_role().role_name(role.as_str());
        let pages = pages.into_paginator().items().send();
        let profiles = pages.collect::<Result<Vec<_>, _>>().await.map_err(sort)?;
        Ok(profiles.into_iter().map(|profile| profile.instance_profile_name).collect())
    }

    pub(super) async fn write_profile(&self, step: &Step) -> Result<(), AwsError> {
        if let Step::CreateInstanceProfile { profile, path, tags } = step {
            let call = self.iam.create_instance_profile().instance_profile_name(profile.as_str());
            let call = call.path(path).set_tags(super::tags::iam(tags)?);
            call.send().await.map_err(sort)?;
        }
        if let Step::TagInstanceProfile { profile, tags } = step {
            let call = self.iam.tag_instance_profile().instance_profile_name(profile.as_str());
            call.set_tags(super::tags::iam(tags)?).send().await.map_err(sort)?;
        }
        if let Step::DeleteInstanceProfile { profile } = step {
            let call = self.iam.delete_instance_profile();
            let call = call.instance_profile_name(profile.as_str());
            call.send().await.map_err(sort)?;
        }
        if let Step::AddRoleToInstanceProfile { profile, role } = step {
            let call = self.iam.add_role_to_instance_profile();
            let call = call.instance_profile_name(profile.as_str()).role_name(role.as_str());
            call.send().await.map_err(sort)?;
        }
        if let Step::RemoveRoleFromInstanceProfile { profile, role } = step {
            let call = self.iam.remove_role_from_instance_profile();
            let call = call.instance_profile_name(profile.as_str()).role_name(role);
            call.send().await.map_err(sort)?;
        }
        Ok(())
    }
}
