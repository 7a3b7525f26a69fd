//! What stands against a change.

use wh_policy::rails::{Breach, Broken, Missed};
use wh_provision::Estate;

/// Why a change is not made.
#[derive(Debug, Clone)]
pub(crate) enum Refusal {
    /// A guard rail would not hold.
    Rail(Broken),
    /// An expectation would not be met.
    Expectation(Missed),
    /// Nobody active would be left who administers files.
    LastAdministrator,
}

/// What stands against going from one estate to another that differs in a role. What was so before and is
/// not the role's doing stands against nothing: it has to be mended elsewhere.
pub(crate) fn refusals(now: &Estate, then: &Estate, role: &str) -> Vec<Refusal> {
    // Nobody else's rights follow from the role: their rails hold or not as before.
    let then_broken = then.broken_rails_of(role);
    let others = then_broken.iter().any(|one| one.who != role);
    let broken = if others { now.broken_rails_of(role) } else { Vec::new() };
    let missed = now.missed_expectations();
    let was_broken = |one: &Broken| {
        one.who != role && broken.iter().any(|old| old.rail == one.rail && old.who == one.who)
    };
    let was_missed = |one: &Missed| missed.iter().any(|old| old.name == one.name);
    let rails = then_broken.into_iter().filter(|one| !was_broken(one));
    let expectations = then.missed_expectations().into_iter().filter(|one| !was_missed(one));
    rails.map(Refusal::Rail).chain(expectations.map(Refusal::Expectation)).collect()
}

impl Refusal {
    /// In a sentence.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::Rail(Broken { rail, why, who, how }) => {
                let by = match how {
                    Breach::By(witness) => {
                        format!("{who} would be allowed {} on {}", witness.action, witness.resource)
                    }
                    Breach::NotProved(because) => format!("it is not proved for {who}, {because}"),
                };
                format!("the guard rail `{rail}` ({why}): {by}")
            }
            Self::Expectation(Missed { name, why }) => format!("the expectation `{name}`: {why}"),
            Self::LastAdministrator => {
                "nobody active would be left who administers files".to_owned()
            }
        }
    }
}
