//! What an API token opens of all that its person may do: some of their locations, some actions. What a link
//! opens that its person shared: one file, or what is in one folder. And what a file request takes: files, into
//! the folder of whoever sends them.
//!
//! Invariant: a scope only takes away. What is held is read anew for each request, so that a grant
//! which is taken away or ends is out of every token's reach at once.

use jiff::Timestamp;
use wh_ledger::{
    ApiTokenRow, FileRequestRow, GrantRow, RowId, SenderRow, ShareLinkRow, TokenAction,
};
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

/// The bounds of an API token, of a link, or of somebody who sends by a file request.
#[derive(Debug, Clone)]
pub struct Scope {
    token: TokenName,
    grants: Vec<RowId>,
    actions: Vec<TokenAction>,
    expires: Timestamp,
    link: Option<LinkScope>,
    sender: Option<SenderScope>,
}

/// What a link opens.
#[derive(Debug, Clone)]
pub struct LinkScope {
    /// The path in the location of its grant; a folder's ends in a slash.
    pub path: String,
    /// When it stops, if it does by itself.
    pub ends: Option<Timestamp>,
}

/// What somebody sends into, by a file request.
#[derive(Debug, Clone)]
pub struct SenderScope {
    /// Who sends.
    pub sender: SenderRow,
    /// The path of their folder in the location of the request's grant; it ends in a slash.
    pub folder: String,
    /// When the request stops, if it does by itself.
    pub ends: Option<Timestamp>,
}

impl Scope {
    pub(crate) fn of(row: &ApiTokenRow) -> Self {
        Self {
            token: TokenName::of(row),
            grants: row.grants.clone(),
            actions: row.actions.clone(),
            expires: row.expires_at,
            link: None,
            sender: None,
        }
    }

    pub(crate) fn of_link(row: &ShareLinkRow, ends: Option<Timestamp>) -> Self {
        let name = "a shared link".to_owned();
        Self {
            token: TokenName { uid: row.uid.clone(), id: row.id.clone(), name },
            grants: vec![row.grant_id.clone()],
            actions: vec![TokenAction::List, TokenAction::Read],
            expires: ends.unwrap_or(Timestamp::MAX),
            link: Some(LinkScope { path: row.path.clone(), ends }),
            sender: None,
        }
    }

    pub(crate) fn of_sender(
        row: &FileRequestRow,
        sender: SenderRow,
        ends: Option<Timestamp>,
    ) -> Self {
        let name = "a file request".to_owned();
        let folder = format!("{}{}/", row.path, sender.folder);
        Self {
            token: TokenName { uid: row.uid.clone(), id: row.id.clone(), name },
            grants: vec![row.grant_id.clone()],
            actions: vec![TokenAction::Write],
            expires: ends.unwrap_or(Timestamp::MAX),
            link: None,
            sender: Some(SenderScope { sender, folder, ends }),
        }
    }

    /// What is sent into, where somebody sends by a file request.
    pub fn sender(&self) -> Option<&SenderScope> {
        self.sender.as_ref()
    }

    /// What the link opens, where it is one.
    pub fn link(&self) -> Option<&LinkScope> {
        self.link.as_ref()
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
