//! Why the ledger could not be opened, read or written.

use std::error::Error;
use std::path::PathBuf;

/// A failure of the ledger. Only [`LedgerError::Conflict`] can be a caller's own doing.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database was written by a later version of this program; it was not touched.
    #[error(
        "a newer version wrote it: the ledger has version {found}, this one knows up to {known}"
    )]
    NewerVersion {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration that this program has.
        known: i64,
    },
    /// The database file cannot be created, opened or written.
    #[error("the ledger `{}` cannot be opened for writing: {reason}", path.display())]
    Unwritable {
        /// The database file.
        path: PathBuf,
        /// What the operating system or SQLite said.
        reason: String,
    },
    /// The PostgreSQL does not answer.
    #[error("the PostgreSQL at `{address}` cannot be reached: {reason}")]
    Unreachable {
        /// Its host and port.
        address: String,
        /// What the operating system or TLS said.
        reason: String,
    },
    /// The PostgreSQL does not let this user in.
    #[error("the PostgreSQL at `{address}` refuses the user or the password: {reason}")]
    AccessRefused {
        /// Its host and port.
        address: String,
        /// What it said.
        reason: String,
    },
    /// The PostgreSQL is not one on which a ledger can be kept as promised.
    #[error("the PostgreSQL at `{address}` cannot hold the ledger: {reason}")]
    Unsuitable {
        /// Its host and port.
        address: String,
        /// What is in the way, and what helps.
        reason: String,
    },
    /// The ledger has not answered for so long that what is kept of it in memory may be wrong.
    #[error("the ledger does not answer")]
    OutOfTouch,
    /// This node's clock and the ledger's are too far apart to compare times.
    #[error("the clocks of this node and of the ledger are {ms} ms apart: set both by NTP")]
    Skew {
        /// How far the ledger's clock is ahead, in milliseconds.
        ms: i64,
    },
    /// The change was judged by rows that somebody has changed since. Nothing was written.
    #[error("the rows have changed meanwhile")]
    Stale,
    /// Access has changed since the change was weighed: a grant, a group, a person, a role. Nothing was written.
    #[error("access has changed since this was weighed: look at it again")]
    AccessChanged,
    /// A row with the same unique value exists, or a row that is referred to does not.
    #[error("the {what} conflicts with what the ledger holds")]
    Conflict {
        /// What was being written: `person`, `grant`.
        what: &'static str,
    },
    /// A column holds what this program never writes.
    #[error("the ledger's column `{column}` holds a value that cannot be read")]
    Corrupt {
        /// The column's name.
        column: &'static str,
    },
    /// The database failed.
    #[error("the ledger's database failed")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

impl LedgerError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NewerVersion { .. } => "ledger-newer-version",
            Self::Unwritable { .. } => "ledger-unwritable",
            Self::Unreachable { .. } => "ledger-unreachable",
            Self::AccessRefused { .. } => "ledger-access-refused",
            Self::Unsuitable { .. } => "ledger-unsuitable",
            Self::OutOfTouch => "ledger-out-of-touch",
            Self::Skew { .. } => "ledger-skew",
            Self::Stale => "ledger-stale",
            Self::AccessChanged => "access-changed",
            Self::Conflict { .. } => "ledger-conflict",
            Self::Corrupt { .. } => "ledger-corrupt",
            Self::Database(_) => "ledger-database",
        }
    }

    /// Reads a failed write of `what`: a broken constraint is a conflict, the rest is the database's.
    pub(crate) fn of_write(what: &'static str, error: sqlx::Error) -> Self {
        let constraint = error
            .as_database_error()
            .is_some_and(|e| e.is_unique_violation() || e.is_foreign_key_violation());
        if constraint { Self::Conflict { what } } else { error.into() }
    }
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        if is_away(&error) { Self::OutOfTouch } else { Self::Database(Box::new(error)) }
    }
}

/// Whether an error says that a server is not there, or is going or coming.
///
/// Source: PostgreSQL documentation, "PostgreSQL Error Codes", classes 08 and 57.
fn is_away(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code().map(std::borrow::Cow::into_owned));
    let of_server = code.is_some_and(|code| code.starts_with("08") || code.starts_with("57P"));
    let io = matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut);
    of_server || io
}
