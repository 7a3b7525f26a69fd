//! Where requests are judged by the same policies: a bucket has its own policy, a role its trust.

use serde_json::{Value, json};

use super::Realm;
use crate::NamedPolicy;

/// A place with a policy of its own, or whatever has none.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'r> {
    Bucket(&'r str, &'r NamedPolicy),
    Role(&'r str, &'r NamedPolicy),
    Elsewhere,
}

/// The places of a realm; the roles only where they may be assumed.
pub(crate) fn places(realm: &Realm, roles: bool) -> Vec<Place<'_>> {
    let buckets = realm.buckets.iter().map(|(name, policy)| Place::Bucket(name, policy));
    let trusting = realm.roles.values().filter(|_| roles);
    let trusting =
        trusting.filter_map(|role| Some(Place::Role(role.arn.as_str(), role.trust.as_ref()?)));
    buckets.chain(trusting).chain([Place::Elsewhere]).collect()
}

impl<'r> Place<'r> {
    /// The policy of the place.
    pub(crate) fn policy(self) -> Option<&'r NamedPolicy> {
        match self {
            Self::Bucket(_, policy) | Self::Role(_, policy) => Some(policy),
            Self::Elsewhere => None,
        }
    }

    fn arns(self, realm: &Realm) -> Vec<String> {
        match self {
            Self::Bucket(name, _) => {
                let arn = format!("arn:{}:s3:::{name}", realm.partition);
                vec![format!("{arn}/*"), arn]
            }
            Self::Role(arn, _) => vec![arn.to_owned()],
            Self::Elsewhere => Vec::new(),
        }
    }

    /// The statement that leaves of a set of requests only those at this place.
    pub(crate) fn outside(self, realm: &Realm) -> Option<Value> {
        let (element, arns) = match self {
            Self::Bucket(..) | Self::Role(..) => ("NotResource", self.arns(realm)),
            Self::Elsewhere => {
                let others = places(realm, true);
                ("Resource", others.into_iter().flat_map(|place| place.arns(realm)).collect())
            }
        };
        (!arns.is_empty()).then(|| json!({"Effect": "Deny", "Action": "*", element: arns}))
    }
}
