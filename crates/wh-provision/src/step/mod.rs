//! One write to a cloud.

mod told;

use std::collections::BTreeMap;

use serde::Serialize;
use wh_names::{Arn, BucketName, Region, RoleName};

use crate::bucket::{BucketSetting, Shared};
use crate::trail::TrailSpec;

/// What a step writes to: plans are told by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A key under KMS, by its alias.
    Key(String),
    /// A bucket.
    Bucket(BucketName),
    /// A managed policy, by its name.
    Policy(String),
    /// A role.
    Role(RoleName),
    /// An instance profile.
    InstanceProfile(RoleName),
    /// The service-linked role of a service.
    ServiceLinkedRole(String),
    /// A trail, by its name.
    Trail(String),
    /// The account as a whole.
    Account,
}

/// One write to a cloud, as JSON by its `verb` in `snake_case` and its fields: one call, or for a managed policy and for a bucket's rules the few that make
/// room, read what is others' and write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Step {
    /// Makes a key, without a name yet; it is found again by its tags.
    CreateKey {
        /// The alias that it will have.
        alias: String,
        /// What it is for.
        description: String,
        /// Its key policy, as JSON.
        policy: String,
        /// Its tags.
        tags: BTreeMap<String, String>,
    },
    /// Gives the key with our tag its alias.
    AliasKey {
        /// The alias.
        alias: String,
        /// The installation in the key's tag.
        installation: String,
    },
    /// Has KMS make new key material every year.
    RotateKey {
        /// The key.
        alias: String,
    },
    /// Replaces a key's policy.
    PutKeyPolicy {
        /// The key.
        alias: String,
        /// The policy, as JSON.
        policy: String,
    },
    /// Tags a key.
    TagKey {
        /// The key.
        alias: String,
        /// The tags that it will have beside others.
        tags: BTreeMap<String, String>,
    },
    /// Tags a key as ours that carries no tag of this installation.
    ClaimKey {
        /// The key.
        alias: String,
        /// The tags that it will have beside others, the installation's among them.
        tags: BTreeMap<String, String>,
    },
    /// Ends that a key is on its way to deletion, and enables it.
    RestoreKey {
        /// The key.
        alias: String,
    },
    /// Makes a bucket in a region.
    CreateBucket {
        /// The bucket.
        #[serde(serialize_with = "crate::shown::shown")]
        bucket: BucketName,
        /// Where.
        #[serde(serialize_with = "crate::shown::shown")]
        region: Region,
        /// Whether object lock is asked for.
        locked: bool,
    },
    /// Gives a bucket a setting.
    PutBucketSetting {
        /// The bucket.
        #[serde(serialize_with = "crate::shown::shown")]
        bucket: BucketName,
        /// The setting with its value.
        setting: BucketSetting,
    },
    /// Takes the rules of others out of a setting that holds ours, too.
    DropRules {
        /// The bucket.
        #[serde(serialize_with = "crate::shown::shown")]
        bucket: BucketName,
        /// The setting.
        setting: Shared,
        /// The rules, in words.
        rules: Vec<String>,
    },
    /// Makes a managed policy.
    CreatePolicy {
        /// Its name.
        name: String,
        /// Its path.
        path: String,
        /// Its first version, as JSON.
        document: String,
        /// Its tags.
        tags: BTreeMap<String, String>,
    },
    /// Gives a managed policy a new default version; the oldest other one makes room.
    PutPolicyVersion {
        /// The policy.
        #[serde(serialize_with = "crate::shown::shown")]
        policy: Arn,
        /// The new version, as JSON.
        document: String,
    },
    /// Tags a managed policy.
    TagPolicy {
        /// The policy.
        #[serde(serialize_with = "crate::shown::shown")]
        policy: Arn,
        /// The tags that it will have beside others.
        tags: BTreeMap<String, String>,
    },
    /// Makes a role without permissions.
    CreateRole {
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
        /// Its path.
        path: String,
        /// What it is for.
        description: String,
        /// Its trust policy, as JSON.
        trust: String,
        /// Its longest session, in seconds.
        max_session_seconds: u32,
        /// Its boundary.
        #[serde(serialize_with = "crate::shown::shown_if_there")]
        boundary: Option<Arn>,
        /// Its tags.
        tags: BTreeMap<String, String>,
    },
    /// Sets a role's description and longest session.
    UpdateRole {
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
        /// What it is for.
        description: String,
        /// Its longest session, in seconds.
        max_session_seconds: u32,
    },
    /// Replaces a role's trust policy.
    PutTrust {
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
        /// The trust policy, as JSON.
        trust: String,
    },
    /// Tags a role.
    TagRole {
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
        /// The tags that it will have beside others.
        tags: BTreeMap<String, String>,
    },
    /// Bounds a role.
    PutBoundary {
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
        /// The boundary.
        #[serde(serialize_with = "crate::shown::shown")]
        boundary: Arn,
    },
    /// Writes an inline policy.
    PutRolePolicy {
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
        /// The policy's name.
        policy: String,
        /// The policy, as JSON.
        document: String,
    },
    /// Takes an inline policy away.
    DeleteRolePolicy {
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
        /// The policy's name.
        policy: String,
    },
    /// Takes a managed policy away from a role.
    DetachRolePolicy {
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
        /// The policy's ARN, as returned.
        policy: String,
    },
    /// Makes an instance profile without a role.
    CreateInstanceProfile {
        /// Its name.
        #[serde(serialize_with = "crate::shown::shown")]
        profile: RoleName,
        /// Its path.
        path: String,
        /// Its tags.
        tags: BTreeMap<String, String>,
    },
    /// Tags an instance profile.
    TagInstanceProfile {
        /// The profile.
        #[serde(serialize_with = "crate::shown::shown")]
        profile: RoleName,
        /// The tags that it will have beside others.
        tags: BTreeMap<String, String>,
    },
    /// Takes a role out of an instance profile.
    RemoveRoleFromInstanceProfile {
        /// The profile.
        #[serde(serialize_with = "crate::shown::shown")]
        profile: RoleName,
        /// The role's name, as returned.
        role: String,
    },
    /// Puts a role into an instance profile.
    AddRoleToInstanceProfile {
        /// The profile.
        #[serde(serialize_with = "crate::shown::shown")]
        profile: RoleName,
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
    },
    /// Has AWS make a service-linked role.
    CreateServiceLinkedRole {
        /// The service's principal.
        service: String,
        /// The path under which the role is found.
        path: String,
    },
    /// Makes a trail that records nothing yet.
    CreateTrail(TrailSpec),
    /// Sets where a trail writes and what it covers.
    UpdateTrail(TrailSpec),
    /// Sets which reads and writes a trail records.
    SelectEvents(TrailSpec),
    /// Has a trail record.
    StartTrail(TrailSpec),
    /// Tags a trail.
    TagTrail(TrailSpec),
    /// Blocks public access for the account as a whole, all four ways.
    BlockAccount,
    /// Takes a role away that has neither policies nor a profile.
    DeleteRole {
        /// The role.
        #[serde(serialize_with = "crate::shown::shown")]
        role: RoleName,
    },
    /// Takes an empty instance profile away.
    DeleteInstanceProfile {
        /// The profile.
        #[serde(serialize_with = "crate::shown::shown")]
        profile: RoleName,
    },
    /// Takes a managed policy away, with all its versions.
    DeletePolicy {
        /// The policy.
        #[serde(serialize_with = "crate::shown::shown")]
        policy: Arn,
    },
    /// Takes a trail away. What it wrote stays.
    DeleteTrail {
        /// Its name.
        name: String,
    },
    /// Deletes every object of a bucket, with all versions, delete markers and unfinished uploads.
    EmptyBucket {
        /// The bucket.
        #[serde(serialize_with = "crate::shown::shown")]
        bucket: BucketName,
    },
    /// Takes an empty bucket away.
    DeleteBucket {
        /// The bucket.
        #[serde(serialize_with = "crate::shown::shown")]
        bucket: BucketName,
    },
    /// Has KMS delete a key after the longest waiting time that it offers.
    ScheduleKeyDeletion {
        /// The key.
        alias: String,
    },
}

impl Step {
    /// Whether the policy that `provisioner-policy` prints for every day does not allow it, and only that
    /// of the set-up does: whoever may do this comes to more by it, to all that a boundary leaves, to a
    /// key of somebody else's, or to where the trail is written.
    pub fn needs_set_up(&self) -> bool {
        matches!(
            self,
            Self::CreateKey { .. }
                | Self::ClaimKey { .. }
                | Self::CreatePolicy { .. }
                | Self::PutPolicyVersion { .. }
                | Self::UpdateTrail(_)
        )
    }

    /// Whether it takes something away: what is not there then is gone, and does not come.
    pub fn takes_away(&self) -> bool {
        matches!(
            self,
            Self::DropRules { .. }
                | Self::DeleteRolePolicy { .. }
                | Self::DetachRolePolicy { .. }
                | Self::DeleteRole { .. }
                | Self::RemoveRoleFromInstanceProfile { .. }
                | Self::DeleteInstanceProfile { .. }
                | Self::DeletePolicy { .. }
                | Self::DeleteTrail { .. }
                | Self::EmptyBucket { .. }
                | Self::DeleteBucket { .. }
                | Self::ScheduleKeyDeletion { .. }
        )
    }

    /// What it writes to.
    pub fn subject(&self) -> Subject {
        match self {
            Self::CreateKey { alias, .. }
            | Self::AliasKey { alias, .. }
            | Self::RotateKey { alias }
            | Self::PutKeyPolicy { alias, .. }
            | Self::TagKey { alias, .. }
            | Self::ClaimKey { alias, .. }
            | Self::RestoreKey { alias }
            | Self::ScheduleKeyDeletion { alias } => Subject::Key(alias.clone()),
            Self::CreateBucket { bucket, .. }
            | Self::PutBucketSetting { bucket, .. }
            | Self::DropRules { bucket, .. }
            | Self::EmptyBucket { bucket }
            | Self::DeleteBucket { bucket } => Subject::Bucket(bucket.clone()),
            Self::CreatePolicy { name, .. } => Subject::Policy(name.clone()),
            Self::PutPolicyVersion { policy, .. }
            | Self::TagPolicy { policy, .. }
            | Self::DeletePolicy { policy } => Subject::Policy(name_of(policy)),
            Self::CreateRole { role, .. }
            | Self::UpdateRole { role, .. }
            | Self::PutTrust { role, .. }
            | Self::TagRole { role, .. }
            | Self::PutBoundary { role, .. }
            | Self::PutRolePolicy { role, .. }
            | Self::DeleteRolePolicy { role, .. }
            | Self::DetachRolePolicy { role, .. }
            | Self::DeleteRole { role } => Subject::Role(role.clone()),
            Self::CreateInstanceProfile { profile, .. }
            | Self::TagInstanceProfile { profile, .. }
            | Self::RemoveRoleFromInstanceProfile { profile, .. }
            | Self::AddRoleToInstanceProfile { profile, .. }
            | Self::DeleteInstanceProfile { profile } => Subject::InstanceProfile(profile.clone()),
            Self::CreateServiceLinkedRole { service, .. } => {
                Subject::ServiceLinkedRole(service.clone())
            }
            Self::CreateTrail(trail)
            | Self::UpdateTrail(trail)
            | Self::SelectEvents(trail)
            | Self::StartTrail(trail)
            | Self::TagTrail(trail) => Subject::Trail(trail.name.clone()),
            Self::DeleteTrail { name } => Subject::Trail(name.clone()),
            Self::BlockAccount => Subject::Account,
        }
    }
}

/// The last word of an ARN.
fn name_of(arn: &Arn) -> String {
    arn.as_str().rsplit('/').next().unwrap_or_default().to_owned()
}
