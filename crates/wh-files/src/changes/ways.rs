//! The ways by which somebody asks, before a change and after it.

use std::sync::Arc;

use wh_ledger::GrantRow;
use wh_names::{AccountId, Arn, BucketName, RoleName, RoleSessionName, Uid};
use wh_people::Everybody;
use wh_policy::analysis::{Access, Answer, Budget, Requests, allows_any};
use wh_policy::changes::Way;
use wh_policy::s3::{Ending, action, ending};
use wh_policy::{Context, NamedPolicy, PolicyDocument, PolicyKind, PolicySet, Subject};

use super::ProposedChange;
use crate::access::SESSION_POLICY_NAME;
use crate::{Files, FilesError, PathError};

/// What a session is called that is nobody's in particular.
const SESSION: &str = "any";

/// What an administrator must be able to do somewhere in the house's bucket.
const ADMINISTERS: [&str; 4] =
    [action::LIST_BUCKET, action::GET_OBJECT, action::PUT_OBJECT, action::DELETE_OBJECT];

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

/// A way of asking, with all that it needs.
#[derive(Debug, Clone)]
pub(super) struct OwnedWay {
    /// The grant as it is given; none for a role that no grant narrows.
    pub(super) given: Option<GrantRow>,
    /// Whether it is otherwise than on the other side of the change.
    pub(super) changed: bool,
    bucket: BucketName,
    subject: Subject,
    identity: Vec<NamedPolicy>,
    boundary: Option<NamedPolicy>,
    resource: Option<NamedPolicy>,
    session: Option<[NamedPolicy; 1]>,
    known: Context,
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
        allowed(way, owner.as_ref().unwrap_or(&account), "s3:*") == Answer::No
    })
}

/// Whether a way allows an action, or a pattern of actions, anywhere in its bucket.
fn allowed(way: &OwnedWay, account: &AccountId, action: &str) -> Answer {
    let bucket = format!("arn:*:s3:::{}", way.bucket);
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "{action}",
        "Resource": ["{bucket}", "{bucket}/*"]}}]}}"#
    );
    let requests = PolicyDocument::read_stored(&text, PolicyKind::Identity);
    let borrowed = way.borrowed(account);
    allows_any(&borrowed.access, &Requests::of(&requests), Budget::default())
}

impl Files {
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

    fn way(
        &self,
        uid: &Uid,
        Given { held, written, era: counts }: &Given,
        (era, proposed): (Era, &ProposedChange),
    ) -> Result<Option<OwnedWay>, FilesError> {
        let options = &self.options;
        let Some(view) = options.roles.get(&held.role) else { return Ok(None) };
        let name =
            RoleSessionName::parse(&format!("u-{uid}-{SESSION}")).map_err(PathError::from)?;
        let new = proposed.permissions.get(&held.role);
        let document = self.in_place(held, None);
        let document = match held.ends_at {
            Some(end) => ending(document, (end, Ending::Grant)),
            None => document,
        };
        let mut known = Context::new();
        known.set("aws:PrincipalTag/uid", uid.as_str());
        known.set("aws:SourceIdentity", uid.as_str());
        known.set("aws:PrincipalIsAWSService", "false");
        let (partition, account) = (&options.partition, &options.account);
        Ok(Some(OwnedWay {
            given: Some(written.clone()),
            changed: *counts != Era::Both || new.is_some(),
            bucket: held.bucket.clone(),
            subject: Subject::RoleSession {
                role_arn: view.arn.clone(),
                session_arn: Arn::assumed_role(partition, account, &held.role, &name),
            },
            identity: match new.filter(|_| era == Era::After) {
                Some(new) => new.clone(),
                None => view.permissions.clone(),
            },
            boundary: view.boundary.clone(),
            resource: options.bucket_policies.get(&held.bucket).cloned(),
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
        let options = &self.options;
        let view = options.roles.get(role).ok_or_else(|| FilesError::NoSuchRole(role.clone()))?;
        let ways = options.bucket_policies.iter().map(|(bucket, policy)| OwnedWay {
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

    /// Whether somebody active would still be an administrator, by name and without an end, whose role
    /// can look after files.
    pub(super) fn stays_administered(
        &self,
        everybody: &Everybody,
        proposed: &ProposedChange,
    ) -> Result<bool, FilesError> {
        let people = &self.options.people;
        let stays = |grant: &&GrantRow| {
            people.administration_held_by(grant) && proposed.taken.as_ref() != Some(&grant.id)
        };
        for grant in everybody.grants.iter().filter(stays) {
            let active = |(uid, _): &&(Uid, String)| everybody.holds(uid, &grant.subject);
            let Some((uid, _)) = everybody.persons.iter().find(active) else { continue };
            let given = Given { held: grant.clone(), written: grant.clone(), era: Era::Both };
            let Some(way) = self.way(uid, &given, (Era::After, proposed))? else { continue };
            let can = |action: &str| allowed(&way, &self.options.account, action) != Answer::No;
            if ADMINISTERS.iter().all(|action| can(action)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
