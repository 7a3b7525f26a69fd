//! A cloud in memory, for tests and rehearsals. It returns policies as AWS does: URL-encoded.

#[cfg(test)]
mod breaking;
mod probes;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wh_names::{AccountId, Arn, BucketName, Partition, RoleName};

use crate::bucket::{BucketSetting, BucketSettingKind, Found, INSTALLATION_TAG, Shared};
use crate::cloud::{
    Cloud, CloudError, InstanceProfileState, KeyState, ManagedPolicyState, Owned, RoleState,
    TrailState,
};
use crate::step::Step;

#[cfg(test)]
pub(crate) use breaking::Break;
pub use probes::MemoryProbes;

/// A cloud that forgets all when it is dropped.
#[derive(Debug)]
pub struct MemoryCloud {
    partition: Partition,
    account: AccountId,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: Vec<(Option<String>, KeyState)>,
    buckets: BTreeMap<String, Bucket>,
    policies: BTreeMap<String, ManagedPolicyState>,
    roles: BTreeMap<String, RoleState>,
    profiles: BTreeMap<String, InstanceProfileState>,
    trails: BTreeMap<String, TrailState>,
    account_is_blocked: bool,
    writes: usize,
}

#[derive(Debug, Default)]
struct Bucket {
    locked: bool,
    holds_objects: bool,
    settings: BTreeMap<BucketSettingKind, BucketSetting>,
    rules_of_others: BTreeMap<BucketSettingKind, Vec<String>>,
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

    /// Puts an object into a bucket, which then cannot be deleted as it is.
    pub fn fill(&self, bucket: &BucketName) {
        if let Some(bucket) = self.state().buckets.get_mut(bucket.as_str()) {
            bucket.holds_objects = true;
        }
    }

    /// Puts a rule of somebody else into a setting of a bucket.
    pub fn add_rule(&self, bucket: &BucketName, setting: Shared, rule: &str) {
        if let Some(bucket) = self.state().buckets.get_mut(bucket.as_str()) {
            bucket.rules_of_others.entry(setting.kind()).or_default().push(rule.to_owned());
        }
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

    async fn key(&self, alias: &str, installation: &str) -> Result<Option<KeyState>, CloudError> {
        let state = self.state();
        let aliased = state.keys.iter().find(|(name, _)| name.as_deref() == Some(alias));
        let tagged = || {
            state.keys.iter().find(|(name, key)| {
                let owner = key.tags.get(INSTALLATION_TAG).map(String::as_str);
                name.is_none() && key.usable && owner == Some(installation)
            })
        };
        let found = aliased.or_else(tagged);
        Ok(found.map(|(name, key)| KeyState { aliased: name.is_some(), ..key.clone() }))
    }

    async fn bucket_exists(&self, bucket: &BucketName) -> Result<bool, CloudError> {
        Ok(self.state().buckets.contains_key(bucket.as_str()))
    }

    async fn bucket_is_empty(&self, bucket: &BucketName) -> Result<bool, CloudError> {
        let state = self.state();
        Ok(state.buckets.get(bucket.as_str()).is_none_or(|found| !found.holds_objects))
    }

    async fn bucket_setting(
        &self,
        bucket: &BucketName,
        kind: BucketSettingKind,
    ) -> Result<Found, CloudError> {
        let state = self.state();
        let found = state.buckets.get(bucket.as_str());
        let found = found.ok_or_else(|| missing("NoSuchBucket", bucket.as_str()))?;
        let setting = found.settings.get(&kind).cloned();
        let foreign = found.rules_of_others.get(&kind).cloned().unwrap_or_default();
        let setting = match kind {
            BucketSettingKind::Without(unwanted) if setting.is_none() => {
                Some(BucketSetting::Without(unwanted))
            }
            BucketSettingKind::ObjectLock if setting.is_none() && found.locked => {
                Some(BucketSetting::Locked(crate::description::ObjectLock { retention: None }))
            }
            BucketSettingKind::PublicAccess
            | BucketSettingKind::Ownership
            | BucketSettingKind::Encryption
            | BucketSettingKind::Versioning
            | BucketSettingKind::Lifecycle
            | BucketSettingKind::Tags
            | BucketSettingKind::Cors
            | BucketSettingKind::Logging
            | BucketSettingKind::Events
            | BucketSettingKind::ObjectLock
            | BucketSettingKind::Without(_)
            | BucketSettingKind::Policy => setting,
        };
        Ok(Found { setting, foreign })
    }

    async fn managed_policy(&self, arn: &Arn) -> Result<Option<ManagedPolicyState>, CloudError> {
        let found = self.state().policies.get(arn.as_str()).cloned();
        Ok(found.map(|policy| ManagedPolicyState { document: encoded(&policy.document), ..policy }))
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

    async fn profiles_of(&self, role: &RoleName) -> Result<Vec<String>, CloudError> {
        let state = self.state();
        let holding = state.profiles.iter().filter(|(_, p)| p.roles.contains(role.as_str()));
        Ok(holding.map(|(name, _)| name.clone()).collect())
    }

    async fn owned(&self, installation: &str) -> Result<Owned, CloudError> {
        let state = self.state();
        let ours = |tags: &BTreeMap<String, String>| {
            tags.get(INSTALLATION_TAG).is_some_and(|owner| owner == installation)
        };
        let buckets = state.buckets.iter().filter(|(_, bucket)| {
            let tags = bucket.settings.get(&BucketSettingKind::Tags);
            matches!(tags, Some(BucketSetting::Tagged(tags)) if ours(tags))
        });
        Ok(Owned {
            buckets: buckets.filter_map(|(name, _)| BucketName::parse(name).ok()).collect(),
            trails: (state.trails.iter().filter(|(_, trail)| ours(&trail.tags)))
                .map(|(name, _)| name.clone())
                .collect(),
            not_looked_at: 0,
        })
    }

    async fn roles_under(&self, path: &str) -> Result<Vec<String>, CloudError> {
        let beginning = self.arn("role", path, "");
        let state = self.state();
        let under = state.roles.iter().filter(|(_, role)| role.arn.starts_with(&beginning));
        Ok(under.map(|(name, _)| name.clone()).collect())
    }

    async fn trail(&self, name: &str) -> Result<Option<TrailState>, CloudError> {
        Ok(self.state().trails.get(name).cloned())
    }

    async fn account_is_blocked(&self) -> Result<bool, CloudError> {
        Ok(self.state().account_is_blocked)
    }

    async fn perform(&self, step: &Step) -> Result<(), CloudError> {
        self.state().writes += 1;
        self.write(step)
    }
}

fn missing(code: &str, message: &str) -> CloudError {
    CloudError::Refused { service_code: code.to_owned(), message: message.to_owned() }
}

fn encoded(document: &str) -> String {
    utf8_percent_encode(document, NON_ALPHANUMERIC).to_string()
}

fn no_role(arn: String) -> RoleState {
    RoleState {
        arn,
        description: String::new(),
        trust: "{}".to_owned(),
        max_session_seconds: 3600,
        boundary: None,
        inline: BTreeMap::new(),
        attached: BTreeSet::new(),
        tags: BTreeMap::new(),
    }
}
