//! Steps in words.

use std::fmt;

use super::{Step, Subject};
use crate::key::DELETION_DAYS;

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(alias) => write!(f, "key `{alias}`"),
            Self::Bucket(bucket) => write!(f, "bucket `{bucket}`"),
            Self::Policy(name) => write!(f, "managed policy `{name}`"),
            Self::Role(role) => write!(f, "role `{role}`"),
            Self::InstanceProfile(profile) => write!(f, "instance profile `{profile}`"),
            Self::ServiceLinkedRole(service) => write!(f, "service-linked role of `{service}`"),
            Self::Trail(name) => write!(f, "trail `{name}`"),
            Self::Account => f.write_str("the account"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateKey { .. }
            | Self::AliasKey { .. }
            | Self::RotateKey { .. }
            | Self::PutKeyPolicy { .. }
            | Self::TagKey { .. }
            | Self::ClaimKey { .. }
            | Self::RestoreKey { .. }
            | Self::ScheduleKeyDeletion { .. } => self.of_key(f),
            Self::CreateBucket { bucket, region, locked } => {
                let lock = if *locked { ", with object lock" } else { "" };
                write!(f, "create bucket `{bucket}` in {region}{lock}")
            }
            Self::PutBucketSetting { bucket, setting } => {
                write!(f, "set the {} of bucket `{bucket}`", setting.kind())
            }
            Self::DropRules { bucket, rules, .. } => {
                let rules = rules.join(", ");
                write!(f, "take away from bucket `{bucket}` what is others': {rules}")
            }
            Self::EmptyBucket { bucket } => {
                write!(f, "delete EVERYTHING in bucket `{bucket}`, with all versions")
            }
            Self::DeleteBucket { bucket } => write!(f, "delete bucket `{bucket}`"),
            Self::CreatePolicy { name, path, .. } => {
                write!(f, "create managed policy `{path}{name}`")
            }
            Self::PutPolicyVersion { policy, .. } => {
                write!(f, "give managed policy `{policy}` a new default version")
            }
            Self::TagPolicy { policy, .. } => write!(f, "tag managed policy `{policy}`"),
            Self::DeletePolicy { policy } => write!(f, "delete managed policy `{policy}`"),
            Self::CreateInstanceProfile { profile, path, .. } => {
                write!(f, "create instance profile `{path}{profile}`")
            }
            Self::TagInstanceProfile { profile, .. } => {
                write!(f, "tag instance profile `{profile}`")
            }
            Self::RemoveRoleFromInstanceProfile { profile, role } => {
                write!(f, "take role `{role}` out of instance profile `{profile}`")
            }
            Self::AddRoleToInstanceProfile { profile, role } => {
                write!(f, "put role `{role}` into instance profile `{profile}`")
            }
            Self::DeleteInstanceProfile { profile } => {
                write!(f, "delete instance profile `{profile}`")
            }
            Self::CreateServiceLinkedRole { service, .. } => {
                write!(f, "have AWS make the service-linked role of `{service}`")
            }
            Self::CreateTrail(_)
            | Self::UpdateTrail(_)
            | Self::SelectEvents(_)
            | Self::StartTrail(_)
            | Self::TagTrail(_)
            | Self::DeleteTrail { .. } => self.of_trail(f),
            Self::BlockAccount => f.write_str("block public access for the whole account"),
            Self::CreateRole { .. }
            | Self::UpdateRole { .. }
            | Self::PutTrust { .. }
            | Self::TagRole { .. }
            | Self::PutBoundary { .. }
            | Self::PutRolePolicy { .. }
            | Self::DeleteRolePolicy { .. }
            | Self::DetachRolePolicy { .. }
            | Self::DeleteRole { .. } => self.of_role(f),
        }
    }
}

impl Step {
    fn of_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::CreateKey { alias, .. } = self {
            return write!(f, "create the key of `{alias}`");
        }
        if let Self::AliasKey { alias, .. } = self {
            return write!(f, "give the key its name `{alias}`");
        }
        let subject = self.subject();
        if let Self::RotateKey { .. } = self {
            return write!(f, "have {subject} rotated every year");
        }
        if let Self::PutKeyPolicy { .. } = self {
            return write!(f, "replace the policy of {subject}");
        }
        if let Self::TagKey { .. } = self {
            return write!(f, "tag {subject}");
        }
        if let Self::ClaimKey { .. } = self {
            return write!(f, "tag {subject} as ours");
        }
        if let Self::RestoreKey { .. } = self {
            return write!(f, "enable {subject} and cancel its deletion");
        }
        write!(f, "have {subject} deleted in {DELETION_DAYS} days")
    }

    fn of_trail(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject();
        if let Self::CreateTrail(_) = self {
            return write!(f, "create {subject}");
        }
        if let Self::UpdateTrail(trail) = self {
            return write!(f, "have {subject} write to `{}`, whole and sealed", trail.bucket);
        }
        if let Self::SelectEvents(_) = self {
            return write!(f, "have {subject} record every read and write of an object");
        }
        if let Self::StartTrail(_) = self {
            return write!(f, "start {subject}");
        }
        if let Self::TagTrail(_) = self {
            return write!(f, "tag {subject}");
        }
        write!(f, "delete {subject}; what it wrote stays")
    }

    fn of_role(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::CreateRole { role, path, .. } = self {
            return write!(f, "create role `{path}{role}`");
        }
        if let Self::PutBoundary { role, boundary } = self {
            return write!(f, "bound role `{role}` by `{boundary}`");
        }
        if let Self::PutRolePolicy { role, policy, .. } = self {
            return write!(f, "write policy `{policy}` of role `{role}`");
        }
        if let Self::DeleteRolePolicy { role, policy } = self {
            return write!(f, "delete policy `{policy}` of role `{role}`");
        }
        if let Self::DetachRolePolicy { role, policy } = self {
            return write!(f, "detach policy `{policy}` from role `{role}`");
        }
        let subject = self.subject();
        if let Self::UpdateRole { .. } = self {
            return write!(f, "set description and longest session of {subject}");
        }
        if let Self::PutTrust { .. } = self {
            return write!(f, "replace the trust policy of {subject}");
        }
        if let Self::TagRole { .. } = self {
            return write!(f, "tag {subject}");
        }
        write!(f, "delete {subject}")
    }
}
