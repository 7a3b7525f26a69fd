//! Rows of invitations: each lets one person in, once.
//!
//! Invariant: an invitation is spent in the transaction that writes its person down, and an
//! administrator's only while they are one.

use jiff::Timestamp;
use wh_names::{BucketName, KeyPrefix, RoleName, SecretDigest, Uid};

use crate::email_checks::put_check;
use crate::grants::{insert_grants, is_held_by};
use crate::open::{millis, timestamp};
use crate::persons::{insert_person_row, read_uid};
use crate::sessions::hex;
use crate::sql::{self, On, Row, Tx};
use crate::{EmailCheckRow, GrantRow, Holding, Ledger, LedgerError, PersonRow, RowId};

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// Which one it is; it opens nothing.
    pub id: RowId,
    /// What the person will be called, where the invitation says so.
    pub name: Option<String>,
    /// Their mail address, where the invitation says so.
    pub email: Option<String>,
    /// The groups that they will be in.
    pub groups: Vec<RowId>,
    /// What they will be granted by name.
    pub grants: Vec<InvitedGrant>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it; nobody, when an operator on the machine did.
    pub created_by: Option<Uid>,
    /// Until when it may be spent.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was spent, and on whom.
    pub spent: Option<(Timestamp, Uid)>,
}

impl InvitationRow {
    /// What it says, for the audit log.
    pub fn in_words(&self) -> String {
        let groups = self.groups.iter().map(|id| format!("group/{id}"));
        let grants = self.grants.iter().map(|grant| format!("{} on {}", grant.role, grant.prefix));
        let brings: Vec<String> = groups.chain(grants).collect();
        let whom = self.name.as_deref().unwrap_or("anybody");
        let brings = if brings.is_empty() { "nothing more".to_owned() } else { brings.join(", ") };
        format!("invitation/{} of `{whom}` until {} with {brings}", self.id, self.expires_at)
    }
}

/// A grant that an invitation brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitedGrant {
    /// What may be done.
    pub role: RoleName,
    /// Where: the bucket.
    pub bucket: BucketName,
    /// Where: the beginning of keys.
    pub prefix: KeyPrefix,
    /// What people see.
    pub title: String,
    /// When it stops counting; never, without it.
    pub ends_at: Option<Timestamp>,
}

/// Who comes in by an invitation.
#[derive(Debug, Clone, Copy)]
pub struct Guest<'a> {
    /// The person.
    pub person: &'a PersonRow,
    /// All that they are granted by name.
    pub grants: &'a [GrantRow],
    /// What checks their address, if they gave one.
    pub check: Option<&'a EmailCheckRow>,
    /// The grant of administrators, which the inviter must hold still.
    pub administration: &'a Holding,
}

impl Ledger {
    /// Keeps a new invitation. A group that does not exist is a conflict.
    pub async fn insert_invitation(
        &self,
        row: &InvitationRow,
        digest: &SecretDigest,
    ) -> Result<(), LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO invitations
                   (id, digest, name, email, created_at, created_by, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        sql::query(sql)
            .bind(row.id.as_str())
            .bind(hex(digest))
            .bind(&row.name)
            .bind(&row.email)
            .bind(millis(row.created_at))
            .bind(row.created_by.as_ref().map(Uid::as_str))
            .bind(millis(row.expires_at))
            .execute(&mut tx)
            .await?;
        for group in &row.groups {
            let sql = "INSERT INTO invitation_groups (invitation_id, group_id) VALUES ($1, $2)
                       ON CONFLICT (invitation_id, group_id) DO NOTHING";
            let put = sql::query(sql).bind(row.id.as_str()).bind(group.as_str());
            let put = put.execute(&mut tx).await;
            put.map_err(|e| LedgerError::of_write("group", e))?;
        }
        for (position, grant) in (0_i64..).zip(&row.grants) {
            insert_invited(&mut tx, (&row.id, position), grant).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Every invitation that is remembered, the newest first.
    pub async fn invitations(&self) -> Result<Vec<InvitationRow>, LedgerError> {
        let mut tx = self.reader().begin_reading().await?;
        let sql = "SELECT * FROM invitations ORDER BY created_at DESC, id DESC";
        let mut all = Vec::new();
        for row in &sql::query(sql).fetch_all(&mut tx).await? {
            all.push(read_invitation(row, &mut tx).await?);
        }
        Ok(all)
    }

    /// The invitation whose token has this digest, if it could be spent now. Only
    /// [`Ledger::spend_invitation`] decides.
    pub async fn invitation_that_stands(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<Option<InvitationRow>, LedgerError> {
        let mut tx = self.reader().begin_reading().await?;
        let sql = "SELECT * FROM invitations WHERE digest = $1 AND expires_at > $2
                   AND spent_at IS NULL AND revoked_at IS NULL";
        let row = sql::query(sql).bind(hex(digest)).bind(millis(now)).fetch_optional(&mut tx);
        match row.await? {
            Some(row) => Ok(Some(read_invitation(&row, &mut tx).await?)),
            None => Ok(None),
        }
    }

    /// Spends an invitation on a person, who is written down with their grants and put into its groups.
    /// `false`: it is not the one, was spent or revoked, has expired, or whoever made it is no
    /// administrator any more; nothing was written. A name that is taken is a conflict.
    pub async fn spend_invitation(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
        guest: Guest<'_>,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let uid = &guest.person.uid;
        let sql = "UPDATE invitations SET spent_at = $2, spent_by = $3
                   WHERE digest = $1 AND expires_at > $2
                   AND spent_at IS NULL AND revoked_at IS NULL RETURNING id, created_by";
        let spent = sql::query(sql).bind(hex(digest)).bind(millis(now)).bind(uid.as_str());
        let Some(row) = spent.fetch_optional(&mut tx).await? else { return Ok(false) };
        let inviter: Option<&str> = row.try_get("created_by")?;
        if let Some(inviter) = inviter.map(read_uid).transpose()?
            && !is_held_by(&mut tx, guest.administration, &inviter).await?
        {
            return Ok(false);
        }
        insert_person_row(&mut tx, guest.person).await?;
        insert_grants(&mut tx, guest.grants).await?;
        if let Some(check) = guest.check {
            put_check(&mut tx, uid, check).await?;
        }
        let sql = "INSERT INTO person_group_members (group_id, uid, added_at, added_by)
                   SELECT i.group_id, $2, $3, $4 FROM invitation_groups i
                   WHERE i.invitation_id = $1";
        sql::query(sql)
            .bind(row.try_get::<&str>("id")?)
            .bind(uid.as_str())
            .bind(millis(now))
            .bind(inviter)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Revokes an invitation. `false`: there is none that could be spent still.
    pub async fn revoke_invitation(&self, id: &RowId, at: Timestamp) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE invitations SET revoked_at = $2
                   WHERE id = $1 AND spent_at IS NULL AND revoked_at IS NULL";
        let done = sql::query(sql).bind(id.as_str()).bind(millis(at)).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets invitations that expired before `before`.
    pub async fn sweep_invitations(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM invitations WHERE expires_at < $1";
        let done = sql::query(sql).bind(millis(before)).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

async fn insert_invited(
    tx: &mut Tx,
    (id, position): (&RowId, i64),
    grant: &InvitedGrant,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO invitation_grants
               (invitation_id, position, role, bucket, prefix, title, ends_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    sql::query(sql)
        .bind(id.as_str())
        .bind(position)
        .bind(grant.role.as_str())
        .bind(grant.bucket.as_str())
        .bind(grant.prefix.as_str())
        .bind(&grant.title)
        .bind(grant.ends_at.map(millis))
        .execute(tx)
        .await?;
    Ok(())
}

async fn read_invitation(row: &Row, tx: &mut Tx) -> Result<InvitationRow, LedgerError> {
    let id: &str = row.try_get("id")?;
    let (spent_at, spent_by): (Option<i64>, Option<&str>) =
        (row.try_get("spent_at")?, row.try_get("spent_by")?);
    let (by, revoked): (Option<&str>, Option<i64>) =
        (row.try_get("created_by")?, row.try_get("revoked_at")?);
    Ok(InvitationRow {
        id: row_id("id", id)?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        groups: groups_of(id, &mut *tx).await?,
        grants: grants_of(id, tx).await?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        created_by: by.map(read_uid).transpose()?,
        expires_at: timestamp("expires_at", row.try_get("expires_at")?)?,
        revoked_at: revoked.map(|at| timestamp("revoked_at", at)).transpose()?,
        spent: match (spent_at, spent_by) {
            (Some(at), Some(uid)) => Some((timestamp("spent_at", at)?, read_uid(uid)?)),
            (Some(_), None) | (None, Some(_) | None) => None,
        },
    })
}

async fn groups_of(id: &str, on: impl Into<On<'_>>) -> Result<Vec<RowId>, LedgerError> {
    let sql = "SELECT group_id FROM invitation_groups WHERE invitation_id = $1 ORDER BY group_id";
    let rows = sql::query(sql).bind(id).fetch_all(on).await?;
    rows.iter().map(|row| row_id("group_id", row.try_get("group_id")?)).collect()
}

async fn grants_of(id: &str, on: impl Into<On<'_>>) -> Result<Vec<InvitedGrant>, LedgerError> {
    let sql = "SELECT * FROM invitation_grants WHERE invitation_id = $1 ORDER BY position";
    let rows = sql::query(sql).bind(id).fetch_all(on).await?;
    let read = |row: &Row| {
        let corrupt = |column| LedgerError::Corrupt { column };
        let ends: Option<i64> = row.try_get("ends_at")?;
        Ok(InvitedGrant {
            role: RoleName::parse(row.try_get("role")?).map_err(|_| corrupt("role"))?,
            bucket: BucketName::parse(row.try_get("bucket")?).map_err(|_| corrupt("bucket"))?,
            prefix: KeyPrefix::parse(row.try_get("prefix")?).map_err(|_| corrupt("prefix"))?,
            title: row.try_get("title")?,
            ends_at: ends.map(|at| timestamp("ends_at", at)).transpose()?,
        })
    };
    rows.iter().map(read).collect()
}

fn row_id(column: &'static str, text: &str) -> Result<RowId, LedgerError> {
    RowId::parse(text).map_err(|_| LedgerError::Corrupt { column })
}
