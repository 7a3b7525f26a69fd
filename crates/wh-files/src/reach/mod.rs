//! Who can reach a place, and what a person can reach: for everybody and everything at once, by the policy
//! engine and the ledger alone. Nothing is asked of the store.
//!
//! A person acts by a grant, in a session of its role that the grant narrows. What such a session may do at
//! a place depends on the role, on how the grant's place lies to the one asked about, and on what policies
//! tell persons apart by; [`judge`] evaluates each such class once, and ten thousand persons with a thousand
//! grants are a few classes.
//!
//! What is asked is a request over TLS, made now and signed a moment ago, of an object that the scan for
//! malware found clean. Whatever else a condition may ask, such as the client's address, is not known, and
//! an answer that depends on it says so.

mod handed;
mod judge;
mod laws;
mod links;
mod requests;
mod tally;
mod what;
mod who;

use jiff::Timestamp;
use wh_ledger::{
    GrantRow, GrantSubject, Ledger, LedgerError, MachineRow, MembershipRow, PersonGroupRow,
    PersonRow,
};
use wh_names::{BucketName, ObjectKey, RoleName, Uid};
use wh_people::{Administrator, Via};
use wh_policy::extent::{Aim, Extent, Span};

pub use laws::Laws;
pub use links::WhoLink;
pub use requests::WhoRequest;
pub use what::{What, WhatPlace, WhatWay, what_is_reached};
pub use who::{Who, WhoGrant, WhoPerson, WhoQuestion, WhoRole, who_reaches};

use crate::{
    CountingLink, CountingRequest, Files, FilesError, PathError, counting_links, counting_requests,
    worked_out,
};

/// What is asked of a place, action by action, and what each acts on.
pub const REACH_ACTIONS: [(&str, Aim); 13] = [
    ("s3:ListBucket", Aim::Listing),
    ("s3:GetObject", Aim::Objects),
    ("s3:PutObject", Aim::Objects),
    ("s3:DeleteObject", Aim::Objects),
    ("s3:ListBucketVersions", Aim::Listing),
    ("s3:GetObjectVersion", Aim::Objects),
    ("s3:DeleteObjectVersion", Aim::Objects),
    ("s3:GetObjectTagging", Aim::Objects),
    (TAGGING, Aim::Objects),
    ("s3:GetBucketPolicy", Aim::Bucket),
    ("s3:PutBucketPolicy", Aim::Bucket),
    ("s3:PutLifecycleConfiguration", Aim::Bucket),
    ("s3:DeleteBucket", Aim::Bucket),
];

const TAGGING: &str = wh_policy::s3::action::PUT_OBJECT_TAGGING;

/// A place that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachPlace {
    /// The bucket.
    pub bucket: BucketName,
    /// What of it.
    pub span: Span,
}

impl ReachPlace {
    /// An object; what lies under a folder, where `key` ends in `/`; the whole bucket, where it is empty.
    pub fn parse(bucket: BucketName, key: &str) -> Result<Self, FilesError> {
        if key.is_empty() || key.ends_with('/') {
            let prefix = wh_names::KeyPrefix::parse(key).map_err(PathError::Key)?;
            return Ok(Self { bucket, span: Span::Under(prefix.as_str().to_owned()) });
        }
        let key = ObjectKey::parse(key).map_err(PathError::Key)?;
        Ok(Self { bucket, span: Span::Key(key.as_str().to_owned()) })
    }

    /// The key, or what keys begin with.
    pub fn text(&self) -> &str {
        match &self.span {
            Span::Key(text) | Span::Under(text) => text,
        }
    }
}

/// How far one action reaches, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionReach {
    /// The action.
    pub action: &'static str,
    /// How far.
    pub extent: Extent,
    /// The policy and the statement that allow it, or on conditions refuse it as things are.
    pub by: Option<ReachedBy>,
    /// The condition keys that would have to be as policies want them.
    pub wanting: Vec<String>,
    /// The parts where it is allowed, where that is not everywhere. Of two that a key is in, the one with
    /// the longer text counts, be it here or among those that are excepted.
    pub parts: Vec<ReachPart>,
    /// The parts where it is not.
    pub except: Vec<ReachPart>,
}

/// A part of a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReachPart {
    /// What its keys begin with, or its one key.
    pub text: String,
    /// Whether it has one key only.
    pub exact: bool,
}

impl ReachPart {
    pub(crate) fn under(text: &str) -> Self {
        Self { text: text.to_owned(), exact: false }
    }

    /// Whether a key is in it.
    pub fn holds(&self, key: &str) -> bool {
        if self.exact { key == self.text } else { key.starts_with(&self.text) }
    }
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedBy {
    /// The type of policy, as AWS calls it.
    pub policy_type: String,
    /// The policy.
    pub policy: Option<String>,
    /// The statement: its `Sid`, or `#` and its number.
    pub statement: Option<String>,
}

/// Everybody and everything that access follows from, at one moment.
#[derive(Debug, Clone)]
pub struct Census {
    /// Every person.
    pub persons: Vec<PersonRow>,
    /// Every group.
    pub groups: Vec<PersonGroupRow>,
    /// Who is in them.
    pub memberships: Vec<MembershipRow>,
    /// Every grant.
    pub grants: Vec<GrantRow>,
    /// Every machine.
    pub machines: Vec<MachineRow>,
    /// Every shared link that counts, as far as that is known without its person.
    pub links: Vec<CountingLink>,
    /// Every file request that counts, as far as that is known without its person.
    pub requests: Vec<CountingRequest>,
    /// When.
    pub at: Timestamp,
}

impl Census {
    /// Reads it all, as it is at one moment; shared links and file requests a moment later.
    pub async fn read(ledger: &Ledger, at: Timestamp) -> Result<Self, LedgerError> {
        let rows = ledger.access_rows().await?;
        let links = counting_links(ledger, at).await?;
        let requests = counting_requests(ledger, at).await?;
        Ok(Self {
            persons: rows.persons,
            groups: rows.groups,
            memberships: rows.memberships,
            grants: rows.grants,
            machines: rows.machines,
            links,
            requests,
            at,
        })
    }

    /// What the person or group is called that a grant is given to.
    pub fn subject_name(&self, grant: &GrantRow) -> Option<&str> {
        match &grant.subject {
            GrantSubject::Person(uid) => {
                self.persons.iter().find(|row| row.uid == *uid).map(|row| row.name.as_str())
            }
            GrantSubject::Group(id) => {
                self.groups.iter().find(|row| row.id == *id).map(|row| row.name.as_str())
            }
            GrantSubject::Everyone => None,
        }
    }

    /// The grants that count for a person, with `${uid}` filled in, and by what they hold each.
    pub(crate) fn held_by(&self, uid: &Uid) -> Vec<(GrantRow, Via)> {
        let inside = self.memberships.iter().filter(|member| member.uid == *uid);
        let inside: Vec<_> = inside.map(|member| &member.group).collect();
        let counting = self.grants.iter().filter(|grant| grant.counts_at(self.at));
        let held = counting.filter_map(|grant| {
            let via = match &grant.subject {
                GrantSubject::Person(holder) if holder == uid => Via::Own,
                GrantSubject::Group(id) if inside.contains(&id) => {
                    let name = self.subject_name(grant).unwrap_or_default().to_owned();
                    Via::Group { id: id.clone(), name }
                }
                GrantSubject::Everyone => Via::Everyone,
                GrantSubject::Person(_) | GrantSubject::Group(_) => return None,
            };
            Some((grant.clone().as_held_by(uid)?, via))
        });
        held.collect()
    }

    /// The machines that are enrolled and get this role.
    pub(crate) fn machines_of(&self, role: &RoleName) -> Vec<String> {
        let enrolled = self.machines.iter().filter(|machine| {
            machine.revoked_at.is_none()
                && machine.enrolled.is_some()
                && machine.profile == role.as_str()
        });
        enrolled.map(|machine| machine.name.clone()).collect()
    }
}

impl Files {
    /// Who can reach a place.
    pub async fn who_reaches(
        &self,
        _administrator: &Administrator,
        question: &WhoQuestion,
    ) -> Result<Who, FilesError> {
        self.knows(&question.place.bucket)?;
        let census = Census::read(&self.options.ledger, self.options.clock.now()).await?;
        let (files, question) = (self.clone(), question.clone());
        worked_out(move || who_reaches(&files.laws(), &census, &question)).await
    }

    /// What a person can reach. `None`: nobody has this uid.
    pub async fn what_is_reached(
        &self,
        _administrator: &Administrator,
        uid: &Uid,
    ) -> Result<Option<What>, FilesError> {
        let census = Census::read(&self.options.ledger, self.options.clock.now()).await?;
        let (files, uid) = (self.clone(), uid.clone());
        worked_out(move || what_is_reached(&files.laws(), &census, &uid)).await
    }

    fn knows(&self, bucket: &BucketName) -> Result<(), FilesError> {
        let known = self.options.bucket_policies.contains_key(bucket);
        if known { Ok(()) } else { Err(FilesError::NoSuchBucket(bucket.clone())) }
    }

    pub(crate) fn laws(&self) -> Laws<'_> {
        let options = &self.options;
        Laws {
            roles: options.roles.all(),
            drop_role: &options.drop_role,
            bucket_policies: &options.bucket_policies,
            encryption: options.encryption,
            scanning: options.scanning.is_some(),
            partition: &options.partition,
            account: &options.account,
        }
    }
}

#[cfg(test)]
mod tests;
