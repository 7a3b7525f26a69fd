//! The writes.

use std::collections::BTreeSet;

use wh_names::{Arn, RoleName};

use super::{Bucket, MemoryCloud, State, missing, no_role};
use crate::bucket::BucketSetting;
use crate::cloud::{
    CloudError, InstanceProfileState, KeyState, ManagedPolicyState, RoleState, TrailState,
};
use crate::step::Step;

impl MemoryCloud {
    pub(super) fn write(&self, step: &Step) -> Result<(), CloudError> {
        match step {
            Step::CreateKey { .. }
            | Step::AliasKey { .. }
            | Step::RotateKey { .. }
            | Step::PutKeyPolicy { .. }
            | Step::TagKey { .. }
            | Step::ClaimKey { .. }
            | Step::RestoreKey { .. }
            | Step::ScheduleKeyDeletion { .. } => self.write_key(step),
            Step::CreateBucket { .. }
            | Step::PutBucketSetting { .. }
            | Step::DropRules { .. }
            | Step::EmptyBucket { .. }
            | Step::DeleteBucket { .. } => self.write_bucket(step),
            Step::CreatePolicy { .. }
            | Step::PutPolicyVersion { .. }
            | Step::TagPolicy { .. }
            | Step::DeletePolicy { .. } => self.write_policy(step),
            Step::CreateRole { .. } | Step::CreateServiceLinkedRole { .. } => {
                self.create_role(step)
            }
            Step::UpdateRole { role, .. }
            | Step::PutTrust { role, .. }
            | Step::TagRole { role, .. }
            | Step::PutBoundary { role, .. }
            | Step::PutRolePolicy { role, .. }
            | Step::DeleteRolePolicy { role, .. }
            | Step::DetachRolePolicy { role, .. } => self.change_role(role, step),
            Step::DeleteRole { role } => self.delete_role(role),
            Step::CreateInstanceProfile { .. }
            | Step::TagInstanceProfile { .. }
            | Step::RemoveRoleFromInstanceProfile { .. }
            | Step::AddRoleToInstanceProfile { .. }
            | Step::DeleteInstanceProfile { .. } => self.write_profile(step),
            Step::CreateTrail(_)
            | Step::UpdateTrail(_)
            | Step::SelectEvents(_)
            | Step::StartTrail(_)
            | Step::TagTrail(_)
            | Step::DeleteTrail { .. } => self.write_trail(step),
            Step::BlockAccount => {
                self.state().account_is_blocked = true;
                Ok(())
            }
        }
    }

    fn write_key(&self, step: &Step) -> Result<(), CloudError> {
        let mut state = self.state();
        if let Step::CreateKey { policy, tags, .. } = step {
            let (policy, tags) = (policy.clone(), tags.clone());
            let key = KeyState { aliased: false, usable: true, rotated: false, policy, tags };
            state.keys.push((None, key));
            return Ok(());
        }
        if let Step::AliasKey { alias, installation } = step {
            let tag = Some(installation);
            let found = state.keys.iter_mut().find(|(name, key)| {
                name.is_none() && key.tags.get(crate::bucket::INSTALLATION_TAG) == tag
            });
            found.ok_or_else(|| missing("NotFoundException", alias))?.0 = Some(alias.clone());
            return Ok(());
        }
        let crate::step::Subject::Key(alias) = step.subject() else { return Ok(()) };
        let found = state.keys.iter_mut().find(|(name, _)| name.as_ref() == Some(&alias));
        let (_, key) = found.ok_or_else(|| missing("NotFoundException", &alias))?;
        if let Step::RotateKey { .. } = step {
            key.rotated = true;
        }
        if let Step::PutKeyPolicy { policy, .. } = step {
            key.policy.clone_from(policy);
        }
        if let Step::TagKey { tags, .. } | Step::ClaimKey { tags, .. } = step {
            key.tags.extend(tags.clone());
        }
        if let Step::RestoreKey { .. } | Step::ScheduleKeyDeletion { .. } = step {
            key.usable = matches!(step, Step::RestoreKey { .. });
        }
        Ok(())
    }

    fn write_bucket(&self, step: &Step) -> Result<(), CloudError> {
        let mut state = self.state();
        if let Step::CreateBucket { bucket, locked, .. } = step {
            let made = Bucket { locked: *locked, ..Bucket::default() };
            state.buckets.entry(bucket.to_string()).or_insert(made);
            return Ok(());
        }
        let crate::step::Subject::Bucket(bucket) = step.subject() else { return Ok(()) };
        let found = state.buckets.get_mut(bucket.as_str());
        let found = found.ok_or_else(|| missing("NoSuchBucket", bucket.as_str()))?;
        if let Step::PutBucketSetting { setting, .. } = step {
            if let BucketSetting::Without(_) = setting {
                found.settings.remove(&setting.kind());
            } else {
                found.settings.insert(setting.kind(), setting.clone());
            }
        }
        if let Step::DropRules { setting, .. } = step {
            found.rules_of_others.remove(&setting.kind());
        }
        if let Step::EmptyBucket { .. } = step {
            found.holds_objects = false;
        }
        if let Step::DeleteBucket { .. } = step {
            if found.holds_objects {
                return Err(missing("BucketNotEmpty", bucket.as_str()));
            }
            state.buckets.remove(bucket.as_str());
        }
        Ok(())
    }

    fn write_policy(&self, step: &Step) -> Result<(), CloudError> {
        if let Step::CreatePolicy { name, path, document, tags } = step {
            let arn = self.arn("policy", path, name);
            let made = ManagedPolicyState { document: document.clone(), tags: tags.clone() };
            self.state().policies.insert(arn, made);
            return Ok(());
        }
        let mut state = self.state();
        if let Step::PutPolicyVersion { policy, document } = step {
            let found = state.policies.get_mut(policy.as_str());
            let found = found.ok_or_else(|| missing("NoSuchEntity", policy.as_str()))?;
            found.document.clone_from(document);
        }
        if let Step::TagPolicy { policy, tags } = step {
            let found = state.policies.get_mut(policy.as_str());
            let found = found.ok_or_else(|| missing("NoSuchEntity", policy.as_str()))?;
            found.tags.extend(tags.clone());
        }
        if let Step::DeletePolicy { policy } = step {
            let bound =
                state.roles.values().any(|r| r.boundary.as_deref() == Some(policy.as_str()));
            if bound {
                return Err(missing("DeleteConflict", policy.as_str()));
            }
            state.policies.remove(policy.as_str());
        }
        Ok(())
    }

    /// A principal that does not exist is refused, as AWS refuses it: the order of a plan matters.
    fn create_role(&self, step: &Step) -> Result<(), CloudError> {
        let mut state = self.state();
        let (mut role, mut name) = (no_role(String::new()), String::new());
        if let Step::CreateRole { role: r, path, description, trust, boundary, tags, .. } = step {
            r.as_str().clone_into(&mut name);
            role.arn = self.arn("role", path, &name);
            role.description.clone_from(description);
            role.trust.clone_from(trust);
            role.boundary = boundary.as_ref().map(Arn::to_string);
            role.tags.clone_from(tags);
            if unknown_principal(&state, trust) {
                return Err(missing("MalformedPolicyDocument", "Invalid principal in policy"));
            }
        }
        if let Step::CreateServiceLinkedRole { service, path } = step {
            name = format!("AWSServiceRoleFor{}", service.split('.').next().unwrap_or_default());
            role.arn = self.arn("role", path, &name);
        }
        if state.roles.contains_key(&name) {
            return Err(CloudError::AlreadyExists { message: name });
        }
        state.roles.insert(name, role);
        Ok(())
    }

    fn change_role(&self, name: &RoleName, step: &Step) -> Result<(), CloudError> {
        let mut state = self.state();
        let found = state.roles.get_mut(name.as_str());
        let role = found.ok_or_else(|| missing("NoSuchEntity", name.as_str()))?;
        if let Step::UpdateRole { description, max_session_seconds, .. } = step {
            role.description.clone_from(description);
            role.max_session_seconds = *max_session_seconds;
        }
        if let Step::PutTrust { trust, .. } = step {
            role.trust.clone_from(trust);
        }
        if let Step::TagRole { tags, .. } = step {
            role.tags.extend(tags.clone());
        }
        if let Step::PutBoundary { boundary, .. } = step {
            role.boundary = Some(boundary.to_string());
        }
        write_permissions(role, step);
        Ok(())
    }

    /// IAM keeps roles that have something left.
    fn delete_role(&self, name: &RoleName) -> Result<(), CloudError> {
        let mut state = self.state();
        let role = state.roles.get(name.as_str());
        let role = role.ok_or_else(|| missing("NoSuchEntity", name.as_str()))?;
        let delivered = state.profiles.values().any(|p| p.roles.contains(name.as_str()));
        if !role.inline.is_empty() || !role.attached.is_empty() || delivered {
            return Err(missing("DeleteConflict", name.as_str()));
        }
        state.roles.remove(name.as_str());
        Ok(())
    }

    fn write_profile(&self, step: &Step) -> Result<(), CloudError> {
        let mut state = self.state();
        if let Step::CreateInstanceProfile { profile, path, tags } = step {
            let (path, tags) = (path.clone(), tags.clone());
            let made = InstanceProfileState { path, roles: BTreeSet::new(), tags };
            state.profiles.insert(profile.to_string(), made);
            return Ok(());
        }
        let crate::step::Subject::InstanceProfile(name) = step.subject() else { return Ok(()) };
        let found = state.profiles.get_mut(name.as_str());
        let found = found.ok_or_else(|| missing("NoSuchEntity", name.as_str()))?;
        if let Step::TagInstanceProfile { tags, .. } = step {
            found.tags.extend(tags.clone());
        }
        if let Step::AddRoleToInstanceProfile { role, .. } = step {
            found.roles.insert(role.to_string());
        }
        if let Step::RemoveRoleFromInstanceProfile { role, .. } = step {
            found.roles.remove(role);
        }
        if let Step::DeleteInstanceProfile { .. } = step {
            state.profiles.remove(name.as_str());
        }
        Ok(())
    }

    fn write_trail(&self, step: &Step) -> Result<(), CloudError> {
        let mut state = self.state();
        if let Step::CreateTrail(trail) = step {
            let made = TrailState {
                bucket: trail.bucket.to_string(),
                whole: true,
                recording: false,
                objects: BTreeSet::new(),
                classic: Vec::new(),
                tags: trail.tags.clone(),
            };
            state.trails.insert(trail.name.clone(), made);
            return Ok(());
        }
        let crate::step::Subject::Trail(name) = step.subject() else { return Ok(()) };
        let found = state.trails.get_mut(&name);
        let found = found.ok_or_else(|| missing("TrailNotFoundException", &name))?;
        if let Step::UpdateTrail(trail) = step {
            (found.bucket, found.whole) = (trail.bucket.to_string(), true);
        }
        if let Step::SelectEvents(trail) = step {
            found.objects.extend(trail.objects.clone());
        }
        if let Step::StartTrail(_) = step {
            found.recording = true;
        }
        if let Step::TagTrail(trail) = step {
            found.tags.extend(trail.tags.clone());
        }
        if let Step::DeleteTrail { .. } = step {
            state.trails.remove(&name);
        }
        Ok(())
    }
}

fn write_permissions(role: &mut RoleState, step: &Step) {
    if let Step::PutRolePolicy { policy, document, .. } = step {
        role.inline.insert(policy.clone(), document.clone());
    }
    if let Step::DeleteRolePolicy { policy, .. } = step {
        role.inline.remove(policy);
    }
    if let Step::DetachRolePolicy { policy, .. } = step {
        role.attached.remove(policy);
    }
}

fn unknown_principal(state: &State, trust: &str) -> bool {
    let known = |arn: &str| state.roles.values().any(|role| role.arn == arn);
    let named = trust.split('"').filter(|word| word.starts_with("arn:") && word.contains(":role/"));
    named.into_iter().any(|arn| !known(arn))
}
