//! What access follows from, read at one moment; and the revision of it, by which a change that was weighed
//! is made only while all is as it was.
//!
//! Invariant: whatever a weighing reads raises the revision when it is written, by triggers of the schema.

use std::collections::BTreeSet;

use wh_names::Uid;

use crate::grants::read_grant;
use crate::machines::read_machine;
use crate::person_groups::{read_group, read_membership};
use crate::persons::{read_person, read_uid};
use crate::sql::{self, Row, Tx};
use crate::{GrantRow, Ledger, LedgerError, MachineRow, MembershipRow, PersonGroupRow, PersonRow};

/// How often anything was changed that access follows from. Read with what it is the revision of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessRevision(i64);

/// All that access follows from besides the roles themselves, as it was at one moment.
#[derive(Debug, Clone)]
pub struct AccessRows {
    /// Of what revision it is.
    pub revision: AccessRevision,
    /// Every person, the oldest first.
    pub persons: Vec<PersonRow>,
    /// The active persons who could sign in: by a password, a passkey, or a provider whose second factor
    /// counts.
    pub able: BTreeSet<Uid>,
    /// Every group, by name.
    pub groups: Vec<PersonGroupRow>,
    /// Who is in them, in the order in which they came.
    pub memberships: Vec<MembershipRow>,
    /// Every grant, the oldest first.
    pub grants: Vec<GrantRow>,
    /// Every machine, by name.
    pub machines: Vec<MachineRow>,
    /// How many versions of permissions were saved.
    pub policy_versions: i64,
}

const ABLE: &str = "SELECT p.uid AS uid FROM persons p WHERE p.status = 'active'
     AND (p.password_phc <> 'none' OR EXISTS (SELECT 1 FROM passkeys k WHERE k.uid = p.uid)
     OR (p.provider_factor_at IS NOT NULL
         AND EXISTS (SELECT 1 FROM identities i WHERE i.uid = p.uid)))";

impl Ledger {
    /// Reads all that access follows from, in one transaction.
    pub async fn access_rows(&self) -> Result<AccessRows, LedgerError> {
        let mut tx = self.reader().begin_reading().await?;
        let revision = sql::query("SELECT revision FROM access_revision").fetch_one(&mut tx);
        let revision = AccessRevision(revision.await?.try_get("revision")?);
        let persons = "SELECT * FROM persons ORDER BY created_at, uid";
        let groups = "SELECT * FROM person_groups ORDER BY name_key, id";
        let inside = "SELECT * FROM person_group_members ORDER BY added_at, group_id, uid";
        let grants = "SELECT * FROM grants ORDER BY created_at, id";
        let machines = "SELECT * FROM machines ORDER BY name, created_at, instance_id";
        let counted = "SELECT COUNT(*) AS counted FROM policy_versions";
        let rows = AccessRows {
            revision,
            persons: all(&mut tx, persons, read_person).await?,
            able: all(&mut tx, ABLE, |row| read_uid(row.try_get("uid")?)).await?,
            groups: all(&mut tx, groups, read_group).await?,
            memberships: all(&mut tx, inside, read_membership).await?,
            grants: all(&mut tx, grants, read_grant).await?,
            machines: all(&mut tx, machines, read_machine).await?,
            policy_versions: sql::query(counted).fetch_one(&mut tx).await?.try_get("counted")?,
        };
        tx.commit().await?;
        Ok(rows)
    }

    /// The same ledger, whose changes of access are made at this revision or not at all:
    /// [`LedgerError::AccessChanged`].
    #[must_use = "what is changed by the ledger that comes back is what was weighed"]
    pub fn weighed_at(&self, revision: AccessRevision) -> Self {
        self.at_revision(revision)
    }
}

async fn all<T, All: FromIterator<T>>(
    tx: &mut Tx,
    sql: &'static str,
    read: impl Fn(&Row) -> Result<T, LedgerError>,
) -> Result<All, LedgerError> {
    sql::query(sql).fetch_all(tx).await?.iter().map(read).collect()
}

/// That nothing has changed since, and nothing does until this transaction ends.
pub(crate) async fn check(tx: &mut Tx, at: AccessRevision) -> Result<(), LedgerError> {
    // Written to, the row is locked where a statement of its own could come between.
    let same = "UPDATE access_revision SET revision = revision WHERE revision = $1";
    let done = sql::query(same).bind(at.0).execute(tx).await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(LedgerError::AccessChanged) }
}
