//! Rows of groups: named sets of persons. A group holds persons and no groups.
//!
//! Invariant: whoever leaves a group loses in the same transaction what was issued to them until then.

use jiff::Timestamp;
use wh_names::Uid;

use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::revocations::{Revocations, write_person};
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError, RowId};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonGroupRow {
    /// Which group it is, for ever.
    pub id: RowId,
    /// The name as it is written.
    pub name: String,
    /// The name folded: two names with one key are one name.
    pub name_key: String,
    /// What the name looks like: no two groups may look alike.
    pub name_look: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it; nobody, when an operator on the machine did.
    pub created_by: Option<Uid>,
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRow {
    /// The group.
    pub group: RowId,
    /// The person.
    pub uid: Uid,
    /// Since when.
    pub added_at: Timestamp,
    /// Who put them in; nobody, when an operator on the machine, an invitation or a provider did.
    pub added_by: Option<Uid>,
    /// The issuer whose word put them in, and takes them out; nothing, where somebody did by hand.
    pub issuer: Option<String>,
}

impl Ledger {
    /// Makes a group. A name that is taken is a conflict.
    pub async fn insert_person_group(&self, group: &PersonGroupRow) -> Result<(), LedgerError> {
        let sql = "INSERT INTO person_groups
                   (id, name, name_key, name_look, created_at, created_by)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let mut tx = self.begin().await?;
        sql::query(sql)
            .bind(group.id.as_str())
            .bind(&group.name)
            .bind(&group.name_key)
            .bind(&group.name_look)
            .bind(millis(group.created_at))
            .bind(group.created_by.as_ref().map(Uid::as_str))
            .execute(&mut tx)
            .await
            .map_err(|e| LedgerError::of_write("group", e))?;
        Ok(tx.commit().await?)
    }

    /// Every group, by name.
    pub async fn person_groups(&self) -> Result<Vec<PersonGroupRow>, LedgerError> {
        let sql = "SELECT * FROM person_groups ORDER BY name_key, id";
        let rows = sql::query(sql).fetch_all(self.reader()).await?;
        rows.iter().map(read_group).collect()
    }

    /// Who is in which group, in the order in which they came.
    pub async fn memberships(&self) -> Result<Vec<MembershipRow>, LedgerError> {
        let sql = "SELECT * FROM person_group_members ORDER BY added_at, group_id, uid";
        let rows = sql::query(sql).fetch_all(self.reader()).await?;
        rows.iter().map(read_membership).collect()
    }

    /// The groups that a person is in, by name.
    pub async fn person_groups_of(&self, uid: &Uid) -> Result<Vec<PersonGroupRow>, LedgerError> {
        let sql = "SELECT g.* FROM person_groups g
                   JOIN person_group_members m ON m.group_id = g.id
                   WHERE m.uid = $1 ORDER BY g.name_key, g.id";
        let rows = sql::query(sql).bind(uid.as_str()).fetch_all(self.reader()).await?;
        rows.iter().map(read_group).collect()
    }

    /// Gives a group the name, key and look of `named`; as it was before it comes back. `None`: there is
    /// no such group. A name that is taken is a conflict.
    pub async fn rename_person_group(
        &self,
        named: &PersonGroupRow,
    ) -> Result<Option<PersonGroupRow>, LedgerError> {
        let mut tx = self.begin().await?;
        let Some(before) = group(&mut tx, &named.id).await? else { return Ok(None) };
        let sql = "UPDATE person_groups SET name = $2, name_key = $3, name_look = $4 WHERE id = $1";
        sql::query(sql)
            .bind(named.id.as_str())
            .bind(&named.name)
            .bind(&named.name_key)
            .bind(&named.name_look)
            .execute(&mut tx)
            .await
            .map_err(|e| LedgerError::of_write("group", e))?;
        tx.commit().await?;
        Ok(Some(before))
    }

    /// Deletes a group with its grants, and with them what was issued to those in it. The group and who
    /// was in it come back; `None`: there is no such group.
    pub async fn delete_person_group(
        &self,
        id: &RowId,
        at: Timestamp,
    ) -> Result<Option<(PersonGroupRow, Vec<Uid>)>, LedgerError> {
        let mut tx = self.begin().await?;
        let Some(before) = group(&mut tx, id).await? else { return Ok(None) };
        let inside = members(&mut tx, id).await?;
        let sql = "DELETE FROM person_groups WHERE id = $1";
        sql::query(sql).bind(id.as_str()).execute(&mut tx).await?;
        revoke_all((&mut tx, self.revocations()), &inside, at).await?;
        tx.commit().await?;
        Ok(Some((before, inside)))
    }

    /// Puts a person into a group. `false`: they are in it. Whom a provider put in and somebody puts in by
    /// hand then, no provider takes out. A person or a group that does not exist is a conflict.
    pub async fn add_member(&self, member: &MembershipRow) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let added = insert_member(&mut tx, member).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Takes a person out of a group, and with it what was issued to them. `false`: they are not in it.
    pub async fn remove_member(
        &self,
        group: &RowId,
        uid: &Uid,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM person_group_members WHERE group_id = $1 AND uid = $2";
        let gone = sql::query(sql).bind(group.as_str()).bind(uid.as_str());
        if gone.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        revoke_all((&mut tx, self.revocations()), std::slice::from_ref(uid), at).await?;
        tx.commit().await?;
        Ok(true)
    }
}

pub(crate) async fn insert_member(
    tx: &mut Tx,
    member: &MembershipRow,
) -> Result<bool, LedgerError> {
    let sql = "INSERT INTO person_group_members (group_id, uid, added_at, added_by, issuer)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (group_id, uid) DO UPDATE
               SET added_by = excluded.added_by, issuer = excluded.issuer
               WHERE person_group_members.issuer IS NOT NULL AND excluded.issuer IS NULL";
    let done = sql::query(sql)
        .bind(member.group.as_str())
        .bind(member.uid.as_str())
        .bind(millis(member.added_at))
        .bind(member.added_by.as_ref().map(Uid::as_str))
        .bind(&member.issuer)
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("membership", e))?;
    Ok(done.rows_affected() == 1)
}

/// Who is in a group, as this transaction sees it.
pub(crate) async fn members(tx: &mut Tx, group: &RowId) -> Result<Vec<Uid>, LedgerError> {
    let sql = "SELECT uid FROM person_group_members WHERE group_id = $1 ORDER BY uid";
    let rows = sql::query(sql).bind(group.as_str()).fetch_all(&mut *tx).await?;
    rows.iter().map(|row| read_uid(row.try_get("uid")?)).collect()
}

/// Nothing that was issued to these persons until `at` counts any more.
pub(crate) async fn revoke_all(
    (tx, memory): (&mut Tx, &Revocations),
    persons: &[Uid],
    at: Timestamp,
) -> Result<(), LedgerError> {
    for uid in persons {
        write_person(tx, uid, at).await?;
        memory.narrow(Some(uid), at);
    }
    Ok(())
}

async fn group(tx: &mut Tx, id: &RowId) -> Result<Option<PersonGroupRow>, LedgerError> {
    let sql = "SELECT * FROM person_groups WHERE id = $1";
    let row = sql::query(sql).bind(id.as_str()).fetch_optional(tx).await?;
    row.as_ref().map(read_group).transpose()
}

pub(crate) fn read_group(row: &Row) -> Result<PersonGroupRow, LedgerError> {
    let by: Option<&str> = row.try_get("created_by")?;
    Ok(PersonGroupRow {
        id: read_id("id", row.try_get("id")?)?,
        name: row.try_get("name")?,
        name_key: row.try_get("name_key")?,
        name_look: row.try_get("name_look")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        created_by: by.map(read_uid).transpose()?,
    })
}

pub(crate) fn read_membership(row: &Row) -> Result<MembershipRow, LedgerError> {
    let by: Option<&str> = row.try_get("added_by")?;
    Ok(MembershipRow {
        group: read_id("group_id", row.try_get("group_id")?)?,
        uid: read_uid(row.try_get("uid")?)?,
        added_at: timestamp("added_at", row.try_get("added_at")?)?,
        added_by: by.map(read_uid).transpose()?,
        issuer: row.try_get("issuer")?,
    })
}

pub(crate) fn read_id(column: &'static str, text: &str) -> Result<RowId, LedgerError> {
    RowId::parse(text).map_err(|_| LedgerError::Corrupt { column })
}
