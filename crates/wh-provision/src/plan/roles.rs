//! Roles, their boundary and their instance profiles.

use std::collections::BTreeMap;

use super::{Plan, PlanError, Planning, Reason};
use crate::canonical;
use crate::cloud::RoleState;
use crate::meaning::PolicyChange;
use crate::roles::{InstanceProfileSpec, ManagedPolicySpec, RoleSpec};
use crate::step::{Step, Subject};

type Tags = BTreeMap<String, String>;

/// Why tags have to be written; others' tags are no reason.
pub(super) fn tags_differ(wanted: &Tags, found: &Tags) -> Option<Reason> {
    let missing = wanted.iter().find(|(key, value)| found.get(*key) != Some(value))?;
    Some(if found.contains_key(missing.0) { Reason::Differs } else { Reason::Absent })
}

/// Tells of tags that are not ours.
pub(super) fn keep_tags(plan: &mut Plan, subject: &Subject, wanted: &Tags, found: &Tags) {
    if wanted.is_empty() {
        return;
    }
    for (key, value) in found.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
        plan.keep(subject.clone(), format!("tag `{key}` = `{value}`"));
    }
}

impl Planning<'_> {
    pub(super) async fn plan_boundary(
        &self,
        plan: &mut Plan,
        wanted: &ManagedPolicySpec,
    ) -> Result<(), PlanError> {
        let subject = Subject::Policy(wanted.policy.name.clone());
        (self.progress)(&subject);
        let document = wanted.policy.document.to_json();
        let found = self.cloud.managed_policy(&wanted.arn).await;
        let Some(found) = found.map_err(PlanError::reading(&subject))? else {
            let (name, path) = (wanted.policy.name.clone(), wanted.path.clone());
            let tags = wanted.tags.clone();
            let change = PolicyChange::of_permissions(&subject, None, &document);
            let step = Step::CreatePolicy { name, path, document, tags };
            plan.add_policy(Reason::Absent, step, change);
            return Ok(());
        };
        if !canonical::same(&document, &found.document) {
            let change = PolicyChange::of_permissions(&subject, Some(&found.document), &document);
            let step = Step::PutPolicyVersion { policy: wanted.arn.clone(), document };
            plan.add_policy(Reason::Differs, step, change);
        }
        if let Some(reason) = tags_differ(&wanted.tags, &found.tags) {
            let (policy, tags) = (wanted.arn.clone(), wanted.tags.clone());
            plan.add(reason, Step::TagPolicy { policy, tags });
        }
        keep_tags(plan, &subject, &wanted.tags, &found.tags);
        Ok(())
    }

    pub(super) async fn plan_role(
        &self,
        plan: &mut Plan,
        role: &RoleSpec,
    ) -> Result<(), PlanError> {
        let subject = Subject::Role(role.name.clone());
        (self.progress)(&subject);
        let found = self.cloud.role(&role.name).await.map_err(PlanError::reading(&subject))?;
        match &found {
            None => {
                let trust = role.trust.document.to_json();
                let change = PolicyChange::of_trust(&subject, None, &trust);
                let step = Step::CreateRole {
                    role: role.name.clone(),
                    path: role.path.clone(),
                    description: role.description(),
                    trust,
                    max_session_seconds: role.max_session_seconds,
                    boundary: Some(role.boundary_arn.clone()),
                    tags: role.tags.clone(),
                };
                plan.add_policy(Reason::Absent, step, change);
            }
            // A role's path cannot be changed, so that of others cannot be taken over either.
            Some(found) if found.arn != role.arn.as_str() => {
                return Err(PlanError::Foreign {
                    what: "role",
                    name: role.name.to_string(),
                    owner: found.arn.clone(),
                });
            }
            Some(found) => {
                tighten(plan, role, found);
                plan_role_itself(plan, role, found);
            }
        }
        plan_permissions(plan, role, found.as_ref());
        Ok(())
    }

    pub(super) async fn plan_profile(
        &self,
        plan: &mut Plan,
        wanted: &InstanceProfileSpec,
    ) -> Result<(), PlanError> {
        let profile = &wanted.name;
        let subject = Subject::InstanceProfile(profile.clone());
        (self.progress)(&subject);
        let found = self.cloud.instance_profile(profile).await;
        let roles = match found.map_err(PlanError::reading(&subject))? {
            None => {
                let (profile, path) = (profile.clone(), wanted.path.clone());
                let tags = wanted.tags.clone();
                plan.add(Reason::Absent, Step::CreateInstanceProfile { profile, path, tags });
                Default::default()
            }
            Some(found) if found.path != wanted.path => {
                return Err(PlanError::Foreign {
                    what: "instance profile",
                    name: profile.to_string(),
                    owner: found.path,
                });
            }
            Some(found) => {
                if let Some(reason) = tags_differ(&wanted.tags, &found.tags) {
                    let (profile, tags) = (profile.clone(), wanted.tags.clone());
                    plan.add(reason, Step::TagInstanceProfile { profile, tags });
                }
                keep_tags(plan, &subject, &wanted.tags, &found.tags);
                found.roles
            }
        };
        for role in roles.iter().filter(|role| *role != wanted.role.as_str()) {
            let (profile, role) = (profile.clone(), role.clone());
            plan.add(Reason::Foreign, Step::RemoveRoleFromInstanceProfile { profile, role });
        }
        if !roles.contains(wanted.role.as_str()) {
            let (profile, role) = (profile.clone(), wanted.role.clone());
            plan.add(Reason::Absent, Step::AddRoleToInstanceProfile { profile, role });
        }
        Ok(())
    }

    pub(super) async fn plan_service_linked(&self, plan: &mut Plan) -> Result<(), PlanError> {
        for linked in self.estate.service_linked_roles() {
            let (path, service) = (linked.path(), linked.service.to_owned());
            let subject = Subject::ServiceLinkedRole(service.clone());
            (self.progress)(&subject);
            let found = self.cloud.roles_under(&path).await;
            if found.map_err(PlanError::reading(&subject))?.is_empty() {
                plan.add(Reason::Absent, Step::CreateServiceLinkedRole { service, path });
            }
        }
        Ok(())
    }
}

fn plan_role_itself(plan: &mut Plan, role: &RoleSpec, found: &RoleState) {
    let subject = Subject::Role(role.name.clone());
    let trust = role.trust.document.to_json();
    if !canonical::same(&trust, &found.trust) {
        let change = PolicyChange::of_trust(&subject, Some(&found.trust), &trust);
        let step = Step::PutTrust { role: role.name.clone(), trust };
        plan.add_policy(Reason::Differs, step, change);
    }
    let description = role.description();
    let max_session_seconds = role.max_session_seconds;
    if description != found.description || max_session_seconds != found.max_session_seconds {
        let role = role.name.clone();
        plan.add(Reason::Differs, Step::UpdateRole { role, description, max_session_seconds });
    }
    if let Some(reason) = tags_differ(&role.tags, &found.tags) {
        let (role, tags) = (role.name.clone(), role.tags.clone());
        plan.add(reason, Step::TagRole { role, tags });
    }
    keep_tags(plan, &subject, &role.tags, &found.tags);
}

/// Permissions that the estate does not know are taken away, for what is documented must be all
/// that there is. Boundaries come first: nothing widens before it is bounded.
fn tighten(plan: &mut Plan, role: &RoleSpec, found: &RoleState) {
    if found.boundary.as_deref() != Some(role.boundary_arn.as_str()) {
        let reason = if found.boundary.is_some() { Reason::Differs } else { Reason::Absent };
        let boundary = role.boundary_arn.clone();
        plan.add(reason, Step::PutBoundary { role: role.name.clone(), boundary });
    }
    let subject = Subject::Role(role.name.clone());
    for (policy, document) in &found.inline {
        if !role.permissions.iter().any(|wanted| wanted.name == *policy) {
            let change = PolicyChange::of_permissions(&subject, Some(document), "");
            let (role, policy) = (role.name.clone(), policy.clone());
            plan.add_policy(Reason::Foreign, Step::DeleteRolePolicy { role, policy }, change);
        }
    }
    for policy in &found.attached {
        let (role, policy) = (role.name.clone(), policy.clone());
        plan.add(Reason::Foreign, Step::DetachRolePolicy { role, policy });
    }
}

fn plan_permissions(plan: &mut Plan, role: &RoleSpec, found: Option<&RoleState>) {
    let subject = Subject::Role(role.name.clone());
    for wanted in &role.permissions {
        let document = wanted.document.to_json();
        let found = found.and_then(|state| state.inline.get(&wanted.name));
        let reason = match found {
            Some(found) if canonical::same(&document, found) => continue,
            Some(_) => Reason::Differs,
            None => Reason::Absent,
        };
        let change = PolicyChange::of_permissions(&subject, found.map(String::as_str), &document);
        let (role, policy) = (role.name.clone(), wanted.name.clone());
        plan.add_policy(reason, Step::PutRolePolicy { role, policy, document }, change);
    }
}
