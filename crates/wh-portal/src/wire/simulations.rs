//! Simulations: how a request would be decided, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EffectiveLocationBody, PersonStatus};
use crate::problem::ExplanationBody;

/// Who would ask.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Simulator)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum SimulatorBody {
    /// A person, by each of the grants that reach what is asked for.
    Person {
        uid: String,
        /// As if they were in this group, too.
        #[schema(required = false)]
        group: Option<String>,
    },
    /// A session of a role that no grant narrows: a machine's, an operator's.
    Role { role: String },
    /// Nobody: the request is not signed.
    Stranger {},
}

/// A language that decisions are told in.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SimulationLanguage {
    #[default]
    En,
    De,
}

/// A request that nobody makes.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SimulationForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimulationFormBody {
    pub who: SimulatorBody,
    /// Such as `s3:GetObject`.
    pub action: String,
    /// The bucket; without it, the house's.
    #[schema(required = false)]
    pub bucket: Option<String>,
    /// The key; of a listing, its prefix. Empty: the bucket, or every object in it.
    #[serde(default)]
    pub key: String,
    /// Condition keys of the request, such as `aws:SourceIp`, each with its values. One that is not given
    /// is absent; the time, and whose session it is, are known.
    #[serde(default)]
    pub context: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub language: SimulationLanguage,
}

/// How it would be decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Simulation)]
pub(crate) struct SimulationBody {
    /// Whether it is allowed by one of the ways below, to somebody who is active.
    pub allowed: bool,
    /// How the person stands; `null`, when no person was asked about.
    #[schema(required)]
    pub status: Option<PersonStatus>,
    /// The ways of asking: one for each grant of a person that reaches what is asked for, otherwise one.
    pub chains: Vec<SimulatedChainBody>,
    /// The person's grants that do not reach it.
    pub elsewhere: Vec<EffectiveLocationBody>,
}

/// One way of asking, and every policy that has a say in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedChain)]
pub(crate) struct SimulatedChainBody {
    /// The grant; `null`, when none is used.
    #[schema(required)]
    pub location: Option<EffectiveLocationBody>,
    pub allowed: bool,
    /// The decision and what decided it, in a sentence.
    pub sentence: String,
    pub explanation: ExplanationBody,
    /// In the order in which they are blamed.
    pub policies: Vec<SimulatedPolicyBody>,
    /// Condition keys that were not given and would have mattered.
    pub wanting: Vec<WantingBody>,
}

/// What came of a policy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedSays)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SimulatedSaysBody {
    Denies,
    Allows,
    /// No statement applies.
    Nothing,
    /// The document cannot be read: whatever it has a say in is denied.
    Unreadable,
}

/// What one policy says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedPolicy)]
pub(crate) struct SimulatedPolicyBody {
    /// Its type, in words.
    pub kind: String,
    pub name: String,
    pub says: SimulatedSaysBody,
    /// In the order of the document.
    pub statements: Vec<SimulatedStatementBody>,
}

/// What one statement did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedStatement)]
pub(crate) struct SimulatedStatementBody {
    /// Its `Sid`, or `#` and its number.
    pub label: String,
    /// Whether it denies; otherwise it allows.
    pub denies: bool,
    /// Whether it applied.
    pub applies: bool,
    /// What it did, or why it did not apply: the end of a sentence that begins with its label.
    pub words: String,
}

/// A condition key that was not given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Wanting)]
pub(crate) struct WantingBody {
    pub key: String,
    /// The label of the statement that asks for it.
    pub statement: String,
}
