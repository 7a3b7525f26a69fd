//! Change sets: who gains and who loses what by a change of a role or of a grant, before it is made.
//!
//! Nothing is tried: the policy engine is asked about all requests. Persons whose grants are alike, and
//! whom no policy tells apart, are asked about once; everybody else for themselves.
//!
//! Invariant: a difference is shown with a request that the engine decided so, and whoever is not named
//! is proved to be allowed what they were, or is named as not known.

mod against;
mod ways;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use wh_ledger::{GrantRow, GrantSubject, RowId};
use wh_names::{BucketName, KeyPrefix, RoleName, Uid};
use wh_people::Everybody;
use wh_policy::changes::{Beyond, Difference, Way, beyond, tells_apart};
use wh_policy::rails::Rail;
use wh_policy::tables::AccessLevel;
use wh_policy::{NamedPolicy, PolicyDocument, Realm};

use crate::{Files, FilesError, Laws, Patience};
use ways::{Era, Given, OwnedWay};

pub use against::ADMINISTERS;

/// What is proposed. The ids of grants that are given need be nobody's.
#[derive(Debug, Clone, Default)]
pub struct ProposedChange {
    /// Roles, and the permissions that they would have.
    pub permissions: BTreeMap<RoleName, Vec<NamedPolicy>>,
    /// Grants that would be given.
    pub given: Vec<GrantRow>,
    /// Grants that would be taken away.
    pub taken: BTreeSet<RowId>,
    /// Who would come into which group.
    pub joining: Vec<(RowId, Uid)>,
    /// Who would leave which group.
    pub leaving: Vec<(RowId, Uid)>,
}

impl ProposedChange {
    /// Everybody as they would be, but for grants.
    fn everybody_after(&self, everybody: &Everybody) -> Everybody {
        let after = everybody.clone();
        let after = self.joining.iter().fold(after, |all, (into, uid)| all.with_member(into, uid));
        self.leaving.iter().fold(after, |all, (from, uid)| all.without_member(from, uid))
    }

    fn is_given(&self, id: &RowId) -> bool {
        self.given.iter().any(|grant| grant.id == *id)
    }

    /// Whether it concerns a grant, or whoever holds it.
    fn concerns(&self, grant: &GrantRow) -> bool {
        let moves = |(group, _): &(RowId, Uid)| grant.subject.group() == Some(group);
        self.is_given(&grant.id)
            || self.taken.contains(&grant.id)
            || self.joining.iter().chain(&self.leaving).any(moves)
    }
}

/// What a change is weighed by: the roles and policies, everybody, and the guard rails, all as they were
/// when it was asked.
#[derive(Debug)]
pub struct Scales<'a> {
    /// The roles and policies.
    pub laws: Laws<'a>,
    /// Everybody.
    pub everybody: &'a Everybody,
    /// The guard rails.
    pub rails: &'a [Rail],
    /// The estate, as rails are proved of it.
    pub realm: &'a Realm,
    /// How long it may take.
    pub patience: &'a Patience,
}

/// Who gains and who loses what.
#[derive(Debug, Clone, Default)]
pub struct ChangeSet {
    /// Persons, those together who gain and lose the same by the same grants.
    pub persons: Vec<Affected>,
    /// What sessions of the changed roles gain and lose that no grant narrows: machines', operators'.
    pub roles: Vec<RoleAffected>,
    /// What whoever decides should know first.
    pub warnings: Vec<ChangeWarning>,
    /// How many persons were asked about: all who are active.
    pub asked: usize,
    /// The groups, by what they are called.
    pub groups: HashMap<RowId, String>,
    /// Whether all gain something who are no administrators, and there are such.
    pub gained_by_all: bool,
}

/// Persons who gain and lose the same.
#[derive(Debug, Clone)]
pub struct Affected {
    /// Who they are.
    pub persons: Vec<(Uid, String)>,
    /// What they gain, grant by grant.
    pub gained: Vec<PlaceChange>,
    /// What they lose, grant by grant.
    pub lost: Vec<PlaceChange>,
    /// Whether nothing at all is left to them.
    pub locked_out: bool,
    /// What could not be told, with the reasons.
    pub unknown: Vec<String>,
}

/// What is gained or lost by one grant.
#[derive(Debug, Clone)]
pub struct PlaceChange {
    /// The grant's role.
    pub role: RoleName,
    /// Where: the bucket.
    pub bucket: BucketName,
    /// Where: the beginning of keys, with `${uid}` as it is given.
    pub prefix: KeyPrefix,
    /// To whom the grant is given.
    pub subject: GrantSubject,
    /// Action by action, each with a request that shows it.
    pub differences: Vec<Difference>,
}

/// What a role itself gains and loses.
#[derive(Debug, Clone)]
pub struct RoleAffected {
    /// The role.
    pub role: RoleName,
    /// What it gains.
    pub gained: Vec<Difference>,
    /// What it loses.
    pub lost: Vec<Difference>,
    /// What could not be told, with the reasons.
    pub unknown: Vec<String>,
}

/// What whoever decides should know first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeWarning {
    /// Somebody is left with nothing.
    LockOut,
    /// Somebody may write, or change who may, where they could not.
    NewWrite,
    /// Something is opened to everyone.
    Everyone,
    /// Something could not be told.
    NotKnown,
}

/// What persons are held together by: their grants as given, and their uid where policies tell persons
/// apart.
type Likeness = (Vec<RowId>, Option<Uid>);

impl Files {
    /// The roles and policies in force, at this moment.
    pub fn laws_now(&self) -> Laws<'_> {
        self.laws()
    }
}

impl Scales<'_> {
    /// Who gains and who loses what by a change.
    pub fn would_change(&self, proposed: &ProposedChange) -> Result<ChangeSet, FilesError> {
        let everybody = self.everybody;
        let (asked, groups) = (everybody.persons.len(), everybody.groups.clone());
        let mut set = ChangeSet { asked, groups, ..ChangeSet::default() };
        let grants: Vec<GrantRow> = everybody.grants.iter().cloned().map(as_for_anybody).collect();
        let after = proposed.everybody_after(everybody);
        for (_likeness, persons) in self.alike((&grants, &after), proposed) {
            self.go_on()?;
            let Some((first, _)) = persons.first() else { continue };
            let given = given_to(first, (&grants, everybody, &after), proposed);
            let affected = self.affected((first, persons.clone()), &given, proposed)?;
            set.persons.extend(affected);
        }
        for role in proposed.permissions.keys() {
            set.roles.extend(self.role_affected(role, proposed)?);
        }
        set.gained_by_all = gained_by_all(everybody, &set);
        set.warnings = warnings(&set, proposed);
        Ok(set)
    }

    /// That there is time left.
    fn go_on(&self) -> Result<(), FilesError> {
        self.patience.left()
    }

    /// All active persons, those together who cannot gain or lose differently.
    fn alike(
        &self,
        (grants, after): (&[GrantRow], &Everybody),
        proposed: &ProposedChange,
    ) -> BTreeMap<Likeness, Vec<(Uid, String)>> {
        let grants: Vec<&GrantRow> = grants.iter().chain(&proposed.given).collect();
        let told_apart = self.tells_apart(&grants, proposed);
        let moved: BTreeSet<&Uid> =
            proposed.joining.iter().chain(&proposed.leaving).map(|(_, uid)| uid).collect();
        let mut all: BTreeMap<Likeness, Vec<(Uid, String)>> = BTreeMap::new();
        for (uid, name) in &after.persons {
            let held = grants.iter().filter(|grant| after.holds(uid, &grant.subject));
            let held: Vec<RowId> = held.map(|grant| grant.id.clone()).collect();
            let own = (told_apart || moved.contains(uid)).then(|| uid.clone());
            all.entry((held, own)).or_default().push((uid.clone(), name.clone()));
        }
        joined(all, &grants, proposed)
    }

    /// Whether anything says something else of one person than of another whose grants are the same.
    fn tells_apart(&self, grants: &[&GrantRow], proposed: &ProposedChange) -> bool {
        let prefixes: Vec<&str> = grants.iter().map(|grant| grant.prefix.as_str()).collect();
        tells_apart(&self.documents(grants, proposed), &prefixes)
    }

    fn documents<'a>(
        &'a self,
        grants: &[&GrantRow],
        proposed: &'a ProposedChange,
    ) -> Vec<Arc<PolicyDocument>> {
        let roles: BTreeSet<&RoleName> = grants.iter().map(|grant| &grant.role).collect();
        let views = roles.into_iter().filter_map(|role| self.laws.role(role));
        let own = views.flat_map(|view| {
            let own = view.permissions.iter().chain(&view.boundary);
            own.map(|policy| Arc::clone(&policy.document)).collect::<Vec<_>>()
        });
        let new = proposed.permissions.values().flatten().chain(self.laws.bucket_policies.values());
        own.chain(new.map(|policy| Arc::clone(&policy.document))).collect()
    }

    fn affected(
        &self,
        (uid, persons): (&Uid, Vec<(Uid, String)>),
        given: &[Given],
        proposed: &ProposedChange,
    ) -> Result<Option<Affected>, FilesError> {
        let before = self.ways(uid, given, (Era::Before, proposed))?;
        let after = self.ways(uid, given, (Era::After, proposed))?;
        if !before.iter().chain(&after).any(|way| way.changed) {
            return Ok(None);
        }
        let (gained, more) = self.beyond(&after, &before)?;
        let (lost, less) = self.beyond(&before, &after)?;
        let unknown: Vec<String> = more.into_iter().chain(less).collect();
        if gained.is_empty() && lost.is_empty() && unknown.is_empty() {
            return Ok(None);
        }
        let locked_out = !lost.is_empty() && ways::allow_nothing(&after);
        Ok(Some(Affected { persons, gained, lost, locked_out, unknown }))
    }

    /// What the changed ones of these ways allow and none of the others does, grant by grant.
    fn beyond(
        &self,
        ways: &[OwnedWay],
        others: &[OwnedWay],
    ) -> Result<(Vec<PlaceChange>, Vec<String>), FilesError> {
        let account = self.laws.account;
        let changed: Vec<&OwnedWay> = ways.iter().filter(|way| way.changed).collect();
        let asked: Vec<_> = changed.iter().map(|way| way.borrowed(account)).collect();
        let others: Vec<_> = others.iter().map(|way| way.borrowed(account)).collect();
        let Beyond { differences, unknown } = self.all_beyond(&asked, &others)?;
        let mut by_way: BTreeMap<usize, Vec<Difference>> = BTreeMap::new();
        for difference in differences {
            by_way.entry(difference.way).or_default().push(difference);
        }
        let places = by_way.into_iter().filter_map(|(way, differences)| {
            let given = changed.get(way)?.given.as_ref()?;
            Some(PlaceChange {
                role: given.role.clone(),
                bucket: given.bucket.clone(),
                prefix: given.prefix.clone(),
                subject: given.subject.clone(),
                differences,
            })
        });
        Ok((places.collect(), unknown))
    }

    fn all_beyond(&self, ways: &[Way<'_>], others: &[Way<'_>]) -> Result<Beyond, FilesError> {
        let found = beyond(ways, others, (self.laws.partition, &|| self.go_on().is_ok()));
        self.go_on().map(|()| found)
    }

    fn role_affected(
        &self,
        role: &RoleName,
        proposed: &ProposedChange,
    ) -> Result<Option<RoleAffected>, FilesError> {
        let (before, after) =
            (self.role_ways(role, None)?, self.role_ways(role, proposed.permissions.get(role))?);
        let account = self.laws.account;
        let old: Vec<_> = before.iter().map(|way| way.borrowed(account)).collect();
        let new: Vec<_> = after.iter().map(|way| way.borrowed(account)).collect();
        let gained = self.all_beyond(&new, &old)?;
        let lost = self.all_beyond(&old, &new)?;
        if gained.is_nothing() && lost.is_nothing() {
            return Ok(None);
        }
        let unknown = gained.unknown.into_iter().chain(lost.unknown).collect();
        let (gained, lost) = (gained.differences, lost.differences);
        Ok(Some(RoleAffected { role: role.clone(), gained, lost, unknown }))
    }
}

/// The grants of somebody, each with what becomes of it.
fn given_to(
    uid: &Uid,
    (grants, before, after): (&[GrantRow], &Everybody, &Everybody),
    proposed: &ProposedChange,
) -> Vec<Given> {
    let all = grants.iter().chain(&proposed.given).filter_map(|grant| {
        let held = before.holds(uid, &grant.subject) && !proposed.is_given(&grant.id);
        let stays = after.holds(uid, &grant.subject) && !proposed.taken.contains(&grant.id);
        let era = match (held, stays) {
            (true, true) => Era::Both,
            (true, false) => Era::Before,
            (false, true) => Era::After,
            (false, false) => return None,
        };
        Some(Given { era, ..Given::held_by(uid, grant)? })
    });
    all.collect()
}

fn gained_by_all(everybody: &Everybody, set: &ChangeSet) -> bool {
    let gaining = set.persons.iter().filter(|affected| !affected.gained.is_empty());
    let gaining: BTreeSet<&Uid> =
        gaining.flat_map(|affected| affected.persons.iter().map(|(uid, _)| uid)).collect();
    let administers = |uid: &Uid| {
        let mut grants = everybody.grants.iter();
        grants.any(|one| everybody.administers(one) && everybody.holds(uid, &one.subject))
    };
    let mut others = everybody.persons.iter().filter(|(uid, _)| !administers(uid));
    !gaining.is_empty() && others.all(|(uid, _)| gaining.contains(uid))
}

/// Grants that say the same to different persons count as one.
fn joined(
    all: BTreeMap<Likeness, Vec<(Uid, String)>>,
    grants: &[&GrantRow],
    proposed: &ProposedChange,
) -> BTreeMap<Likeness, Vec<(Uid, String)>> {
    let mut first: BTreeMap<String, RowId> = BTreeMap::new();
    let mut same: BTreeMap<RowId, RowId> = BTreeMap::new();
    // What is given or taken away is like no other: it does not count before and after.
    let stays = |grant: &&&GrantRow| !proposed.concerns(grant);
    for grant in grants.iter().filter(stays) {
        let whose = match &grant.subject {
            GrantSubject::Person(_) => "person",
            GrantSubject::Group(id) => id.as_str(),
            GrantSubject::Everyone => "everyone",
        };
        let GrantRow { role, bucket, prefix, ends_at, .. } = grant;
        let meaning = format!("{role} {bucket} {prefix} {ends_at:?} {whose}");
        let one = first.entry(meaning).or_insert_with(|| grant.id.clone());
        same.insert(grant.id.clone(), one.clone());
    }
    let mut joined: BTreeMap<Likeness, Vec<(Uid, String)>> = BTreeMap::new();
    for ((held, own), persons) in all {
        let held: BTreeSet<RowId> =
            held.into_iter().map(|id| same.get(&id).cloned().unwrap_or(id)).collect();
        joined.entry((held.into_iter().collect(), own)).or_default().extend(persons);
    }
    joined
}

/// A grant to a person of what is theirs by their uid, as it would be given to everybody.
fn as_for_anybody(mut grant: GrantRow) -> GrantRow {
    if let GrantSubject::Person(uid) = &grant.subject
        && let Ok(prefix) = KeyPrefix::parse(&grant.prefix.as_str().replace(uid.as_str(), "${uid}"))
    {
        grant.prefix = prefix;
    }
    grant
}

/// Whether a class of actions changes something.
fn writes(level: Option<AccessLevel>) -> bool {
    match level {
        // What the tables do not know may do anything.
        None
        | Some(AccessLevel::Write | AccessLevel::PermissionsManagement | AccessLevel::Tagging) => {
            true
        }
        Some(AccessLevel::List | AccessLevel::Read) => false,
    }
}

fn warnings(set: &ChangeSet, proposed: &ProposedChange) -> Vec<ChangeWarning> {
    let gained = || set.persons.iter().flat_map(|one| &one.gained);
    let of_persons = gained().flat_map(|place| &place.differences);
    let of_roles = set.roles.iter().flat_map(|role| &role.gained);
    let unknown = set.persons.iter().any(|one| !one.unknown.is_empty())
        || set.roles.iter().any(|role| !role.unknown.is_empty());
    // A grant to everyone is one to those who come later, too.
    let given = proposed.given.iter().map(|grant| &grant.subject);
    let to_everyone = gained()
        .map(|place| &place.subject)
        .chain(given)
        .any(|subject| *subject == GrantSubject::Everyone)
        || (!proposed.permissions.is_empty() && set.gained_by_all);
    let found = [
        (set.persons.iter().any(|one| one.locked_out), ChangeWarning::LockOut),
        (of_persons.chain(of_roles).any(|one| writes(one.level)), ChangeWarning::NewWrite),
        (to_everyone, ChangeWarning::Everyone),
        (unknown, ChangeWarning::NotKnown),
    ];
    found.into_iter().filter(|(so, _)| *so).map(|(_, warning)| warning).collect()
}
