//! What is told of the account as a whole.
//!
//! Source: IAM API Reference, `GetAccountAuthorizationDetails`, `GetAccountSummary`,
//! `ListEntitiesForPolicy`.

use super::view::{AccountDetails, PolicyEntities};
use super::{Answer, Ground, IamReply, Verdict};

impl Ground<'_> {
    pub(super) fn account_details(&self) -> Answer {
        let rows = self.rows;
        let details = AccountDetails {
            users: rows.users.values().map(|row| self.user_view(row)).collect(),
            groups: rows.groups.values().map(|row| self.group_view(row)).collect(),
            roles: rows.roles.values().map(|row| self.role_view(row)).collect(),
            policies: rows.policies.values().map(|row| self.policy_view(row)).collect(),
            profiles: rows.profiles.values().map(|row| self.profile_view(row)).collect(),
        };
        (IamReply::AccountDetails(details), None)
    }

    pub(super) fn account_summary(&self) -> Answer {
        let rows = self.rows;
        let versions = rows.policies.values().map(|policy| policy.versions.len()).sum();
        let counts = vec![
            ("AccessKeysPerUserQuota", 2),
            ("AccountAccessKeysPresent", 1),
            ("AccountMFAEnabled", 0),
            ("AttachedPoliciesPerGroupQuota", 10),
            ("AttachedPoliciesPerRoleQuota", 20),
            ("AttachedPoliciesPerUserQuota", 10),
            ("GroupPolicySizeQuota", 5120),
            ("Groups", rows.groups.len()),
            ("GroupsPerUserQuota", 10),
            ("GroupsQuota", 300),
            ("InstanceProfiles", rows.profiles.len()),
            ("MFADevices", 0),
            ("MFADevicesInUse", 0),
            ("Policies", rows.policies.len()),
            ("PolicySizeQuota", 6144),
            ("PolicyVersionsInUse", versions),
            ("Providers", rows.oidc_providers.len()),
            ("Roles", rows.roles.len()),
            ("ServerCertificates", 0),
            ("UserPolicySizeQuota", 2048),
            ("Users", rows.users.len()),
            ("UsersQuota", 5000),
            ("VersionsPerPolicyQuota", 5),
        ];
        (IamReply::AccountSummary(counts), None)
    }

    pub(super) fn entities_for(&self, arn: &str) -> Verdict {
        self.policy(arn)?;
        let rows = self.rows;
        let holds = |attached: &[String]| attached.iter().any(|one| one == arn);
        let users = rows.users.values().filter(|row| holds(&row.policies.attached));
        let groups = rows.groups.values().filter(|row| holds(&row.policies.attached));
        let roles = rows.roles.values().filter(|row| holds(&row.attached));
        let entities = PolicyEntities {
            users: users.map(|row| (row.name.to_string(), row.user_id.clone())).collect(),
            groups: groups.map(|row| (row.name.to_string(), row.group_id.clone())).collect(),
            roles: roles.map(|row| (row.name.to_string(), row.role_id.clone())).collect(),
        };
        Ok((IamReply::PolicyEntities(entities), None))
    }
}
