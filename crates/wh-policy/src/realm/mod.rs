//! The policies of an account as one thing: its roles and its buckets, and whoever may ask there.

mod crowd;
mod places;

use std::collections::BTreeMap;

use wh_names::{AccountId, Arn, Partition};

use crate::NamedPolicy;

pub(crate) use crowd::{Somebody, crowd, of_role};
pub(crate) use places::{Place, places};

/// Everything that decides about requests in an account, as far as it is ours.
#[derive(Debug, Clone)]
pub struct Realm {
    /// The partition of all ARNs.
    pub partition: Partition,
    /// The account that owns roles and buckets.
    pub account: AccountId,
    /// The roles, by name.
    pub roles: BTreeMap<String, RealmRole>,
    /// The policy of each bucket, by the bucket's name.
    pub buckets: BTreeMap<String, NamedPolicy>,
}

/// A role, and all that bears upon it.
#[derive(Debug, Clone)]
pub struct RealmRole {
    /// Its ARN, with its path.
    pub arn: Arn,
    /// Who may assume it.
    pub trust: Option<NamedPolicy>,
    /// What it may do.
    pub permissions: Vec<NamedPolicy>,
    /// What it can never exceed.
    pub boundary: Option<NamedPolicy>,
}

impl Realm {
    /// A resource as people write it: an ARN, `bucket`, `bucket/key`, or `*`; patterns alike.
    pub fn resource(&self, written: &str) -> String {
        match written {
            "*" => "*".to_owned(),
            arn if arn.starts_with("arn:") => arn.to_owned(),
            path => format!("arn:{}:s3:::{}", self.partition, path.trim_start_matches("s3://")),
        }
    }

    /// The same realm, in which a role has other permissions. One that is not there stays away.
    #[must_use]
    pub fn with_permissions(mut self, role: &str, permissions: Vec<NamedPolicy>) -> Self {
        if let Some(role) = self.roles.get_mut(role) {
            role.permissions = permissions;
        }
        self
    }
}
