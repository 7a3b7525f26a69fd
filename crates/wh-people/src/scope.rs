//! What an API token opens of all that its person may do: some of their locations, some actions.
//!
//! Invariant: a scope only takes away. What is held is read anew for each request, so that a grant
//! which is taken away or ends is out of every token's reach at once.

use jiff::Timestamp;
use wh_ledger::{ApiTokenRow, GrantRow, RowId, TokenAction};
use wh_names::Uid;

/// Which token it is, for logs and messages; it opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenName {
    /// Whose it is.
    pub uid: Uid,
    /// What it is called for ever, also in role session names.
    pub id: RowId,
    /// What its person calls it.
    pub name: String,
}

impl TokenName {
    pub(crate) fn of(row: &ApiTokenRow) -> Self {
        Self { uid: row.uid.clone(), id: row.id.clone(), name: row.name.clone() }
    }
}

/// The bounds of an API token.
#[derive(Debug, Clone)]
pub struct Scope {
    token: TokenName,
    grants: Vec<RowId>,
    actions: Vec<TokenAction>,
    expires: Timestamp,
}

impl Scope {
    pub(crate) fn of(row: &ApiTokenRow) -> Self {
        Self {
            token: TokenName::of(row),
            grants: row.grants.clone(),
            actions: row.actions.clone(),
            expires: row.expires_at,
        }
    }

    /// Which token it is.
    pub fn token(&self) -> &TokenName {
        &self.token
    }

    /// What may be done at most.
    pub fn actions(&self) -> &[TokenAction] {
        &self.actions
    }

    /// When the token ends, and all that is issued for it.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whether a grant is one that the token is for.
    pub(crate) fn covers(&self, grant: &GrantRow) -> bool {
        self.grants.contains(&grant.id)
    }
}
