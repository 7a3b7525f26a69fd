//! Rows of persons: who they are, how they prove it, and whether they may.

use std::fmt;

use jiff::Timestamp;
use wh_names::Uid;

use crate::api_tokens::revoke_tokens_of;
use crate::email_checks::put_check;
use crate::file_requests::revoke_file_requests_of;
use crate::grants::{end_offers_of, insert_grants, is_held};
use crate::known_devices::forget_failures_of;
use crate::open::{millis, timestamp};
use crate::person_keys::revoke_keys_of;
use crate::sessions::{close_sessions, insert_session_row};
use crate::share_links::revoke_share_links_of;
use crate::sql::{self, Row, Tx};
use crate::versions::{Kept, raise};
use crate::{EmailCheckRow, GrantRow, Holding, Ledger, LedgerError, SessionRow};

/// The hash of a password as a PHC string. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordPhc(Box<str>);

/// No PHC string begins so.
const NO_PASSWORD: &str = "none";

impl PasswordPhc {
    /// Takes over a PHC string; whoever verifies it parses it.
    pub fn from_phc(text: &str) -> Self {
        Self(text.into())
    }

    /// In the place of a hash, of a person who has not set a password yet: no password is right.
    pub fn none() -> Self {
        Self(NO_PASSWORD.into())
    }

    /// Whether there is a password.
    pub fn is_set(&self) -> bool {
        &*self.0 != NO_PASSWORD
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordPhc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordPhc(…)")
    }
}

/// Whether a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PersonStatus {
    /// Registered and waiting for an administrator.
    Pending,
    /// May sign in.
    Active,
    /// May not sign in, by an administrator's word.
    Disabled,
}

impl PersonStatus {
    /// The status in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    fn read(text: &str) -> Result<Self, LedgerError> {
        [Self::Pending, Self::Active, Self::Disabled]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(LedgerError::Corrupt { column: "status" })
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Who it is, for ever.
    pub uid: Uid,
    /// The name as the person writes it.
    pub name: String,
    /// The name folded: two names with one key are one name.
    pub name_key: String,
    /// What the name looks like: no two persons may look alike.
    pub name_look: String,
    /// The mail address, as given.
    pub email: Option<String>,
    /// The address folded; none where it was never read as one.
    pub email_key: Option<String>,
    /// When its person followed a link that was sent there; none: it is what they said.
    pub email_checked_at: Option<Timestamp>,
    /// The password's hash.
    pub password_phc: PasswordPhc,
    /// Whether the person may sign in.
    pub status: PersonStatus,
    /// When the person registered.
    pub created_at: Timestamp,
    /// When the person was let in for the first time.
    pub approved_at: Option<Timestamp>,
}

/// What came of a change to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonChange {
    /// It was made.
    Done,
    /// There is no such person in a state from which this change leads anywhere.
    Absent,
    /// Nothing was changed: nobody active would hold the grant that somebody must hold.
    LastHolder,
}

/// What becomes of the access keys and API tokens of somebody who changes their password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Programs {
    /// They end: whoever knew the old one may have made them.
    End,
    /// They go on.
    Keep,
}

impl Ledger {
    /// Adds a person together with their first grants. A name that is taken is a conflict.
    pub async fn insert_person(
        &self,
        person: &PersonRow,
        grants: &[GrantRow],
    ) -> Result<(), LedgerError> {
        self.insert_person_to_check(person, grants, None).await
    }

    /// The same, with a link that checks their address.
    pub async fn insert_person_to_check(
        &self,
        person: &PersonRow,
        grants: &[GrantRow],
        check: Option<&EmailCheckRow>,
    ) -> Result<(), LedgerError> {
        let mut tx = self.begin().await?;
        insert_person_row(&mut tx, person).await?;
        insert_grants(&mut tx, grants).await?;
        if let Some(check) = check {
            put_check(&mut tx, &person.uid, check).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Whether somebody has this person's name, or one that looks like it.
    pub async fn is_name_taken(&self, person: &PersonRow) -> Result<bool, LedgerError> {
        let sql = "SELECT 1 FROM persons WHERE name_key = $1 OR name_look = $2";
        let taken = sql::query(sql).bind(&person.name_key).bind(&person.name_look);
        Ok(taken.fetch_optional(self.reader()).await?.is_some())
    }

    /// Writes as much as [`Self::insert_person_to_check`] does, waits for the disk as it does, and leaves nothing
    /// but mails: for a person whose name is taken, so that the time does not tell.
    pub async fn insert_nobody(
        &self,
        person: &PersonRow,
        check: Option<&EmailCheckRow>,
    ) -> Result<(), LedgerError> {
        // No folded name has a space at its end, so nobody has this one; the uid was never anybody's.
        let unlike = |text: &str| format!("{text} {} ", person.uid);
        let (name_key, name_look) = (unlike(&person.name_key), unlike(&person.name_look));
        let nobody = PersonRow { name_key, name_look, ..person.clone() };
        let mut tx = self.begin().await?;
        insert_person_row(&mut tx, &nobody).await?;
        if let Some(check) = check {
            put_check(&mut tx, &nobody.uid, check).await?;
        }
        let gone = sql::query("DELETE FROM persons WHERE uid = $1").bind(nobody.uid.as_str());
        gone.execute(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// The person with this uid.
    pub async fn person(&self, uid: &Uid) -> Result<Option<PersonRow>, LedgerError> {
        let row = sql::query("SELECT * FROM persons WHERE uid = $1")
            .bind(uid.as_str())
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read_person).transpose()
    }

    /// The person whose folded name this is.
    pub async fn person_by_name_key(&self, key: &str) -> Result<Option<PersonRow>, LedgerError> {
        let row = sql::query("SELECT * FROM persons WHERE name_key = $1")
            .bind(key)
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read_person).transpose()
    }

    /// Every person, the oldest first.
    pub async fn persons(&self) -> Result<Vec<PersonRow>, LedgerError> {
        let rows = sql::query("SELECT * FROM persons ORDER BY created_at, uid")
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read_person).collect()
    }

    /// Lets a pending person in, with these grants. `false`: nobody pending has this uid.
    pub async fn activate_person(
        &self,
        uid: &Uid,
        grants: &[GrantRow],
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE persons SET status = 'active', approved_at = $2
                   WHERE uid = $1 AND status = 'pending'";
        let done = sql::query(sql).bind(uid.as_str()).bind(millis(at)).execute(&mut tx).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        insert_grants(&mut tx, grants).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Shuts a person out: ends their sessions and whatever was issued for them.
    pub async fn disable_person(
        &self,
        uid: &Uid,
        at: Timestamp,
        keep: &Holding,
    ) -> Result<PersonChange, LedgerError> {
        let mut tx = self.begin().await?;
        let _order = self.revocations().in_order().await;
        let was_held = is_held(&mut tx, keep).await?;
        let sql = "UPDATE persons SET status = 'disabled' WHERE uid = $1 AND status <> 'disabled'";
        let done = sql::query(sql).bind(uid.as_str()).execute(&mut tx).await?;
        if done.rows_affected() == 0 {
            return Ok(PersonChange::Absent);
        }
        if was_held && !is_held(&mut tx, keep).await? {
            return Ok(PersonChange::LastHolder);
        }
        end_offers_of(&mut tx, (uid, keep), at).await?;
        let mut ended = close_sessions(&mut tx, uid, at).await?;
        revoke_keys_of(&mut tx, uid, at).await?;
        ended.extend(revoke_tokens_of(&mut tx, uid, at).await?);
        ended.extend(revoke_share_links_of(&mut tx, uid, at).await?);
        ended.extend(revoke_file_requests_of(&mut tx, uid, at).await?);
        self.revocations().shut_out(uid, at, &ended);
        tx.commit().await?;
        Ok(PersonChange::Done)
    }

    /// Lets a disabled person back to where they were: active, or pending if never let in.
    pub async fn enable_person(
        &self,
        uid: &Uid,
        at: Timestamp,
    ) -> Result<PersonChange, LedgerError> {
        let mut tx = self.begin().await?;
        let _order = self.revocations().in_order().await;
        let sql = "UPDATE persons
                   SET status = CASE WHEN approved_at IS NULL THEN 'pending' ELSE 'active' END
                   WHERE uid = $1 AND status = 'disabled'";
        let done = sql::query(sql).bind(uid.as_str()).execute(&mut tx).await?;
        if done.rows_affected() == 0 {
            return Ok(PersonChange::Absent);
        }
        raise(&mut tx, Kept::Standing).await?;
        tx.commit().await?;
        self.revocations().let_back(uid, at);
        Ok(PersonChange::Done)
    }

    /// Deletes a person with all that is theirs here, for good. Nothing that was issued to them counts
    /// any more, and nobody is ever given their uid.
    pub async fn delete_person(
        &self,
        uid: &Uid,
        at: Timestamp,
        keep: &Holding,
    ) -> Result<PersonChange, LedgerError> {
        let mut tx = self.begin().await?;
        let _order = self.revocations().in_order().await;
        let was_held = is_held(&mut tx, keep).await?;
        let ended = close_sessions(&mut tx, uid, at).await?;
        let gone = sql::query("DELETE FROM persons WHERE uid = $1").bind(uid.as_str());
        if gone.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(PersonChange::Absent);
        }
        if was_held && !is_held(&mut tx, keep).await? {
            return Ok(PersonChange::LastHolder);
        }
        end_offers_of(&mut tx, (uid, keep), at).await?;
        let sql = "INSERT INTO deleted_persons (uid, deleted_at) VALUES ($1, $2)";
        sql::query(sql).bind(uid.as_str()).bind(millis(at)).execute(&mut tx).await?;
        self.revocations().shut_out(uid, at, &ended);
        tx.commit().await?;
        Ok(PersonChange::Done)
    }

    /// Changes a password if it still is `old`, ends every session, and access keys, API tokens and shared
    /// links if they are to end, and begins `next`.
    pub async fn change_password(
        &self,
        old: &PasswordPhc,
        (new, programs): (&PasswordPhc, Programs),
        next: &SessionRow,
    ) -> Result<PersonChange, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE persons SET password_phc = $3
                   WHERE uid = $1 AND password_phc = $2 AND status = 'active'";
        let done = sql::query(sql)
            .bind(next.uid.as_str())
            .bind(old.as_str())
            .bind(new.as_str())
            .execute(&mut tx)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(PersonChange::Absent);
        }
        let mut ended = close_sessions(&mut tx, &next.uid, next.created_at).await?;
        if programs == Programs::End {
            revoke_keys_of(&mut tx, &next.uid, next.created_at).await?;
            ended.extend(revoke_tokens_of(&mut tx, &next.uid, next.created_at).await?);
            ended.extend(revoke_share_links_of(&mut tx, &next.uid, next.created_at).await?);
            ended.extend(revoke_file_requests_of(&mut tx, &next.uid, next.created_at).await?);
        }
        forget_failures_of(&mut tx, &next.uid).await?;
        insert_session_row(&mut tx, next).await?;
        self.revocations().end(&next.uid, next.created_at, &ended);
        tx.commit().await?;
        Ok(PersonChange::Done)
    }

    /// Replaces a hash by a stronger one of the same password; sessions go on.
    pub async fn rehash_password(
        &self,
        uid: &Uid,
        old: &PasswordPhc,
        new: &PasswordPhc,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE persons SET password_phc = $3 WHERE uid = $1 AND password_phc = $2";
        let done = sql::query(sql)
            .bind(uid.as_str())
            .bind(old.as_str())
            .bind(new.as_str())
            .execute(self.writer())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

pub(crate) async fn insert_person_row(tx: &mut Tx, person: &PersonRow) -> Result<(), LedgerError> {
    let gone = sql::query("SELECT 1 FROM deleted_persons WHERE uid = $1").bind(person.uid.as_str());
    if gone.fetch_optional(&mut *tx).await?.is_some() {
        return Err(LedgerError::Conflict { what: "person" });
    }
    let sql = "INSERT INTO persons
               (uid, name, name_key, name_look, email, password_phc, status, created_at,
                approved_at, email_key, email_checked_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    sql::query(sql)
        .bind(person.uid.as_str())
        .bind(&person.name)
        .bind(&person.name_key)
        .bind(&person.name_look)
        .bind(&person.email)
        .bind(person.password_phc.as_str())
        .bind(person.status.as_str())
        .bind(millis(person.created_at))
        .bind(person.approved_at.map(millis))
        .bind(&person.email_key)
        .bind(person.email_checked_at.map(millis))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("person", e))?;
    Ok(())
}

pub(crate) fn read_uid(text: &str) -> Result<Uid, LedgerError> {
    Uid::parse(text).map_err(|_| LedgerError::Corrupt { column: "uid" })
}

pub(crate) fn read_person(row: &Row) -> Result<PersonRow, LedgerError> {
    let approved: Option<i64> = row.try_get("approved_at")?;
    let checked: Option<i64> = row.try_get("email_checked_at")?;
    Ok(PersonRow {
        uid: read_uid(row.try_get("uid")?)?,
        name: row.try_get("name")?,
        name_key: row.try_get("name_key")?,
        name_look: row.try_get("name_look")?,
        email: row.try_get("email")?,
        email_key: row.try_get("email_key")?,
        email_checked_at: checked.map(|ms| timestamp("email_checked_at", ms)).transpose()?,
        password_phc: PasswordPhc::from_phc(row.try_get("password_phc")?),
        status: PersonStatus::read(row.try_get("status")?)?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        approved_at: approved.map(|ms| timestamp("approved_at", ms)).transpose()?,
    })
}
