//! Rows of links by which a person sets their own password.
//!
//! Invariant: a link is spent in the transaction that sets the password and ends every session.

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::api_tokens::revoke_tokens_of;
use crate::audit::append;
use crate::email_checks::put_check;
use crate::file_requests::revoke_file_requests_of;
use crate::grants::{insert_grants, is_held_by};
use crate::identities::end_added_links;
use crate::known_devices::forget_failures_of;
use crate::open::millis;
use crate::person_keys::revoke_keys_of;
use crate::persons::{insert_person_row, read_person, read_uid};
use crate::sessions::{close_sessions, hex, signs_in_by};
use crate::share_links::revoke_share_links_of;
use crate::sql::{self, Tx};
use crate::{
    AddedLinks, AuditRecord, EmailCheckRow, GrantRow, Holding, Ledger, LedgerError, PasswordPhc,
    PersonRow,
};

/// A link that is to be kept.
#[derive(Debug, Clone)]
pub struct NewPasswordLink {
    /// The digest of its token.
    pub digest: SecretDigest,
    /// Whether the person asked for it by mail; else somebody made it for them.
    pub by_mail: bool,
    /// Until when it may be spent.
    pub expires_at: Timestamp,
    /// Which administrator made it, for whom it ends; nobody, when an operator or the person did.
    pub created_by: Option<Uid>,
    /// What becomes of linked sign-ins that were added, once it is spent.
    pub links: AddedLinks,
}

impl Ledger {
    /// Keeps a link. One of an administrator takes the place of the one before; of those that were asked
    /// for by mail there may be several.
    pub async fn put_password_link(
        &self,
        uid: &Uid,
        link: &NewPasswordLink,
        record: Option<&AuditRecord>,
    ) -> Result<(), LedgerError> {
        let mut tx = self.begin().await?;
        insert_password_link(&mut tx, uid, link).await?;
        if let Some(record) = record {
            append(&mut tx, record).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The same for an active person without a second factor whose password still is `password`.
    /// `false`: it is not, or there is one, and nothing was written.
    pub async fn put_password_link_by(
        &self,
        (uid, password): (&Uid, &PasswordPhc),
        link: &NewPasswordLink,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        if !signs_in_by(&mut tx, uid, password).await? {
            return Ok(false);
        }
        insert_password_link(&mut tx, uid, link).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Adds a person who has no password yet, with their first grants, a link to set one, and one that
    /// checks their address. A name that is taken is a conflict.
    pub async fn insert_person_with_link(
        &self,
        person: &PersonRow,
        grants: &[GrantRow],
        link: &NewPasswordLink,
        check: Option<&EmailCheckRow>,
    ) -> Result<(), LedgerError> {
        let mut tx = self.begin().await?;
        insert_person_row(&mut tx, person).await?;
        insert_grants(&mut tx, grants).await?;
        insert_password_link(&mut tx, &person.uid, link).await?;
        if let Some(check) = check {
            put_check(&mut tx, &person.uid, check).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Whose link this is, if it could be spent now. Only [`Ledger::spend_password_link`] decides.
    pub async fn password_link_of(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<Option<PersonRow>, LedgerError> {
        let sql = "SELECT p.* FROM persons p JOIN password_links l ON l.uid = p.uid
                   WHERE l.digest = $1 AND l.expires_at > $2 AND p.status <> 'disabled'";
        let row = sql::query(sql).bind(hex(digest)).bind(millis(now));
        let row = row.fetch_optional(self.reader()).await?;
        row.as_ref().map(read_person).transpose()
    }

    /// What becomes of linked sign-ins that were added, once this link is spent.
    pub async fn links_of_password_link(
        &self,
        digest: &SecretDigest,
    ) -> Result<AddedLinks, LedgerError> {
        let sql = "SELECT 1 FROM password_links WHERE digest = $1 AND ends_links <> 0";
        let row = sql::query(sql).bind(hex(digest)).fetch_optional(self.reader()).await?;
        Ok(if row.is_some() { AddedLinks::End } else { AddedLinks::Keep })
    }

    /// Spends a link: sets the password and ends every session of its person, with what was issued for
    /// them, access keys, API tokens and shared links too; the person comes back. `None`: it is not one,
    /// was spent or replaced, has expired, its person is shut out, or the administrator who made it is
    /// none any more; nothing was changed.
    pub async fn spend_password_link(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
        (password, administration): (&PasswordPhc, &Holding),
    ) -> Result<Option<Uid>, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM password_links WHERE digest = $1 AND expires_at > $2
                   RETURNING uid, created_by, ends_links";
        let spent = sql::query(sql).bind(hex(digest)).bind(millis(now));
        let Some(row) = spent.fetch_optional(&mut tx).await? else { return Ok(None) };
        let uid = read_uid(row.try_get("uid")?)?;
        let maker: Option<&str> = row.try_get("created_by")?;
        if let Some(maker) = maker.map(read_uid).transpose()?
            && !is_held_by(&mut tx, administration, &maker).await?
        {
            return Ok(None);
        }
        let sql = "UPDATE persons SET password_phc = $2 WHERE uid = $1 AND status <> 'disabled'";
        let set = sql::query(sql).bind(uid.as_str()).bind(password.as_str());
        if set.execute(&mut tx).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let ends_links: i64 = row.try_get("ends_links")?;
        if ends_links != 0 {
            end_added_links((&mut tx, self.revocations()), &uid, now).await?;
        }
        let mut ended = close_sessions(&mut tx, &uid, now).await?;
        forget_failures_of(&mut tx, &uid).await?;
        revoke_keys_of(&mut tx, &uid, now).await?;
        ended.extend(revoke_tokens_of(&mut tx, &uid, now).await?);
        ended.extend(revoke_share_links_of(&mut tx, &uid, now).await?);
        ended.extend(revoke_file_requests_of(&mut tx, &uid, now).await?);
        self.revocations().end(&uid, now, &ended);
        tx.commit().await?;
        Ok(Some(uid))
    }
}

async fn insert_password_link(
    tx: &mut Tx,
    uid: &Uid,
    link: &NewPasswordLink,
) -> Result<(), LedgerError> {
    let by_mail = i64::from(link.by_mail);
    let before = "DELETE FROM password_links WHERE uid = $1 AND by_mail = 0 AND by_mail = $2";
    sql::query(before).bind(uid.as_str()).bind(by_mail).execute(&mut *tx).await?;
    let sql =
        "INSERT INTO password_links (digest, uid, by_mail, expires_at, created_by, ends_links)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let put = sql::query(sql)
        .bind(hex(&link.digest))
        .bind(uid.as_str())
        .bind(by_mail)
        .bind(millis(link.expires_at))
        .bind(link.created_by.as_ref().map(Uid::as_str))
        .bind(i64::from(link.links == AddedLinks::End));
    let put = put.execute(&mut *tx).await;
    put.map_err(|e| LedgerError::of_write("password link", e)).map(drop)
}
