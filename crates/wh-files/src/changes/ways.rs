//! The ways by which somebody asks, before a change and after it.

use std::sync::Arc;

use wh_ledger::GrantRow;
use wh_names::{AccountId, Arn, BucketName, RoleName, RoleSessionName, Uid};
use wh_policy::analysis::{Access, Answer, Budget, Requests, allows_any};
use wh_policy::changes::Way;
use wh_policy::s3::{Ending, ending};
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Subject};

use super::{ProposedChange, Scales};
use crate::access::SESSION_POLICY_NAME;
use crate::{FilesError, PathError};

/// What a session is called that is nobody's in particular.
const SESSION: &str = "any";

/// When something counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    Before,
    Both,
    After,
}

/// A grant of somebody, and when it counts.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// With `${uid}` filled in.
    pub(super) held: GrantRow,
    pub(super) written: GrantRow,
    pub(super) era: Era,
}

impl Given {
    /// A grant that stays as it is, as this person holds it.
    pub(super) fn held_by(uid: &Uid, grant: &GrantRow) -> Option<Self> {
        let held = grant.clone().as_held_by(uid)?;
        Some(Self { held, written: grant.clone(), era: Era::Both })
    }
}

/// A way of asking, with all that it needs.
#[derive(Debug, Clone)]
pub(super) struct OwnedWay {
    /// The grant as it is given; none for a role that no grant narrows.
    pub(super) given: Option<GrantRow>,
    /// Whether it is otherwise than on the other side of the change.
    pub(super) changed: bool,
    pub(super) bucket: BucketName,
    pub(super) subject: Subject,
    pub(super) identity: Vec<NamedPolicy>,
    boundary: Option<NamedPolicy>,
    resource: Option<NamedPolicy>,
    pub(super) session: Option<[NamedPolicy; 1]>,
    pub(super) known: Context,
}

impl OwnedWay {
    pub(super) fn borrowed<'a>(&'a self, account: &'a AccountId) -> Way<'a> {
        let policies = PolicySet {
            identity: &self.identity,
            resource: self.resource.as_ref(),
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref().map(<[NamedPolicy; 1]>::as_slice),
            scps: None,
            rcps: None,
        };
        let (subject, known) = (&self.subject, &self.known);
        let access = Access { policies, subject, resource_account: account, known, absent: &[] };
        Way { bucket: &self.bucket, access }
    }
}

/// Whether it is proved that none of these ways allows anything that a person would notice.
pub(super) fn allow_nothing(ways: &[OwnedWay]) -> bool {
    let Ok(account) = AccountId::parse("000000000000") else { return false };
    ways.iter().all(|way| {
        let owner = way.subject.account().and_then(|own| AccountId::parse(own).ok());
        let requests = requests(&way.bucket, &["s3:*"]);
        let borrowed = way.borrowed(owner.as_ref().unwrap_or(&account));
        allows_any(&borrowed.access, &Requests::of(&requests), Budget::default()) == Answer::No
    })
}

/// The requests of these actions, or patterns of them, anywhere in a bucket.
pub(super) fn requests(bucket: &BucketName, actions: &[&str]) -> PolicyDocument {
    let bucket = format!("arn:*:s3:::{bucket}");
    let text = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": actions, "Resource": [bucket.clone(), format!("{bucket}/*")]}]});
    PolicyDocument::read_stored(&text.to_string(), PolicyKind::Identity)
}

impl Scales<'_> {
    /// The ways of somebody in an era. A grant of a role that is unknown here opens nothing.
    pub(super) fn ways(
        &self,
        uid: &Uid,
        given: &[Given],
        (era, proposed): (Era, &ProposedChange),
    ) -> Result<Vec<OwnedWay>, FilesError> {
        let counts = given.iter().filter(|one| one.era == era || one.era == Era::Both);
        let ways = counts.map(|one| self.way(uid, one, (era, proposed)));
        let ways: Vec<Option<OwnedWay>> = ways.collect::<Result<_, _>>()?;
        Ok(ways.into_iter().flatten().collect())
    }

    pub(super) fn way(
        &self,
        uid: &Uid,
        Given { held, written, era: counts }: &Given,
        (era, proposed): (Era, &ProposedChange),
    ) -> Result<Option<OwnedWay>, FilesError> {
        let laws = &self.laws;
        let Some(view) = laws.role(&held.role) else { return Ok(None) };
        let name = RoleSessionName::of_person(uid, SESSION).map_err(PathError::from)?;
        let new = proposed.permissions.get(&held.role);
        let document = laws.session_policy_of(held);
        let document = match held.ends_at {
            Some(end) => ending(document, (end, Ending::Grant)),
            None => document,
        };
        let mut known = Context::new();
        known.set("aws:PrincipalTag/uid", uid.as_str());
        known.set("aws:SourceIdentity", uid.as_str());
        known.set("aws:PrincipalIsAWSService", "false");
        Ok(Some(OwnedWay {
            given: Some(written.clone()),
            changed: *counts != Era::Both || new.is_some(),
            bucket: held.bucket.clone(),
            subject: Subject::RoleSession {
                role_arn: view.arn.clone(),
                session_arn: Arn::assumed_role(laws.partition, laws.account, &held.role, &name),
            },
            identity: match new.filter(|_| era == Era::After) {
                Some(new) => new.clone(),
                None => view.permissions.clone(),
            },
            boundary: view.boundary.clone(),
            resource: laws.bucket_policies.get(&held.bucket).cloned(),
            session: Some([NamedPolicy {
                name: SESSION_POLICY_NAME.to_owned(),
                document: Arc::new(document),
            }]),
            known,
        }))
    }

    /// The ways of a role that no grant narrows: one for each bucket.
    pub(super) fn role_ways(
        &self,
        role: &RoleName,
        new: Option<&Vec<NamedPolicy>>,
    ) -> Result<Vec<OwnedWay>, FilesError> {
        let laws = &self.laws;
        let view = laws.role(role).ok_or_else(|| FilesError::NoSuchRole(role.clone()))?;
        let ways = laws.bucket_policies.iter().map(|(bucket, policy)| OwnedWay {
            given: None,
            changed: true,
            bucket: bucket.clone(),
            subject: Subject::Role { arn: view.arn.clone() },
            identity: new.unwrap_or(&view.permissions).clone(),
            boundary: view.boundary.clone(),
            resource: Some(policy.clone()),
            session: None,
            known: Context::new(),
        });
        Ok(ways.collect())
    }
}
