//! Rows of identities: whom a provider names, and who that is here.
//!
//! Invariant: an issuer and its subject are one person's for ever, or nobody's; a mail address is never
//! asked. What a provider's word changes is one transaction with what it gives. Nobody loses their last
//! way to sign in by their own hand.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::audit::append;
use crate::grants::{insert_grants, is_held};
use crate::open::{millis, timestamp};
use crate::person_groups::{insert_member, read_id, revoke_all};
use crate::persons::{insert_person_row, read_uid};
use crate::revocations::Revocations;
use crate::second_factors::{forget_provider_factor, has_factor};
use crate::sessions::{
    Renewal, close_other_sessions, close_sessions, hex, insert_session_row, renew_session_row,
};
use crate::sign_ins::insert_pending;
use crate::sql::{self, Row, Tx};
use crate::{
    AuditRecord, GrantRow, Holding, Ledger, LedgerError, MembershipRow, PasswordPhc,
    PendingSignInRow, PersonRow, ProofKind, RowId, SessionRow,
};

/// Whom a provider names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// What the link is called.
    pub id: RowId,
    /// The issuer, as its tokens name it.
    pub issuer: String,
    /// What the issuer calls them, for ever.
    pub subject: String,
    /// Who it is here.
    pub uid: Uid,
    /// By which name of the configuration it was linked.
    pub provider: String,
    /// What the provider called them last, to be shown.
    pub label: Option<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// When they last came by it.
    pub used_at: Option<Timestamp>,
    /// Whether it was linked to an account that was there; else the account came into being by it.
    pub added: bool,
}

/// What a provider says of somebody who is known.
#[derive(Debug, Clone, Copy)]
pub struct Vouched<'a> {
    /// The link, as it was found.
    pub identity: &'a IdentityRow,
    /// What the provider calls them now.
    pub label: Option<&'a str>,
    /// The groups that its word puts them in, and no others.
    pub groups: &'a [RowId],
}

/// What begins by the word of a provider.
#[derive(Debug, Clone, Copy)]
pub enum IdentityEntry<'a> {
    /// A session; of somebody with a second factor only where the provider's counts.
    Session(&'a SessionRow),
    /// A sign-in that waits for the second factor.
    Pending(&'a PendingSignInRow),
}

/// Which groups somebody came into and left by the word of a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupsChanged {
    /// Those they were put in.
    pub added: Vec<RowId>,
    /// Those they were taken out of.
    pub removed: Vec<RowId>,
}

/// By what somebody proves once more who they are.
#[derive(Debug, Clone, Copy)]
pub struct IdentityUse<'a> {
    /// The link.
    pub identity: &'a IdentityRow,
    /// The session that is renewed by it.
    pub renewal: &'a Renewal,
}

/// What came of linking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityLinked {
    /// It is linked.
    Done,
    /// It is somebody's already.
    Taken,
    /// The person has as many as one may have.
    Full,
}

/// What becomes of linked sign-ins that were added to an account, where somebody else helps its person
/// back in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedLinks {
    /// They end: whoever took the account over may have added them.
    End,
    /// They stay.
    Keep,
}

/// What came of taking away a way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayTaken {
    /// It is gone.
    Done,
    /// There was none.
    Absent,
    /// It is the last one, and stays; or its person the last administrator.
    Last,
}

impl Ledger {
    /// Who the subject of an issuer is here, if anybody.
    pub async fn identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<IdentityRow>, LedgerError> {
        let sql = "SELECT * FROM identities WHERE issuer = $1 AND subject = $2";
        let row = sql::query(sql).bind(issuer).bind(subject).fetch_optional(self.reader()).await?;
        row.as_ref().map(read_identity).transpose()
    }

    /// The identities of a person, the oldest first.
    pub async fn identities_of(&self, uid: &Uid) -> Result<Vec<IdentityRow>, LedgerError> {
        let sql = "SELECT * FROM identities WHERE uid = $1 ORDER BY linked_at, id";
        let rows = sql::query(sql).bind(uid.as_str()).fetch_all(self.reader()).await?;
        rows.iter().map(read_identity).collect()
    }

    /// Every identity, the oldest first.
    pub async fn identities(&self) -> Result<Vec<IdentityRow>, LedgerError> {
        let sql = "SELECT * FROM identities ORDER BY linked_at, id";
        let rows = sql::query(sql).fetch_all(self.reader()).await?;
        rows.iter().map(read_identity).collect()
    }

    /// Inserts a person who came by a provider, their first grants and their identity, together. A name or
    /// an identity that is taken is a conflict.
    pub async fn insert_person_with_identity(
        &self,
        (person, grants): (&PersonRow, &[GrantRow]),
        identity: &IdentityRow,
        record: &AuditRecord,
    ) -> Result<(), LedgerError> {
        let mut tx = self.begin().await?;
        insert_person_row(&mut tx, person).await?;
        insert_grants(&mut tx, grants).await?;
        insert_identity(&mut tx, identity).await?;
        append(&mut tx, record).await?;
        Ok(tx.commit().await?)
    }

    /// Lets in whom a provider vouched for, with the groups that its word gives. `None`: in the meantime the
    /// link was taken away, the person was shut out or has set up a second factor, and nothing was written.
    pub async fn enter_by_identity(
        &self,
        vouched: Vouched<'_>,
        entry: IdentityEntry<'_>,
        record: &AuditRecord,
    ) -> Result<Option<GroupsChanged>, LedgerError> {
        let (mut tx, uid) = (self.begin().await?, &vouched.identity.uid);
        let used = use_identity(&mut tx, vouched.identity, (vouched.label, record.at));
        if !used.await? {
            return Ok(None);
        }
        match entry {
            IdentityEntry::Session(session) => {
                let strong = session.proved_by == ProofKind::ProviderFactor;
                if !strong && has_factor(&mut tx, uid).await? {
                    return Ok(None);
                }
                if strong {
                    note_provider_factor(&mut tx, uid, record.at).await?;
                }
                insert_session_row(&mut tx, session).await?;
            }
            IdentityEntry::Pending(pending) => insert_pending(&mut tx, pending).await?,
        }
        let changed = follow_groups((&mut tx, self.revocations()), vouched, record.at).await?;
        if changed != GroupsChanged::default() {
            let list = |sign: &str, ids: &[RowId]| {
                ids.iter().map(|id| format!(" {sign}{}", id.as_str())).collect::<Vec<_>>().concat()
            };
            let detail =
                format!("groups:{}{}", list("+", &changed.added), list("-", &changed.removed));
            append(&mut tx, &AuditRecord { detail: Some(detail), ..record.clone() }).await?;
        }
        tx.commit().await?;
        Ok(Some(changed))
    }

    /// Renews a session after its person's provider vouched for them once more. `false`: the link, the
    /// session or the person does not count any more, or they have a second factor that was not asked.
    pub async fn prove_by_identity(
        &self,
        used: IdentityUse<'_>,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let (mut tx, identity) = (self.begin().await?, used.identity);
        let label = identity.label.as_deref();
        if !use_identity(&mut tx, identity, (label, record.at)).await? {
            return Ok(false);
        }
        let strong = used.renewal.proved_by == ProofKind::ProviderFactor;
        if !strong && has_factor(&mut tx, &identity.uid).await? {
            return Ok(false);
        }
        if !renew_session_row(&mut tx, used.renewal).await? {
            return Ok(false);
        }
        if strong {
            note_provider_factor(&mut tx, &identity.uid, record.at).await?;
        }
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Links an identity to a person, who may have `max` of them.
    pub async fn link_identity(
        &self,
        identity: &IdentityRow,
        max: usize,
        record: &AuditRecord,
    ) -> Result<IdentityLinked, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "SELECT 1 FROM identities WHERE issuer = $1 AND subject = $2";
        let taken = sql::query(sql).bind(&identity.issuer).bind(&identity.subject);
        if taken.fetch_optional(&mut tx).await?.is_some() {
            return Ok(IdentityLinked::Taken);
        }
        let sql = "SELECT id FROM identities WHERE uid = $1";
        let held = sql::query(sql).bind(identity.uid.as_str()).fetch_all(&mut tx).await?;
        if held.len() >= max {
            return Ok(IdentityLinked::Full);
        }
        insert_identity(&mut tx, identity).await?;
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(IdentityLinked::Done)
    }

    /// Takes a person's identity away with the groups that its issuer gave, and ends their sessions but the
    /// one with the digest `kept`, which is no proof of a provider's second factor any more. They must be
    /// left a way to sign in, as with [`Ledger::remove_passkey`]. With the last identity goes that their
    /// second factor is a provider's.
    pub async fn remove_identity(
        &self,
        (uid, id): (&Uid, &RowId),
        (kept, issuers): (&SecretDigest, &[String]),
        record: &AuditRecord,
    ) -> Result<WayTaken, LedgerError> {
        let mut tx = self.begin().await?;
        let Some(issuer) = delete_identity(&mut tx, uid, id).await? else {
            return Ok(WayTaken::Absent);
        };
        if !has_way_in(&mut tx, uid, issuers).await? {
            return Ok(WayTaken::Last);
        }
        after_unlinking((&mut tx, self.revocations()), (uid, &issuer), record.at).await?;
        // Nobody can tell by which identity the session began.
        let sql = "UPDATE sessions SET proved_by = 'provider', proved_at = 0
                   WHERE digest = $1 AND proved_by = 'provider-factor'";
        sql::query(sql).bind(hex(kept)).execute(&mut tx).await?;
        append(&mut tx, record).await?;
        let ended = close_other_sessions(&mut tx, uid, kept, record.at).await?;
        self.revocations().end_each(&ended, record.at);
        tx.commit().await?;
        Ok(WayTaken::Done)
    }

    /// Who is in groups by the word of an issuer by whom they did not come since then.
    pub async fn provider_groups_unused(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(Uid, String)>, LedgerError> {
        let sql = "SELECT DISTINCT m.uid AS uid, m.issuer AS issuer FROM person_group_members m
                   WHERE m.issuer IS NOT NULL AND NOT EXISTS
                   (SELECT 1 FROM identities i WHERE i.uid = m.uid AND i.issuer = m.issuer
                    AND COALESCE(i.used_at, i.linked_at) >= $1)";
        let rows = sql::query(sql).bind(millis(since)).fetch_all(self.reader()).await?;
        let read = |row: &Row| -> Result<(Uid, String), LedgerError> {
            Ok((read_uid(row.try_get("uid")?)?, row.try_get("issuer")?))
        };
        rows.iter().map(read).collect()
    }

    /// Takes somebody out of the groups that an issuer's word gave, with what was issued by them, if they
    /// still did not come by it since then. `false`: they did, and nothing was written.
    pub async fn lapse_provider_groups(
        &self,
        (uid, issuer): (&Uid, &str),
        since: Timestamp,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM person_group_members WHERE uid = $1 AND issuer = $2 AND NOT EXISTS
                   (SELECT 1 FROM identities i WHERE i.uid = $1 AND i.issuer = $2
                    AND COALESCE(i.used_at, i.linked_at) >= $3)";
        let query = sql::query(sql).bind(uid.as_str()).bind(issuer).bind(millis(since));
        if query.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let memory = self.revocations();
        revoke_all((&mut tx, memory), std::slice::from_ref(uid), record.at).await?;
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes somebody's identity away by another's hand: every session of theirs ends, and it may be their
    /// last way to sign in, unless they are the last who can administer.
    pub async fn remove_identity_of(
        &self,
        (uid, id): (&Uid, &RowId),
        keep: &Holding,
        record: &AuditRecord,
    ) -> Result<WayTaken, LedgerError> {
        let mut tx = self.begin().await?;
        let was_held = is_held(&mut tx, keep).await?;
        let Some(issuer) = delete_identity(&mut tx, uid, id).await? else {
            return Ok(WayTaken::Absent);
        };
        if was_held && !is_held(&mut tx, keep).await? {
            return Ok(WayTaken::Last);
        }
        after_unlinking((&mut tx, self.revocations()), (uid, &issuer), record.at).await?;
        append(&mut tx, record).await?;
        let ended = close_sessions(&mut tx, uid, record.at).await?;
        self.revocations().end(uid, record.at, &ended);
        tx.commit().await?;
        Ok(WayTaken::Done)
    }
}

async fn delete_identity(
    tx: &mut Tx,
    uid: &Uid,
    id: &RowId,
) -> Result<Option<String>, LedgerError> {
    let sql = "DELETE FROM identities WHERE uid = $1 AND id = $2 RETURNING issuer";
    let query = sql::query(sql).bind(uid.as_str()).bind(id.as_str());
    let row = query.fetch_optional(&mut *tx).await?;
    Ok(row.map(|row| row.try_get("issuer")).transpose()?)
}

/// What an identity brought goes with it.
async fn after_unlinking(
    (tx, memory): (&mut Tx, &Revocations),
    (uid, issuer): (&Uid, &str),
    at: Timestamp,
) -> Result<(), LedgerError> {
    let sql = "DELETE FROM person_group_members WHERE uid = $1 AND issuer = $2
               AND NOT EXISTS (SELECT 1 FROM identities WHERE uid = $1 AND issuer = $2)";
    let query = sql::query(sql).bind(uid.as_str()).bind(issuer);
    if query.execute(&mut *tx).await?.rows_affected() > 0 {
        revoke_all((&mut *tx, memory), std::slice::from_ref(uid), at).await?;
    }
    let left = sql::query("SELECT 1 FROM identities WHERE uid = $1").bind(uid.as_str());
    if left.fetch_optional(&mut *tx).await?.is_none() {
        forget_provider_factor(tx, uid).await?;
    }
    Ok(())
}

/// Ends the identities that were added to somebody's account, with what they brought.
pub(crate) async fn end_added_links(
    (tx, memory): (&mut Tx, &Revocations),
    uid: &Uid,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let sql = "DELETE FROM identities WHERE uid = $1 AND added = 1 RETURNING issuer";
    let rows = sql::query(sql).bind(uid.as_str()).fetch_all(&mut *tx).await?;
    for row in rows {
        let issuer: String = row.try_get("issuer")?;
        after_unlinking((&mut *tx, memory), (uid, &issuer), at).await?;
    }
    Ok(())
}

/// From now on a password proves too little: the person's second factor is their provider's.
async fn note_provider_factor(tx: &mut Tx, uid: &Uid, at: Timestamp) -> Result<(), LedgerError> {
    let sql = "UPDATE persons SET provider_factor_at = $2 WHERE uid = $1";
    sql::query(sql).bind(uid.as_str()).bind(millis(at)).execute(&mut *tx).await?;
    Ok(())
}

/// Whether somebody can sign in by a password, a passkey or an identity of one of these issuers.
pub(crate) async fn has_way_in(
    tx: &mut Tx,
    uid: &Uid,
    issuers: &[String],
) -> Result<bool, LedgerError> {
    let sql =
        "SELECT password_phc, (SELECT count(*) FROM passkeys k WHERE k.uid = persons.uid) AS keys
               FROM persons WHERE uid = $1";
    let row = sql::query(sql).bind(uid.as_str()).fetch_optional(&mut *tx).await?;
    let Some(row) = row else { return Ok(false) };
    let keys: i64 = row.try_get("keys")?;
    if keys > 0 || PasswordPhc::from_phc(row.try_get("password_phc")?).is_set() {
        return Ok(true);
    }
    let sql = "SELECT issuer FROM identities WHERE uid = $1";
    for row in sql::query(sql).bind(uid.as_str()).fetch_all(&mut *tx).await? {
        let issuer: &str = row.try_get("issuer")?;
        if issuers.iter().any(|known| known == issuer) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes that an identity was used, if it still is this active person's.
async fn use_identity(
    tx: &mut Tx,
    identity: &IdentityRow,
    (label, at): (Option<&str>, Timestamp),
) -> Result<bool, LedgerError> {
    let sql = "UPDATE identities SET used_at = $4, label = $5
               WHERE issuer = $1 AND subject = $2 AND uid = $3
               AND EXISTS (SELECT 1 FROM persons p WHERE p.uid = $3 AND p.status = 'active')";
    let done = sql::query(sql)
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .bind(identity.uid.as_str())
        .bind(millis(at))
        .bind(label)
        .execute(&mut *tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a person into the groups that an issuer's word gives, and takes them out of those that it gave
/// and gives no more. Groups that were given by hand are left as they are.
async fn follow_groups(
    (tx, memory): (&mut Tx, &Revocations),
    vouched: Vouched<'_>,
    at: Timestamp,
) -> Result<GroupsChanged, LedgerError> {
    let (uid, issuer) = (&vouched.identity.uid, &vouched.identity.issuer);
    let sql = "SELECT group_id FROM person_group_members WHERE uid = $1 AND issuer = $2";
    let held = sql::query(sql).bind(uid.as_str()).bind(issuer).fetch_all(&mut *tx).await?;
    let held = held.iter().map(|row| read_id("group_id", row.try_get("group_id")?));
    let held: Vec<RowId> = held.collect::<Result<_, _>>()?;
    let mut changed = GroupsChanged::default();
    for group in held.iter().filter(|group| !vouched.groups.contains(group)) {
        let sql = "DELETE FROM person_group_members
                   WHERE group_id = $1 AND uid = $2 AND issuer = $3";
        let query = sql::query(sql).bind(group.as_str()).bind(uid.as_str()).bind(issuer);
        query.execute(&mut *tx).await?;
        changed.removed.push(group.clone());
    }
    for group in vouched.groups.iter().filter(|group| !held.contains(group)) {
        let there = sql::query("SELECT 1 FROM person_groups WHERE id = $1").bind(group.as_str());
        let (group, uid, issuer) = (group.clone(), uid.clone(), Some(issuer.clone()));
        let member = MembershipRow { group, uid, added_at: at, added_by: None, issuer };
        if there.fetch_optional(&mut *tx).await?.is_some() && insert_member(tx, &member).await? {
            changed.added.push(member.group);
        }
    }
    if !changed.removed.is_empty() {
        revoke_all((tx, memory), std::slice::from_ref(uid), at).await?;
    }
    Ok(changed)
}

async fn insert_identity(tx: &mut Tx, identity: &IdentityRow) -> Result<(), LedgerError> {
    let sql = "INSERT INTO identities
               (issuer, subject, id, uid, provider, label, linked_at, used_at, added)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    sql::query(sql)
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .bind(identity.id.as_str())
        .bind(identity.uid.as_str())
        .bind(&identity.provider)
        .bind(&identity.label)
        .bind(millis(identity.linked_at))
        .bind(identity.used_at.map(millis))
        .bind(i64::from(identity.added))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("identity", e))?;
    Ok(())
}

fn read_identity(row: &Row) -> Result<IdentityRow, LedgerError> {
    let used_at: Option<i64> = row.try_get("used_at")?;
    let added: i64 = row.try_get("added")?;
    Ok(IdentityRow {
        added: added != 0,
        id: read_id("id", row.try_get("id")?)?,
        issuer: row.try_get("issuer")?,
        subject: row.try_get("subject")?,
        uid: read_uid(row.try_get("uid")?)?,
        provider: row.try_get("provider")?,
        label: row.try_get("label")?,
        linked_at: timestamp("linked_at", row.try_get("linked_at")?)?,
        used_at: used_at.map(|at| timestamp("used_at", at)).transpose()?,
    })
}
