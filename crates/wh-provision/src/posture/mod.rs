//! How a house stands: checks with stable ids, what was found of each, and what was accepted.
//!
//! What is checked of the store is what [`crate::plan`] and [`crate::verify`] read back, told by check; facts of persons and
//! of the machine are brought by whoever has them, in the same words.
//!
//! Invariant: what could not be found out is [`CheckState::Unknown`] with the reason, and never holds.

mod accepted;
mod checks;
mod proofs;
mod store;

use serde::{Deserialize, Serialize};

pub use accepted::{Acceptance, Accepted, Judged, JudgedEvidence, Judgement, judged};
pub use checks::{Area, CHECKS, Check, Fix, Standard, Words, check};
pub use store::{ReadBack, STORE_CHECKS, Transport, not_read, of_rails, of_store, read_back};

/// So many things are told of one check; of the rest, how many there are.
const EVIDENCE_MAX: usize = 100;

/// Words in the languages that the pages speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// English.
    pub en: String,
    /// German; none where it was said by something that speaks English alone.
    #[serde(default)]
    pub de: Option<String>,
}

impl Said {
    /// In both languages.
    pub fn both(en: impl Into<String>, de: impl Into<String>) -> Self {
        Self { en: en.into(), de: Some(de.into()) }
    }

    /// By something that speaks English alone.
    pub fn english(en: impl Into<String>) -> Self {
        Self { en: en.into(), de: None }
    }
}

/// What was found of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// All is as it should be.
    Holds,
    /// Something is not; the evidence says what.
    Fails,
    /// It could not be found out.
    Unknown,
    /// There is nothing here that it is about.
    NotHere,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is, for ever: `bucket/files`, `role/AdminRole`, `person/<uid>`, `house`.
    pub thing: String,
    /// What people call it.
    pub name: String,
    /// What is wrong with it.
    pub said: Said,
}

impl Evidence {
    /// The page of the portal that shows the thing, if one does.
    pub fn page(&self) -> Option<String> {
        let mut parts = self.thing.split('/');
        match (parts.next(), parts.next()) {
            (Some("person"), Some(uid)) => Some(format!("/people/{uid}")),
            (Some("role"), Some(role)) if crate::ROLES_EDITABLE.contains(&role) => {
                Some(format!("/roles/{role}"))
            }
            (Some("role" | "policy"), Some(_)) => Some("/roles".to_owned()),
            _ => None,
        }
    }
}

/// A check, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckFound {
    /// The check's id.
    pub check: String,
    /// What was found.
    pub state: CheckState,
    /// Why it could not be found out, why there is nothing to find, or what makes it hold.
    #[serde(default)]
    pub why: Option<Said>,
    /// What is wrong, a thing each; of a check that fails at least one.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// When it was looked at, in milliseconds since 1970.
    #[serde(default)]
    pub at: i64,
}

impl CheckFound {
    /// It holds where there is no evidence against it, and fails where there is.
    pub fn by(check: &str, evidence: Vec<Evidence>) -> Self {
        let state = if evidence.is_empty() { CheckState::Holds } else { CheckState::Fails };
        Self { check: check.to_owned(), state, why: None, evidence, at: 0 }
    }

    /// It could not be found out.
    pub fn unknown(check: &str, why: Said) -> Self {
        let state = CheckState::Unknown;
        Self { why: Some(why), state, ..Self::by(check, Vec::new()) }
    }

    /// There is nothing that it is about.
    pub fn not_here(check: &str, why: Said) -> Self {
        let state = CheckState::NotHere;
        Self { why: Some(why), state, ..Self::by(check, Vec::new()) }
    }

    fn bounded(mut self) -> Self {
        let more = self.evidence.len().saturating_sub(EVIDENCE_MAX);
        self.evidence.truncate(EVIDENCE_MAX);
        self.evidence.extend((more > 0).then(|| Evidence {
            thing: "house".to_owned(),
            name: format!("+ {more}"),
            said: Said::both("more of the same", "weitere von derselben Art"),
        }));
        self
    }

    /// The same, and why it is so.
    #[must_use]
    pub fn because(self, why: Said) -> Self {
        Self { why: Some(why), ..self }
    }
}

/// All that was found in one round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostureReport {
    /// When the round ended, in milliseconds since 1970.
    pub checked_at: i64,
    /// What was found, in the order of [`CHECKS`].
    pub found: Vec<CheckFound>,
}

impl PostureReport {
    /// A report of these, each looked at now; a check of which nobody says anything is unknown.
    pub fn of(found: Vec<CheckFound>, now: i64) -> Self {
        let nobody = || Said::both("nobody looked", "niemand hat nachgesehen");
        let one = |check: &Check| {
            let said = found.iter().find(|one| one.check == check.id).cloned();
            let said = said.unwrap_or_else(|| CheckFound::unknown(check.id, nobody()));
            CheckFound { at: now, ..said.bounded() }
        };
        Self { checked_at: now, found: CHECKS.iter().map(one).collect() }
    }

    /// The same, in which those of `checks` that this round could not find out are as an earlier one found
    /// them, since `oldest`. All others are not known where this round does not know them.
    #[must_use]
    pub fn keeping(mut self, checks: &[&str], earlier: &Self, oldest: i64) -> Self {
        for one in &mut self.found {
            let known = |kept: &&CheckFound| {
                kept.check == one.check && kept.at >= oldest && kept.state != CheckState::Unknown
            };
            if one.state == CheckState::Unknown
                && checks.contains(&one.check.as_str())
                && let Some(kept) = earlier.found.iter().find(known)
            {
                *one = kept.clone();
            }
        }
        self
    }
}

#[cfg(test)]
mod tests;
