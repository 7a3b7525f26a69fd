//! The one error of this crate: which name was refused, and why.

/// Why a string is not the name that it was offered as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a valid {what}: {why}")]
pub struct NameError {
    what: &'static str,
    input: String,
    why: &'static str,
}

/// How much of a refused input an error repeats, in characters.
const INPUT_SHOWN_MAX: usize = 80;

impl NameError {
    pub(crate) fn new(what: &'static str, input: &str, why: &'static str) -> Self {
        Self { what, input: input.chars().take(INPUT_SHOWN_MAX).collect(), why }
    }

    /// The kind of name that was asked for, in AWS's words: `bucket name`, `object key`.
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// The rule that was broken, as a clause.
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        "invalid-name"
    }
}

/// Writes the face of a checked string: `as_str`, `Display`, and a `Debug` that shows it.
macro_rules! checked_string {
    ($name:ident) => {
        impl $name {
            /// The name as it was checked.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.0)
            }
        }
    };
}
pub(crate) use checked_string;
