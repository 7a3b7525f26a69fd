//! Who reaches what, as it travels.

use wh_files::{
    ActionReach, ReachPart, What, WhatPlace, WhatWay, Who, WhoGrant, WhoLink, WhoPerson,
    WhoRequest, WhoRole,
};
use wh_people::GrantSubject;
use wh_policy::extent::Extent;

use super::links::showing;
use super::{person_status, via};
use crate::wire::{
    ActionReachBody, ExtentBody, PersonActionBody, ReachPartBody, WhatBody, WhatPlaceBody,
    WhatWayBody, WhoBody, WhoGrantBody, WhoLinkBody, WhoPersonBody, WhoRequestBody, WhoRoleBody,
    WhoSubjectBody, WhoTotalBody,
};

/// How many grants are told, the oldest first: where policies tell persons apart, each has their own.
const GRANTS_MAX: usize = 200;

pub(crate) fn who(who: Who) -> WhoBody {
    let total = |(action, persons): (&str, usize)| WhoTotalBody {
        action: action.to_owned(),
        persons: persons as u64,
    };
    WhoBody {
        bucket: who.place.bucket.as_str().to_owned(),
        key: who.place.text().to_owned(),
        totals: who.totals.into_iter().map(total).collect(),
        persons_total: who.persons_total as u64,
        persons_found: who.persons_found as u64,
        persons: who.persons.into_iter().map(person).collect(),
        grants_total: who.grants.len() as u64,
        grants: who.grants.into_iter().take(GRANTS_MAX).map(grant).collect(),
        roles: who.roles.into_iter().map(role).collect(),
        strangers: reaches(who.strangers),
        links: who.links.into_iter().filter_map(link).collect(),
        links_total: who.links_total as u64,
        requests: who.requests.into_iter().filter_map(request).collect(),
        requests_total: who.requests_total as u64,
    }
}

fn request(request: WhoRequest) -> Option<WhoRequestBody> {
    Some(WhoRequestBody {
        extent: how_far(request.extent)?,
        id: request.id.to_string(),
        uid: request.uid.as_str().to_owned(),
        name: request.name,
        key: request.key,
        title: request.title,
        password: request.password,
        until: request.ends.map(|end| end.to_string()),
    })
}

fn link(link: WhoLink) -> Option<WhoLinkBody> {
    Some(WhoLinkBody {
        extent: how_far(link.extent)?,
        id: link.id.to_string(),
        uid: link.uid.as_str().to_owned(),
        name: link.name,
        key: link.key,
        showing: showing(link.showing),
        password: link.password,
        until: link.ends.map(|end| end.to_string()),
    })
}

fn person(person: WhoPerson) -> WhoPersonBody {
    let action = |(action, extent): (&str, Extent)| {
        Some(PersonActionBody { action: action.to_owned(), extent: how_far(extent)? })
    };
    WhoPersonBody {
        uid: person.uid.as_str().to_owned(),
        name: person.name,
        actions: person.actions.into_iter().filter_map(action).collect(),
        by: person.by.iter().map(|id| id.as_str().to_owned()).collect(),
    }
}

fn grant(one: WhoGrant) -> WhoGrantBody {
    let grant = one.grant;
    WhoGrantBody {
        id: grant.id.as_str().to_owned(),
        subject: match grant.subject {
            GrantSubject::Person(_) if one.grants > 1 => WhoSubjectBody::Persons,
            GrantSubject::Person(uid) => {
                WhoSubjectBody::Person { uid: uid.as_str().to_owned(), name: one.subject_name }
            }
            GrantSubject::Group(id) => {
                WhoSubjectBody::Group { id: id.as_str().to_owned(), name: one.subject_name }
            }
            GrantSubject::Everyone => WhoSubjectBody::Everyone,
        },
        title: grant.title,
        role: grant.role.as_str().to_owned(),
        bucket: grant.bucket.as_str().to_owned(),
        prefix: grant.prefix.as_str().to_owned(),
        until: grant.ends_at.map(|end| end.to_string()),
        persons: one.persons as u64,
        reaches: reaches(one.reaches),
        same_for_all: one.same_for_all,
    }
}

fn role(one: WhoRole) -> WhoRoleBody {
    WhoRoleBody {
        role: one.role.as_str().to_owned(),
        machines: one.machines,
        reaches: reaches(one.reaches),
    }
}

pub(crate) fn what(what: What) -> WhatBody {
    WhatBody {
        uid: what.uid.as_str().to_owned(),
        name: what.name,
        status: person_status(what.status),
        places: what.places.into_iter().map(place).collect(),
    }
}

fn place(place: WhatPlace) -> WhatPlaceBody {
    WhatPlaceBody {
        bucket: place.bucket.as_str().to_owned(),
        part: part(place.part),
        depth: place.depth as u64,
        ways: place.ways.into_iter().map(way).collect(),
    }
}

fn way(way: WhatWay) -> WhatWayBody {
    let (grant, by) = way.grant.unzip();
    let of_grant = grant.as_ref();
    WhatWayBody {
        grant: of_grant.map(|grant| grant.id.as_str().to_owned()),
        title: of_grant.map(|grant| grant.title.clone()),
        role: of_grant.map(|grant| grant.role.as_str().to_owned()),
        until: of_grant.and_then(|grant| grant.ends_at).map(|end| end.to_string()),
        by: by.map(via),
        reaches: reaches(way.reaches),
    }
}

fn reaches(reaches: Vec<ActionReach>) -> Vec<ActionReachBody> {
    reaches.into_iter().filter_map(reach).collect()
}

fn reach(reach: ActionReach) -> Option<ActionReachBody> {
    let by = reach.by.as_ref();
    Some(ActionReachBody {
        action: reach.action.to_owned(),
        extent: how_far(reach.extent)?,
        policy_type: by.map(|by| by.policy_type.clone()),
        policy: by.and_then(|by| by.policy.clone()),
        statement: by.and_then(|by| by.statement.clone()),
        wanting: reach.wanting,
        parts: reach.parts.into_iter().map(part).collect(),
        except: reach.except.into_iter().map(part).collect(),
    })
}

/// What reaches nothing is not told.
fn how_far(extent: Extent) -> Option<ExtentBody> {
    match extent {
        Extent::Nowhere => None,
        Extent::Unknown => Some(ExtentBody::Unknown),
        Extent::Conditionally => Some(ExtentBody::Conditionally),
        Extent::Part => Some(ExtentBody::Part),
        Extent::Everywhere => Some(ExtentBody::Everywhere),
    }
}

fn part(part: ReachPart) -> ReachPartBody {
    ReachPartBody { text: part.text, exact: part.exact }
}
