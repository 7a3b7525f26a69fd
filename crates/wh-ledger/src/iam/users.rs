//! Rows of users and their access keys.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use wh_names::{AccessKeyId, UserName};

use super::{IamRows, delete};
use crate::open::{millis, timestamp};
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError};

/// A user and all that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Its name, unique ignoring case.
    pub name: UserName,
    /// Its path, beginning and ending with `/`.
    pub path: String,
    /// `AIDA…`: a user that is deleted and made again has another one.
    pub user_id: String,
    /// The ARN of the managed policy that is its permissions boundary.
    pub boundary: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its policies.
    pub policies: PoliciesRow,
    /// The unique ids of the groups that it is a member of.
    pub groups: BTreeSet<String>,
    /// Its access keys, in the order of their ids.
    pub access_keys: Vec<AccessKeyRow>,
}

/// The policies of a user or a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoliciesRow {
    /// The inline policies: name to text.
    pub inline: BTreeMap<String, String>,
    /// The ARNs of the managed policies that are attached, sorted.
    pub attached: Vec<String>,
}

/// A user's access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKeyRow {
    /// `AKIA…`.
    pub id: AccessKeyId,
    /// The secret, sealed by the authority, in base64.
    pub sealed_secret: String,
    /// Whether it counts.
    pub status: AccessKeyStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether an access key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKeyStatus {
    /// It counts.
    Active,
    /// It does not, and may be made to again.
    Inactive,
}

impl AccessKeyStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }

    fn read(text: &str) -> Result<Self, LedgerError> {
        match text {
            "active" => Ok(Self::Active),
            "inactive" => Ok(Self::Inactive),
            _ => Err(LedgerError::Corrupt { column: "status" }),
        }
    }
}

/// When an access key was last used, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKeyUse {
    /// When.
    pub at: Timestamp,
    /// The service that was called: `s3`.
    pub service: String,
    /// The region that was named.
    pub region: String,
}

impl Ledger {
    /// Remembers that an access key was used.
    pub async fn note_access_key_use(
        &self,
        id: &AccessKeyId,
        used: &AccessKeyUse,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO iam_access_key_uses (access_key_id, used_at, service, region)
                   VALUES ($1, $2, $3, $4)
                   ON CONFLICT (access_key_id) DO UPDATE SET used_at = excluded.used_at,
                   service = excluded.service, region = excluded.region
                   WHERE excluded.used_at > iam_access_key_uses.used_at";
        sql::query(sql)
            .bind(id.as_str())
            .bind(millis(used.at))
            .bind(&used.service)
            .bind(&used.region)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// When each access key was last used, for those that ever were.
    pub async fn access_key_uses(&self) -> Result<Vec<(AccessKeyId, AccessKeyUse)>, LedgerError> {
        let rows = sql::query("SELECT * FROM iam_access_key_uses").fetch_all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let used = AccessKeyUse {
                    at: timestamp("used_at", row.try_get("used_at")?)?,
                    service: row.try_get("service")?,
                    region: row.try_get("region")?,
                };
                Ok((access_key_id(row)?, used))
            })
            .collect()
    }
}

fn access_key_id(row: &Row) -> Result<AccessKeyId, LedgerError> {
    let corrupt = |_| LedgerError::Corrupt { column: "access_key_id" };
    AccessKeyId::parse(row.try_get("access_key_id")?).map_err(corrupt)
}

fn user(row: &Row) -> Result<UserRow, LedgerError> {
    let name = UserName::parse(row.try_get("name")?);
    Ok(UserRow {
        name: name.map_err(|_| LedgerError::Corrupt { column: "name" })?,
        path: row.try_get("path")?,
        user_id: row.try_get("user_id")?,
        boundary: row.try_get("boundary_arn")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        tags: BTreeMap::new(),
        policies: PoliciesRow::default(),
        groups: BTreeSet::new(),
        access_keys: Vec::new(),
    })
}

fn access_key(row: &Row) -> Result<AccessKeyRow, LedgerError> {
    Ok(AccessKeyRow {
        id: access_key_id(row)?,
        sealed_secret: row.try_get("sealed_secret")?,
        status: AccessKeyStatus::read(row.try_get("status")?)?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
    })
}

pub(super) async fn read(tx: &mut Tx, rows: &mut IamRows) -> Result<(), LedgerError> {
    for row in sql::query("SELECT * FROM iam_users").fetch_all(&mut *tx).await? {
        rows.users.insert(row.try_get("user_key")?, user(&row)?);
    }
    for row in sql::query("SELECT * FROM iam_user_tags").fetch_all(&mut *tx).await? {
        if let Some(user) = rows.users.get_mut(row.try_get::<&str>("user_key")?) {
            user.tags.insert(row.try_get("tag_key")?, row.try_get("tag_value")?);
        }
    }
    for row in sql::query("SELECT * FROM iam_user_policies").fetch_all(&mut *tx).await? {
        if let Some(user) = rows.users.get_mut(row.try_get::<&str>("user_key")?) {
            user.policies.inline.insert(row.try_get("name")?, row.try_get("document")?);
        }
    }
    let attached = "SELECT * FROM iam_user_attachments ORDER BY policy_arn";
    for row in sql::query(attached).fetch_all(&mut *tx).await? {
        if let Some(user) = rows.users.get_mut(row.try_get::<&str>("user_key")?) {
            user.policies.attached.push(row.try_get("policy_arn")?);
        }
    }
    for row in sql::query("SELECT * FROM iam_user_groups").fetch_all(&mut *tx).await? {
        if let Some(user) = rows.users.get_mut(row.try_get::<&str>("user_key")?) {
            user.groups.insert(row.try_get("group_id")?);
        }
    }
    let keys = "SELECT * FROM iam_access_keys ORDER BY access_key_id";
    for row in sql::query(keys).fetch_all(&mut *tx).await? {
        if let Some(user) = rows.users.get_mut(row.try_get::<&str>("user_key")?) {
            user.access_keys.push(access_key(&row)?);
        }
    }
    Ok(())
}

pub(super) async fn put(tx: &mut Tx, row: &UserRow) -> Result<(), LedgerError> {
    let key = row.name.as_str().to_ascii_lowercase();
    delete(tx, "DELETE FROM iam_users WHERE user_key = $1", &key).await?;
    sql::query(
        "INSERT INTO iam_users (user_key, name, path, user_id, boundary_arn, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&key)
    .bind(row.name.as_str())
    .bind(&row.path)
    .bind(&row.user_id)
    .bind(&row.boundary)
    .bind(millis(row.created_at))
    .execute(&mut *tx)
    .await
    .map_err(|e| LedgerError::of_write("user", e))?;
    for (tag, value) in &row.tags {
        let sql = "INSERT INTO iam_user_tags (user_key, tag_key, tag_value) VALUES ($1, $2, $3)";
        sql::query(sql).bind(&key).bind(tag).bind(value).execute(&mut *tx).await?;
    }
    for (name, document) in &row.policies.inline {
        let sql = "INSERT INTO iam_user_policies (user_key, name, document) VALUES ($1, $2, $3)";
        sql::query(sql).bind(&key).bind(name).bind(document).execute(&mut *tx).await?;
    }
    for arn in &row.policies.attached {
        let sql = "INSERT INTO iam_user_attachments (user_key, policy_arn) VALUES ($1, $2)";
        sql::query(sql).bind(&key).bind(arn).execute(&mut *tx).await?;
    }
    for group in &row.groups {
        let sql = "INSERT INTO iam_user_groups (user_key, group_id) VALUES ($1, $2)";
        sql::query(sql).bind(&key).bind(group).execute(&mut *tx).await?;
    }
    put_access_keys(tx, &key, &row.access_keys).await
}

async fn put_access_keys(
    tx: &mut Tx,
    user_key: &str,
    keys: &[AccessKeyRow],
) -> Result<(), LedgerError> {
    for key in keys {
        sql::query(
            "INSERT INTO iam_access_keys (access_key_id, user_key, sealed_secret, status,
             created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(key.id.as_str())
        .bind(user_key)
        .bind(&key.sealed_secret)
        .bind(key.status.as_str())
        .bind(millis(key.created_at))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("access key", e))?;
    }
    Ok(())
}
