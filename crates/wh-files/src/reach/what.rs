//! What a person can reach.

use std::collections::BTreeMap;

use wh_ledger::{GrantRow, PersonStatus};
use wh_names::{BucketName, Uid};
use wh_people::Via;

use super::judge::{Judge, Region, bucket_of, text, told};
use super::{ActionReach, Census, Laws, ReachPart, ReachPlace};

/// What a person can reach.
#[derive(Debug, Clone)]
pub struct What {
    /// Who.
    pub uid: Uid,
    /// What they are called.
    pub name: String,
    /// How they stand: what they hold counts while they are active.
    pub status: PersonStatus,
    /// The places where they reach anything, by bucket and prefix: each comes after all that it lies in.
    pub places: Vec<WhatPlace>,
}

/// A place where somebody reaches something.
#[derive(Debug, Clone)]
pub struct WhatPlace {
    /// The bucket.
    pub bucket: BucketName,
    /// What keys there begin with, or the one key.
    pub part: ReachPart,
    /// In how many of the places before it lies this one.
    pub depth: usize,
    /// By what, and what.
    pub ways: Vec<WhatWay>,
}

/// A way to reach a place.
#[derive(Debug, Clone)]
pub struct WhatWay {
    /// The grant, with `${uid}` filled in, and by what the person holds it; none where it is open to anybody.
    pub grant: Option<(GrantRow, Via)>,
    /// What may be done, seen from the grant's place.
    pub reaches: Vec<ActionReach>,
}

/// What a person can reach. `None`: nobody has this uid.
pub fn what_is_reached(laws: &Laws<'_>, census: &Census, uid: &Uid) -> Option<What> {
    let person = census.persons.iter().find(|row| row.uid == *uid)?;
    let mut places: BTreeMap<(BucketName, ReachPart), Vec<WhatWay>> = BTreeMap::new();
    let mut add = |bucket: &BucketName, part: ReachPart, way: WhatWay| {
        places.entry((bucket.clone(), part)).or_default().push(way);
    };
    let held = census.held_by(uid);
    for bucket in laws.bucket_policies.keys() {
        let whole = bucket_of(bucket, "");
        let mut judge = Judge::new(laws, census, &whole);
        for (grant, via) in &held {
            // Where the bucket is open to anybody, a session may do what its grant is not for.
            let Some(region) = judge.region(grant) else { continue };
            let Region { span, .. } = region;
            let place = ReachPlace { bucket: bucket.clone(), span: span.clone() };
            let region = Region { span, whole: true };
            let reaches = of_grant(&mut judge, (grant, &region), (uid, &place));
            for (part, reaches) in by_part(&place, reaches) {
                let grant = Some((grant.clone(), via.clone()));
                add(bucket, part, WhatWay { grant, reaches });
            }
        }
        let region = Region { span: whole.span.clone(), whole: true };
        let reaches = told(&judge.of_role(None), (&region, &whole), &judge.parts_of_role(None));
        for (part, reaches) in by_part(&whole, reaches) {
            add(bucket, part, WhatWay { grant: None, reaches });
        }
    }
    Some(What {
        uid: uid.clone(),
        name: person.name.clone(),
        status: person.status,
        places: nested(places),
    })
}

fn of_grant(
    judge: &mut Judge<'_>,
    held: (&GrantRow, &Region),
    (uid, place): (&Uid, &ReachPlace),
) -> Vec<ActionReach> {
    let verdict = judge.of_grant(held, uid);
    told(&verdict, (held.1, place), &judge.parts(held, uid))
}

/// What is reached in parts is told of each part, and the rest of the place itself.
fn by_part(place: &ReachPlace, reaches: Vec<ActionReach>) -> BTreeMap<ReachPart, Vec<ActionReach>> {
    let own = ReachPart::under(text(&place.span));
    let mut parts: BTreeMap<ReachPart, Vec<ActionReach>> = BTreeMap::new();
    for reach in reaches {
        if reach.parts.is_empty() {
            parts.entry(own.clone()).or_default().push(reach);
            continue;
        }
        for part in &reach.parts {
            let within = |other: &&ReachPart| !part.exact && part.holds(&other.text);
            let except = reach.except.iter().filter(within).cloned().collect();
            let told = ActionReach { parts: vec![part.clone()], except, ..reach.clone() };
            parts.entry(part.clone()).or_default().push(told);
        }
    }
    parts
}

fn nested(places: BTreeMap<(BucketName, ReachPart), Vec<WhatWay>>) -> Vec<WhatPlace> {
    let mut out: Vec<WhatPlace> = Vec::with_capacity(places.len());
    let mut above: Vec<(BucketName, ReachPart)> = Vec::new();
    for ((bucket, part), ways) in places {
        let outside = |(b, over): &(BucketName, ReachPart)| {
            *b != bucket || over.exact || !over.holds(&part.text)
        };
        while above.last().is_some_and(outside) {
            above.pop();
        }
        let depth = above.len();
        above.push((bucket.clone(), part.clone()));
        out.push(WhatPlace { bucket, part, depth, ways });
    }
    out
}
