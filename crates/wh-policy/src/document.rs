//! `PolicyDocument`: a policy that was read once.

use crate::index::Index;
use crate::{PolicyError, Statement};

/// What a document is for. The kind decides which elements it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// An inline policy of a user, group or role.
    Identity,
    /// A managed policy, which must be of version 2012-10-17.
    ManagedIdentity,
    /// A permissions boundary.
    Boundary,
    /// A policy passed at `AssumeRole`.
    Session,
    /// The policy of a bucket.
    Resource,
    /// The trust policy of a role.
    Trust,
}

impl PolicyKind {
    /// Whether statements of this kind name their principals.
    pub(crate) fn names_principals(self) -> bool {
        match self {
            Self::Resource | Self::Trust => true,
            Self::Identity | Self::ManagedIdentity | Self::Boundary | Self::Session => false,
        }
    }
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// `2008-10-17`, also where none is given: no variables.
    V2008,
    /// `2012-10-17`.
    V2012,
    /// Something else, in a stored document: nothing in it allows, and its denials hold.
    Unknown,
}

/// A policy that was read: only [`parse`](Self::parse) and [`read_stored`](Self::read_stored) make
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    pub(crate) kind: PolicyKind,
    pub(crate) version: Version,
    /// The version as written; absent and `2008-10-17` mean the same.
    pub(crate) version_text: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) statements: Vec<Statement>,
    /// Of the statements; made with them, and never older.
    pub(crate) index: Index,
    pub(crate) faults: Vec<PolicyError>,
    /// The text is not a policy at all; everything that it has a say in is denied.
    pub(crate) unreadable: bool,
}

impl PolicyDocument {
    /// Reads a document as IAM does when one is written: anything unknown, doubtful or malformed is
    /// an error with its line, column and path.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        let document = Self::read(text, kind)?;
        match document.faults.first() {
            Some(fault) => Err(fault.clone()),
            None => Ok(document),
        }
    }

    /// Reads a document that was stored by other means. Never fails: what is malformed fails closed
    /// when it is evaluated, and is listed by [`faults`](Self::faults).
    pub fn read_stored(text: &str, kind: PolicyKind) -> Self {
        Self::read(text, kind).unwrap_or_else(|fault| Self {
            kind,
            version: Version::Unknown,
            version_text: None,
            id: None,
            statements: Vec::new(),
            index: Index::of(&[]),
            faults: vec![fault],
            unreadable: true,
        })
    }

    /// Reads a document; an error only where its structure cannot be made out.
    pub(crate) fn read(text: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        let root = crate::json::parse(text)?;
        crate::parse::document(text, &root, kind)
    }

    /// What the document is for.
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// The version of the language that it is written in.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The document's `Id`.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its statements, in the order of the text.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// What is malformed in a stored document; always empty after [`parse`](Self::parse).
    pub fn faults(&self) -> &[PolicyError] {
        &self.faults
    }

    /// Whether a statement names a condition key that begins with `beginning`, given in lower case.
    pub(crate) fn names_key(&self, beginning: &str) -> bool {
        self.statements.iter().any(|statement| statement.names_key(beginning))
    }

    /// The document on one line, without spaces, in the order in which AWS prints elements.
    pub fn to_json(&self) -> String {
        crate::print::compact(self)
    }

    /// One text for all documents that say the same: lists sorted and without repetitions, scalars as
    /// lists, operators and kinds of principal as IAM writes them, actions and keys in lower case,
    /// accounts as their twelve digits. AWS re-orders and re-writes documents in these ways.
    pub fn to_canonical_json(&self) -> String {
        crate::canonical::canonical_json(self)
    }

    /// Whether two documents say the same, statement by statement. One that cannot be read says the
    /// same as none, itself included.
    pub fn says_the_same(&self, other: &Self) -> bool {
        crate::canonical::equivalent(self, other)
    }

    /// The document with two spaces of indentation.
    pub fn to_json_pretty(&self) -> String {
        crate::print::pretty(self)
    }
}
