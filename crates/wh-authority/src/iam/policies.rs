//! Managed policies and their versions.

use wh_ledger::{IamWrite, PolicyRow, PolicyVersionRow};

use super::view::version_view;
use super::{Answer, CreatePolicy, Ground, IamError, IamReply, Verdict, check, key, tags};
use crate::keys::unique_id;

/// Versions that a managed policy may have at a time.
const VERSIONS_MAX: usize = 5;

fn changed(row: PolicyRow) -> Answer {
    (IamReply::Done, Some(IamWrite::PutPolicy(row)))
}

fn no_version(version: &str) -> IamError {
    IamError::NoSuchEntity { what: "policy version", name: version.to_owned() }
}

fn version_number(row: &PolicyRow, version: &str) -> Result<u32, IamError> {
    let number = version.strip_prefix('v').and_then(|n| n.parse().ok());
    number.filter(|n| row.versions.contains_key(n)).ok_or_else(|| no_version(version))
}

impl Ground<'_> {
    /// The policy of this very ARN.
    pub(super) fn policy(&self, arn: &str) -> Result<&PolicyRow, IamError> {
        let name = arn.rsplit_once('/').map_or("", |(_, name)| name);
        let row = self.rows.policies.get(&key(name)).filter(|row| self.policy_arn(row) == arn);
        row.ok_or_else(|| IamError::NoSuchEntity { what: "policy", name: arn.to_owned() })
    }

    pub(super) fn create_policy(&self, create: CreatePolicy) -> Verdict {
        check::name(&create.name)?;
        check::path(&create.path)?;
        check::description(&create.description)?;
        check::managed(&create.document)?;
        let tags = tags::of_new(create.tags)?;
        if self.rows.policies.contains_key(&key(&create.name)) {
            return Err(IamError::EntityAlreadyExists { what: "policy", name: create.name });
        }
        let first = PolicyVersionRow { document: create.document, created_at: self.now };
        let row = PolicyRow {
            name: create.name,
            path: create.path,
            policy_id: unique_id("ANPA", self.entropy),
            description: create.description,
            default_version: 1,
            next_version: 2,
            created_at: self.now,
            updated_at: self.now,
            tags,
            versions: [(1, first)].into(),
        };
        Ok((IamReply::Policy(self.policy_view(&row)), Some(IamWrite::PutPolicy(row))))
    }

    pub(super) fn get_policy(&self, arn: &str) -> Verdict {
        Ok((IamReply::Policy(self.policy_view(self.policy(arn)?)), None))
    }

    pub(super) fn list_policies(&self, prefix: &str) -> Answer {
        let policies = self.rows.policies.values().filter(|row| row.path.starts_with(prefix));
        (IamReply::Policies(policies.map(|row| self.policy_view(row)).collect()), None)
    }

    pub(super) fn delete_policy(&self, arn: &str) -> Verdict {
        let policy = self.policy_view(self.policy(arn)?);
        let conflict = |why| IamError::DeleteConflict { what: "policy", why };
        if policy.attachments > 0 {
            return Err(conflict("is attached to a user, group or role"));
        }
        if policy.boundaries > 0 {
            return Err(conflict("is the permissions boundary of a user or role"));
        }
        if policy.row.versions.len() > 1 {
            return Err(conflict("has versions beside the default one"));
        }
        Ok((IamReply::Done, Some(IamWrite::DeletePolicy(policy.row.name))))
    }

    pub(super) fn create_version(
        &self,
        arn: &str,
        document: String,
        set_as_default: bool,
    ) -> Verdict {
        let mut row = self.policy(arn)?.clone();
        check::managed(&document)?;
        if row.versions.len() >= VERSIONS_MAX {
            let what = "versions of a policy";
            return Err(IamError::LimitExceeded { what, max: VERSIONS_MAX });
        }
        let number = row.next_version;
        row.next_version = number.saturating_add(1);
        row.versions.insert(number, PolicyVersionRow { document, created_at: self.now });
        row.updated_at = self.now;
        if set_as_default {
            row.default_version = number;
        }
        let view = version_view(&row, number).ok_or_else(|| no_version("v0"))?;
        Ok((IamReply::PolicyVersion(view), Some(IamWrite::PutPolicy(row))))
    }

    pub(super) fn set_default(&self, arn: &str, version: &str) -> Verdict {
        let mut row = self.policy(arn)?.clone();
        row.default_version = version_number(&row, version)?;
        row.updated_at = self.now;
        Ok(changed(row))
    }

    pub(super) fn get_version(&self, arn: &str, version: &str) -> Verdict {
        let row = self.policy(arn)?;
        let view = version_view(row, version_number(row, version)?);
        Ok((IamReply::PolicyVersion(view.ok_or_else(|| no_version(version))?), None))
    }

    pub(super) fn list_versions(&self, arn: &str) -> Verdict {
        let row = self.policy(arn)?;
        let versions = row.versions.keys().rev().filter_map(|number| version_view(row, *number));
        Ok((IamReply::PolicyVersions(versions.collect()), None))
    }

    pub(super) fn delete_version(&self, arn: &str, version: &str) -> Verdict {
        let mut row = self.policy(arn)?.clone();
        let number = version_number(&row, version)?;
        if number == row.default_version {
            let why = "is the default version";
            return Err(IamError::DeleteConflict { what: "policy version", why });
        }
        row.versions.remove(&number);
        row.updated_at = self.now;
        Ok(changed(row))
    }
}
