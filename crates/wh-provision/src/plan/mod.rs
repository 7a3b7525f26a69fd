//! What is missing between what is and what should be.

mod buckets;
mod forgotten;
mod keys;
mod roles;
mod trails;

use std::fmt;

use serde_json::{Value, json};
use wh_names::AccountId;

use crate::cloud::{Cloud, CloudError};
use crate::estate::Estate;
use crate::meaning::PolicyChange;
use crate::step::{Step, Subject};

/// Why a change is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is not there.
    Absent,
    /// It is there with another value.
    Differs,
    /// It is there and should not be.
    Foreign,
    /// It is ours, and the estate is taken away.
    Retired,
}

impl Reason {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Differs => "differs",
            Self::Foreign => "foreign",
            Self::Retired => "retired",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "it is not there",
            Self::Differs => "it differs",
            Self::Foreign => "it does not belong there",
            Self::Retired => "the estate is taken away",
        })
    }
}

/// One write, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What to write.
    pub step: Step,
    /// Why.
    pub reason: Reason,
    /// Where a policy is written that others differ from: what changes in it, and what that means.
    pub policy: Option<PolicyChange>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.reason)
    }
}

/// Something that is there beside what should be: somebody's own rule, or a statement of a bucket
/// policy. It is told and kept; a statement that allows something opens what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Where it is.
    pub subject: Subject,
    /// What it is, in words.
    pub what: String,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.what)
    }
}

/// The changes that make what is into what should be, in the order that works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a plan that is not applied changes nothing"]
pub struct Plan {
    changes: Vec<Change>,
    foreign: Vec<Foreign>,
    notes: Vec<String>,
}

impl Plan {
    /// Whether all is as it should be.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What is there beside, and is kept.
    pub fn foreign(&self) -> &[Foreign] {
        &self.foreign
    }

    /// What an operator should know and no write mends.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The changes by what they write to, each subject once, in the order of its first change.
    pub fn by_subject(&self) -> Vec<(Subject, Vec<&Change>)> {
        let mut groups: Vec<(Subject, Vec<&Change>)> = Vec::new();
        for change in &self.changes {
            let subject = change.step.subject();
            match groups.iter_mut().find(|(known, _)| *known == subject) {
                Some((_, changes)) => changes.push(change),
                None => groups.push((subject, vec![change])),
            }
        }
        groups
    }

    /// The plan as JSON: `changes`, `foreign` and `notes`. Equal plans are equal texts, whoever makes
    /// them; `write` is the [`Step`] with everything that will be
    /// written.
    pub fn to_json(&self) -> Value {
        let changes = self.changes.iter().map(|change| {
            let mut value = json!({
                "subject": change.step.subject().to_string(),
                "what": change.step.to_string(),
                "reason": change.reason.as_str(),
                "write": serde_json::to_value(&change.step).unwrap_or_default(),
            });
            if let (Some(policy), Some(fields)) = (&change.policy, value.as_object_mut()) {
                fields.insert("policy".to_owned(), policy.to_json());
            }
            value
        });
        let foreign = self
            .foreign
            .iter()
            .map(|foreign| json!({"subject": foreign.subject.to_string(), "what": foreign.what}));
        json!({
            "changes": changes.collect::<Vec<_>>(),
            "foreign": foreign.collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }

    pub(crate) fn add(&mut self, reason: Reason, step: Step) {
        self.changes.push(Change { step, reason, policy: None });
    }

    pub(crate) fn add_policy(&mut self, reason: Reason, step: Step, policy: PolicyChange) {
        self.changes.push(Change { step, reason, policy: Some(policy) });
    }

    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Tells which steps the everyday policy of a provisioner does not allow.
    fn note_set_up(&mut self) {
        let wider = self.changes.iter().filter(|change| change.step.needs_set_up());
        let wider: Vec<String> = wider.map(|change| change.step.to_string()).collect();
        if !wider.is_empty() {
            self.note(format!(
                "this takes the policy that `wellhouse provisioner-policy --for set-up` prints, beside \
                 the everyday one: {}",
                wider.join("; ")
            ));
        }
    }

    pub(crate) fn keep(&mut self, subject: Subject, what: impl Into<String>) {
        self.foreign.push(Foreign { subject, what: what.into() });
    }
}

/// Why no plan can be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The credentials belong to another account than the estate.
    #[error("the credentials belong to account {found}, and the estate to account {expected}")]
    WrongAccount {
        /// The estate's account.
        expected: AccountId,
        /// The credentials' account.
        found: AccountId,
    },
    /// Something of the same name belongs to somebody else.
    #[error(
        "{what} `{name}` exists and belongs to `{owner}`; `wellhouse adopt` shows what taking it over would change"
    )]
    Foreign {
        /// `role`, `bucket`, `trail`, `key` or `instance profile`.
        what: &'static str,
        /// Its name.
        name: String,
        /// Its ARN, path or installation.
        owner: String,
    },
    /// The cloud could not be read.
    #[error("cannot read {what}")]
    Cloud {
        /// What was to be read.
        what: String,
        /// What the cloud said.
        source: CloudError,
    },
}

impl PlanError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongAccount { .. } => "wrong-account",
            Self::Foreign { .. } => "foreign-resource",
            Self::Cloud { source, .. } => source.code(),
        }
    }

    pub(crate) fn reading(what: impl fmt::Display) -> impl FnOnce(CloudError) -> Self {
        move |source| Self::Cloud { what: what.to_string(), source }
    }
}

/// Whether what carries no tag of ours is taken for ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takeover {
    /// Only what carries our tag or path, and buckets without tags that nobody has made anything of.
    Ours,
    /// Whatever has the estate's names.
    Adopt,
}

/// What becomes of rules and statements that somebody else wrote into a setting of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They are told and kept.
    Keep,
    /// They are taken away: what is described is all that there is.
    TakeAway,
}

/// Is told of every read, for a display of progress.
pub type Progress<'p> = &'p (dyn Fn(&Subject) + Send + Sync);

/// How a plan is made.
pub struct Planning<'p> {
    pub(crate) estate: &'p Estate,
    pub(crate) cloud: &'p dyn Cloud,
    pub(crate) takeover: Takeover,
    pub(crate) others: Others,
    pub(crate) progress: Progress<'p>,
}

impl fmt::Debug for Planning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Planning");
        let shown = shown.field("takeover", &self.takeover).field("others", &self.others);
        shown.finish_non_exhaustive()
    }
}

impl<'p> Planning<'p> {
    /// A plan for an estate on a cloud; nothing is taken over, what is others' is kept, nobody is told of
    /// progress.
    pub fn new(estate: &'p Estate, cloud: &'p dyn Cloud) -> Self {
        Self { estate, cloud, takeover: Takeover::Ours, others: Others::Keep, progress: &|_| () }
    }

    /// What becomes of the rules and statements of others in what is ours: bucket policies, lifecycles,
    /// cross-origin rules and notifications. Tags and a trail's selectors are kept in any case: they open
    /// nothing.
    #[must_use]
    pub fn others(self, others: Others) -> Self {
        Self { others, ..self }
    }

    /// Takes over what has the estate's names.
    #[must_use]
    pub fn adopting(self) -> Self {
        Self { takeover: Takeover::Adopt, ..self }
    }

    /// Tells of every subject before it is read.
    #[must_use]
    pub fn telling(self, progress: Progress<'p>) -> Self {
        Self { progress, ..self }
    }

    /// Reads back what is and lists the writes that are missing. Writes nothing.
    pub async fn plan(&self) -> Result<Plan, PlanError> {
        let estate = self.estate;
        let found =
            self.cloud.account().await.map_err(PlanError::reading("whose account it is"))?;
        if found != *estate.account() {
            return Err(PlanError::WrongAccount { expected: estate.account().clone(), found });
        }
        let mut plan = Plan::default();
        self.plan_key(&mut plan).await?;
        for bucket in estate.buckets() {
            self.plan_bucket(&mut plan, bucket).await?;
        }
        for boundary in estate.boundaries() {
            self.plan_boundary(&mut plan, boundary).await?;
        }
        for role in estate.roles() {
            self.plan_role(&mut plan, role).await?;
            let profiles = estate.instance_profiles().iter().filter(|p| p.role == role.name);
            for profile in profiles {
                self.plan_profile(&mut plan, profile).await?;
            }
        }
        self.plan_service_linked(&mut plan).await?;
        self.plan_trail(&mut plan).await?;
        self.plan_account(&mut plan).await?;
        self.tell_forgotten(&mut plan).await?;
        plan.note_set_up();
        Ok(plan)
    }
}

/// As [`Planning::plan`], without taking over.
pub async fn plan(estate: &Estate, cloud: &dyn Cloud) -> Result<Plan, PlanError> {
    Planning::new(estate, cloud).plan().await
}
