//! Rows of passkeys, and of the ceremonies by which they are made and used.
//!
//! Invariant: the answer to a challenge counts once: what it gives is given in the transaction that
//! deletes the ceremony. A passkey is its person's alone, and its counter goes forward only.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::audit::append;
use crate::identities::has_way_in;
use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::second_factors::{forget_codes, has_factor, insert_codes};
use crate::sessions::{Renewal, close_other_sessions, hex, insert_session_row, renew_session_row};
use crate::sql::{self, Row, Tx};
use crate::{AuditRecord, FactorUse, Ledger, LedgerError, SessionRow, WayTaken};

/// So many challenges may wait for answers from strangers at one address; then the oldest is forgotten.
const CEREMONIES_OF_AN_ADDRESS_MAX: i64 = 20;

/// So many may wait for answers from strangers altogether.
const CEREMONIES_OF_STRANGERS_MAX: i64 = 10_000;

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRow {
    /// What the authenticator calls it, in base64url.
    pub id: String,
    /// Whose it is.
    pub uid: Uid,
    /// What its person calls it.
    pub name: String,
    /// Its public key, its counter and what else is known of it, as JSON.
    pub credential: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

/// What a ceremony is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CeremonyKind {
    /// A passkey is made.
    Making,
    /// Somebody signs in by a passkey alone.
    SignIn,
    /// Somebody whose password was right takes the second step.
    SecondStep,
    /// Somebody who is signed in proves once more who they are.
    Proof,
    /// Somebody is at a provider, who sends them back. No passkey answers it.
    Provider,
}

impl CeremonyKind {
    /// The kind in lower-case words with `-` between.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::SignIn => "sign-in",
            Self::SecondStep => "second-step",
            Self::Proof => "proof",
            Self::Provider => "provider",
        }
    }
}

/// A challenge that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CeremonyRow {
    /// The digest of the token of whoever may answer.
    pub holder: SecretDigest,
    /// What it is for.
    pub kind: CeremonyKind,
    /// Who must answer; nobody knows where somebody signs in.
    pub uid: Option<Uid>,
    /// Where it was asked for; empty where that is not known.
    pub ip: String,
    /// What the answer is judged by, as JSON.
    pub state: String,
    /// Until when it may be answered.
    pub expires_at: Timestamp,
}

/// What an answer that was found right spends and changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyUse {
    /// Who answered.
    pub holder: SecretDigest,
    /// What for.
    pub kind: CeremonyKind,
    /// By which passkey.
    pub id: String,
    /// What was known of the passkey when the answer was judged.
    pub judged_by: String,
    /// What is known of it now.
    pub credential: String,
    /// When.
    pub at: Timestamp,
}

/// A passkey that was just made, with the recovery codes in case it is its person's first factor.
#[derive(Debug)]
pub struct NewPasskey<'a> {
    /// The passkey.
    pub row: &'a PasskeyRow,
    /// The digests of the recovery codes.
    pub codes: &'a [SecretDigest],
    /// So many a person may have.
    pub max: usize,
}

/// What came of keeping a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyKept {
    /// It is the person's first factor: the recovery codes were kept, too.
    First,
    /// It is kept; the recovery codes are those from before.
    Further,
    /// The ceremony or the session is no more.
    Over,
    /// There is a passkey of this id.
    Taken,
    /// The person has as many as one may have.
    Full,
}

impl Ledger {
    /// The passkeys of a person, the oldest first.
    pub async fn passkeys(&self, uid: &Uid) -> Result<Vec<PasskeyRow>, LedgerError> {
        let sql = "SELECT * FROM passkeys WHERE uid = $1 ORDER BY created_at, id";
        let rows = sql::query(sql).bind(uid.as_str()).fetch_all(self.reader()).await?;
        rows.iter().map(read_passkey).collect()
    }

    /// The passkey of this id, whoever has it.
    pub async fn passkey(&self, id: &str) -> Result<Option<PasskeyRow>, LedgerError> {
        let row = sql::query("SELECT * FROM passkeys WHERE id = $1").bind(id);
        row.fetch_optional(self.reader()).await?.as_ref().map(read_passkey).transpose()
    }

    /// Keeps a challenge, in the place of an earlier one for the same. Of strangers' there are never
    /// more than a bounded number: the oldest make room.
    pub async fn begin_ceremony(&self, row: &CeremonyRow) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        if row.uid.is_none() {
            make_room(&mut tx, &row.ip).await?;
        }
        let sql = "INSERT INTO ceremonies (holder, kind, uid, ip, state, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (holder, kind) DO UPDATE
                   SET uid = excluded.uid, ip = excluded.ip, state = excluded.state,
                       expires_at = excluded.expires_at";
        sql::query(sql)
            .bind(hex(&row.holder))
            .bind(row.kind.as_str())
            .bind(row.uid.as_ref().map(Uid::as_str))
            .bind(&row.ip)
            .bind(&row.state)
            .bind(millis(row.expires_at))
            .execute(&mut tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// What the answer is judged by, if it may still be given.
    pub async fn ceremony(
        &self,
        holder: &SecretDigest,
        kind: CeremonyKind,
        now: Timestamp,
    ) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT state FROM ceremonies
                   WHERE holder = $1 AND kind = $2 AND expires_at > $3";
        let query = sql::query(sql).bind(hex(holder)).bind(kind.as_str()).bind(millis(now));
        let row = query.fetch_optional(self.reader()).await?;
        Ok(row.map(|row| row.try_get("state")).transpose()?)
    }

    /// Ends a ceremony before its answer is judged: whose it was, and its state. Of many answers to one,
    /// one gets it.
    pub async fn take_ceremony(
        &self,
        (holder, kind): (&SecretDigest, CeremonyKind),
        now: Timestamp,
    ) -> Result<Option<(Option<Uid>, String)>, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM ceremonies WHERE holder = $1 AND kind = $2 AND expires_at > $3
                   RETURNING uid, state";
        let query = sql::query(sql).bind(hex(holder)).bind(kind.as_str()).bind(millis(now));
        let Some(row) = query.fetch_optional(&mut tx).await? else { return Ok(None) };
        let uid: Option<&str> = row.try_get("uid")?;
        let taken = (uid.map(read_uid).transpose()?, row.try_get("state")?);
        tx.commit().await?;
        Ok(Some(taken))
    }

    /// Keeps a passkey that was just made, renews the session that asked and ends the person's others.
    pub async fn keep_passkey(
        &self,
        new: NewPasskey<'_>,
        renewal: &Renewal,
        record: &AuditRecord,
    ) -> Result<PasskeyKept, LedgerError> {
        let (mut tx, row) = (self.begin().await?, new.row);
        let answered = end_ceremony(&mut tx, (&renewal.from, CeremonyKind::Making), record.at);
        if !answered.await? || !renew_session_row(&mut tx, renewal).await? {
            return Ok(PasskeyKept::Over);
        }
        let sql = "SELECT count(*) AS kept FROM passkeys WHERE uid = $1";
        let counted = sql::query(sql).bind(row.uid.as_str()).fetch_optional(&mut tx).await?;
        let kept: i64 = counted.map(|row| row.try_get("kept")).transpose()?.unwrap_or_default();
        if usize::try_from(kept).unwrap_or_default() >= new.max {
            return Ok(PasskeyKept::Full);
        }
        let first = !has_factor(&mut tx, &row.uid).await?;
        let sql = "INSERT INTO passkeys (id, uid, name, credential, created_at)
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING";
        let done = sql::query(sql)
            .bind(&row.id)
            .bind(row.uid.as_str())
            .bind(&row.name)
            .bind(&row.credential)
            .bind(millis(row.created_at))
            .execute(&mut tx)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(PasskeyKept::Taken);
        }
        if first {
            forget_codes(&mut tx, &row.uid).await?;
            insert_codes(&mut tx, &row.uid, new.codes).await?;
        }
        append(&mut tx, record).await?;
        let ended = close_other_sessions(&mut tx, &row.uid, &renewal.to, record.at).await?;
        self.revocations().end_each(&ended, record.at);
        tx.commit().await?;
        Ok(if first { PasskeyKept::First } else { PasskeyKept::Further })
    }

    /// Calls a person's passkey something else. `false`: they have none of this id.
    pub async fn rename_passkey(
        &self,
        (uid, id): (&Uid, &str),
        name: &str,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE passkeys SET name = $3 WHERE uid = $1 AND id = $2";
        let query = sql::query(sql).bind(uid.as_str()).bind(id).bind(name);
        if query.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes a person's passkey away, and ends their sessions but the one with the digest `kept`. With the
    /// last factor go the recovery codes. They must be left a way to sign in: a password, another passkey,
    /// or an identity of `issuers`.
    pub async fn remove_passkey(
        &self,
        (uid, id): (&Uid, &str),
        (kept, issuers): (&SecretDigest, &[String]),
        record: &AuditRecord,
    ) -> Result<WayTaken, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM passkeys WHERE uid = $1 AND id = $2";
        let query = sql::query(sql).bind(uid.as_str()).bind(id);
        if query.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(WayTaken::Absent);
        }
        if !has_way_in(&mut tx, uid, issuers).await? {
            return Ok(WayTaken::Last);
        }
        if !has_factor(&mut tx, uid).await? {
            forget_codes(&mut tx, uid).await?;
        }
        append(&mut tx, record).await?;
        let ended = close_other_sessions(&mut tx, uid, kept, record.at).await?;
        self.revocations().end_each(&ended, record.at);
        tx.commit().await?;
        Ok(WayTaken::Done)
    }

    /// Begins a session of whoever answered by their passkey. `false`: the challenge was answered
    /// before, or the passkey or the person does not count any more, and no session began.
    pub async fn sign_in_by_passkey(
        &self,
        used: &PasskeyUse,
        session: &SessionRow,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "SELECT 1 FROM persons WHERE uid = $1 AND status = 'active'";
        let may = sql::query(sql).bind(session.uid.as_str()).fetch_optional(&mut tx).await?;
        if may.is_none() || !spend_passkey(&mut tx, &session.uid, used).await? {
            return Ok(false);
        }
        insert_session_row(&mut tx, session).await?;
        tx.commit().await?;
        Ok(true)
    }
}

impl From<PasskeyUse> for FactorUse {
    fn from(used: PasskeyUse) -> Self {
        Self::Passkey(Box::new(used))
    }
}

/// Spends the answer to a challenge. `false`: it was answered before, or too late, or the passkey was
/// used or taken away in the meantime.
pub(crate) async fn spend_passkey(
    tx: &mut Tx,
    uid: &Uid,
    used: &PasskeyUse,
) -> Result<bool, LedgerError> {
    if !end_ceremony(tx, (&used.holder, used.kind), used.at).await? {
        return Ok(false);
    }
    let sql = "UPDATE passkeys SET credential = $4, used_at = $5
               WHERE id = $1 AND uid = $2 AND credential = $3";
    let done = sql::query(sql)
        .bind(&used.id)
        .bind(uid.as_str())
        .bind(&used.judged_by)
        .bind(&used.credential)
        .bind(millis(used.at))
        .execute(&mut *tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn end_ceremony(
    tx: &mut Tx,
    (holder, kind): (&SecretDigest, CeremonyKind),
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let sql = "DELETE FROM ceremonies WHERE holder = $1 AND kind = $2 AND expires_at > $3";
    let query = sql::query(sql).bind(hex(holder)).bind(kind.as_str()).bind(millis(now));
    Ok(query.execute(&mut *tx).await?.rows_affected() == 1)
}

/// Forgets the oldest challenges of strangers, so that one more is not one too many.
async fn make_room(tx: &mut Tx, ip: &str) -> Result<(), LedgerError> {
    let of_address = "DELETE FROM ceremonies WHERE uid IS NULL AND ip = $1 AND expires_at <=
                      (SELECT expires_at FROM ceremonies WHERE uid IS NULL AND ip = $1
                       ORDER BY expires_at DESC LIMIT 1 OFFSET $2)";
    let of_all = "DELETE FROM ceremonies WHERE uid IS NULL AND expires_at <=
                  (SELECT expires_at FROM ceremonies WHERE uid IS NULL
                   ORDER BY expires_at DESC LIMIT 1 OFFSET $1)";
    let query = sql::query(of_address).bind(ip).bind(CEREMONIES_OF_AN_ADDRESS_MAX - 1);
    query.execute(&mut *tx).await?;
    sql::query(of_all).bind(CEREMONIES_OF_STRANGERS_MAX - 1).execute(&mut *tx).await?;
    Ok(())
}

fn read_passkey(row: &Row) -> Result<PasskeyRow, LedgerError> {
    let used_at: Option<i64> = row.try_get("used_at")?;
    Ok(PasskeyRow {
        id: row.try_get("id")?,
        uid: read_uid(row.try_get("uid")?)?,
        name: row.try_get("name")?,
        credential: row.try_get("credential")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        used_at: used_at.map(|at| timestamp("used_at", at)).transpose()?,
    })
}
