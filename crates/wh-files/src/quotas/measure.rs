//! What a quota counts: worked out of grants, again whenever they change.
//!
//! A person's own places are those that are granted to them by name, or to them by `${uid}`, where the role
//! lets them write. A whole bucket is nobody's own, nor is a place in which somebody else's own lies: who
//! administers homes does not answer for what is in them. A group's places are those granted to it.

use std::collections::{BTreeMap, BTreeSet};

use wh_ledger::{
    AccessRows, GrantRow, GrantSubject, PersonStatus, QuotaPlace, QuotaRow, QuotaSubject, RowId,
    WantedCounter,
};
use wh_names::{Action, Arn, RoleName, RoleSessionName, Uid};
use wh_policy::{Context, PolicySet, Request, Subject, evaluate, s3::action};

use crate::foresight::Unforeseen;
use crate::{Decision, Files, QuotaError};

/// What stands for the uid of whoever holds a grant.
const OWN: &str = "${uid}";

/// A name for sessions that nobody opens.
const SESSION: &str = "u-quota";

impl Files {
    /// Makes the counters of quotas what grants and quotas say, and says whether they were something else.
    /// To be called after either changed, and now and then.
    pub async fn measure_quotas(&self) -> Result<bool, QuotaError> {
        let ledger = &self.options.ledger;
        let rules = ledger.quotas().await?;
        if rules.is_empty() {
            return Ok(ledger.set_quota_counters(&[]).await?);
        }
        let rows = ledger.access_rows().await?;
        let now = self.options.clock.now();
        let writing = |grant: &GrantRow| grant.counts_at(now) && self.writes(grant);
        Ok(ledger.set_quota_counters(&wanted(&rules, &rows, writing)).await?)
    }

    /// Whether whoever holds a grant may write there, as far as that is known without them.
    fn writes(&self, grant: &GrantRow) -> bool {
        let Some(role) = self.options.roles.get(&grant.role) else { return false };
        let certain = role.permissions.iter().all(|policy| {
            Unforeseen::in_document(&policy.document).leaves_certain(Decision::ImplicitDeny)
        });
        let asked = Action::parse(action::PUT_OBJECT).ok().zip(self.session_of(&grant.role));
        let key = wh_names::ObjectKey::parse(&format!("{}*", grant.prefix)).ok();
        let Some(((action, session_arn), key)) = asked.zip(key) else { return false };
        let policies = PolicySet {
            identity: &role.permissions,
            boundary: role.boundary.as_ref(),
            ..PolicySet::default()
        };
        let subject = Subject::RoleSession { role_arn: role.arn.clone(), session_arn };
        let mut context = Context::new();
        context.set("aws:PrincipalTag/uid", grant.subject.uid().map_or(OWN, Uid::as_str));
        let request = Request {
            subject: &subject,
            action: &action,
            resource: &Arn::object(&self.options.partition, &grant.bucket, &key),
            resource_account: &self.options.account,
            context: &context,
        };
        evaluate(&policies, &request).allowed() || !certain
    }

    fn session_of(&self, role: &RoleName) -> Option<Arn> {
        let name = RoleSessionName::parse(SESSION).ok()?;
        Some(Arn::assumed_role(&self.options.partition, &self.options.account, role, &name))
    }
}

/// The counters that there should be.
fn wanted(
    rules: &[QuotaRow],
    rows: &AccessRows,
    writing: impl Fn(&GrantRow) -> bool,
) -> Vec<WantedCounter> {
    let grants: Vec<&GrantRow> = rows.grants.iter().filter(|grant| writing(grant)).collect();
    let own = own_places(rows, &grants);
    let mut wanted: BTreeMap<QuotaSubject, WantedCounter> = BTreeMap::new();
    let mut want = |rule: &QuotaRow, subject: QuotaSubject, places: Vec<QuotaPlace>| {
        let counter = WantedCounter {
            quota_id: rule.id.clone(),
            subject: subject.clone(),
            limits: rule.limits,
            places: outermost(places),
        };
        // What is said of a person counts before what is said of every one.
        let by_name = rule.subject != QuotaSubject::EveryPerson;
        if by_name || !wanted.contains_key(&subject) {
            wanted.insert(subject, counter);
        }
    };
    for rule in rules {
        match &rule.subject {
            QuotaSubject::Person(uid) => {
                want(rule, rule.subject.clone(), own.get(uid).cloned().unwrap_or_default());
            }
            QuotaSubject::Group(id) => want(rule, rule.subject.clone(), of_group(id, &grants)),
            QuotaSubject::Location(place) => {
                want(rule, rule.subject.clone(), vec![place.clone()]);
            }
            QuotaSubject::EveryPerson => {
                for (uid, places) in &own {
                    want(rule, QuotaSubject::Person(uid.clone()), places.clone());
                }
            }
        }
    }
    wanted.into_values().collect()
}

/// Each active person's own places.
fn own_places(rows: &AccessRows, grants: &[&GrantRow]) -> BTreeMap<Uid, Vec<QuotaPlace>> {
    let groups_of = |uid: &Uid| -> BTreeSet<&RowId> {
        let inside = rows.memberships.iter().filter(|member| member.uid == *uid);
        inside.map(|member| &member.group).collect()
    };
    let active = rows.persons.iter().filter(|row| row.status == PersonStatus::Active);
    let spread: Vec<&&GrantRow> =
        grants.iter().filter(|g| g.prefix.as_str().contains(OWN)).collect();
    let mut own: BTreeMap<Uid, Vec<QuotaPlace>> = BTreeMap::new();
    for person in active {
        let groups = if spread.is_empty() { BTreeSet::new() } else { groups_of(&person.uid) };
        let theirs = spread.iter().filter(|grant| match &grant.subject {
            GrantSubject::Everyone => true,
            GrantSubject::Group(id) => groups.contains(id),
            GrantSubject::Person(uid) => *uid == person.uid,
        });
        let theirs = theirs.filter_map(|grant| (**grant).clone().as_held_by(&person.uid));
        own.insert(person.uid.clone(), theirs.map(|grant| place_of(&grant)).collect());
    }
    for grant in grants.iter().filter(|grant| !grant.prefix.as_str().contains(OWN)) {
        if let Some(places) = grant.subject.uid().and_then(|uid| own.get_mut(uid)) {
            places.push(place_of(grant));
        }
    }
    let homes = homes(&own);
    for (uid, places) in &mut own {
        places.retain(|place| {
            let others = |(home, whose): &(QuotaPlace, Uid)| whose != uid && place.holds(home);
            !place.prefix.as_str().is_empty() && !within(&homes, place).any(others)
        });
    }
    own
}

/// The places that name the person whose they are, in order.
fn homes(own: &BTreeMap<Uid, Vec<QuotaPlace>>) -> BTreeSet<(QuotaPlace, Uid)> {
    let each = own.iter().flat_map(|(uid, places)| places.iter().map(move |place| (place, uid)));
    let named = each.filter(|(place, uid)| {
        place.prefix.as_str().split('/').any(|segment| segment == uid.as_str())
    });
    named.map(|(place, uid)| (place.clone(), uid.clone())).collect()
}

/// The homes in a place.
fn within<'a>(
    homes: &'a BTreeSet<(QuotaPlace, Uid)>,
    place: &'a QuotaPlace,
) -> impl Iterator<Item = &'a (QuotaPlace, Uid)> {
    let later = homes.iter().skip_while(move |(home, _)| home < place);
    later.take_while(move |(home, _)| place.holds(home))
}

fn of_group(id: &RowId, grants: &[&GrantRow]) -> Vec<QuotaPlace> {
    let given = grants.iter().filter(|grant| grant.subject.group() == Some(id));
    let shared = given.filter(|grant| !grant.prefix.as_str().contains(OWN));
    shared.map(|grant| place_of(grant)).collect()
}

fn place_of(grant: &GrantRow) -> QuotaPlace {
    QuotaPlace { bucket: grant.bucket.clone(), prefix: grant.prefix.clone() }
}

/// The places without those that lie in others, in order.
fn outermost(mut places: Vec<QuotaPlace>) -> Vec<QuotaPlace> {
    places.sort();
    let mut kept: Vec<QuotaPlace> = Vec::new();
    for place in places {
        if !kept.last().is_some_and(|last| last.holds(&place)) {
            kept.push(place);
        }
    }
    kept
}
