//! Rows of the portal's sessions. The token itself is never here, only its digest.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::api_tokens::revoke_tokens_of;
use crate::audit::append;
use crate::file_requests::revoke_file_requests_of;
use crate::known_devices::forget_devices;
use crate::open::{millis, timestamp};
use crate::person_keys::revoke_keys_of;
use crate::persons::read_uid;
use crate::revocations::{write_person, write_session};
use crate::second_factors::spend;
use crate::share_links::revoke_share_links_of;
use crate::sql::{self, Row, Tx};
use crate::{AuditRecord, FactorUse, Ledger, LedgerError, PasswordPhc};

/// How many digits of the digest name a session: `sid` in `u-<uid>-<sid>`.
pub const SESSION_ID_CHARS: usize = 8;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The digest of the token that the person holds. It is another after each proof.
    pub digest: SecretDigest,
    /// What the session is called in role session names, for as long as it lives; it opens nothing.
    pub sid: String,
    /// Whose session it is.
    pub uid: Uid,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute or so.
    pub seen_at: Timestamp,
    /// When it ends, used or not.
    pub expires_at: Timestamp,
    /// What the person's program called itself.
    pub user_agent: Option<String>,
    /// Where the person came from.
    pub ip: Option<String>,
    /// When the person last proved who they are in it.
    pub proved_at: Timestamp,
    /// By what.
    pub proved_by: ProofKind,
}

impl SessionRow {
    /// What a new session with a token of this digest is called.
    pub fn name_of(digest: &SecretDigest) -> String {
        let mut hex = hex(digest);
        hex.truncate(SESSION_ID_CHARS);
        hex
    }
}

/// By what a person proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProofKind {
    /// The password alone.
    Password,
    /// A one-time code of their second factor.
    Totp,
    /// A recovery code.
    RecoveryCode,
    /// A passkey, which verified its person itself.
    Passkey,
    /// The word of a provider.
    Provider,
    /// The word of a provider that asked for a second factor, where its second factor counts.
    ProviderFactor,
}

impl ProofKind {
    /// The kind in lower-case words with `-` between.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery-code",
            Self::Passkey => "passkey",
            Self::Provider => "provider",
            Self::ProviderFactor => "provider-factor",
        }
    }

    fn read(text: &str) -> Result<Self, LedgerError> {
        let second = [Self::Totp, Self::RecoveryCode, Self::Passkey, Self::ProviderFactor];
        [Self::Password, Self::Provider]
            .into_iter()
            .chain(second)
            .find(|kind| kind.as_str() == text)
            .ok_or(LedgerError::Corrupt { column: "proved_by" })
    }
}

/// A session whose person has proved once more who they are: it goes on under another token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The digest of the token that it had.
    pub from: SecretDigest,
    /// The digest of the token that it has from now on.
    pub to: SecretDigest,
    /// When.
    pub proved_at: Timestamp,
    /// By what.
    pub proved_by: ProofKind,
}

impl Ledger {
    /// Begins a session of an active person without a second factor whose password still is
    /// `password`. `false`: it is not, or there is one, and no session began.
    pub async fn insert_session(
        &self,
        session: &SessionRow,
        password: &PasswordPhc,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        if !signs_in_by(&mut tx, &session.uid, password).await? {
            return Ok(false);
        }
        insert_session_row(&mut tx, session).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The session with this digest, whether it has expired or not.
    pub async fn session(&self, digest: &SecretDigest) -> Result<Option<SessionRow>, LedgerError> {
        let row = sql::query("SELECT * FROM sessions WHERE digest = $1")
            .bind(hex(digest))
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read_session).transpose()
    }

    /// Renews a session after its person proved who they are; what was spent on that is spent in the
    /// same transaction. `false`: it was spent before, or the session is no more, and nothing was
    /// written.
    pub async fn renew_session(
        &self,
        renewal: &Renewal,
        spent: Option<(&Uid, &FactorUse)>,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        if let Some((uid, used)) = spent
            && !spend(&mut tx, uid, used).await?
        {
            return Ok(false);
        }
        if !renew_session_row(&mut tx, renewal).await? {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The sessions of one person, the newest first.
    pub async fn sessions_of(&self, uid: &Uid) -> Result<Vec<SessionRow>, LedgerError> {
        let rows = sql::query("SELECT * FROM sessions WHERE uid = $1 ORDER BY created_at DESC")
            .bind(uid.as_str())
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read_session).collect()
    }

    /// Notes that a session was used. Going back in time changes nothing.
    pub async fn touch_session(
        &self,
        digest: &SecretDigest,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        sql::query("UPDATE sessions SET seen_at = $2 WHERE digest = $1 AND seen_at < $2")
            .bind(hex(digest))
            .bind(millis(at))
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Ends one session and whatever was issued for it. `false`: there was none.
    pub async fn end_session(
        &self,
        digest: &SecretDigest,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM sessions WHERE digest = $1 RETURNING sid";
        let row = sql::query(sql).bind(hex(digest)).fetch_optional(&mut tx).await?;
        let Some(row) = row else { return Ok(false) };
        let sid: String = row.try_get("sid")?;
        write_session(&mut tx, &sid, at).await?;
        self.revocations().end_session(&sid, at);
        tx.commit().await?;
        Ok(true)
    }

    /// Ends a person's session by its name, and whatever was issued for it. `false`: they have none of
    /// that name.
    pub async fn end_session_of(
        &self,
        uid: &Uid,
        sid: &str,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM sessions WHERE uid = $1 AND sid = $2";
        let done = sql::query(sql).bind(uid.as_str()).bind(sid).execute(&mut tx).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        write_session(&mut tx, sid, at).await?;
        self.revocations().end_session(sid, at);
        tx.commit().await?;
        Ok(true)
    }

    /// Ends every session of a person but the one with this digest, sign-ins that are half-way too,
    /// and whatever was issued for them; says how many sessions there were.
    pub async fn end_other_sessions(
        &self,
        uid: &Uid,
        kept: &SecretDigest,
        at: Timestamp,
    ) -> Result<usize, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let ended = close_other_sessions(&mut tx, uid, kept, at).await?;
        self.revocations().end_each(&ended, at);
        tx.commit().await?;
        Ok(ended.len())
    }

    /// Ends every session of a person and whatever was issued for them, their access keys, API tokens
    /// and shared links too; says how many sessions there were.
    pub async fn end_sessions(&self, uid: &Uid, at: Timestamp) -> Result<usize, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let mut ended = close_sessions(&mut tx, uid, at).await?;
        let sessions = ended.len();
        revoke_keys_of(&mut tx, uid, at).await?;
        ended.extend(revoke_tokens_of(&mut tx, uid, at).await?);
        ended.extend(revoke_share_links_of(&mut tx, uid, at).await?);
        ended.extend(revoke_file_requests_of(&mut tx, uid, at).await?);
        self.revocations().end(uid, at, &ended);
        tx.commit().await?;
        Ok(sessions)
    }

    /// Forgets sessions that ended by themselves, last seen before `idle_since` or expired, and ends
    /// whatever was issued for them.
    pub async fn sweep_sessions(
        &self,
        idle_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM sessions WHERE seen_at <= $1 OR expires_at <= $2 RETURNING sid";
        let rows = sql::query(sql).bind(millis(idle_since)).bind(millis(now));
        let rows = rows.fetch_all(&mut tx).await?;
        let sids: Vec<String> =
            rows.iter().map(|row| row.try_get("sid")).collect::<Result<_, _>>()?;
        for sid in &sids {
            write_session(&mut tx, sid, now).await?;
        }
        self.revocations().end_each(&sids, now);
        tx.commit().await?;
        Ok(u64::try_from(sids.len()).unwrap_or(u64::MAX))
    }
}

/// Whether this password alone signs the person in, as this transaction sees it: they are active, it is
/// theirs still, and they have no second factor.
pub(crate) async fn signs_in_by(
    tx: &mut Tx,
    uid: &Uid,
    password: &PasswordPhc,
) -> Result<bool, LedgerError> {
    let sql = "SELECT 1 FROM persons
               WHERE uid = $1 AND status = 'active' AND password_phc = $2
               AND NOT EXISTS (SELECT 1 FROM second_factors f WHERE f.uid = persons.uid)
               AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.uid = persons.uid)";
    let may = sql::query(sql).bind(uid.as_str()).bind(password.as_str());
    Ok(may.fetch_optional(&mut *tx).await?.is_some())
}

/// Deletes a person's sessions, sign-ins that are half-way and known browsers, and records the
/// revocation; the names of the sessions come back.
pub(crate) async fn close_sessions(
    tx: &mut Tx,
    uid: &Uid,
    at: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    let sql = "DELETE FROM sessions WHERE uid = $1 RETURNING sid";
    let rows = sql::query(sql).bind(uid.as_str()).fetch_all(&mut *tx).await?;
    let sids = closed(tx, uid, &rows, at).await?;
    forget_devices(tx, uid).await?;
    write_person(tx, uid, at).await?;
    Ok(sids)
}

/// The same for all sessions but the one with this digest. What was issued for that one still counts.
pub(crate) async fn close_other_sessions(
    tx: &mut Tx,
    uid: &Uid,
    kept: &SecretDigest,
    at: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    let sql = "DELETE FROM sessions WHERE uid = $1 AND digest <> $2 RETURNING sid";
    let query = sql::query(sql).bind(uid.as_str()).bind(hex(kept));
    let rows = query.fetch_all(&mut *tx).await?;
    closed(tx, uid, &rows, at).await
}

/// Records the end of the sessions in these rows, and ends sign-ins that are half-way.
async fn closed(
    tx: &mut Tx,
    uid: &Uid,
    rows: &[Row],
    at: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    // A link to a new password is as good as a session.
    let links = "DELETE FROM password_links WHERE uid = $1";
    sql::query(links).bind(uid.as_str()).execute(&mut *tx).await?;
    let half_way = "DELETE FROM pending_sign_ins WHERE uid = $1";
    sql::query(half_way).bind(uid.as_str()).execute(&mut *tx).await?;
    let sids: Vec<String> = rows.iter().map(|row| row.try_get("sid")).collect::<Result<_, _>>()?;
    for sid in &sids {
        write_session(tx, sid, at).await?;
    }
    Ok(sids)
}

pub(crate) async fn insert_session_row(
    tx: &mut Tx,
    session: &SessionRow,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO sessions
               (digest, sid, uid, created_at, seen_at, expires_at, user_agent, ip, proved_at,
                proved_by)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    sql::query(sql)
        .bind(hex(&session.digest))
        .bind(&session.sid)
        .bind(session.uid.as_str())
        .bind(millis(session.created_at))
        .bind(millis(session.seen_at))
        .bind(millis(session.expires_at))
        .bind(&session.user_agent)
        .bind(&session.ip)
        .bind(millis(session.proved_at))
        .bind(session.proved_by.as_str())
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("session", e))?;
    let sql = "UPDATE persons SET last_sign_in_at = $2 WHERE uid = $1";
    let noted = sql::query(sql).bind(session.uid.as_str()).bind(millis(session.created_at));
    noted.execute(&mut *tx).await?;
    Ok(())
}

/// The session keeps its name, so that what was issued for it still ends with it.
pub(crate) async fn renew_session_row(tx: &mut Tx, renewal: &Renewal) -> Result<bool, LedgerError> {
    let sql = "UPDATE sessions SET digest = $2, proved_at = $3, proved_by = $4 WHERE digest = $1";
    let done = sql::query(sql)
        .bind(hex(&renewal.from))
        .bind(hex(&renewal.to))
        .bind(millis(renewal.proved_at))
        .bind(renewal.proved_by.as_str())
        .execute(&mut *tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

fn read_session(row: &Row) -> Result<SessionRow, LedgerError> {
    Ok(SessionRow {
        digest: unhex("digest", row.try_get("digest")?)?,
        sid: row.try_get("sid")?,
        uid: read_uid(row.try_get("uid")?)?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        seen_at: timestamp("seen_at", row.try_get("seen_at")?)?,
        expires_at: timestamp("expires_at", row.try_get("expires_at")?)?,
        user_agent: row.try_get("user_agent")?,
        ip: row.try_get("ip")?,
        proved_at: timestamp("proved_at", row.try_get("proved_at")?)?,
        proved_by: ProofKind::read(row.try_get("proved_by")?)?,
    })
}

/// A digest as the ledger stores it.
pub(crate) fn hex(digest: &SecretDigest) -> String {
    use std::fmt::Write;
    digest.as_bytes().iter().fold(String::with_capacity(64), |mut out, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(out, "{byte:02x}");
        out
    })
}

pub(crate) fn unhex(column: &'static str, text: &str) -> Result<SecretDigest, LedgerError> {
    let corrupt = || LedgerError::Corrupt { column };
    let mut bytes = [0_u8; 32];
    if text.len() != 64 {
        return Err(corrupt());
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        let pair = text.get(at * 2..at * 2 + 2).ok_or_else(corrupt)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| corrupt())?;
    }
    Ok(SecretDigest::from_bytes(bytes))
}
