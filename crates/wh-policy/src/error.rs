//! Why a document is not a policy, and where.

/// Why a document is not a policy: the fault, and its place in the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}, at `{path}`: {fault}")]
pub struct PolicyError {
    line: usize,
    column: usize,
    path: String,
    fault: PolicyFault,
}

/// What is wrong at the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFault {
    /// The text is not JSON.
    #[error("{0}")]
    Syntax(&'static str),
    /// A key occurs twice; condition keys also when they differ only in case.
    #[error("the key `{0}` occurs twice")]
    DuplicateKey(String),
    /// The grammar has no such element here.
    #[error("`{0}` is not an element of a policy")]
    UnknownElement(String),
    /// The element is required here.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The element has no place in this kind of policy, or beside another.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The value has the wrong JSON type.
    #[error("{0} is expected here")]
    WrongType(&'static str),
    /// The value is not what the element takes.
    #[error("`{value}` is not valid: {rule}")]
    Invalid {
        /// The value, as written.
        value: String,
        /// The rule that it breaks, as a clause.
        rule: &'static str,
    },
    /// The condition operator is not one of IAM's.
    #[error("`{0}` is not a condition operator")]
    UnknownOperator(String),
    /// The document is larger than any of its kind may be.
    #[error("the document has {size} {measure}, of which {most} are allowed")]
    TooLarge {
        /// What was measured.
        size: usize,
        /// What is allowed.
        most: usize,
        /// What is counted.
        measure: &'static str,
    },
}

impl PolicyError {
    pub(crate) fn new(place: (usize, usize), path: impl Into<String>, fault: PolicyFault) -> Self {
        Self { line: place.0, column: place.1, path: path.into(), fault }
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The path to the element: `Statement[0].Action[1]`; `$` is the document.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
    pub fn fault(&self) -> &PolicyFault {
        &self.fault
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self.fault {
            PolicyFault::Syntax(_) => "policy-syntax",
            PolicyFault::DuplicateKey(_) => "policy-duplicate-key",
            PolicyFault::UnknownElement(_) => "policy-unknown-element",
            PolicyFault::Missing(_) => "policy-missing-element",
            PolicyFault::Forbidden(_) => "policy-forbidden-element",
            PolicyFault::WrongType(_) => "policy-wrong-type",
            PolicyFault::Invalid { .. } => "policy-invalid-value",
            PolicyFault::UnknownOperator(_) => "policy-unknown-operator",
            PolicyFault::TooLarge { .. } => "policy-too-large",
        }
    }
}
