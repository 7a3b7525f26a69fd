//! What was found, with the risks that somebody accepted in writing.

use super::{Check, CheckFound, CheckState, Evidence, PostureReport, check};

/// A risk that is accepted: of which check, for what, why, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The check's id.
    pub check: String,
    /// The thing, as evidence names it; `*` for all of them.
    pub thing: String,
    /// Why.
    pub reason: String,
    /// When it ends, in milliseconds since 1970.
    pub until: i64,
}

/// That a risk was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Why.
    pub reason: String,
    /// Until when, in milliseconds since 1970.
    pub until: i64,
    /// Whether that time is over, so that it counts no more.
    pub over: bool,
}

/// Evidence, and whether the risk of it is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedEvidence {
    /// What is wrong.
    pub evidence: Evidence,
    /// That it is accepted, or was.
    pub accepted: Option<Accepted>,
}

/// What comes of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// All is as it should be.
    Holds,
    /// Something is not.
    Fails,
    /// Something is not, and all of it is accepted.
    Accepted,
    /// It could not be found out.
    Unknown,
    /// There is nothing here that it is about.
    NotHere,
}

impl Judgement {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Fails, Self::Unknown, Self::Accepted, Self::Holds, Self::NotHere];

    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Accepted => "accepted",
            Self::Unknown => "unknown",
            Self::NotHere => "not-here",
        }
    }
}

/// A check and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The check.
    pub check: &'static Check,
    /// What comes of it.
    pub judgement: Judgement,
    /// What was found.
    pub found: CheckFound,
    /// The evidence with what was accepted.
    pub evidence: Vec<JudgedEvidence>,
}

/// The checks of a report as they are to be shown at `now`. A check that this program does not know any more
/// is left out.
pub fn judged(report: &PostureReport, accepted: &[Acceptance], now: i64) -> Vec<Judged> {
    let known = report.found.iter().filter_map(|found| Some((check(&found.check)?, found)));
    known.map(|(check, found)| one(check, found, (accepted, now))).collect()
}

fn one(check: &'static Check, found: &CheckFound, (accepted, now): (&[Acceptance], i64)) -> Judged {
    let of_check = |one: &&Acceptance| one.check == check.id;
    let accepted_of = |evidence: &Evidence| {
        let named = |one: &&Acceptance| one.thing == "*" || one.thing == evidence.thing;
        // Of several the one that ends last.
        let one = accepted.iter().filter(of_check).filter(named).max_by_key(|one| one.until)?;
        let (reason, until) = (one.reason.clone(), one.until);
        Some(Accepted { reason, until, over: until <= now })
    };
    let evidence = found.evidence.iter().map(|evidence| JudgedEvidence {
        accepted: accepted_of(evidence),
        evidence: evidence.clone(),
    });
    let evidence: Vec<JudgedEvidence> = evidence.collect();
    let counts = |one: &JudgedEvidence| one.accepted.as_ref().is_some_and(|one| !one.over);
    let all_accepted = !evidence.is_empty() && evidence.iter().all(counts);
    let judgement = match found.state {
        CheckState::Fails if all_accepted => Judgement::Accepted,
        CheckState::Fails => Judgement::Fails,
        CheckState::Holds => Judgement::Holds,
        CheckState::Unknown => Judgement::Unknown,
        CheckState::NotHere => Judgement::NotHere,
    };
    Judged { check, judgement, found: found.clone(), evidence }
}
