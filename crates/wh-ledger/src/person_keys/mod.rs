//! Rows of persons' access keys: for tools that cannot refresh temporary credentials.
//!
//! Invariant: a key and the audit record of its making, or of its end, are one transaction.

use jiff::Timestamp;
use wh_names::{AccessKeyId, Uid};

use crate::audit::append;
use crate::grants::read_grant;
use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sql::{self, Row, Tx};
use crate::{AuditRecord, GrantRow, Ledger, LedgerError, RowId};

/// A person's access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonKeyRow {
    /// `AKIA…`.
    pub id: AccessKeyId,
    /// Whose it is.
    pub uid: Uid,
    /// The grant that it is for.
    pub grant: RowId,
    /// What its person calls it.
    pub name: String,
    /// The only actions that it is for, as policies write them; none for all that the grant allows.
    pub actions: Option<Vec<String>>,
    /// The secret, sealed by the authority, in base64.
    pub sealed_secret: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it; nobody, when an operator on the machine did.
    pub created_by: Option<Uid>,
    /// When it stops counting.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// When a key was last used, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonKeyUse {
    /// When, to the minute or so.
    pub at: Timestamp,
    /// The address of the peer, where it is known.
    pub ip: Option<String>,
}

/// Why a person's key does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PersonKeyRefusal {
    /// It was revoked: by its person, by an administrator, or because the person was shut out.
    #[error("the access key was revoked")]
    Revoked,
    /// Its time is over.
    #[error("the access key has expired")]
    Expired,
    /// Its person is not active.
    #[error("the person whose access key this is has been shut out")]
    PersonNotActive,
    /// The grant that it was made for was taken away.
    #[error("the grant that the access key was made for was taken away")]
    GrantGone,
    /// The grant that it was made for has ended.
    #[error("the grant that the access key was made for has ended")]
    GrantEnded,
    /// The role of its grant does not exist any more.
    #[error("the role of the grant that the access key was made for does not exist")]
    RoleGone,
}

impl PersonKeyRefusal {
    /// The stable code of this reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Revoked => "key-revoked",
            Self::Expired => "key-expired",
            Self::PersonNotActive => "key-person-not-active",
            Self::GrantGone => "key-grant-gone",
            Self::GrantEnded => "key-grant-ended",
            Self::RoleGone => "key-role-gone",
        }
    }
}

/// A key with all by which it stands or falls, as it was read at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonKeyState {
    /// The key.
    pub key: PersonKeyRow,
    /// Whether its person is active.
    pub active: bool,
    /// Its grant, with `${uid}` filled in, if the person still holds it.
    pub grant: Option<GrantRow>,
    /// Its last use, if there was one.
    pub used: Option<PersonKeyUse>,
}

impl PersonKeyState {
    /// The grant that the key opens at `now`, or why it opens none.
    pub fn opens(&self, now: Timestamp) -> Result<&GrantRow, PersonKeyRefusal> {
        if self.key.revoked_at.is_some() {
            return Err(PersonKeyRefusal::Revoked);
        }
        if now >= self.key.expires_at {
            return Err(PersonKeyRefusal::Expired);
        }
        if !self.active {
            return Err(PersonKeyRefusal::PersonNotActive);
        }
        let grant = self.grant.as_ref().ok_or(PersonKeyRefusal::GrantGone)?;
        if !grant.counts_at(now) {
            return Err(PersonKeyRefusal::GrantEnded);
        }
        Ok(grant)
    }
}

/// What every query for keys begins with.
macro_rules! states {
    ($which:literal) => {
        concat!(
            "SELECT k.access_key_id, k.uid AS key_uid, k.grant_id, k.name AS key_name,
            k.actions, k.sealed_secret, k.created_at AS key_created_at,
            k.created_by AS key_created_by, k.expires_at, k.revoked_at, p.status,
            u.used_at, u.ip, g.id, g.uid, g.role, g.bucket, g.prefix, g.title, g.created_at,
            g.created_by, g.group_id, g.ends_at
     FROM person_keys k JOIN persons p ON p.uid = k.uid
     LEFT JOIN grants g ON g.id = k.grant_id
        AND (g.uid = k.uid OR (g.uid IS NULL AND g.group_id IS NULL) OR g.group_id IN
             (SELECT m.group_id FROM person_group_members m WHERE m.uid = k.uid))
     LEFT JOIN person_key_uses u ON u.access_key_id = k.access_key_id ",
            $which
        )
    };
}

impl Ledger {
    /// Keeps a new key, unless its person has `max` that count already: then `false`. A person who is shut
    /// out is a conflict.
    pub async fn insert_person_key(
        &self,
        key: &PersonKeyRow,
        max: u32,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let out = sql::query("SELECT 1 FROM persons WHERE uid = $1 AND status = 'disabled'");
        if out.bind(key.uid.as_str()).fetch_optional(&mut tx).await?.is_some() {
            return Err(LedgerError::Conflict { what: "person" });
        }
        let sql = "SELECT count(*) AS held FROM person_keys
                   WHERE uid = $1 AND revoked_at IS NULL AND expires_at > $2";
        let counted = sql::query(sql).bind(key.uid.as_str()).bind(millis(key.created_at));
        let held: i64 = counted.fetch_one(&mut tx).await?.try_get("held")?;
        if held >= i64::from(max) {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        insert_row(&mut tx, key).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A key, and whether it counts.
    pub async fn person_key(
        &self,
        id: &AccessKeyId,
    ) -> Result<Option<PersonKeyState>, LedgerError> {
        let sql = states!("WHERE k.access_key_id = $1");
        let row = sql::query(sql).bind(id.as_str()).fetch_optional(self.reader()).await?;
        row.as_ref().map(read_state).transpose()
    }

    /// All keys of everybody that are remembered, whether they count or not.
    pub async fn person_keys(&self) -> Result<Vec<PersonKeyState>, LedgerError> {
        let sql = states!("ORDER BY k.created_at, k.access_key_id");
        let rows = sql::query(sql).fetch_all(self.reader()).await?;
        rows.iter().map(read_state).collect()
    }

    /// All keys of a person that are remembered, the newest first.
    pub async fn person_keys_of(&self, uid: &Uid) -> Result<Vec<PersonKeyState>, LedgerError> {
        let sql = states!("WHERE k.uid = $1 ORDER BY k.created_at DESC, k.access_key_id");
        let rows = sql::query(sql).bind(uid.as_str()).fetch_all(self.reader()).await?;
        rows.iter().map(read_state).collect()
    }

    /// Ends a person's key for good. `false`: the person has no such key that is not revoked.
    pub async fn revoke_person_key(
        &self,
        uid: &Uid,
        id: &AccessKeyId,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE person_keys SET revoked_at = $3
                   WHERE access_key_id = $1 AND uid = $2 AND revoked_at IS NULL";
        let done = sql::query(sql).bind(id.as_str()).bind(uid.as_str()).bind(millis(record.at));
        if done.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Remembers that a key was used.
    pub async fn note_person_key_use(
        &self,
        id: &AccessKeyId,
        used: &PersonKeyUse,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO person_key_uses (access_key_id, used_at, ip) VALUES ($1, $2, $3)
                   ON CONFLICT (access_key_id) DO UPDATE SET used_at = excluded.used_at,
                   ip = excluded.ip";
        let query = sql::query(sql).bind(id.as_str()).bind(millis(used.at)).bind(&used.ip);
        query.execute(self.writer()).await?;
        Ok(())
    }

    /// Forgets keys that ended before `before`, and their last uses.
    pub async fn sweep_person_keys(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM person_keys WHERE revoked_at < $1 OR expires_at < $1";
        let done = sql::query(sql).bind(millis(before)).execute(&mut tx).await?;
        let uses = "DELETE FROM person_key_uses
                    WHERE access_key_id NOT IN (SELECT access_key_id FROM person_keys)";
        sql::query(uses).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

/// Ends all keys of a person for good: what was issued to somebody who is shut out stays ended when
/// they are let back.
pub(crate) async fn revoke_keys_of(
    tx: &mut Tx,
    uid: &Uid,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let sql = "UPDATE person_keys SET revoked_at = $2 WHERE uid = $1 AND revoked_at IS NULL";
    sql::query(sql).bind(uid.as_str()).bind(millis(at)).execute(&mut *tx).await?;
    Ok(())
}

async fn insert_row(tx: &mut Tx, key: &PersonKeyRow) -> Result<(), LedgerError> {
    let sql = "INSERT INTO person_keys (access_key_id, uid, grant_id, name, actions, sealed_secret,
               created_at, created_by, expires_at, revoked_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let actions = key.actions.as_ref().map(|actions| actions.join(" "));
    sql::query(sql)
        .bind(key.id.as_str())
        .bind(key.uid.as_str())
        .bind(key.grant.as_str())
        .bind(&key.name)
        .bind(&actions)
        .bind(&key.sealed_secret)
        .bind(millis(key.created_at))
        .bind(key.created_by.as_ref().map(Uid::as_str))
        .bind(millis(key.expires_at))
        .bind(key.revoked_at.map(millis))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("person's key", e))?;
    Ok(())
}

fn read_state(row: &Row) -> Result<PersonKeyState, LedgerError> {
    let (grant, used): (Option<&str>, Option<i64>) = (row.try_get("id")?, row.try_get("used_at")?);
    let key = read_key(row)?;
    let grant = grant.map(|_| read_grant(row)).transpose()?;
    let used = match used {
        Some(at) => Some(PersonKeyUse { at: timestamp("used_at", at)?, ip: row.try_get("ip")? }),
        None => None,
    };
    let status: &str = row.try_get("status")?;
    Ok(PersonKeyState {
        active: status == "active",
        grant: grant.and_then(|grant| grant.as_held_by(&key.uid)),
        key,
        used,
    })
}

fn read_key(row: &Row) -> Result<PersonKeyRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let id = AccessKeyId::parse(row.try_get("access_key_id")?);
    let actions: Option<&str> = row.try_get("actions")?;
    let by: Option<&str> = row.try_get("key_created_by")?;
    let revoked: Option<i64> = row.try_get("revoked_at")?;
    Ok(PersonKeyRow {
        id: id.map_err(|_| corrupt("access_key_id"))?,
        uid: read_uid(row.try_get("key_uid")?)?,
        grant: RowId::parse(row.try_get("grant_id")?).map_err(|_| corrupt("grant_id"))?,
        name: row.try_get("key_name")?,
        actions: actions.map(|text| text.split(' ').map(str::to_owned).collect()),
        sealed_secret: row.try_get("sealed_secret")?,
        created_at: timestamp("created_at", row.try_get("key_created_at")?)?,
        created_by: by.map(read_uid).transpose()?,
        expires_at: timestamp("expires_at", row.try_get("expires_at")?)?,
        revoked_at: revoked.map(|at| timestamp("revoked_at", at)).transpose()?,
    })
}

#[cfg(test)]
mod tests;
