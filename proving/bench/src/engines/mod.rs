//! The four engines behind one trait. Each module says the rules and the requests in its engine's own
//! language, once, before anything is timed.

mod cedar;
mod document;
mod iam_rs;
mod ours;
mod rustfs;

use anyhow::{Result, bail};

use crate::scenario::{Ask, Expected, Rule};

pub use ours::Ours;

/// An engine with its rules compiled and its requests prepared.
pub trait Engine {
    /// Decides one of the prepared requests.
    fn decide(&self, ask: usize) -> Answer;
}

/// What an engine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Allowed.
    Allow,
    /// Denied by a statement.
    ExplicitDeny,
    /// Denied because no statement allows it.
    ImplicitDeny,
    /// Denied, by an engine that does not say which.
    Deny,
    /// An error, or a decision that came with one.
    Failed,
}

impl Answer {
    /// Whether this is the expected answer, as far as the engine can say.
    pub fn is(self, expected: Expected) -> bool {
        match (self, expected) {
            (Self::Allow, Expected::Allow)
            | (Self::ExplicitDeny, Expected::ExplicitDeny)
            | (Self::ImplicitDeny, Expected::ImplicitDeny)
            | (Self::Deny, Expected::ExplicitDeny | Expected::ImplicitDeny) => true,
            (
                Self::Allow | Self::ExplicitDeny | Self::ImplicitDeny | Self::Deny | Self::Failed,
                Expected::Allow | Expected::ExplicitDeny | Expected::ImplicitDeny,
            ) => false,
        }
    }
}

/// The engines that are measured, ours first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The engine of this repository.
    Ours,
    /// The crate `iam-rs`.
    IamRs,
    /// The crate `rustfs-policy`.
    Rustfs,
    /// The crate `cedar-policy`.
    Cedar,
}

/// Reads a text of rules from the beginning, and says whether it could.
pub type Reader = Box<dyn Fn() -> bool>;

impl Which {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ours, Self::IamRs, Self::Rustfs, Self::Cedar];

    /// The crate's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "wh-policy",
            Self::IamRs => "iam-rs",
            Self::Rustfs => "rustfs-policy",
            Self::Cedar => "cedar-policy",
        }
    }

    /// The crate's version, as the manifest pins it.
    pub fn version(self) -> &'static str {
        match self {
            Self::Ours => "this tree",
            Self::IamRs => "0.8.0",
            Self::Rustfs => "0.0.3",
            Self::Cedar => "4.14.1",
        }
    }

    /// The engine of that name.
    pub fn named(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|which| which.name() == name) {
            Some(which) => Ok(which),
            None => bail!("there is no engine `{name}`"),
        }
    }

    /// Compiles the rules and prepares the requests.
    pub fn prepare(self, rules: &[Rule], asks: &[Ask]) -> Result<Box<dyn Engine>> {
        Ok(match self {
            Self::Ours => Box::new(Ours::new(rules, asks)?),
            Self::IamRs => Box::new(iam_rs::IamRs::new(rules, asks)?),
            Self::Rustfs => Box::new(rustfs::Rustfs::new(rules, asks)?),
            Self::Cedar => Box::new(cedar::Cedar::new(rules, asks)?),
        })
    }

    /// How it reads rules from text.
    pub fn reader(self, rules: &[Rule]) -> Reader {
        match self {
            Self::Ours => ours::reader(rules),
            Self::IamRs => iam_rs::reader(rules),
            Self::Rustfs => rustfs::reader(rules),
            Self::Cedar => cedar::reader(rules),
        }
    }

    /// What its translation could not say, or had to say otherwise.
    pub fn caveat(self) -> &'static str {
        match self {
            Self::Ours => {
                "`aws:username` and the other keys of the caller are derived from its ARN at each \
                 decision; the others are given them."
            }
            Self::IamRs => {
                "The same documents. No variables in condition values, so they stand in resources \
                 only. Each decision copies the request into its result: its interface has no other."
            }
            Self::Rustfs => {
                "Actions are a closed list without wildcards but `s3:*`: `s3:Get*` is written out. \
                 `DateLessThan` cannot be read, and `DateGreaterThan` compares the other way round: \
                 it is used in its place. `${aws:username}` must be spelt `${aws:aws:username}`. Does \
                 not say whether a denial is explicit."
            }
            Self::Cedar => {
                "Another language: action wildcards are action groups, resource patterns are `like` \
                 on the ARN, and `${aws:username}`, which a `like` cannot hold, is a comparison with \
                 the first part of the key, which the caller must cut out."
            }
        }
    }
}
