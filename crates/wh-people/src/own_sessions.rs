//! Which sessions a person has, and ending them: by the person, and by administrators.
//!
//! Source: OWASP ASVS 5.0, 7.4.3–7.4.5 and 7.5.2: whoever ends sessions has just proved who they are.

use jiff::Timestamp;
use wh_ledger::{LedgerError, SessionRow};
use wh_names::Uid;

use crate::sessions::has_ended;
use crate::{AdministrationError, Administrator, People, Person, Proven, ProvenAdministrator};

/// A session, as its person and administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// What it is called; it opens nothing.
    pub id: String,
    /// When it began.
    pub began: Timestamp,
    /// When it was last used, to the minute or so.
    pub seen: Timestamp,
    /// When it ends, used or not.
    pub expires: Timestamp,
    /// The address that it began from, where it is known.
    pub ip: Option<String>,
    /// What the person's program called itself.
    pub user_agent: Option<String>,
}

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The person has no session of that name, or it has ended.
    #[error("there is no such session, or it has ended")]
    NoSuchSession,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl SessionError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchSession => "no-such-session",
            Self::Ledger(error) => error.code(),
        }
    }
}

impl People {
    /// A person's own sessions, the newest first.
    pub async fn own_sessions(&self, person: &Person) -> Result<Vec<SessionRecord>, LedgerError> {
        self.sessions_now(person.uid()).await
    }

    /// Ends one of a person's own sessions, and whatever was issued for it.
    pub async fn end_own_session(&self, proven: &Proven, id: &str) -> Result<(), SessionError> {
        self.end_named(proven.person().uid(), id).await
    }

    /// Ends all of a person's own sessions but this one; says how many.
    pub async fn end_other_sessions(&self, proven: &Proven) -> Result<usize, LedgerError> {
        let person = proven.person();
        self.ledger().end_other_sessions(person.uid(), &person.session_digest(), self.now()).await
    }

    /// The sessions of a person, the newest first.
    pub async fn sessions_of(
        &self,
        _administrator: &Administrator,
        uid: &Uid,
    ) -> Result<Vec<SessionRecord>, AdministrationError> {
        self.existing(uid).await?;
        Ok(self.sessions_now(uid).await?)
    }

    /// Ends one session of a person, and whatever was issued for it.
    pub async fn end_session_of(
        &self,
        _administrator: &ProvenAdministrator,
        uid: &Uid,
        id: &str,
    ) -> Result<(), SessionError> {
        self.end_named(uid, id).await
    }

    async fn sessions_now(&self, uid: &Uid) -> Result<Vec<SessionRecord>, LedgerError> {
        let now = self.now();
        let rows = self.ledger().sessions_of(uid).await?.into_iter();
        Ok(rows.filter(|row| !has_ended(row, now)).map(record).collect())
    }

    async fn end_named(&self, uid: &Uid, id: &str) -> Result<(), SessionError> {
        let ended = self.ledger().end_session_of(uid, id, self.now()).await?;
        ended.then_some(()).ok_or(SessionError::NoSuchSession)
    }
}

fn record(row: SessionRow) -> SessionRecord {
    SessionRecord {
        id: row.sid,
        began: row.created_at,
        seen: row.seen_at,
        expires: row.expires_at,
        ip: row.ip,
        user_agent: row.user_agent,
    }
}
