//! Rows of grants: who holds which role where.

use jiff::Timestamp;
use wh_names::{BucketName, KeyPrefix, RoleName, Uid};

use crate::open::{millis, timestamp};
use crate::person_groups::{members, revoke_all};
use crate::persons::read_uid;
use crate::revocations::{write_everyone, write_person};
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError, RowId};

/// To whom a grant is given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GrantSubject {
    /// One person.
    Person(Uid),
    /// Whoever is in a group.
    Group(RowId),
    /// Every active person.
    Everyone,
}

impl GrantSubject {
    /// The person, if it is one.
    pub fn uid(&self) -> Option<&Uid> {
        match self {
            Self::Person(uid) => Some(uid),
            Self::Group(_) | Self::Everyone => None,
        }
    }

    /// The group, if it is one.
    pub fn group(&self) -> Option<&RowId> {
        match self {
            Self::Group(id) => Some(id),
            Self::Person(_) | Self::Everyone => None,
        }
    }
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    /// What the grant is called.
    pub id: RowId,
    /// To whom it is given.
    pub subject: GrantSubject,
    /// What may be done.
    pub role: RoleName,
    /// Where: the bucket.
    pub bucket: BucketName,
    /// Where: the beginning of keys; empty means the whole bucket.
    pub prefix: KeyPrefix,
    /// What people see.
    pub title: String,
    /// When it was given.
    pub created_at: Timestamp,
    /// Who gave it; nobody, when the house did by its own rules.
    pub created_by: Option<Uid>,
    /// When it stops counting; never, without it.
    pub ends_at: Option<Timestamp>,
}

/// What stands in a grant's prefix for the uid of whoever holds it.
const UID_PLACEHOLDER: &str = "${uid}";

impl GrantRow {
    /// Whether it has not ended at `now`.
    pub fn counts_at(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// The grant as it counts for this person: `${uid}` filled in. One whose prefix would become too
    /// long counts for nobody.
    pub fn as_held_by(mut self, uid: &Uid) -> Option<Self> {
        if self.prefix.as_str().contains(UID_PLACEHOLDER) {
            let prefix = self.prefix.as_str().replace(UID_PLACEHOLDER, uid.as_str());
            self.prefix = KeyPrefix::parse(&prefix).ok()?;
        }
        Some(self)
    }
}

/// A role at a place: the grant that at least one active person must always hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// What may be done.
    pub role: RoleName,
    /// Where: the bucket.
    pub bucket: BucketName,
    /// Where: the beginning of keys.
    pub prefix: KeyPrefix,
}

impl Holding {
    /// Whether `grant` is this role at this place, given to one person by name and without an end:
    /// what a group has or what ends could be lost without anybody taking it away.
    pub fn is_given_by(&self, grant: &GrantRow) -> bool {
        self.role == grant.role
            && self.bucket == grant.bucket
            && self.prefix == grant.prefix
            && grant.subject.uid().is_some()
            && grant.ends_at.is_none()
    }
}

/// What came of taking a grant away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantChange {
    /// It was taken away; this is what it was.
    Done(GrantRow),
    /// There is no such grant.
    Absent,
    /// It was kept: nobody active would hold the grant that somebody must hold.
    LastHolder,
}

impl Ledger {
    /// Gives a grant. A person who does not exist is a conflict.
    pub async fn insert_grant(&self, grant: &GrantRow) -> Result<(), LedgerError> {
        let mut tx = self.begin().await?;
        insert_grants(&mut tx, std::slice::from_ref(grant)).await?;
        Ok(tx.commit().await?)
    }

    /// The grant with this id.
    pub async fn grant(&self, id: &RowId) -> Result<Option<GrantRow>, LedgerError> {
        let row = sql::query("SELECT * FROM grants WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read_grant).transpose()
    }

    /// Every grant, the oldest first.
    pub async fn grants(&self) -> Result<Vec<GrantRow>, LedgerError> {
        let rows = sql::query("SELECT * FROM grants ORDER BY created_at, id")
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read_grant).collect()
    }

    /// The grants given to one person by name, the oldest first.
    pub async fn grants_of(&self, uid: &Uid) -> Result<Vec<GrantRow>, LedgerError> {
        let rows = sql::query("SELECT * FROM grants WHERE uid = $1 ORDER BY created_at, id")
            .bind(uid.as_str())
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read_grant).collect()
    }

    /// The grants that are given to one person, by name, by a group or to everyone, the oldest first;
    /// those included that have ended.
    pub async fn grants_ever_for(&self, uid: &Uid) -> Result<Vec<GrantRow>, LedgerError> {
        let sql = "SELECT g.* FROM grants g
                   WHERE g.uid = $1 OR (g.uid IS NULL AND g.group_id IS NULL)
                   OR g.group_id IN (SELECT m.group_id FROM person_group_members m WHERE m.uid = $1)
                   ORDER BY g.created_at, g.id";
        let rows = sql::query(sql).bind(uid.as_str()).fetch_all(self.reader()).await?;
        rows.iter().map(read_grant).collect()
    }

    /// The grants that count for one person at `now`: their own, their groups' and everyone's, the
    /// oldest first.
    pub async fn grants_for(
        &self,
        uid: &Uid,
        now: Timestamp,
    ) -> Result<Vec<GrantRow>, LedgerError> {
        let mut grants = self.grants_ever_for(uid).await?;
        grants.retain(|grant| grant.counts_at(now));
        Ok(grants)
    }

    /// Takes a grant away, and with it whatever was issued to those who held it.
    pub async fn delete_grant(
        &self,
        id: &RowId,
        at: Timestamp,
        keep: &Holding,
    ) -> Result<GrantChange, LedgerError> {
        let mut tx = self.begin().await?;
        let was_held = is_held(&mut tx, keep).await?;
        let sql = "DELETE FROM grants WHERE id = $1 RETURNING *";
        let row = sql::query(sql).bind(id.as_str()).fetch_optional(&mut tx).await?;
        let Some(row) = row else { return Ok(GrantChange::Absent) };
        let grant = read_grant(&row)?;
        if was_held && !is_held(&mut tx, keep).await? {
            return Ok(GrantChange::LastHolder);
        }
        match &grant.subject {
            GrantSubject::Person(uid) => {
                end_offers_of(&mut tx, (uid, keep), at).await?;
                write_person(&mut tx, uid, at).await?;
                self.revocations().narrow(Some(uid), at);
            }
            GrantSubject::Group(group) => {
                let held_by = members(&mut tx, group).await?;
                revoke_all((&mut tx, self.revocations()), &held_by, at).await?;
            }
            GrantSubject::Everyone => {
                write_everyone(&mut tx, at).await?;
                self.revocations().narrow(None, at);
            }
        }
        tx.commit().await?;
        Ok(GrantChange::Done(grant))
    }

    /// The active persons who hold `holding` by name.
    pub async fn holders(&self, holding: &Holding) -> Result<Vec<Uid>, LedgerError> {
        let rows = sql::query(HOLDERS)
            .bind(holding.role.as_str())
            .bind(holding.bucket.as_str())
            .bind(holding.prefix.as_str())
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(|row| read_uid(row.try_get("uid")?)).collect()
    }
}

const HOLDERS: &str = "SELECT DISTINCT p.uid AS uid FROM grants g JOIN persons p ON p.uid = g.uid
     WHERE p.status = 'active' AND g.role = $1 AND g.bucket = $2 AND g.prefix = $3
     AND g.ends_at IS NULL";

/// The same, of whom somebody could sign in: by a password, by a passkey, or by a provider whose second
/// factor counts.
const ABLE_HOLDERS: &str =
    "SELECT DISTINCT p.uid AS uid FROM grants g JOIN persons p ON p.uid = g.uid
     WHERE p.status = 'active' AND g.role = $1 AND g.bucket = $2 AND g.prefix = $3
     AND g.ends_at IS NULL AND (p.password_phc <> 'none'
     OR EXISTS (SELECT 1 FROM passkeys k WHERE k.uid = p.uid)
     OR (p.provider_factor_at IS NOT NULL
         AND EXISTS (SELECT 1 FROM identities i WHERE i.uid = p.uid)))";

/// Whether an active person who can sign in holds `holding` by name, as this transaction sees it.
pub(crate) async fn is_held(tx: &mut Tx, holding: &Holding) -> Result<bool, LedgerError> {
    let row = sql::query(ABLE_HOLDERS)
        .bind(holding.role.as_str())
        .bind(holding.bucket.as_str())
        .bind(holding.prefix.as_str())
        .fetch_optional(&mut *tx)
        .await?;
    Ok(row.is_some())
}

/// Whether this person is active and holds `holding` by name, as this transaction sees it.
pub(crate) async fn is_held_by(
    tx: &mut Tx,
    holding: &Holding,
    uid: &Uid,
) -> Result<bool, LedgerError> {
    let rows = sql::query(HOLDERS)
        .bind(holding.role.as_str())
        .bind(holding.bucket.as_str())
        .bind(holding.prefix.as_str())
        .fetch_all(&mut *tx)
        .await?;
    let held_by: Vec<&str> = rows.iter().map(|row| row.try_get("uid")).collect::<Result<_, _>>()?;
    Ok(held_by.contains(&uid.as_str()))
}

/// Ends the invitations and the links to new passwords that somebody made who is no administrator any
/// more: they stay void if their maker is one again.
pub(crate) async fn end_offers_of(
    tx: &mut Tx,
    (uid, administration): (&Uid, &Holding),
    at: Timestamp,
) -> Result<(), LedgerError> {
    if is_held_by(tx, administration, uid).await? {
        return Ok(());
    }
    let sql = "UPDATE invitations SET revoked_at = $2
               WHERE created_by = $1 AND spent_at IS NULL AND revoked_at IS NULL";
    sql::query(sql).bind(uid.as_str()).bind(millis(at)).execute(&mut *tx).await?;
    let sql = "DELETE FROM password_links WHERE created_by = $1";
    sql::query(sql).bind(uid.as_str()).execute(&mut *tx).await?;
    Ok(())
}

pub(crate) async fn insert_grants(tx: &mut Tx, grants: &[GrantRow]) -> Result<(), LedgerError> {
    let sql = "INSERT INTO grants
               (id, uid, role, bucket, prefix, title, created_at, created_by, group_id, ends_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    for grant in grants {
        sql::query(sql)
            .bind(grant.id.as_str())
            .bind(grant.subject.uid().map(Uid::as_str))
            .bind(grant.role.as_str())
            .bind(grant.bucket.as_str())
            .bind(grant.prefix.as_str())
            .bind(&grant.title)
            .bind(millis(grant.created_at))
            .bind(grant.created_by.as_ref().map(Uid::as_str))
            .bind(grant.subject.group().map(RowId::as_str))
            .bind(grant.ends_at.map(millis))
            .execute(&mut *tx)
            .await
            .map_err(|e| LedgerError::of_write("grant", e))?;
    }
    Ok(())
}

pub(crate) fn read_grant(row: &Row) -> Result<GrantRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let uid: Option<&str> = row.try_get("uid")?;
    let by: Option<&str> = row.try_get("created_by")?;
    let group: Option<&str> = row.try_get("group_id")?;
    let ends: Option<i64> = row.try_get("ends_at")?;
    Ok(GrantRow {
        id: RowId::parse(row.try_get("id")?).map_err(|_| corrupt("id"))?,
        subject: match (uid, group) {
            (Some(uid), None) => GrantSubject::Person(read_uid(uid)?),
            (None, Some(id)) => {
                GrantSubject::Group(RowId::parse(id).map_err(|_| corrupt("group_id"))?)
            }
            (None, None) => GrantSubject::Everyone,
            (Some(_), Some(_)) => return Err(corrupt("group_id")),
        },
        role: RoleName::parse(row.try_get("role")?).map_err(|_| corrupt("role"))?,
        bucket: BucketName::parse(row.try_get("bucket")?).map_err(|_| corrupt("bucket"))?,
        prefix: KeyPrefix::parse(row.try_get("prefix")?).map_err(|_| corrupt("prefix"))?,
        title: row.try_get("title")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        created_by: by.map(read_uid).transpose()?,
        ends_at: ends.map(|at| timestamp("ends_at", at)).transpose()?,
    })
}
