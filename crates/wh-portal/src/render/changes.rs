//! Change sets as they are sent.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use wh_files::{Affected, ChangeSet, ChangeWarning, PlaceChange, RoleAffected};
use wh_ledger::GrantSubject;
use wh_policy::analysis::Witness;
use wh_policy::changes::Difference;
use wh_policy::rails::{Breach, Broken, Missed};
use wh_policy::{Context, ContextValue};

use crate::changes::{Change, Refusal, Weighed};
use crate::routes::policies::class;
use crate::wire::{
    AccessDifferenceBody, ActionClassBody, AffectedPersonsBody, AffectedRoleBody,
    ChangeRefusalBody, ChangeSetBody, ChangeWarningBody, ChangedGrantSubjectBody, NamedPersonBody,
    OperatorOrderBody, PlaceChangeBody, WitnessRequestBody,
};

/// How many persons are named who gain and lose the same.
const PERSONS_NAMED_MAX: usize = 100;

/// What a change comes to, with the digest of it.
pub(crate) fn change_set(
    change: &Change,
    weighed: Weighed,
    operator: Option<OperatorOrderBody>,
) -> ChangeSetBody {
    let Weighed { set, refusals, base, estate: _, revision: _ } = weighed;
    let mut body = ChangeSetBody {
        digest: String::new(),
        asked: set.asked,
        persons: set.persons.iter().map(|one| affected(one, &set)).collect(),
        roles: set.roles.iter().map(role).collect(),
        warnings: set.warnings.iter().map(|one| warning(*one)).collect(),
        refusals: refusals.iter().map(refusal).collect(),
        base,
        operator,
    };
    body.digest = digest(change, &body);
    body
}

/// The digest of what is proposed and of all that is shown of it.
fn digest(change: &Change, body: &ChangeSetBody) -> String {
    let proposed = match change {
        Change::Permissions(role, document) => format!("permissions {role} {document:?}"),
        Change::Grant(grant) => {
            let (_, row) = &**grant;
            format!(
                "grant {:?} {} {} {} {} {:?}",
                row.subject, row.role, row.bucket, row.prefix, row.title, row.ends_at
            )
        }
        Change::Removal(id) => format!("removal {id}"),
        Change::Member(group, uid) => format!("member {group} {uid}"),
        Change::MemberRemoval(group, uid) => format!("member-removal {group} {uid}"),
        Change::GroupRemoval(group) => format!("group-removal {group}"),
        Change::Invitation(form) => format!("invitation {form:?}"),
        Change::Access(request) => {
            let (id, row, ends) = &**request;
            format!("access {id} {} {} {} {ends:?}", row.role, row.bucket, row.prefix)
        }
    };
    let shown = serde_json::to_string(body).unwrap_or_default();
    let sum = Sha256::digest(format!("{proposed}\n{shown}").as_bytes());
    sum.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn affected(one: &Affected, set: &ChangeSet) -> AffectedPersonsBody {
    let places = |all: &[PlaceChange]| all.iter().map(|place| place_change(place, set)).collect();
    let named = one
        .persons
        .iter()
        .take(PERSONS_NAMED_MAX)
        .map(|(uid, name)| NamedPersonBody { uid: uid.to_string(), name: Some(name.clone()) });
    AffectedPersonsBody {
        count: one.persons.len(),
        persons: named.collect(),
        gained: places(&one.gained),
        lost: places(&one.lost),
        locked_out: one.locked_out,
        unknown: one.unknown.clone(),
    }
}

fn place_change(place: &PlaceChange, set: &ChangeSet) -> PlaceChangeBody {
    PlaceChangeBody {
        role: place.role.to_string(),
        bucket: place.bucket.to_string(),
        prefix: place.prefix.to_string(),
        by: match &place.subject {
            GrantSubject::Person(_) => ChangedGrantSubjectBody::Person,
            GrantSubject::Group(id) => {
                ChangedGrantSubjectBody::Group { name: set.groups.get(id).cloned() }
            }
            GrantSubject::Everyone => ChangedGrantSubjectBody::Everyone,
        },
        differences: place.differences.iter().map(difference).collect(),
    }
}

fn role(one: &RoleAffected) -> AffectedRoleBody {
    AffectedRoleBody {
        role: one.role.to_string(),
        gained: one.gained.iter().map(difference).collect(),
        lost: one.lost.iter().map(difference).collect(),
        unknown: one.unknown.clone(),
    }
}

fn difference(one: &Difference) -> AccessDifferenceBody {
    AccessDifferenceBody {
        action: one.action.clone(),
        class: one.level.map_or(ActionClassBody::Other, class),
        request: request(&one.witness),
    }
}

fn request(witness: &Witness) -> WitnessRequestBody {
    WitnessRequestBody {
        action: witness.action.as_str().to_owned(),
        resource: witness.resource.to_string(),
        context: context(&witness.context),
    }
}

fn context(context: &Context) -> BTreeMap<String, Vec<String>> {
    let values = |value: &ContextValue| match value {
        ContextValue::One(value) => vec![value.clone()],
        ContextValue::Many(values) => values.clone(),
    };
    context.iter().map(|(key, value)| (key.to_owned(), values(value))).collect()
}

fn warning(one: ChangeWarning) -> ChangeWarningBody {
    match one {
        ChangeWarning::LockOut => ChangeWarningBody::LockOut,
        ChangeWarning::NewWrite => ChangeWarningBody::NewWrite,
        ChangeWarning::Everyone => ChangeWarningBody::Everyone,
        ChangeWarning::NotKnown => ChangeWarningBody::NotKnown,
    }
}

/// Why a change is not made.
fn refusal(one: &Refusal) -> ChangeRefusalBody {
    match one {
        Refusal::Rail(broken) => broken_rail(broken),
        Refusal::Expectation(Missed { name, why }) => {
            ChangeRefusalBody::Expectation { name: name.clone(), why: why.clone() }
        }
        Refusal::LastAdministrator => ChangeRefusalBody::LastAdministrator,
    }
}

/// A guard rail that does not hold for somebody.
pub(crate) fn broken_rail(Broken { rail, why, who, how }: &Broken) -> ChangeRefusalBody {
    ChangeRefusalBody::Rail {
        name: rail.clone(),
        why: why.clone(),
        who: who.clone(),
        request: match how {
            Breach::By(witness) => Some(request(witness)),
            Breach::NotProved(_) => None,
        },
    }
}
