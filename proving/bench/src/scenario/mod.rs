//! What is measured: rules of realistic shapes, and ten requests about them.
//!
//! The rules are written here once, in no engine's language; each engine's module says them in its
//! own.

mod asks;
mod rules;

pub use asks::{Ask, Fact, USER, asks};
pub use rules::{Rule, Ruling, Test, rules};

/// The numbers of statements that are measured.
pub const SIZES: [usize; 4] = [1, 20, 200, 2_000];

/// Statements in one document: as many as fit IAM's 6,144 characters for a managed policy.
pub const STATEMENTS_PER_DOCUMENT: usize = 20;

/// One row of the table: so many statements, with or without their conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// How many statements.
    pub statements: usize,
    /// Whether they keep their conditions.
    pub conditions: Conditions,
}

/// Whether the statements keep their conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conditions {
    /// As written.
    Kept,
    /// All taken out.
    Dropped,
}

impl Setting {
    /// Every setting, smallest first.
    pub fn all() -> impl Iterator<Item = Self> {
        let kinds = [Conditions::Dropped, Conditions::Kept];
        kinds.into_iter().flat_map(|conditions| {
            SIZES.into_iter().map(move |statements| Self { statements, conditions })
        })
    }

    /// The setting that the aims are about.
    pub fn central() -> Self {
        Self { statements: 20, conditions: Conditions::Kept }
    }

    /// The row's name.
    pub fn name(self) -> String {
        let conditions = match self.conditions {
            Conditions::Kept => "with conditions",
            Conditions::Dropped => "no conditions",
        };
        let statements = if self.statements == 1 { "statement" } else { "statements" };
        format!("{} {statements}, {conditions}", self.statements)
    }
}

/// What a request must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A statement allows it and none denies it.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement is about it.
    ImplicitDeny,
}
