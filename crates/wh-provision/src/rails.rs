//! The guard rails of every estate, and the estate as the policy engine proves them of it.

use std::collections::BTreeMap;

use wh_policy::rails::{Broken, EVERYONE, Missed, PUBLIC, Rail, broken, broken_by_role};
use wh_policy::{Realm, RealmRole};

use crate::description::Description;
use crate::estate::{Estate, EstateError};
use crate::roles::{
    ADMIN_ROLE, EC2_UPLOAD_ROLE, REGULAR_USER_ROLE, ROLES_GRANTABLE, S3_ACCESS_ROLE, UPLOAD_ROLE,
    literal,
};

/// The roles whose permissions an estate may write out for itself. Those of the portal and of the scan
/// are how the house works.
pub const ROLES_EDITABLE: [&str; 5] =
    [ADMIN_ROLE, REGULAR_USER_ROLE, S3_ACCESS_ROLE, UPLOAD_ROLE, EC2_UPLOAD_ROLE];

/// Whether a grant may name a role.
pub fn is_grantable(role: &str) -> bool {
    ROLES_GRANTABLE.contains(&role)
}

/// The rails of an estate: the standard ones, unless it does without, and its own.
pub(crate) fn of(described: &Description) -> Vec<Rail> {
    let standard = if described.standard_rails { standard(described) } else { Vec::new() };
    let own = described.rails.iter().cloned();
    standard.into_iter().chain(own).collect()
}

/// What holds in every estate: each is a sentence of the design.
fn standard(described: &Description) -> Vec<Rail> {
    let home = described.buckets.first().map(|bucket| format!("{}/home/*", bucket.name));
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let mut rails = of_machines(described);
    rails.splice(0..0, [
        Rail {
            name: "nothing-is-public".to_owned(),
            why: "whoever is let in is let in by name".to_owned(),
            who: texts(&[PUBLIC]),
            except: Vec::new(),
            never: texts(&["s3:*", "sts:AssumeRole*"]),
            on: texts(&["*"]),
            except_on: Vec::new(),
        },
        Rail {
            name: "regular-users-write-only-at-home".to_owned(),
            why: "everyone who registers has RegularUserRole: what it may write, everyone may"
                .to_owned(),
            who: texts(&[REGULAR_USER_ROLE]),
            except: Vec::new(),
            never: texts(&["write"]),
            on: texts(&["*"]),
            except_on: home.into_iter().collect(),
        },
        Rail {
            name: "only-administrators-delete-versions".to_owned(),
            why: "a version that is kept brings back what was deleted or overwritten".to_owned(),
            who: texts(&[EVERYONE]),
            except: texts(&[ADMIN_ROLE]),
            never: texts(&["s3:DeleteObjectVersion"]),
            on: texts(&["*"]),
            except_on: Vec::new(),
        },
        Rail {
            name: "only-administrators-change-buckets".to_owned(),
            why: "whoever changes versioning, the life cycle or the policy of a bucket can lose or open \
                  all that is in it"
                .to_owned(),
            who: texts(&[EVERYONE]),
            except: texts(&[ADMIN_ROLE]),
            never: texts(&BUCKET_CHANGES),
            on: texts(&["*"]),
            // Nothing of the kind is asked of an object, whatever actions may come to bear such names.
            except_on: texts(&["*/*"]),
        },
    ]);
    rails
}

/// What changes a bucket itself, or who may do what with it: policies and ACL, access points, versioning, life
/// cycle, replication, encryption, locks, notifications, logs. It says nothing of ACLs of objects.
const BUCKET_CHANGES: [&str; 12] = [
    "iam:Attach*",
    "iam:Put*",
    "s3:CreateAccess*",
    "s3:DeleteAccess*",
    "s3:PutAcc*",
    "s3:PutMultiRegionAccessPointPolicy",
    "s3:CreateBucket*",
    "s3:DeleteBucket*",
    "s3:PutBucket*",
    "s3:Put*Configuration*",
    "s3:*Put*Lifecycle*",
    "s3:UpdateBucket*",
];

/// Machines put files where they are to, and do nothing else: nobody sits at one who would notice.
fn of_machines(described: &Description) -> Vec<Rail> {
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let rail = |name: &str, why: &str, never: &[&str], except_on: Vec<String>| Rail {
        name: name.to_owned(),
        why: why.to_owned(),
        who: texts(&[EC2_UPLOAD_ROLE]),
        except: Vec::new(),
        never: texts(never),
        on: texts(&["*"]),
        except_on,
    };
    let designated = described.buckets.iter().filter_map(|bucket| {
        let prefix = bucket.instance_prefix.as_ref()?;
        Some(format!("{}/{}*", bucket.name, literal(prefix.as_str())))
    });
    vec![
        rail(
            "machines-only-upload",
            "the credentials of a machine are anybody's who gets onto it",
            &[
                "list",
                "read",
                "tagging",
                "permissions",
                "s3:Delete*",
                "s3:*Retention",
                "s3:*LegalHold",
            ],
            Vec::new(),
        ),
        rail(
            "machines-write-only-where-they-are-to",
            "a machine writes below the prefix of instances, and writes over nobody's files",
            &["write"],
            designated.collect(),
        ),
    ]
}

impl Estate {
    /// Its guard rails.
    pub fn rails(&self) -> Vec<Rail> {
        of(self.description())
    }

    /// Its roles and bucket policies, as the policy engine looks at them.
    pub fn realm(&self) -> Realm {
        let roles = self.roles().iter().map(|role| {
            let held = RealmRole {
                arn: role.arn.clone(),
                trust: Some(role.trust.clone()),
                permissions: role.permissions.clone(),
                boundary: Some(role.boundary.clone()),
            };
            (role.name.to_string(), held)
        });
        let buckets = self.buckets().map(|bucket| (bucket.name.to_string(), bucket.policy.clone()));
        Realm {
            partition: self.partition().clone(),
            account: self.account().clone(),
            roles: roles.collect(),
            buckets: buckets.collect(),
        }
    }

    /// The guard rails that it does not keep to; empty: all are proved for all requests.
    #[must_use = "a rail that nobody looks at keeps nobody in"]
    pub fn broken_rails(&self) -> Vec<Broken> {
        broken(&self.rails(), &self.realm())
    }

    /// Those that it does not keep to by what a role may do: all that other permissions of the role can change.
    #[must_use = "a rail that nobody looks at keeps nobody in"]
    pub fn broken_rails_of(&self, role: &str) -> Vec<Broken> {
        broken_by_role(&self.rails(), &self.realm(), role)
    }

    /// The expectations that it does not meet.
    #[must_use = "a test that nobody looks at tests nothing"]
    pub fn missed_expectations(&self) -> Vec<Missed> {
        let realm = self.realm();
        self.description().expectations.iter().filter_map(|one| one.missed(&realm)).collect()
    }

    /// The same estate, in which these roles have permissions of their own: JSON, by the role's name.
    pub fn with_policies(&self, policies: &BTreeMap<String, String>) -> Result<Self, EstateError> {
        let mut described = self.description().clone();
        described.policies.extend(policies.iter().map(|(role, text)| (role.clone(), text.clone())));
        Self::of(described)
    }
}
