//! Who holds which grant, and by what: their own name, a group, or because everybody does.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use wh_ledger::{
    AccessRevision, GrantRow, GrantSubject, Holding, Ledger, LedgerError, PersonStatus, RowId,
};
use wh_names::{RoleName, Uid};

use crate::{AdministrationError, Administrator, People, Person};

/// By what a person holds a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// It is given to them by name.
    Own,
    /// It is given to a group that they are in.
    Group {
        /// The group.
        id: RowId,
        /// What it is called.
        name: String,
    },
    /// It is given to everyone.
    Everyone,
}

/// Somebody, by uid and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPerson {
    /// Who it is, for ever.
    pub uid: Uid,
    /// What they are called; nothing, when they are no more.
    pub name: Option<String>,
}

/// A grant that counts for a person, with `${uid}` filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldGrant {
    /// The grant.
    pub grant: GrantRow,
    /// By what the person holds it.
    pub via: Via,
}

/// A grant as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRecord {
    /// The grant.
    pub grant: GrantRow,
    /// What the person or the group is called that it is given to.
    pub subject_name: Option<String>,
    /// Who gave it; nobody, when the house did by its own rules or an operator did.
    pub given_by: Option<NamedPerson>,
    /// Whether it has not ended.
    pub counts: bool,
}

/// Everybody who is active, and all that is given: what a change of grants or roles is held against.
#[derive(Debug, Clone)]
pub struct Everybody {
    /// The active persons.
    pub persons: Vec<(Uid, String)>,
    /// The grants that count at this moment, as they are given.
    pub grants: Vec<GrantRow>,
    /// The groups, by what they are called.
    pub groups: HashMap<RowId, String>,
    /// Of what revision of access this is.
    pub revision: AccessRevision,
    /// How many versions of permissions were saved by then.
    pub policy_versions: i64,
    memberships: HashMap<Uid, Vec<RowId>>,
    able: BTreeSet<Uid>,
    administration: Holding,
}

impl Everybody {
    /// Whether a person holds what is given to a subject.
    pub fn holds(&self, uid: &Uid, subject: &GrantSubject) -> bool {
        match subject {
            GrantSubject::Person(given) => given == uid,
            GrantSubject::Group(group) => {
                self.memberships.get(uid).is_some_and(|groups| groups.contains(group))
            }
            GrantSubject::Everyone => true,
        }
    }

    /// Reads it, as it is at one moment. `administration` is the grant that makes an administrator.
    pub async fn read(
        ledger: &Ledger,
        administration: &Holding,
        now: Timestamp,
    ) -> Result<Self, LedgerError> {
        let rows = ledger.access_rows().await?;
        let active = rows.persons.into_iter().filter(|row| row.status == PersonStatus::Active);
        let mut memberships: HashMap<Uid, Vec<RowId>> = HashMap::new();
        for member in rows.memberships {
            memberships.entry(member.uid).or_default().push(member.group);
        }
        Ok(Self {
            persons: active.map(|person| (person.uid, person.name)).collect(),
            grants: rows.grants.into_iter().filter(|grant| grant.counts_at(now)).collect(),
            groups: rows.groups.into_iter().map(|row| (row.id, row.name)).collect(),
            revision: rows.revision,
            policy_versions: rows.policy_versions,
            memberships,
            able: rows.able,
            administration: administration.clone(),
        })
    }

    /// The same, with one person more, who is in no group.
    #[must_use]
    pub fn joined_by(mut self, uid: &Uid, name: &str) -> Self {
        self.persons.push((uid.clone(), name.to_owned()));
        self
    }

    /// The same, in which a person is in a group.
    #[must_use]
    pub fn with_member(mut self, group: &RowId, uid: &Uid) -> Self {
        let groups = self.memberships.entry(uid.clone()).or_default();
        if !groups.contains(group) {
            groups.push(group.clone());
        }
        self
    }

    /// The same, in which a person is not in a group.
    #[must_use]
    pub fn without_member(mut self, group: &RowId, uid: &Uid) -> Self {
        self.memberships.entry(uid.clone()).or_default().retain(|inside| inside != group);
        self
    }

    /// Whether a grant is the one that makes an administrator, given by name and without an end.
    pub fn administers(&self, grant: &GrantRow) -> bool {
        self.administration.is_given_by(grant)
    }

    /// Who is in a group, active or not.
    pub fn members(&self, group: &RowId) -> BTreeSet<&Uid> {
        let inside = self.memberships.iter().filter(|(_, groups)| groups.contains(group));
        inside.map(|(uid, _)| uid).collect()
    }

    /// Whether a person is active and an administrator.
    pub fn is_administrator(&self, uid: &Uid) -> bool {
        let gives = |grant: &GrantRow| self.administers(grant) && self.holds(uid, &grant.subject);
        self.persons.iter().any(|(active, _)| active == uid) && self.grants.iter().any(gives)
    }

    /// The role that administrators have.
    pub fn admin_role(&self) -> &RoleName {
        &self.administration.role
    }

    /// The active persons who hold what is given to a subject and who could sign in.
    pub fn able_holders(&self, subject: &GrantSubject) -> impl Iterator<Item = &Uid> {
        let holds = move |uid: &&Uid| self.able.contains(*uid) && self.holds(uid, subject);
        self.persons.iter().map(|(uid, _)| uid).filter(holds)
    }
}

impl People {
    /// Everybody who is active, and all that is given.
    pub async fn everybody(
        &self,
        _administrator: &Administrator,
    ) -> Result<Everybody, LedgerError> {
        Everybody::read(self.ledger(), self.administration(), self.now()).await
    }

    /// The grants that count for a person at this moment: their own, their groups' and everyone's, with
    /// `${uid}` filled in. Whoever came by an API token has those alone that the token is for.
    pub async fn grants_for(&self, person: &Person) -> Result<Vec<GrantRow>, LedgerError> {
        let now = self.now();
        let mut grants = self.grants_ever_for(person).await?;
        grants.retain(|grant| grant.counts_at(now));
        Ok(grants)
    }

    /// The same with those that have ended, so that it can be told that they have.
    pub async fn grants_ever_for(&self, person: &Person) -> Result<Vec<GrantRow>, LedgerError> {
        if let Some(grant) = seen_grant(person) {
            return Ok(vec![grant.clone()]);
        }
        let grants = self.ledger().grants_ever_for(person.uid()).await?;
        let held = grants.into_iter().filter_map(|grant| grant.as_held_by(person.uid()));
        Ok(held.filter(|grant| is_in_reach(person, grant)).collect())
    }

    /// What a person holds at this moment, and by what.
    pub async fn locations_of(&self, person: &Person) -> Result<Vec<HeldGrant>, LedgerError> {
        if let Some(grant) = seen_grant(person) {
            return Ok(vec![HeldGrant { grant: grant.clone(), via: Via::Own }]);
        }
        let mut held = self.held_by(person.uid()).await?;
        held.retain(|held| is_in_reach(person, &held.grant));
        Ok(held)
    }

    /// What anybody holds at this moment, and by what; it counts while they are active.
    pub async fn effective_locations(
        &self,
        _administrator: &Administrator,
        uid: &Uid,
    ) -> Result<Vec<HeldGrant>, AdministrationError> {
        self.existing(uid).await?;
        Ok(self.held_by(uid).await?)
    }

    /// What somebody would hold at this moment who is as they are now, and in one more group besides; and
    /// how they stand: it counts while they are active.
    pub async fn would_hold(
        &self,
        _administrator: &Administrator,
        uid: &Uid,
        also_in: Option<&RowId>,
    ) -> Result<(PersonStatus, Vec<HeldGrant>), AdministrationError> {
        let status = self.existing(uid).await?.status;
        let mut held = self.held_by(uid).await?;
        let Some(group) = also_in else { return Ok((status, held)) };
        let names = self.group_names().await?;
        let name = names.get(group).ok_or(AdministrationError::NoSuchGroup)?;
        let (now, given) = (self.now(), GrantSubject::Group(group.clone()));
        for grant in self.ledger().grants().await? {
            let has = held.iter().any(|held| held.grant.id == grant.id);
            if has || grant.subject != given || !grant.counts_at(now) {
                continue;
            }
            let via = Via::Group { id: group.clone(), name: name.clone() };
            held.extend(grant.as_held_by(uid).map(|grant| HeldGrant { grant, via }));
        }
        Ok((status, held))
    }

    /// Every grant, the oldest first, those included that have ended.
    pub async fn all_grants(
        &self,
        _administrator: &Administrator,
    ) -> Result<Vec<GrantRecord>, AdministrationError> {
        Ok(self.grant_records(self.ledger().grants().await?).await?)
    }

    /// Grants with the names that belong to them.
    pub(crate) async fn grant_records(
        &self,
        grants: Vec<GrantRow>,
    ) -> Result<Vec<GrantRecord>, LedgerError> {
        let (names, groups, now) = (self.names().await?, self.group_names().await?, self.now());
        let record = |grant| record(grant, (&names, &groups), now);
        Ok(grants.into_iter().map(record).collect())
    }

    pub(crate) async fn grant_record(&self, grant: GrantRow) -> Result<GrantRecord, LedgerError> {
        let (names, groups) = (self.names().await?, self.group_names().await?);
        Ok(record(grant, (&names, &groups), self.now()))
    }

    /// The persons for whom a grant counts, unless it is everyone's.
    pub(crate) async fn holders_of(&self, grant: &GrantRow) -> Result<Vec<Uid>, LedgerError> {
        match &grant.subject {
            GrantSubject::Person(uid) => Ok(vec![uid.clone()]),
            GrantSubject::Group(id) => self.in_group(id).await,
            GrantSubject::Everyone => Ok(Vec::new()),
        }
    }

    /// The names of all persons.
    pub(crate) async fn names(&self) -> Result<HashMap<Uid, String>, LedgerError> {
        let persons = self.ledger().persons().await?;
        Ok(persons.into_iter().map(|row| (row.uid, row.name)).collect())
    }

    async fn held_by(&self, uid: &Uid) -> Result<Vec<HeldGrant>, LedgerError> {
        let grants = self.ledger().grants_for(uid, self.now()).await?;
        let groups = self.group_names().await?;
        let held = grants.into_iter().filter_map(|grant| {
            let via = match &grant.subject {
                GrantSubject::Person(_) => Via::Own,
                GrantSubject::Group(id) => {
                    Via::Group { id: id.clone(), name: groups.get(id).cloned().unwrap_or_default() }
                }
                GrantSubject::Everyone => Via::Everyone,
            };
            Some(HeldGrant { grant: grant.as_held_by(uid)?, via })
        });
        Ok(held.collect())
    }

    async fn group_names(&self) -> Result<HashMap<RowId, String>, LedgerError> {
        let groups = self.ledger().person_groups().await?;
        Ok(groups.into_iter().map(|row| (row.id, row.name)).collect())
    }
}

/// The one grant of whoever is seen as a role.
fn seen_grant(person: &Person) -> Option<&GrantRow> {
    person.seen().and_then(|seen| seen.grant.as_ref())
}

/// Whether a grant is one that a person may use as they came: by a session, all; by an API token, those
/// that it is for.
fn is_in_reach(person: &Person, grant: &GrantRow) -> bool {
    person.scope().is_none_or(|scope| scope.covers(grant))
}

pub(crate) fn named(uid: &Uid, names: &HashMap<Uid, String>) -> NamedPerson {
    NamedPerson { uid: uid.clone(), name: names.get(uid).cloned() }
}

fn record(
    grant: GrantRow,
    (names, groups): (&HashMap<Uid, String>, &HashMap<RowId, String>),
    now: Timestamp,
) -> GrantRecord {
    GrantRecord {
        subject_name: match &grant.subject {
            GrantSubject::Person(uid) => names.get(uid).cloned(),
            GrantSubject::Group(id) => groups.get(id).cloned(),
            GrantSubject::Everyone => None,
        },
        given_by: grant.created_by.as_ref().map(|uid| named(uid, names)),
        counts: grant.counts_at(now),
        grant,
    }
}
