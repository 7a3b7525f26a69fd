//! The judgement of a grant at a place, once for each class of those who are judged alike.

use std::collections::HashMap;
use std::rc::Rc;

use wh_ledger::GrantRow;
use wh_names::{Action, Arn, BucketName, RoleName, Uid};
use wh_policy::extent::{Aim, Asking, Class, Extent, Reach, Span, Survey};
use wh_policy::{Context, Effect, NamedPolicy, PolicySet, Subject};

use super::{ActionReach, Census, Laws, REACH_ACTIONS, ReachPart, ReachPlace, ReachedBy};

/// The condition keys by which persons in sessions of one role differ.
const TELLING: [&str; 4] =
    ["aws:principaltag/", "aws:sourceidentity", "aws:userid", "sts:rolesessionname"];

/// What no session of a person holds besides what is known of it.
const ABSENT_OF_PERSONS: [&str; 1] = ["aws:PrincipalTag/*"];

/// How far each of [`REACH_ACTIONS`] reaches.
pub(super) type Verdict = [Reach; REACH_ACTIONS.len()];

/// Which judgements are one and the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Case {
    role: RoleName,
    /// Whether the grant covers all that is asked about, and whether all of its bucket.
    covers: (bool, bool),
    class: Class,
}

/// What a grant is judged about: the part of the place that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) span: Span,
    /// Whether that is all of the place.
    pub(super) whole: bool,
}

/// Judges grants at one place, and remembers.
pub(super) struct Judge<'a> {
    laws: &'a Laws<'a>,
    place: &'a ReachPlace,
    bucket: Arn,
    /// Whether the bucket's policy allows anything to anybody: then a session may do what its grant is
    /// not for.
    open: bool,
    /// What is known of those who are no persons.
    known: Context,
    census: &'a Census,
    told: HashMap<Case, Rc<Verdict>>,
    tells_apart: HashMap<RoleName, bool>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(laws: &'a Laws<'a>, census: &'a Census, place: &'a ReachPlace) -> Self {
        let policy = laws.bucket_policies.get(&place.bucket);
        let mut statements = policy.iter().flat_map(|policy| policy.document.statements());
        Self {
            bucket: Arn::bucket(laws.partition, &place.bucket),
            open: statements.any(|statement| statement.effect() == Effect::Allow),
            known: laws.known(None, census.at),
            laws,
            place,
            census,
            told: HashMap::new(),
            tells_apart: HashMap::new(),
        }
    }

    /// How many classes were judged.
    pub(super) fn classes(&self) -> usize {
        self.told.len()
    }

    /// The part of the place that a grant is for; none where it is for other places, and nothing is open to
    /// all.
    pub(super) fn region(&self, grant: &GrantRow) -> Option<Region> {
        let all = || Some(Region { span: self.place.span.clone(), whole: true });
        if self.open {
            return all();
        }
        let (prefix, bucket) = (grant.prefix.as_str(), &grant.bucket);
        if *bucket != self.place.bucket {
            return None;
        }
        let text = self.place.text();
        if text.starts_with(prefix) {
            return all();
        }
        let inside = matches!(self.place.span, Span::Under(_)) && prefix.starts_with(text);
        inside.then(|| Region { span: Span::Under(prefix.to_owned()), whole: false })
    }

    /// Whether a grant may mean something else for each of those who hold it.
    pub(super) fn is_by_person(&mut self, grant: &GrantRow) -> bool {
        let laws = self.laws;
        if grant.prefix.as_str().contains("${uid}") {
            return true;
        }
        let bucket = &self.place.bucket;
        *self.tells_apart.entry(grant.role.clone()).or_insert_with(|| {
            let policies = laws.policies(laws.role(&grant.role), bucket, None);
            TELLING.iter().any(|beginning| policies.name_key(beginning))
        })
    }

    /// The judgement of a grant as a person holds it.
    pub(super) fn of_grant(
        &mut self,
        (grant, region): (&GrantRow, &Region),
        uid: &Uid,
    ) -> Rc<Verdict> {
        let laws = self.laws;
        let Some(role) = laws.role(&grant.role) else { return Rc::new(nothing()) };
        let subject = laws.session_of(&grant.role, role, Some(uid));
        let known = laws.known(Some(uid), self.census.at);
        let narrowing = self.open.then(|| laws.narrowing(grant));
        let session = narrowing.as_ref().map(<[NamedPolicy; 1]>::as_slice);
        let policies = laws.policies(Some(role), &self.place.bucket, session);
        let asking = asking((laws, &self.bucket), policies, (&subject, &known));
        let case = Case {
            role: grant.role.clone(),
            covers: (region.whole, grant.prefix.as_str().is_empty()),
            class: Survey::of(asking, &region.span).class(&TELLING),
        };
        if let Some(told) = self.told.get(&case) {
            return Rc::clone(told);
        }
        let narrowing = laws.narrowing(grant);
        let policies = laws.policies(Some(role), &self.place.bucket, Some(&narrowing));
        let asking = Asking { policies, ..asking };
        let verdict = Rc::new(verdict(laws, asking, &region.span));
        self.told.insert(case, Rc::clone(&verdict));
        verdict
    }

    /// The judgement of a session that no grant narrows, or of a stranger.
    pub(super) fn of_role(&self, role: Option<&RoleName>) -> Verdict {
        let laws = self.laws;
        let view = role.and_then(|role| laws.role(role));
        let subject = match role.zip(view) {
            Some((name, view)) => laws.session_of(name, view, None),
            None => Subject::Anonymous,
        };
        let policies = laws.policies(view, &self.place.bucket, None);
        let asking = asking((laws, &self.bucket), policies, (&subject, &self.known));
        verdict(laws, Asking { absent: &[], ..asking }, &self.place.span)
    }

    /// The parts that keys are told apart by, for whoever reads a verdict: those of objects, and those of
    /// listings.
    pub(super) fn parts(
        &self,
        (grant, region): (&GrantRow, &Region),
        uid: &Uid,
    ) -> [Vec<ReachPart>; 2] {
        let laws = self.laws;
        let Some(role) = laws.role(&grant.role) else { return Default::default() };
        let subject = laws.session_of(&grant.role, role, Some(uid));
        let known = laws.known(Some(uid), self.census.at);
        let narrowing = laws.narrowing(grant);
        let policies = laws.policies(Some(role), &self.place.bucket, Some(&narrowing));
        let asking = asking((laws, &self.bucket), policies, (&subject, &known));
        spots(&Survey::of(asking, &region.span))
    }

    /// The same of a session that no grant narrows, or of a stranger.
    pub(super) fn parts_of_role(&self, role: Option<&RoleName>) -> [Vec<ReachPart>; 2] {
        let view = role.and_then(|role| self.laws.role(role));
        let policies = self.laws.policies(view, &self.place.bucket, None);
        let subject = Subject::Anonymous;
        let asking = asking((self.laws, &self.bucket), policies, (&subject, &self.known));
        spots(&Survey::of(asking, &self.place.span))
    }
}

fn spots(survey: &Survey<'_>) -> [Vec<ReachPart>; 2] {
    [Aim::Objects, Aim::Listing].map(|aim| {
        let spots = survey.spots(aim).iter();
        spots.map(|spot| ReachPart { text: spot.text.clone(), exact: spot.exact }).collect()
    })
}

fn asking<'a>(
    (laws, bucket): (&Laws<'a>, &'a Arn),
    policies: PolicySet<'a>,
    (subject, known): (&'a Subject, &'a Context),
) -> Asking<'a> {
    let account = laws.account;
    Asking { policies, subject, account, bucket, known, absent: &ABSENT_OF_PERSONS }
}

fn verdict(laws: &Laws<'_>, asking: Asking<'_>, span: &Span) -> Verdict {
    let survey = Survey::of(asking, span);
    let whole_bucket = matches!(span, Span::Under(_));
    REACH_ACTIONS.map(|(name, aim)| {
        let Ok(action) = Action::parse(name) else { return unreached() };
        if aim == Aim::Bucket && !whole_bucket {
            return unreached();
        }
        match laws.known_of(name, asking.known) {
            None => survey.reach(&action, aim),
            Some(known) => {
                let asking = Asking { known: &known, ..asking };
                Survey::of(asking, span).reach(&action, aim)
            }
        }
    })
}

fn unreached() -> Reach {
    Reach { extent: Extent::Nowhere, by: None, wanting: Vec::new(), spots: Vec::new() }
}

fn nothing() -> Verdict {
    REACH_ACTIONS.map(|_| unreached())
}

/// What of a verdict is worth telling: every action that reaches anything, seen from the place.
pub(super) fn told(
    verdict: &Verdict,
    (region, place): (&Region, &ReachPlace),
    parts: &[Vec<ReachPart>; 2],
) -> Vec<ActionReach> {
    let each = REACH_ACTIONS.iter().zip(verdict);
    let each =
        each.filter(|((_, aim), reach)| reach.extent != Extent::Nowhere && concerns(*aim, place));
    each.map(|((action, aim), reach)| {
        let extent = seen(reach.extent, *aim, region);
        let [of_objects, of_listings] = parts;
        let names = match aim {
            Aim::Objects => of_objects.as_slice(),
            Aim::Listing => of_listings.as_slice(),
            Aim::Bucket => &[],
        };
        let (parts, except) = match extent {
            Extent::Part if reach.extent == Extent::Everywhere => {
                (vec![ReachPart::under(text(&region.span))], Vec::new())
            }
            Extent::Part if !reach.spots.is_empty() => {
                let numbered = names.iter().cloned().enumerate();
                let sorted = numbered.partition::<Vec<_>, _>(|(at, _)| reach.spots.contains(at));
                (unnumbered(sorted.0), unnumbered(sorted.1))
            }
            Extent::Part
            | Extent::Nowhere
            | Extent::Unknown
            | Extent::Conditionally
            | Extent::Everywhere => Default::default(),
        };
        ActionReach {
            action,
            extent,
            by: reach.by.as_ref().map(|by| ReachedBy {
                policy_type: by
                    .policy_type
                    .map(|kind| kind.as_str().to_owned())
                    .unwrap_or_default(),
                policy: by.policy.clone(),
                statement: by.statement.clone(),
            }),
            wanting: reach.wanting.clone(),
            parts,
            except,
        }
    })
    .collect()
}

fn unnumbered(parts: Vec<(usize, ReachPart)>) -> Vec<ReachPart> {
    parts.into_iter().map(|(_, part)| part).collect()
}

pub(super) fn text(span: &Span) -> &str {
    match span {
        Span::Key(text) | Span::Under(text) => text,
    }
}

/// Whether an action is asked about at a place: what is done to a bucket, of the whole bucket alone.
pub(super) fn concerns(aim: Aim, place: &ReachPlace) -> bool {
    aim != Aim::Bucket || place.span == Span::Under(String::new())
}

/// What is everywhere in a part of a place is in a part of the place.
pub(super) fn seen(extent: Extent, aim: Aim, region: &Region) -> Extent {
    if extent == Extent::Everywhere && !region.whole && aim != Aim::Bucket {
        return Extent::Part;
    }
    extent
}

/// A bucket as a place.
pub(super) fn bucket_of(bucket: &BucketName, prefix: &str) -> ReachPlace {
    ReachPlace { bucket: bucket.clone(), span: Span::Under(prefix.to_owned()) }
}
