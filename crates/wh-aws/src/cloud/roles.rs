//! Roles, their trust and their permissions.

use std::collections::{BTreeMap, BTreeSet};

use wh_names::{Arn, RoleName};
use wh_provision::{RoleState, Step};

use super::AwsCloud;
use crate::error::{AwsError, sort};

impl AwsCloud {
    pub(super) async fn read_role(&self, name: &RoleName) -> Result<RoleState, AwsError> {
        let answer = self.iam.get_role().role_name(name.as_str()).send().await.map_err(sort)?;
        let role = answer.role.ok_or_else(|| AwsError::malformed("an empty role"))?;
        let seconds = role.max_session_duration.unwrap_or_default();
        Ok(RoleState {
            arn: role.arn,
            description: role.description.unwrap_or_default(),
            trust: role.assume_role_policy_document.unwrap_or_default(),
            max_session_seconds: u32::try_from(seconds).map_err(AwsError::malformed)?,
            boundary: role.permissions_boundary.and_then(|b| b.permissions_boundary_arn),
            inline: self.inline_policies(name).await?,
            attached: self.attached_policies(name).await?,
            tags: super::tags::of_iam(role.tags),
        })
    }

    async fn inline_policies(&self, role: &RoleName) -> Result<BTreeMap<String, String>, AwsError> {
        let pages = self.iam.list_role_policies().role_name(role.as_str()).into_paginator();
        let names = pages.items().send().collect::<Result<Vec<_>, _>>().await.map_err(sort)?;
        let mut policies = BTreeMap::new();
        for name in names {
            let call = self.iam.get_role_policy().role_name(role.as_str()).policy_name(&name);
            let policy = call.send().await.map_err(sort)?;
            policies.insert(name, policy.policy_document);
        }
        Ok(policies)
    }

    async fn attached_policies(&self, role: &RoleName) -> Result<BTreeSet<String>, AwsError> {
        let pages = self.iam.list_attached_role_policies().role_name(role.as_str());
        let pages = pages.into_paginator().items().send();
        let attached = pages.collect::<Result<Vec<_>, _>>().await.map_err(sort)?;
        Ok(attached.into_iter().filter_map(|policy| policy.policy_arn).collect())
    }

    pub(super) async fn write_role(&self, step: &Step) -> Result<(), AwsError> {
        if let Step::CreateRole {
            role,
            path,
            description,
            trust,
            max_session_seconds,
            boundary,
            tags,
        } = step
        {
            let call = self.iam.create_role().role_name(role.as_str()).path(path);
            let call = call.description(description).assume_role_policy_document(trust);
            let call = call.max_session_duration(seconds(*max_session_seconds)?);
            let call = call.set_permissions_boundary(boundary.as_ref().map(Arn::to_string));
            let call = call.set_tags(super::tags::iam(tags)?);
            call.send().await.map_err(sort)?;
        }
        if let Step::UpdateRole { role, description, max_session_seconds } = step {
            let call = self.iam.update_role().role_name(role.as_str()).description(description);
            let call = call.max_session_duration(seconds(*max_session_seconds)?);
            call.send().await.map_err(sort)?;
        }
        if let Step::PutTrust { role, trust } = step {
            let call = self.iam.update_assume_role_policy().role_name(role.as_str());
            call.policy_document(trust).send().await.map_err(sort)?;
        }
        if let Step::TagRole { role, tags } = step {
            let call = self.iam.tag_role().role_name(role.as_str());
            call.set_tags(super::tags::iam(tags)?).send().await.map_err(sort)?;
        }
        if let Step::DeleteRole { role } = step {
            let call = self.iam.delete_role().role_name(role.as_str());
            call.send().await.map_err(sort)?;
        }
        if let Step::CreateServiceLinkedRole { service, .. } = step {
            let call = self.iam.create_service_linked_role().aws_service_name(service);
            call.send().await.map_err(sort)?;
        }
        Ok(())
    }

    pub(super) async fn write_permissions(&self, step: &Step) -> Result<(), AwsError> {
        if let Step::PutBoundary { role, boundary } = step {
            let call = self.iam.put_role_permissions_boundary().role_name(role.as_str());
            call.permissions_boundary(boundary.as_str()).send().await.map_err(sort)?;
        }
        if let Step::PutRolePolicy { role, policy, document } = step {
            let call = self.iam.put_role_policy().role_name(role.as_str()).policy_name(policy);
            call.policy_document(document).send().await.map_err(sort)?;
        }
        if let Step::DeleteRolePolicy { role, policy } = step {
            let call = self.iam.delete_role_policy().role_name(role.as_str()).policy_name(policy);
            call.send().await.map_err(sort)?;
        }
        if let Step::DetachRolePolicy { role, policy } = step {
            let call = self.iam.detach_role_policy().role_name(role.as_str()).policy_arn(policy);
            call.send().await.map_err(sort)?;
        }
        Ok(())
    }
}

fn seconds(count: u32) -> Result<i32, AwsError> {
    i32::try_from(count).map_err(AwsError::malformed)
}
