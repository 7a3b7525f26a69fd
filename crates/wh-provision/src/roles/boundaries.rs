//! What no policy of a role can exceed: one boundary for the roles that act on files, one for the
//! portal's.
//!
//! Every role has one, for whoever provisions is let to widen only roles that are bounded.

use serde_json::{Value, json};
use wh_names::Arn;
use wh_policy::PolicyKind;

use super::standard::{Buckets, document, see_bucket_names};
use super::{BOUNDARY_POLICY, ManagedPolicySpec, PORTAL_BOUNDARY_POLICY};
use crate::bucket::own_tags;
use crate::description::Description;
use crate::estate::{EstateError, policy};
use crate::key::{KeyUse, use_of_key};

/// The boundaries of an estate.
pub(crate) struct Boundaries {
    /// Of every role that acts on files.
    pub(crate) files: ManagedPolicySpec,
    /// Of the portal's own role.
    pub(crate) portal: ManagedPolicySpec,
}

impl Boundaries {
    /// In the order in which they are made.
    pub(crate) fn into_all(self) -> Vec<ManagedPolicySpec> {
        vec![self.files, self.portal]
    }
}

pub(crate) fn boundaries(described: &Description) -> Result<Boundaries, EstateError> {
    let buckets = Buckets::of(described);
    let mut files = vec![buckets.administered(described, "OnlyTheseBuckets"), see_bucket_names()];
    files.extend(use_of_key(described, KeyUse::Write));
    Ok(Boundaries {
        files: boundary(described, BOUNDARY_POLICY, files)?,
        portal: boundary(described, PORTAL_BOUNDARY_POLICY, vec![only_our_roles(described)])?,
    })
}

/// The portal becomes one of the estate's roles, and nobody else's.
fn only_our_roles(described: &Description) -> Value {
    let Description { partition, account, .. } = described;
    json!({"Sid": "OnlyTheseRoles", "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Resource": format!("arn:{partition}:iam::{account}:role{}*", described.path())})
}

fn boundary(
    described: &Description,
    name: &str,
    statements: Vec<Value>,
) -> Result<ManagedPolicySpec, EstateError> {
    let path = described.path();
    let (partition, account) = (&described.partition, &described.account);
    let arn = format!("arn:{partition}:iam::{account}:policy{path}{name}");
    Ok(ManagedPolicySpec {
        arn: Arn::parse(&arn)?,
        path,
        policy: policy(name, PolicyKind::Boundary, &document(statements))?,
        tags: own_tags(described),
    })
}
