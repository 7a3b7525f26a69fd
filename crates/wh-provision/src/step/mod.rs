//! One write to a cloud.

use std::fmt;

use wh_names::{Arn, BucketName, Region, RoleName};

use crate::bucket::BucketSetting;

/// One write to a cloud: one call, or for a managed policy the two that make room and write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Makes a bucket in a region.
    CreateBucket {
        /// The bucket.
        bucket: BucketName,
        /// Where.
        region: Region,
    },
    /// Gives a bucket a setting.
    PutBucketSetting {
        /// The bucket.
        bucket: BucketName,
        /// The setting with its value.
        setting: BucketSetting,
    },
    /// Makes a managed policy.
    CreatePolicy {
        /// Its name.
        name: String,
        /// Its path.
        path: String,
        /// Its first version, as JSON.
        document: String,
    },
    /// Gives a managed policy a new default version; the oldest other one makes room.
    PutPolicyVersion {
        /// The policy.
        policy: Arn,
        /// The new version, as JSON.
        document: String,
    },
    /// Makes a role without permissions.
    CreateRole {
        /// The role.
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
        boundary: Option<Arn>,
    },
    /// Sets a role's description and longest session.
    UpdateRole {
        /// The role.
        role: RoleName,
        /// What it is for.
        description: String,
        /// Its longest session, in seconds.
        max_session_seconds: u32,
    },
    /// Replaces a role's trust policy.
    PutTrust {
        /// The role.
        role: RoleName,
        /// The trust policy, as JSON.
        trust: String,
    },
    /// Bounds a role.
    PutBoundary {
        /// The role.
        role: RoleName,
        /// The boundary.
        boundary: Arn,
    },
    /// Takes a role's boundary away.
    DeleteBoundary {
        /// The role.
        role: RoleName,
    },
    /// Writes an inline policy.
    PutRolePolicy {
        /// The role.
        role: RoleName,
        /// The policy's name.
        policy: String,
        /// The policy, as JSON.
        document: String,
    },
    /// Takes an inline policy away that the estate does not know.
    DeleteRolePolicy {
        /// The role.
        role: RoleName,
        /// The policy's name.
        policy: String,
    },
    /// Takes a managed policy away that the estate does not know.
    DetachRolePolicy {
        /// The role.
        role: RoleName,
        /// The policy's ARN, as returned.
        policy: String,
    },
    /// Makes an instance profile without a role.
    CreateInstanceProfile {
        /// Its name.
        profile: RoleName,
        /// Its path.
        path: String,
    },
    /// Takes a role out of an instance profile that the estate does not know there.
    RemoveRoleFromInstanceProfile {
        /// The profile.
        profile: RoleName,
        /// The role's name, as returned.
        role: String,
    },
    /// Puts a role into an instance profile.
    AddRoleToInstanceProfile {
        /// The profile.
        profile: RoleName,
        /// The role.
        role: RoleName,
    },
    /// Has AWS make a service-linked role.
    CreateServiceLinkedRole {
        /// The service's principal.
        service: String,
        /// The path under which the role is found.
        path: String,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateBucket { bucket, region } => {
                write!(f, "create bucket `{bucket}` in {region}")
            }
            Self::PutBucketSetting { bucket, setting } => {
                write!(f, "set the {} of bucket `{bucket}`", setting.kind())
            }
            Self::CreatePolicy { name, path, .. } => {
                write!(f, "create managed policy `{path}{name}`")
            }
            Self::PutPolicyVersion { policy, .. } => {
                write!(f, "give managed policy `{policy}` a new default version")
            }
            Self::CreateRole { role, path, .. } => write!(f, "create role `{path}{role}`"),
            Self::UpdateRole { role, .. } => {
                write!(f, "set description and longest session of role `{role}`")
            }
            Self::PutTrust { role, .. } => write!(f, "replace the trust policy of role `{role}`"),
            Self::PutBoundary { role, boundary } => {
                write!(f, "bound role `{role}` by `{boundary}`")
            }
            Self::DeleteBoundary { role } => write!(f, "take the boundary of role `{role}` away"),
            Self::PutRolePolicy { role, policy, .. } => {
                write!(f, "write policy `{policy}` of role `{role}`")
            }
            Self::DeleteRolePolicy { role, policy } => {
                write!(f, "delete policy `{policy}` of role `{role}`")
            }
            Self::DetachRolePolicy { role, policy } => {
                write!(f, "detach policy `{policy}` from role `{role}`")
            }
            Self::CreateInstanceProfile { profile, path } => {
                write!(f, "create instance profile `{path}{profile}`")
            }
            Self::RemoveRoleFromInstanceProfile { profile, role } => {
                write!(f, "take role `{role}` out of instance profile `{profile}`")
            }
            Self::AddRoleToInstanceProfile { profile, role } => {
                write!(f, "put role `{role}` into instance profile `{profile}`")
            }
            Self::CreateServiceLinkedRole { service, .. } => {
                write!(f, "have AWS make the service-linked role of `{service}`")
            }
        }
    }
}
