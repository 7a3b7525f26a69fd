//! Rows of groups. Who is a member stands with the users.

use jiff::Timestamp;
use wh_names::GroupName;

use super::{IamRows, PoliciesRow, delete};
use crate::LedgerError;
use crate::open::{millis, timestamp};
use crate::sql::{self, Row, Tx};

/// A group and the policies that hang on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// Its name, unique ignoring case.
    pub name: GroupName,
    /// Its path, beginning and ending with `/`.
    pub path: String,
    /// `AGPA…`: a group that is deleted and made again has another one.
    pub group_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its policies.
    pub policies: PoliciesRow,
}

fn group(row: &Row) -> Result<GroupRow, LedgerError> {
    let name = GroupName::parse(row.try_get("name")?);
    Ok(GroupRow {
        name: name.map_err(|_| LedgerError::Corrupt { column: "name" })?,
        path: row.try_get("path")?,
        group_id: row.try_get("group_id")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        policies: PoliciesRow::default(),
    })
}

pub(super) async fn read(tx: &mut Tx, rows: &mut IamRows) -> Result<(), LedgerError> {
    for row in sql::query("SELECT * FROM iam_groups").fetch_all(&mut *tx).await? {
        rows.groups.insert(row.try_get("group_key")?, group(&row)?);
    }
    for row in sql::query("SELECT * FROM iam_group_policies").fetch_all(&mut *tx).await? {
        if let Some(group) = rows.groups.get_mut(row.try_get::<&str>("group_key")?) {
            group.policies.inline.insert(row.try_get("name")?, row.try_get("document")?);
        }
    }
    let attached = "SELECT * FROM iam_group_attachments ORDER BY policy_arn";
    for row in sql::query(attached).fetch_all(&mut *tx).await? {
        if let Some(group) = rows.groups.get_mut(row.try_get::<&str>("group_key")?) {
            group.policies.attached.push(row.try_get("policy_arn")?);
        }
    }
    Ok(())
}

pub(super) async fn put(tx: &mut Tx, row: &GroupRow) -> Result<(), LedgerError> {
    let key = row.name.as_str().to_ascii_lowercase();
    delete(tx, "DELETE FROM iam_groups WHERE group_key = $1", &key).await?;
    sql::query(
        "INSERT INTO iam_groups (group_key, name, path, group_id, created_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&key)
    .bind(row.name.as_str())
    .bind(&row.path)
    .bind(&row.group_id)
    .bind(millis(row.created_at))
    .execute(&mut *tx)
    .await
    .map_err(|e| LedgerError::of_write("group", e))?;
    for (name, document) in &row.policies.inline {
        let sql = "INSERT INTO iam_group_policies (group_key, name, document) VALUES ($1, $2, $3)";
        sql::query(sql).bind(&key).bind(name).bind(document).execute(&mut *tx).await?;
    }
    for arn in &row.policies.attached {
        let sql = "INSERT INTO iam_group_attachments (group_key, policy_arn) VALUES ($1, $2)";
        sql::query(sql).bind(&key).bind(arn).execute(&mut *tx).await?;
    }
    Ok(())
}
