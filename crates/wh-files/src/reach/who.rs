//! Who can reach a place.

use std::collections::HashMap;
use std::rc::Rc;

use jiff::Timestamp;
use wh_ledger::{GrantRow, GrantSubject, PersonRow, PersonStatus, RowId};
use wh_names::{BucketName, KeyPrefix, RoleName, Uid};
use wh_policy::extent::Extent;

use super::judge::{Judge, Region, Verdict, told};
use super::links::{WhoLink, links};
use super::requests::{WhoRequest, requests};
use super::tally::Tally;
use super::{ActionReach, Census, Laws, REACH_ACTIONS, ReachPlace};

/// What is asked, and which of the persons are to be named.
#[derive(Debug, Clone)]
pub struct WhoQuestion {
    /// The place.
    pub place: ReachPlace,
    /// Only persons whose names hold this, in any case; nothing: all.
    pub named: String,
    /// How many persons of those found come before the first that is named.
    pub from: usize,
    /// How many are named at most.
    pub persons_max: usize,
}

/// Who can reach a place.
#[derive(Debug, Clone)]
pub struct Who {
    /// The place.
    pub place: ReachPlace,
    /// How many active persons reach anything, action by action of [`REACH_ACTIONS`].
    pub totals: Vec<(&'static str, usize)>,
    /// How many active persons reach anything at all.
    pub persons_total: usize,
    /// How many of them have such a name as was asked for.
    pub persons_found: usize,
    /// Those of them that are named, by name.
    pub persons: Vec<WhoPerson>,
    /// The grants that count and give anything here, the oldest first; those that are alike but for the
    /// person who holds them are one.
    pub grants: Vec<WhoGrant>,
    /// What sessions reach that no grant narrows, role by role, and whose they are.
    pub roles: Vec<WhoRole>,
    /// What anybody reaches who signs nothing.
    pub strangers: Vec<ActionReach>,
    /// The shared links that open something here, the newest first; of the newest two hundred.
    pub links: Vec<WhoLink>,
    /// How many links there are to what lies here.
    pub links_total: usize,
    /// The file requests by which something is written here, the newest first; of the newest two hundred.
    pub requests: Vec<WhoRequest>,
    /// How many requests there are into what lies here.
    pub requests_total: usize,
    /// How many classes were judged.
    pub classes: usize,
}

/// Somebody who reaches the place.
#[derive(Debug, Clone)]
pub struct WhoPerson {
    /// Who.
    pub uid: Uid,
    /// What they are called.
    pub name: String,
    /// How far by all of their grants together; in parts, too, where several grants make up the whole.
    pub actions: Vec<(&'static str, Extent)>,
    /// By which of the grants: the id of the first of those that are alike.
    pub by: Vec<RowId>,
}

/// A grant that gives something at the place, or several that are alike.
#[derive(Debug, Clone)]
pub struct WhoGrant {
    /// The grant, as it is written; of several the first, with `${uid}` for its holder's uid.
    pub grant: GrantRow,
    /// How many they are. More than one are given to one person each, by name.
    pub grants: usize,
    /// What the person or the group is called that it is given to.
    pub subject_name: Option<String>,
    /// How many active persons reach something by it.
    pub persons: usize,
    /// What, and by which statements. Where it means something else for each, what it means to the first of
    /// those persons.
    pub reaches: Vec<ActionReach>,
    /// Whether it means the same for everybody who holds it.
    pub same_for_all: bool,
}

/// A role.
#[derive(Debug, Clone)]
pub struct WhoRole {
    /// The role.
    pub role: RoleName,
    /// The machines that are enrolled and get it.
    pub machines: Vec<String>,
    /// What its sessions reach.
    pub reaches: Vec<ActionReach>,
}

/// A grant, and what is found of it.
struct Tried<'a> {
    grant: &'a GrantRow,
    by_person: bool,
    /// Of one that means the same for all.
    same: Option<(Region, Rc<Verdict>, Tally)>,
    persons: usize,
    first: Option<(GrantRow, Uid)>,
}

/// Who can reach a place.
pub fn who_reaches(laws: &Laws<'_>, census: &Census, question: &WhoQuestion) -> Who {
    let place = &question.place;
    let mut judge = Judge::new(laws, census, place);
    let mut tried = tried(&mut judge, census, place);
    let holders = Holders::of(census, &tried);
    let mut reaching: Vec<(&PersonRow, Tally)> = Vec::new();
    for person in census.persons.iter().filter(|row| row.status == PersonStatus::Active) {
        let mut sum = Tally::default();
        for at in holders.grants_of(&person.uid) {
            let Some(one) = tried.get_mut(at) else { continue };
            let gives = one.gives(&mut judge, (&person.uid, place));
            if gives.is_empty() {
                continue;
            }
            one.persons += 1;
            sum.add(gives);
        }
        if !sum.is_empty() {
            reaching.push((person, sum));
        }
    }
    let totals = REACH_ACTIONS.iter().enumerate().map(|(at, (action, _))| {
        let reaches = |(_, tally): &&(&PersonRow, Tally)| tally.extent(at).any();
        (*action, reaching.iter().filter(reaches).count())
    });
    let totals = totals.collect();
    let persons_total = reaching.len();
    let named = question.named.to_lowercase();
    reaching.retain(|(person, _)| person.name.to_lowercase().contains(&named));
    reaching.sort_by(|(a, _), (b, _)| (&a.name_key, &a.uid).cmp(&(&b.name_key, &b.uid)));
    let persons_found = reaching.len();
    let page = reaching.into_iter().skip(question.from).take(question.persons_max);
    let page: Vec<_> = page.collect();
    let alike = Alike::of(&tried);
    let persons = page.into_iter().map(|(person, sum)| {
        let by = holders.grants_of(&person.uid).filter_map(|at| {
            let one = tried.get_mut(at)?;
            let gives = one.gives(&mut judge, (&person.uid, place));
            (!gives.is_empty()).then(|| alike.id_of(at).unwrap_or(&one.grant.id).clone())
        });
        WhoPerson {
            by: by.collect(),
            uid: person.uid.clone(),
            name: person.name.clone(),
            actions: actions(sum),
        }
    });
    let persons = persons.collect();
    let grants = alike.told(&tried, &mut judge, (census, place));
    let roles = roles(&judge, laws, (census, place));
    let (links, links_total) = links(laws, census, place);
    let (requests, requests_total) = requests(laws, census, place);
    Who {
        totals,
        persons_total,
        persons_found,
        persons,
        grants,
        roles,
        strangers: of_role(&judge, None, place),
        links,
        links_total,
        requests,
        requests_total,
        place: place.clone(),
        classes: judge.classes(),
    }
}

fn actions(tally: Tally) -> Vec<(&'static str, Extent)> {
    let all = REACH_ACTIONS.iter().enumerate().map(|(at, (action, _))| (*action, tally.extent(at)));
    all.filter(|(_, extent)| *extent != Extent::Nowhere).collect()
}

/// The grants that count, each judged where it means the same for all.
fn tried<'a>(judge: &mut Judge<'_>, census: &'a Census, place: &ReachPlace) -> Vec<Tried<'a>> {
    // Whoever it is, such a grant means the same.
    let anybody = census.persons.first().map(|row| row.uid.clone());
    let counting = census.grants.iter().filter(|grant| grant.counts_at(census.at));
    let each = counting.map(|grant| {
        let by_person = judge.is_by_person(grant);
        let region = judge.region(grant).filter(|_| !by_person).zip(anybody.as_ref());
        let same = region.map(|(region, uid)| {
            let verdict = judge.of_grant((grant, &region), uid);
            let tally = Tally::of(&verdict, (&region, place));
            (region, verdict, tally)
        });
        Tried { grant, by_person, same, persons: 0, first: None }
    });
    each.filter(|one| one.by_person || one.same.as_ref().is_some_and(|(.., it)| !it.is_empty()))
        .collect()
}

impl<'a> Tried<'a> {
    /// What it has in common with those that are alike; none where it is not given to a person.
    fn kind(&self) -> Option<Kind<'a>> {
        self.grant.subject.uid()?;
        let GrantRow { role, bucket, title, ends_at, .. } = self.grant;
        let (_, verdict, _) = self.same.as_ref()?;
        Some((role, bucket, self.written(), title, *ends_at, Rc::as_ptr(verdict)))
    }

    /// The prefix with `${uid}` for its holder's uid.
    fn written(&self) -> String {
        let prefix = self.grant.prefix.as_str();
        let uid = self.grant.subject.uid().map(Uid::as_str);
        uid.map_or_else(|| prefix.to_owned(), |uid| prefix.replace(uid, "${uid}"))
    }

    /// What it gives to somebody who holds it.
    fn gives(&mut self, judge: &mut Judge<'_>, (uid, place): (&Uid, &ReachPlace)) -> Tally {
        if let Some((_, _, tally)) = &self.same {
            return *tally;
        }
        let Some(held) = self.grant.clone().as_held_by(uid) else { return Tally::default() };
        let Some(region) = judge.region(&held) else { return Tally::default() };
        let verdict = judge.of_grant((&held, &region), uid);
        let tally = Tally::of(&verdict, (&region, place));
        if self.first.is_none() && !tally.is_empty() {
            self.first = Some((held, uid.clone()));
        }
        tally
    }

    fn told(&self, judge: &mut Judge<'_>, (census, place): (&Census, &ReachPlace)) -> WhoGrant {
        let anybody = census.persons.first().map(|row| &row.uid);
        let reaches = match (&self.same, &self.first) {
            (Some((region, verdict, _)), _) => {
                let parts = anybody.map(|uid| judge.parts((self.grant, region), uid));
                told(verdict, (region, place), &parts.unwrap_or_default())
            }
            (None, Some((held, uid))) => judge.region(held).map_or_else(Vec::new, |region| {
                let verdict = judge.of_grant((held, &region), uid);
                told(&verdict, (&region, place), &judge.parts((held, &region), uid))
            }),
            (None, None) => Vec::new(),
        };
        WhoGrant {
            subject_name: census.subject_name(self.grant).map(str::to_owned),
            grant: self.grant.clone(),
            grants: 1,
            persons: self.persons,
            reaches,
            same_for_all: !self.by_person,
        }
    }
}

/// Grants that are alike but for the person who holds them: homes, what everybody was given who came in.
struct Alike<'a> {
    /// For each of those tried, the number of the first that it is alike.
    first_of: Vec<usize>,
    ids: Vec<&'a RowId>,
}

/// What grants that are alike have in common: the role, the place with `${uid}`, the title, the end, and the
/// judgement.
type Kind<'a> = (&'a RoleName, &'a BucketName, String, &'a str, Option<Timestamp>, *const Verdict);

impl<'a> Alike<'a> {
    fn of(tried: &[Tried<'a>]) -> Self {
        let mut firsts: HashMap<Kind<'a>, usize> = HashMap::new();
        let first_of = tried.iter().enumerate().map(|(at, one)| {
            let kind = one.kind();
            kind.map_or(at, |kind| *firsts.entry(kind).or_insert(at))
        });
        Self { first_of: first_of.collect(), ids: tried.iter().map(|one| &one.grant.id).collect() }
    }

    fn id_of(&self, at: usize) -> Option<&'a RowId> {
        self.ids.get(*self.first_of.get(at)?).copied()
    }

    /// Each of them once.
    fn told(
        &self,
        tried: &[Tried<'a>],
        judge: &mut Judge<'_>,
        of: (&Census, &ReachPlace),
    ) -> Vec<WhoGrant> {
        let mut counted: HashMap<usize, (usize, usize)> = HashMap::new();
        for (first, one) in self.first_of.iter().zip(tried) {
            let (grants, persons) = counted.entry(*first).or_default();
            *grants += usize::from(one.persons > 0);
            *persons += one.persons;
        }
        let firsts = tried.iter().enumerate().filter_map(|(at, one)| {
            let (grants, persons) = *counted.get(&at)?;
            let mut told = (persons > 0).then(|| one.told(judge, of))?;
            (told.grants, told.persons) = (grants, persons);
            if grants > 1 {
                let written = one.written();
                told.same_for_all &= written == one.grant.prefix.as_str();
                told.grant.prefix = KeyPrefix::parse(&written).unwrap_or(told.grant.prefix);
            }
            Some(told)
        });
        firsts.collect()
    }
}

/// Which of the grants who holds, by number.
struct Holders<'a> {
    everyone: Vec<usize>,
    groups: HashMap<&'a RowId, Vec<usize>>,
    own: HashMap<&'a Uid, Vec<usize>>,
    inside: HashMap<&'a Uid, Vec<&'a RowId>>,
}

impl<'a> Holders<'a> {
    fn of(census: &'a Census, tried: &[Tried<'a>]) -> Self {
        let mut holders = Self {
            everyone: Vec::new(),
            groups: HashMap::new(),
            own: HashMap::new(),
            inside: HashMap::new(),
        };
        for (at, one) in tried.iter().enumerate() {
            match &one.grant.subject {
                GrantSubject::Everyone => holders.everyone.push(at),
                GrantSubject::Group(id) => holders.groups.entry(id).or_default().push(at),
                GrantSubject::Person(uid) => holders.own.entry(uid).or_default().push(at),
            }
        }
        for member in &census.memberships {
            holders.inside.entry(&member.uid).or_default().push(&member.group);
        }
        holders
    }

    fn grants_of(&self, uid: &Uid) -> impl Iterator<Item = usize> {
        let groups = self.inside.get(uid).into_iter().flatten();
        let by_group = groups.filter_map(|id| self.groups.get(*id)).flatten();
        let own = self.own.get(uid).into_iter().flatten();
        self.everyone.iter().chain(by_group).chain(own).copied()
    }
}

fn roles(
    judge: &Judge<'_>,
    laws: &Laws<'_>,
    (census, place): (&Census, &ReachPlace),
) -> Vec<WhoRole> {
    let each = laws.roles.keys().map(|role| WhoRole {
        reaches: of_role(judge, Some(role), place),
        machines: census.machines_of(role),
        role: role.clone(),
    });
    each.filter(|one| !one.reaches.is_empty()).collect()
}

fn of_role(judge: &Judge<'_>, role: Option<&RoleName>, place: &ReachPlace) -> Vec<ActionReach> {
    let region = Region { span: place.span.clone(), whole: true };
    let verdict = judge.of_role(role);
    told(&verdict, (&region, place), &judge.parts_of_role(role))
}
