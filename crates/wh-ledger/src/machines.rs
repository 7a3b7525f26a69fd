//! Rows of machines: invited by a one-time token, enrolled with a public key, revoked for good.
//!
//! Invariant: a token is spent in the transaction that writes the machine's key, so it brings in one
//! machine; a request of a machine counts once, because each must be of a later time than the last.

use jiff::Timestamp;
use wh_names::{InstanceId, SecretDigest};

use crate::audit::append;
use crate::open::{millis, timestamp};
use crate::sessions::hex;
use crate::sql::{self, Row, Tx};
use crate::{AuditRecord, Ledger, LedgerError};

/// An Ed25519 public key, in bytes.
pub const MACHINE_KEY_BYTES: usize = 32;

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineRow {
    /// `i-…`.
    pub id: InstanceId,
    /// What its operator calls it; no two that are not revoked share one.
    pub name: String,
    /// The instance profile whose role it gets.
    pub profile: String,
    /// When its token stops counting.
    pub token_expires_at: Timestamp,
    /// When it was invited.
    pub created_at: Timestamp,
    /// What it was enrolled with; none while it is only invited.
    pub enrolled: Option<MachineKey>,
    /// When it last asked, by its own clock, and from where; none before the first time.
    pub asked: Option<MachineUse>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What a machine was enrolled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineKey {
    /// Its public key: Ed25519.
    pub public_key: [u8; MACHINE_KEY_BYTES],
    /// When.
    pub at: Timestamp,
}

/// A request of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineUse {
    /// The machine's time, to the millisecond.
    pub at: Timestamp,
    /// The address of the peer, where it is known.
    pub ip: Option<String>,
}

/// What invites a machine.
#[derive(Debug, Clone)]
pub struct MachineInvitation {
    /// What it will be called.
    pub id: InstanceId,
    /// What its operator calls it.
    pub name: String,
    /// The instance profile whose role it gets.
    pub profile: String,
    /// The digest of the token that brings it in.
    pub token: SecretDigest,
    /// When the token stops counting.
    pub token_expires_at: Timestamp,
}

/// What brings a machine in.
#[derive(Debug, Clone)]
pub struct MachineEnrolment {
    /// The digest of the token.
    pub token: SecretDigest,
    /// The machine's public key.
    pub key: MachineKey,
    /// The request in which it came.
    pub asked: MachineUse,
}

impl Ledger {
    /// Invites a machine, in the place of one of this name that was invited and has not come. `false`:
    /// one of this name is enrolled, and nothing was written.
    pub async fn invite_machine(
        &self,
        invited: &MachineInvitation,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM machines
                   WHERE name = $1 AND revoked_at IS NULL AND public_key IS NULL";
        sql::query(sql).bind(&invited.name).execute(&mut tx).await?;
        let sql = "SELECT 1 FROM machines WHERE name = $1 AND revoked_at IS NULL";
        if sql::query(sql).bind(&invited.name).fetch_optional(&mut tx).await?.is_some() {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        insert_row(&mut tx, invited, record.at).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The machine that a token was made for, whether the token counts or not.
    pub async fn machine_of_token(
        &self,
        token: &SecretDigest,
    ) -> Result<Option<MachineRow>, LedgerError> {
        let query = sql::query("SELECT * FROM machines WHERE token_digest = $1").bind(hex(token));
        query.fetch_optional(self.reader()).await?.as_ref().map(read_machine).transpose()
    }

    /// Spends a token on a machine's key. `false`: the token was spent, has expired, was revoked or
    /// never was, and nothing was written.
    pub async fn enrol_machine(
        &self,
        enrolment: &MachineEnrolment,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE machines
                   SET public_key = $2, enrolled_at = $3, asked_at = $4, asked_from = $5
                   WHERE token_digest = $1 AND public_key IS NULL AND revoked_at IS NULL
                   AND token_expires_at > $3";
        let done = sql::query(sql)
            .bind(hex(&enrolment.token))
            .bind(key_text(&enrolment.key.public_key))
            .bind(millis(enrolment.key.at))
            .bind(millis(enrolment.asked.at))
            .bind(&enrolment.asked.ip);
        if done.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A machine.
    pub async fn machine(&self, id: &InstanceId) -> Result<Option<MachineRow>, LedgerError> {
        let query = sql::query("SELECT * FROM machines WHERE instance_id = $1").bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read_machine).transpose()
    }

    /// All machines, by their names; those that were revoked too, until they are swept.
    pub async fn machines(&self) -> Result<Vec<MachineRow>, LedgerError> {
        let query = sql::query("SELECT * FROM machines ORDER BY name, created_at, instance_id");
        query.fetch_all(self.reader()).await?.iter().map(read_machine).collect()
    }

    /// Takes a request of an enrolled machine. `false`: it is not of a later time than the last that
    /// was taken, or the machine was revoked meanwhile, and nothing was written.
    pub async fn take_machine_request(
        &self,
        id: &InstanceId,
        asked: &MachineUse,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE machines SET asked_at = $2, asked_from = $3
                   WHERE instance_id = $1 AND asked_at < $2 AND revoked_at IS NULL
                   AND public_key IS NOT NULL";
        let done = sql::query(sql).bind(id.as_str()).bind(millis(asked.at)).bind(&asked.ip);
        if done.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends a machine for good; one that is only invited, too. `false`: it has ended before, or never
    /// was.
    pub async fn revoke_machine(
        &self,
        id: &InstanceId,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE machines SET revoked_at = $2
                   WHERE instance_id = $1 AND revoked_at IS NULL";
        let done = sql::query(sql).bind(id.as_str()).bind(millis(record.at));
        if done.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets machines that were revoked before `before`, and invitations that nobody came with and
    /// that expired before; returns how many.
    pub async fn sweep_machines(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let sql = "DELETE FROM machines WHERE revoked_at < $1
                   OR (public_key IS NULL AND token_expires_at < $1)";
        let done = sql::query(sql).bind(millis(before)).execute(self.writer()).await?;
        Ok(done.rows_affected())
    }
}

async fn insert_row(
    tx: &mut Tx,
    invited: &MachineInvitation,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO machines (instance_id, name, profile, token_digest, token_expires_at,
               created_at, asked_at) VALUES ($1, $2, $3, $4, $5, $6, 0)";
    sql::query(sql)
        .bind(invited.id.as_str())
        .bind(&invited.name)
        .bind(&invited.profile)
        .bind(hex(&invited.token))
        .bind(millis(invited.token_expires_at))
        .bind(millis(at))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("machine", e))?;
    Ok(())
}

/// A key is as long as a digest and is written as one.
fn key_text(key: &[u8; MACHINE_KEY_BYTES]) -> String {
    hex(&SecretDigest::from_bytes(*key))
}

fn read_key(text: &str) -> Option<[u8; MACHINE_KEY_BYTES]> {
    let digits = text.as_bytes().chunks_exact(2);
    let bytes = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let bytes: Option<Vec<u8>> = bytes.collect();
    bytes?.try_into().ok()
}

pub(crate) fn read_machine(row: &Row) -> Result<MachineRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let (key, enrolled_at): (Option<&str>, Option<i64>) =
        (row.try_get("public_key")?, row.try_get("enrolled_at")?);
    let (asked_at, revoked_at): (i64, Option<i64>) =
        (row.try_get("asked_at")?, row.try_get("revoked_at")?);
    let enrolled = match (key, enrolled_at) {
        (Some(key), Some(at)) => Some(MachineKey {
            public_key: read_key(key).ok_or_else(|| corrupt("public_key"))?,
            at: timestamp("enrolled_at", at)?,
        }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(corrupt("public_key")),
    };
    let asked = match asked_at {
        0 => None,
        at => Some(MachineUse { at: timestamp("asked_at", at)?, ip: row.try_get("asked_from")? }),
    };
    let id = InstanceId::parse(row.try_get("instance_id")?);
    Ok(MachineRow {
        id: id.map_err(|_| corrupt("instance_id"))?,
        name: row.try_get("name")?,
        profile: row.try_get("profile")?,
        token_expires_at: timestamp("token_expires_at", row.try_get("token_expires_at")?)?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        enrolled,
        asked,
        revoked_at: revoked_at.map(|at| timestamp("revoked_at", at)).transpose()?,
    })
}
