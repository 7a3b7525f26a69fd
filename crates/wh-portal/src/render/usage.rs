//! What roles were used for, as it travels.

use wh_files::{PolicyUse, RoleUse, StatementUse, UnusedGrant};
use wh_ledger::RolePlaceUse;
use wh_people::GrantSubject;
use wh_policy::Effect;

use crate::wire::{
    PlaceUseBody, PolicyUseBody, RoleUseBody, StatementEffectBody, StatementUseBody,
    UnusedGrantBody, WhoSubjectBody,
};

pub(crate) fn role_use(found: RoleUse) -> RoleUseBody {
    RoleUseBody {
        role: found.role.as_str().to_owned(),
        from: found.from.to_string(),
        until: found.at.to_string(),
        known_since: found.kept.since.map(|since| since.to_string()),
        lost_at: found.kept.lost.map(|lost| lost.to_string()),
        whole: found.is_whole(),
        persons: found.users.persons,
        machines: found.users.machines,
        others: found.users.others,
        places: found.places.into_iter().map(place).collect(),
        places_left_out: found.places_left_out,
        widened: found.widened,
        policies: found.policies.into_iter().map(policy).collect(),
        unused_grants: found.unused_grants.into_iter().map(grant).collect(),
    }
}

fn place(row: RolePlaceUse) -> PlaceUseBody {
    PlaceUseBody {
        folder: row.place.get(1..).map(str::to_owned),
        listing: row.place.starts_with('?'),
        action: row.action,
        bucket: row.bucket,
        persons: row.persons,
        machines: row.machines,
        others: row.others,
        requests: row.times.requests,
        first: row.times.first.to_string(),
        last: row.times.last.to_string(),
    }
}

fn policy(one: PolicyUse) -> PolicyUseBody {
    PolicyUseBody {
        name: one.name,
        statements: one.statements.into_iter().map(statement).collect(),
        smaller: one.smaller,
        characters: one.characters as u64,
        differs: one.differs,
        proved: one.proved.is_ok(),
        not_proved: one.proved.err(),
    }
}

fn statement(one: StatementUse) -> StatementUseBody {
    StatementUseBody {
        statement: one.statement,
        effect: match one.effect {
            Effect::Allow => StatementEffectBody::Allow,
            Effect::Deny => StatementEffectBody::Deny,
        },
        used: one.used,
        unused_actions: one.unused_actions,
        unused_resources: one.unused_resources,
    }
}

fn grant(one: UnusedGrant) -> UnusedGrantBody {
    let (grant, name) = (one.grant, one.subject_name);
    UnusedGrantBody {
        id: grant.id.as_str().to_owned(),
        title: grant.title,
        subject: match grant.subject {
            GrantSubject::Person(uid) => {
                WhoSubjectBody::Person { uid: uid.as_str().to_owned(), name }
            }
            GrantSubject::Group(id) => WhoSubjectBody::Group { id: id.as_str().to_owned(), name },
            GrantSubject::Everyone => WhoSubjectBody::Everyone,
        },
        bucket: grant.bucket.as_str().to_owned(),
        prefix: grant.prefix.as_str().to_owned(),
    }
}
