//! What a role was used for, what of it nobody used, and the smaller policies that would have sufficed.
//!
//! Known is what the gate wrote down of role sessions: each action that was allowed, in which folder, by whom
//! and when last. What it did not see, such as requests before it began to, is said with the answer.
//!
//! Invariant: neither memory nor the size of a policy grows with the number of requests. Where there are too
//! many places, the folder around them stands for them, and the answer says so.

mod gathered;
mod grants;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{Ledger, RolePlaceUse, RoleUsers, RoleUsesKept};
use wh_names::{AccountId, Partition, RoleName};
use wh_people::Administrator;
use wh_policy::analysis::Answer;
use wh_policy::analysis::least::{Narrowing, Seen, StatementUse, proof, smaller};
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind, Subject, size};

use crate::{Files, FilesError, RoleView, worked_out};
use gathered::Gathered;
pub use grants::UnusedGrant;

/// The most days that can be looked back on: what was last used longer ago is forgotten.
pub const USE_DAYS_MAX: u16 = 400;

/// How many places are told; of more the policy is made all the same.
const PLACES_TOLD_MAX: usize = 500;

/// What is asked about a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseQuestion {
    /// The role.
    pub role: RoleName,
    /// How many days are looked back on, at most [`USE_DAYS_MAX`].
    pub days: u16,
    /// What becomes of the resources of statements.
    pub narrowing: Narrowing,
}

/// What a role was used for, and what would have sufficed.
#[derive(Debug, Clone)]
pub struct RoleUse {
    /// The role.
    pub role: RoleName,
    /// The beginning of the days that were asked about.
    pub from: Timestamp,
    /// Now.
    pub at: Timestamp,
    /// From when on uses are written down, and whether some were not.
    pub kept: RoleUsesKept,
    /// By how many it was used.
    pub users: RoleUsers,
    /// Which actions where, by how many and when last; at most 500.
    pub places: Vec<RolePlaceUse>,
    /// How many more there are.
    pub places_left_out: u64,
    /// Folders that stand in smaller policies for more than what was seen in them.
    pub widened: Vec<String>,
    /// The role's policies, and what would have sufficed instead; none where uses are not written down.
    pub policies: Vec<PolicyUse>,
    /// Grants of the role by which nobody can have done anything in that time; none where uses are not
    /// written down.
    pub unused_grants: Vec<UnusedGrant>,
}

impl RoleUse {
    /// Whether everything of those days was seen, as far as sessions of roles at our own endpoint go.
    pub fn is_whole(&self) -> bool {
        let since = self.kept.since.is_some_and(|since| since <= self.from);
        since && self.kept.lost.is_none_or(|lost| lost < self.from)
    }
}

/// A policy of a role, and the smaller one that would have sufficed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyUse {
    /// Its name.
    pub name: String,
    /// Its statements, and how they were used.
    pub statements: Vec<StatementUse>,
    /// The smaller policy; none where nothing is left to say, or it could not be made.
    pub smaller: Option<String>,
    /// Its size, in characters without white space; 0 for none.
    pub characters: usize,
    /// Whether it says less.
    pub differs: bool,
    /// Whether it is proved that it suffices and adds nothing; otherwise why not.
    pub proved: Result<(), String>,
}

/// Reads what a role was used for, and works out what would have sufficed.
pub async fn role_use(
    ledger: &Ledger,
    (view, partition, account): (&RoleView, &Partition, &AccountId),
    question: &UseQuestion,
    at: Timestamp,
) -> Result<RoleUse, FilesError> {
    let days = question.days.min(USE_DAYS_MAX);
    let from = at - SignedDuration::from_hours(24 * i64::from(days));
    let asked = (&question.role, from);
    let mut places = Vec::new();
    let mut gathered = Gathered::new(partition);
    let (mut left_out, mut last) = (0, None);
    loop {
        let page = ledger.role_place_uses(asked, last.as_ref()).await?;
        let Some(end) = page.last() else { break };
        last = Some(end.clone());
        for row in page {
            gathered.add(&row);
            match places.len() < PLACES_TOLD_MAX {
                true => places.push(row),
                false => left_out += 1,
            }
        }
    }
    let kept = ledger.role_uses_kept().await?;
    // Where nobody watches, that nothing was seen says nothing about what is needed.
    let watched = kept.since.is_some();
    let unused_grants = match watched {
        true => grants::unused(ledger, asked, at).await?,
        false => Vec::new(),
    };
    let (seen, widened) = gathered.told();
    let subject = Subject::Role { arn: view.arn.clone() };
    let permissions = if watched { view.permissions.clone() } else { Vec::new() };
    let account = account.clone();
    let narrowing = question.narrowing;
    let policies = worked_out(move || {
        let of = |policy: &NamedPolicy| of_policy(policy, (&seen, narrowing), (&subject, &account));
        permissions.iter().map(of).collect()
    });
    Ok(RoleUse {
        role: question.role.clone(),
        from,
        at,
        kept,
        users: ledger.role_users(&question.role, from).await?,
        places,
        places_left_out: left_out,
        widened,
        policies: policies.await?,
        unused_grants,
    })
}

fn of_policy(
    policy: &NamedPolicy,
    (seen, narrowing): (&[Seen], Narrowing),
    who: (&Subject, &AccountId),
) -> PolicyUse {
    let made = match smaller(&policy.document, seen, narrowing) {
        Ok(made) => made,
        Err(error) => {
            return PolicyUse {
                name: policy.name.clone(),
                statements: Vec::new(),
                smaller: None,
                characters: 0,
                differs: false,
                proved: Err(error.to_string()),
            };
        }
    };
    let new = made
        .document
        .clone()
        .map(|document| NamedPolicy { name: policy.name.clone(), document: document.into() });
    let proof = proof((policy, new.as_ref()), seen, who);
    let text = made.document.as_ref().map(PolicyDocument::to_json_pretty);
    PolicyUse {
        name: policy.name.clone(),
        statements: made.statements,
        characters: text.as_deref().map_or(0, |text| size::measured(text, PolicyKind::Identity)),
        smaller: text,
        differs: made.differs,
        proved: shown(&proof.loses).and(shown(&proof.gains)),
    }
}

/// That there is no request which shows otherwise, or why that is not so.
fn shown(answer: &Answer) -> Result<(), String> {
    match answer {
        Answer::No => Ok(()),
        Answer::Yes(witness) => Err(format!("{} on {}", witness.action.as_str(), witness.resource)),
        Answer::Unknown(because) => Err(because.clone()),
    }
}

impl Files {
    /// What a role was used for, and the smaller policies that would have sufficed.
    pub async fn role_use(
        &self,
        _administrator: &Administrator,
        question: &UseQuestion,
    ) -> Result<RoleUse, FilesError> {
        let options = &self.options;
        let view = options.roles.get(&question.role);
        let view = view.ok_or_else(|| FilesError::NoSuchRole(question.role.clone()))?;
        let house = (&*view, &options.partition, &options.account);
        role_use(&options.ledger, house, question, options.clock.now()).await
    }
}
