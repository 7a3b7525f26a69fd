//! Whether an estate is as it should be: every property read back, every role really tried.
//!
//! Reading back is the plan, told the other way round: each property of the estate with what the plan
//! says of it. The probes then assume each role as the portal would and try what should be let through
//! and what should be refused. What should come of each the policy engine says, by the estate's own
//! documents; that the documents in force are the same ones is what reading back has shown.
//!
//! Invariant: a probe that could not be tried is told as such, with the reason, and never counts as
//! passed.

mod attempt;
mod judge;
mod port;
mod probing;
mod properties;
mod trials;

use std::fmt;

use serde_json::{Value, json};
use wh_names::Uid;

pub use attempt::Attempt;
pub use port::{Asker, Assumption, Came, Expected, Probes, Transport};
pub use probing::probe;
pub(crate) use properties::{Part, parted};
pub use properties::{PropertyLine, State};
pub use trials::PROBES_FOLDER;

use crate::cloud::Cloud;
use crate::estate::Estate;
use crate::plan::{Plan, PlanError, plan};

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeLine {
    /// Who tried it: a role of the estate, or an ARN.
    pub who: String,
    /// What was tried, in words.
    pub tried: String,
    /// What should have come of it; none where nobody can say.
    pub expected: Option<Expected>,
    /// Why that: the role and the statement.
    pub why: String,
    /// What came of it.
    pub came: Came,
}

impl ProbeLine {
    /// Whether what came was expected; none where it was not tried.
    pub fn holds(&self) -> Option<bool> {
        match &self.came {
            Came::NotTried(_) => None,
            Came::Allowed => Some(self.expected == Some(Expected::Allowed)),
            Came::Denied(_) => Some(self.expected == Some(Expected::Denied)),
        }
    }

    fn to_json(&self) -> Value {
        let said = match &self.came {
            Came::Allowed => None,
            Came::Denied(message) | Came::NotTried(message) => Some(message),
        };
        json!({
            "who": self.who,
            "tried": self.tried,
            "expected": self.expected.map(Expected::as_str),
            "why": self.why,
            "came": self.came.as_str(),
            "said": said,
        })
    }
}

impl fmt::Display for ProbeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, tried, why, came, .. } = self;
        let expected = self.expected.map_or("nothing is", Expected::as_str);
        match (came, self.holds()) {
            (Came::NotTried(reason), _) => write!(f, "not tried: {who}: {tried}: {reason}"),
            (_, Some(true)) => write!(f, "ok: {who}: {tried}: {} ({why})", came.as_str()),
            (Came::Allowed | Came::Denied(_), _) => write!(
                f,
                "WRONG: {who}: {tried}: {expected} expected, because {why}; it was {}",
                came.as_str()
            ),
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Every property, read back.
    pub properties: Vec<PropertyLine>,
    /// Everything that was tried.
    pub probes: Vec<ProbeLine>,
    /// What an operator should know and no write mends.
    pub notes: Vec<String>,
}

impl Report {
    /// The read-back of an estate, from a plan for it.
    pub fn of_plan(estate: &Estate, plan: &Plan) -> Self {
        let properties = properties::lines(estate, plan);
        Self { properties, probes: Vec::new(), notes: plan.notes().to_vec() }
    }

    /// Whether all that was read back and tried is as it should be. What is others' and kept is no
    /// fault; what was not tried is none either, and is counted by [`Report::not_tried`].
    pub fn is_good(&self) -> bool {
        self.properties.iter().all(|line| line.mend.is_none())
            && self.probes.iter().all(|probe| probe.holds() != Some(false))
    }

    /// How many probes were expected to be refused, and were.
    pub fn refused(&self) -> usize {
        let refused = |probe: &&ProbeLine| {
            probe.holds() == Some(true) && probe.expected == Some(Expected::Denied)
        };
        self.probes.iter().filter(refused).count()
    }

    /// How many probes could not be tried.
    pub fn not_tried(&self) -> usize {
        self.probes.iter().filter(|probe| probe.holds().is_none()).count()
    }

    /// The report as JSON: `good`, `properties`, `probes`, `notes`.
    pub fn to_json(&self) -> Value {
        let properties = self.properties.iter().map(|line| {
            json!({
                "subject": line.subject.to_string(),
                "what": line.what,
                "state": line.state.as_str(),
                "mend": line.mend,
            })
        });
        json!({
            "good": self.is_good(),
            "properties": properties.collect::<Vec<_>>(),
            "probes": self.probes.iter().map(ProbeLine::to_json).collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}

/// Reads every property back, then tries every role. `person` is made up for this run: it is the
/// `uid` of the sessions, and names the folder in which the probes' objects are.
pub async fn verify(
    estate: &Estate,
    cloud: &dyn Cloud,
    probes: &dyn Probes,
    person: &Uid,
) -> Result<Report, PlanError> {
    let plan = plan(estate, cloud).await?;
    let mut report = Report::of_plan(estate, &plan);
    report.probes = probe(estate, probes, person).await;
    Ok(report)
}
