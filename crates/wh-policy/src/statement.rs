//! `Statement`: one sentence of a policy.

use crate::arn_pattern::ArnPattern;
use crate::condition::Condition;
use crate::glob::{Piece, compile};
use crate::principal::PrincipalElement;

/// What a statement does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

impl Effect {
    /// `Allow` or `Deny`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }

    /// What an element that cannot be judged counts as: it never helps to allow, it always helps to
    /// deny.
    pub(crate) fn when_in_doubt(self) -> bool {
        match self {
            Self::Allow => false,
            Self::Deny => true,
        }
    }
}

/// A list that a statement names, or all that it does not name (`NotAction`, `NotResource`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed<T> {
    pub(crate) negated: bool,
    pub(crate) items: Vec<T>,
}

/// A pattern for actions, with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActionPattern {
    pub(crate) text: String,
    /// Lower-cased.
    pub(crate) pattern: Box<[Piece]>,
}

impl ActionPattern {
    pub(crate) fn new(text: String) -> Self {
        let pattern = compile(&text.to_ascii_lowercase());
        Self { text, pattern }
    }
}

/// A pattern for resources, with its text. One that could not be read has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourcePattern {
    pub(crate) text: String,
    pub(crate) pattern: Option<ArnPattern>,
}

/// One sentence of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub(crate) sid: Option<String>,
    /// From 1.
    pub(crate) number: usize,
    pub(crate) effect: Effect,
    pub(crate) principal: Option<PrincipalElement>,
    pub(crate) actions: Listed<ActionPattern>,
    pub(crate) resources: Option<Listed<ResourcePattern>>,
    pub(crate) conditions: Vec<Condition>,
    /// Something about the statement as a whole is malformed; see `Effect::when_in_doubt`.
    pub(crate) doubtful: bool,
}

impl Statement {
    /// Whether it names a condition key that begins with `beginning`, given in lower case: in a
    /// condition, or as a variable.
    pub(crate) fn names_key(&self, beginning: &str) -> bool {
        let variable = |text: &str| text.contains("${") && text.to_lowercase().contains(beginning);
        let mut resources = self.resources.iter().flat_map(|listed| &listed.items);
        let mut tests = self.conditions.iter().flat_map(|condition| &condition.tests);
        resources.any(|resource| variable(&resource.text))
            || tests.any(|test| {
                let mut values = test.values.iter();
                test.name.as_str().starts_with(beginning) || values.any(|value| variable(value))
            })
    }

    /// Its `Sid`.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// The name in explanations: the `Sid`, or `#` and the number from 1.
    pub fn label(&self) -> String {
        match self.sid.as_deref() {
            Some(sid) if !sid.is_empty() => sid.to_owned(),
            Some(_) | None => format!("#{}", self.number),
        }
    }

    /// What it does where it applies.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The action patterns as written, and whether they are those of a `NotAction`.
    pub fn actions(&self) -> (Vec<&str>, bool) {
        let texts = self.actions.items.iter().map(|a| a.text.as_str()).collect();
        (texts, self.actions.negated)
    }

    /// The resource patterns as written, and whether they are those of a `NotResource`. A trust
    /// policy has none.
    pub fn resources(&self) -> (Vec<&str>, bool) {
        match &self.resources {
            None => (Vec::new(), false),
            Some(listed) => {
                (listed.items.iter().map(|r| r.text.as_str()).collect(), listed.negated)
            }
        }
    }
}
