//! What persons handed on to people without an account, by links and by file requests: whether they still hold
//! the grant, and how far an action reaches by it.

use std::collections::HashMap;

use wh_ledger::{GrantRow, GrantSubject, PersonRow, PersonStatus, RowId};
use wh_names::{BucketName, Uid};
use wh_policy::extent::{Aim, Extent};

use super::judge::{Judge, Region, seen};
use super::{Census, Laws, REACH_ACTIONS, ReachPlace};

/// How many links, and how many requests, are judged, the newest first: each is a question of its own.
pub(super) const JUDGED_MAX: usize = 200;

/// Who holds what.
pub(super) struct Holding<'a> {
    census: &'a Census,
    persons: HashMap<&'a Uid, &'a PersonRow>,
    grants: HashMap<&'a RowId, &'a GrantRow>,
}

/// What was handed on of a place, and by which grant.
pub(super) struct There<'a> {
    pub(super) person: &'a PersonRow,
    pub(super) grant: GrantRow,
    /// What was handed on.
    pub(super) key: String,
    /// What of the place that is.
    pub(super) common: ReachPlace,
    /// Whether that is all of the place.
    pub(super) whole: bool,
}

impl<'a> Holding<'a> {
    pub(super) fn of(census: &'a Census) -> Self {
        let active = census.persons.iter().filter(|row| row.status == PersonStatus::Active);
        let counting = census.grants.iter().filter(|grant| grant.counts_at(census.at));
        Self {
            census,
            persons: active.map(|row| (&row.uid, row)).collect(),
            grants: counting.map(|grant| (&grant.id, grant)).collect(),
        }
    }

    /// Whoever made it, while they are active, and the grant as they hold it, if it is for this bucket.
    pub(super) fn held(
        &self,
        (uid, grant): (&Uid, &RowId),
        bucket: &BucketName,
    ) -> Option<(&'a PersonRow, GrantRow)> {
        let person = *self.persons.get(uid)?;
        let grant = *self.grants.get(grant)?;
        if grant.bucket != *bucket || !self.holds(grant, uid) {
            return None;
        }
        Some((person, grant.clone().as_held_by(uid)?))
    }

    fn holds(&self, grant: &GrantRow, uid: &Uid) -> bool {
        match &grant.subject {
            GrantSubject::Person(holder) => holder == uid,
            GrantSubject::Group(id) => {
                let mut members = self.census.memberships.iter();
                members.any(|member| member.group == *id && member.uid == *uid)
            }
            GrantSubject::Everyone => true,
        }
    }
}

impl There<'_> {
    /// How far an action on objects reaches by this grant, or by the same with another role, of what was handed on.
    pub(super) fn reach(
        &self,
        grant: &GrantRow,
        action: &str,
        (laws, census): (&Laws<'_>, &Census),
    ) -> Extent {
        let mut judge = Judge::new(laws, census, &self.common);
        let Some(region) = judge.region(grant) else { return Extent::Nowhere };
        let verdict = judge.of_grant((grant, &region), &self.person.uid);
        let mut each = REACH_ACTIONS.iter().zip(verdict.iter());
        let found = each.find(|((name, _), _)| *name == action);
        found.map_or(Extent::Nowhere, |(_, reach)| reach.extent)
    }

    /// The same of the place that is asked about.
    pub(super) fn seen(&self, extent: Extent) -> Extent {
        let part = Region { span: self.common.span.clone(), whole: self.whole };
        seen(extent, Aim::Objects, &part)
    }
}
