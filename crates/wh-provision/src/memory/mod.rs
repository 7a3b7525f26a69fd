//! A cloud in memory, for tests and rehearsals. It returns policies as AWS does: URL-encoded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wh_names::{AccountId, Arn, BucketName, Partition, RoleName};

use crate::bucket::{BucketSetting, BucketSettingKind};
use crate::cloud::{Cloud, CloudError, InstanceProfileState, ManagedPolicyState, RoleState};
use crate::step::Step;

/// A cloud that forgets all when it is dropped.
#[derive(Debug)]
pub struct MemoryCloud {
    partition: Partition,
    account: AccountId,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    buckets: BTreeMap<String, BTreeMap<BucketSettingKind, BucketSetting>>,
    policies: BTreeMap<String, String>,
    roles: BTreeMap<String, RoleState>,
    profiles: BTreeMap<String, InstanceProfileState>,
    writes: usize,
}

impl MemoryCloud {
    /// An empty account.
    pub fn new(partition: Partition, account: AccountId) -> Self {
        Self { partition, account, state: Mutex::default() }
    }

    /// How many writes were performed.
    pub fn writes(&self) -> usize {
        self.state().writes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:{}:iam::{}:{kind}{path}{name}", self.partition, self.account)
    }
}

#[async_trait]
impl Cloud for MemoryCloud {
    async fn account(&self) -> Result<AccountId, CloudError> {
        Ok(self.account.clone())
    }

    async fn bucket_exists(&self, bucket: &BucketName) -> Result<bool, CloudError> {
        Ok(self.state().buckets.contains_key(bucket.as_str()))
    }

    async fn bucket_setting(
        &self,
        bucket: &BucketName,
        kind: BucketSettingKind,
    ) -> Result<Option<BucketSetting>, CloudError> {
        let state = self.state();
        let settings = state.buckets.get(bucket.as_str());
        let settings = settings.ok_or_else(|| missing("NoSuchBucket", bucket.as_str()))?;
        Ok(settings.get(&kind).cloned())
    }

    async fn managed_policy(&self, arn: &Arn) -> Result<Option<ManagedPolicyState>, CloudError> {
        let state = self.state();
        let document = state.policies.get(arn.as_str());
        Ok(document.map(|document| ManagedPolicyState { document: encoded(document) }))
    }

    async fn role(&self, name: &RoleName) -> Result<Option<RoleState>, CloudError> {
        let found = self.state().roles.get(name.as_str()).cloned();
        Ok(found.map(|role| RoleState {
            trust: encoded(&role.trust),
            inline: role.inline.iter().map(|(k, v)| (k.clone(), encoded(v))).collect(),
            ..role
        }))
    }

    async fn instance_profile(
        &self,
        name: &RoleName,
    ) -> Result<Option<InstanceProfileState>, CloudError> {
        Ok(self.state().profiles.get(name.as_str()).cloned())
    }

    async fn roles_under(&self, path: &str) -> Result<Vec<String>, CloudError> {
        let beginning = self.arn("role", path, "");
        let state = self.state();
        let under = state.roles.iter().filter(|(_, role)| role.arn.starts_with(&beginning));
        Ok(under.map(|(name, _)| name.clone()).collect())
    }

    async fn perform(&self, step: &Step) -> Result<(), CloudError> {
        self.state().writes += 1;
        match step {
            Step::CreateBucket { .. } | Step::PutBucketSetting { .. } => self.write_bucket(step),
            Step::CreatePolicy { name, path, document } => {
                let arn = self.arn("policy", path, name);
                self.state().policies.insert(arn, document.clone());
                Ok(())
            }
            Step::PutPolicyVersion { policy, document } => {
                let mut state = self.state();
                let found = state.policies.get_mut(policy.as_str());
                let found = found.ok_or_else(|| missing("NoSuchEntity", policy.as_str()))?;
                found.clone_from(document);
                Ok(())
            }
            Step::CreateRole { .. } | Step::CreateServiceLinkedRole { .. } => {
                self.create_role(step)
            }
            Step::UpdateRole { role, .. }
            | Step::PutTrust { role, .. }
            | Step::PutBoundary { role, .. }
            | Step::DeleteBoundary { role }
            | Step::PutRolePolicy { role, .. }
            | Step::DeleteRolePolicy { role, .. }
            | Step::DetachRolePolicy { role, .. } => {
                let mut state = self.state();
                let found = state.roles.get_mut(role.as_str());
                change_role(found.ok_or_else(|| missing("NoSuchEntity", role.as_str()))?, step);
                Ok(())
            }
            Step::CreateInstanceProfile { .. }
            | Step::RemoveRoleFromInstanceProfile { .. }
            | Step::AddRoleToInstanceProfile { .. } => self.write_profile(step),
        }
    }
}

impl MemoryCloud {
    fn write_bucket(&self, step: &Step) -> Result<(), CloudError> {
        let mut state = self.state();
        if let Step::CreateBucket { bucket, .. } = step {
            state.buckets.entry(bucket.to_string()).or_default();
        }
        if let Step::PutBucketSetting { bucket, setting } = step {
            let settings = state.buckets.get_mut(bucket.as_str());
            let settings = settings.ok_or_else(|| missing("NoSuchBucket", bucket.as_str()))?;
            settings.insert(setting.kind(), setting.clone());
        }
        Ok(())
    }

    /// A principal that does not exist is refused, as AWS refuses it: the order of a plan matters.
    fn create_role(&self, step: &Step) -> Result<(), CloudError> {
        let mut state = self.state();
        let mut role = RoleState {
            arn: String::new(),
            description: String::new(),
            trust: "{}".to_owned(),
            max_session_seconds: 3600,
            boundary: None,
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
        };
        let mut name = String::new();
        if let Step::CreateRole { role: r, path, description, trust, boundary, .. } = step {
            r.as_str().clone_into(&mut name);
            role.arn = self.arn("role", path, &name);
            role.description.clone_from(description);
            role.trust.clone_from(trust);
            role.boundary = boundary.as_ref().map(Arn::to_string);
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

    fn write_profile(&self, step: &Step) -> Result<(), CloudError> {
        let mut state = self.state();
        if let Step::CreateInstanceProfile { profile, path } = step {
            let made = InstanceProfileState { path: path.clone(), roles: BTreeSet::new() };
            state.profiles.insert(profile.to_string(), made);
        }
        if let Step::AddRoleToInstanceProfile { profile, role } = step {
            let found = state.profiles.get_mut(profile.as_str());
            let found = found.ok_or_else(|| missing("NoSuchEntity", profile.as_str()))?;
            found.roles.insert(role.to_string());
        }
        if let Step::RemoveRoleFromInstanceProfile { profile, role } = step {
            let found = state.profiles.get_mut(profile.as_str());
            let found = found.ok_or_else(|| missing("NoSuchEntity", profile.as_str()))?;
            found.roles.remove(role);
        }
        Ok(())
    }
}

fn change_role(role: &mut RoleState, step: &Step) {
    if let Step::UpdateRole { description, max_session_seconds, .. } = step {
        role.description.clone_from(description);
        role.max_session_seconds = *max_session_seconds;
    }
    if let Step::PutTrust { trust, .. } = step {
        role.trust.clone_from(trust);
    }
    if let Step::PutBoundary { boundary, .. } = step {
        role.boundary = Some(boundary.to_string());
    }
    if let Step::DeleteBoundary { .. } = step {
        role.boundary = None;
    }
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

fn missing(code: &str, message: &str) -> CloudError {
    CloudError::Refused { service_code: code.to_owned(), message: message.to_owned() }
}

fn encoded(document: &str) -> String {
    utf8_percent_encode(document, NON_ALPHANUMERIC).to_string()
}
