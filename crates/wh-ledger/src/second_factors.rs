//! Rows of second factors: a seed of one-time codes, and recovery codes. Passkeys are in `passkeys.rs`.
//!
//! Invariant: a code is spent in the transaction that gives what it is spent on. The code of a step
//! counts once, and none of an earlier step after it (RFC 6238, 5.2); a recovery code is deleted.
//! Every change is one transaction with the audit record of it.

use std::collections::HashSet;

use jiff::Timestamp;
use wh_names::{SecretDigest, Uid};

use crate::audit::append;
use crate::identities::end_added_links;
use crate::open::{millis, timestamp};
use crate::passkeys::spend_passkey;
use crate::persons::read_uid;
use crate::sessions::{Renewal, close_other_sessions, close_sessions, hex, renew_session_row};
use crate::sql::{self, Tx};
use crate::{AddedLinks, AuditRecord, Ledger, LedgerError, PasskeyUse};

/// A person's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactorRow {
    /// The seed of the codes, sealed by the authority, in base64.
    pub sealed_seed: String,
    /// When it was set up.
    pub created_at: Timestamp,
    /// The newest step whose code was taken.
    pub last_step: i64,
}

/// What a person can prove besides their password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Factors {
    /// One-time codes.
    pub totp: bool,
    /// At least one passkey.
    pub passkey: bool,
    /// That of their provider: they have come by it once, and nobody has taken it back.
    pub provider: bool,
}

impl Factors {
    /// Whether there is one at all that is asked for here.
    pub fn any(self) -> bool {
        self.totp || self.passkey
    }

    /// Whether a password, and a provider that asks for nothing more, prove too little.
    pub fn outweigh_password(self) -> bool {
        self.any() || self.provider
    }
}

/// A second factor that its person has confirmed by a code.
#[derive(Debug)]
pub struct NewSecondFactor<'a> {
    /// Whose it is.
    pub uid: &'a Uid,
    /// The seed as it was offered, sealed.
    pub sealed_seed: &'a str,
    /// The step of the code that confirmed it, which is spent by that.
    pub step: i64,
    /// The digests of the recovery codes.
    pub codes: &'a [SecretDigest],
}

/// What a second factor is proved by, and what is spent by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactorUse {
    /// The code of this step.
    Step(i64),
    /// The recovery code with this digest.
    Recovery(SecretDigest),
    /// The answer to a challenge.
    Passkey(Box<PasskeyUse>),
}

impl Ledger {
    /// What a person can prove besides their password.
    pub async fn factors(&self, uid: &Uid) -> Result<Factors, LedgerError> {
        let sql = "SELECT (SELECT count(*) FROM second_factors WHERE uid = $1) AS totp,
                   (SELECT count(*) FROM passkeys WHERE uid = $1) AS passkeys,
                   (SELECT count(*) FROM persons WHERE uid = $1
                    AND provider_factor_at IS NOT NULL) AS provider";
        let row = sql::query(sql).bind(uid.as_str()).fetch_optional(self.reader()).await?;
        let Some(row) = row else { return Ok(Factors::default()) };
        let (totp, passkeys): (i64, i64) = (row.try_get("totp")?, row.try_get("passkeys")?);
        let provider: i64 = row.try_get("provider")?;
        Ok(Factors { totp: totp > 0, passkey: passkeys > 0, provider: provider > 0 })
    }

    /// How many recovery codes a person has left.
    pub async fn recovery_codes_left(&self, uid: &Uid) -> Result<i64, LedgerError> {
        let sql = "SELECT count(*) AS codes FROM recovery_codes WHERE uid = $1";
        let row = sql::query(sql).bind(uid.as_str()).fetch_optional(self.reader()).await?;
        Ok(row.map(|row| row.try_get("codes")).transpose()?.unwrap_or_default())
    }

    /// The one-time codes of a person, if they have set them up.
    pub async fn second_factor(&self, uid: &Uid) -> Result<Option<SecondFactorRow>, LedgerError> {
        let sql = "SELECT sealed_seed, created_at, last_step FROM second_factors WHERE uid = $1";
        let row = sql::query(sql).bind(uid.as_str()).fetch_optional(self.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(SecondFactorRow {
            sealed_seed: row.try_get("sealed_seed")?,
            created_at: timestamp("created_at", row.try_get("created_at")?)?,
            last_step: row.try_get("last_step")?,
        }))
    }

    /// Everybody who has a second factor, be it their provider's.
    pub async fn with_second_factor(&self) -> Result<HashSet<Uid>, LedgerError> {
        let sql = "SELECT uid FROM second_factors UNION SELECT uid FROM passkeys
                   UNION SELECT uid FROM persons WHERE provider_factor_at IS NOT NULL";
        let rows = sql::query(sql).fetch_all(self.reader()).await?;
        rows.iter().map(|row| read_uid(row.try_get("uid")?)).collect()
    }

    /// Keeps a seed that is shown to a person until they confirm it, in the place of an earlier one.
    pub async fn offer_second_factor(
        &self,
        uid: &Uid,
        sealed_seed: &str,
        expires_at: Timestamp,
        record: &AuditRecord,
    ) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "INSERT INTO second_factor_offers (uid, sealed_seed, expires_at)
                   VALUES ($1, $2, $3) ON CONFLICT (uid) DO UPDATE
                   SET sealed_seed = excluded.sealed_seed, expires_at = excluded.expires_at";
        let query = sql::query(sql).bind(uid.as_str()).bind(sealed_seed).bind(millis(expires_at));
        query.execute(&mut tx).await?;
        append(&mut tx, record).await?;
        Ok(tx.commit().await?)
    }

    /// The seed that a person was shown last and may still confirm.
    pub async fn offered_second_factor(
        &self,
        uid: &Uid,
        now: Timestamp,
    ) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT sealed_seed FROM second_factor_offers
                   WHERE uid = $1 AND expires_at > $2";
        let query = sql::query(sql).bind(uid.as_str()).bind(millis(now));
        let row = query.fetch_optional(self.reader()).await?;
        Ok(row.map(|row| row.try_get("sealed_seed")).transpose()?)
    }

    /// Takes an offered seed and its recovery codes as the person's second factor, in the place of what
    /// they had, renews the session that asked, and ends the person's others. `false`: the offer is no
    /// more, or the session is not, and nothing was written.
    pub async fn confirm_second_factor(
        &self,
        new: NewSecondFactor<'_>,
        renewal: &Renewal,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM second_factor_offers
                   WHERE uid = $1 AND sealed_seed = $2 AND expires_at > $3";
        let taken = sql::query(sql)
            .bind(new.uid.as_str())
            .bind(new.sealed_seed)
            .bind(millis(record.at))
            .execute(&mut tx)
            .await?;
        if taken.rows_affected() == 0 || !renew_session_row(&mut tx, renewal).await? {
            return Ok(false);
        }
        forget_totp(&mut tx, new.uid).await?;
        forget_codes(&mut tx, new.uid).await?;
        let sql = "INSERT INTO second_factors (uid, sealed_seed, created_at, last_step)
                   VALUES ($1, $2, $3, $4)";
        sql::query(sql)
            .bind(new.uid.as_str())
            .bind(new.sealed_seed)
            .bind(millis(record.at))
            .bind(new.step)
            .execute(&mut tx)
            .await?;
        insert_codes(&mut tx, new.uid, new.codes).await?;
        append(&mut tx, record).await?;
        let ended = close_other_sessions(&mut tx, new.uid, &renewal.to, record.at).await?;
        self.revocations().end_each(&ended, record.at);
        tx.commit().await?;
        Ok(true)
    }

    /// Replaces all recovery codes of a person. `false`: they have no second factor.
    pub async fn replace_recovery_codes(
        &self,
        uid: &Uid,
        codes: &[SecretDigest],
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        if !has_factor(&mut tx, uid).await? {
            return Ok(false);
        }
        forget_codes(&mut tx, uid).await?;
        insert_codes(&mut tx, uid, codes).await?;
        append(&mut tx, record).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes a person's one-time codes away, and ends their sessions but the one with the digest `kept`.
    /// With the last factor go the recovery codes. `false`: they have none, and nothing was written.
    pub async fn remove_second_factor(
        &self,
        uid: &Uid,
        kept: &SecretDigest,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        if !forget_totp(&mut tx, uid).await? {
            return Ok(false);
        }
        if !has_factor(&mut tx, uid).await? {
            forget_codes(&mut tx, uid).await?;
        }
        append(&mut tx, record).await?;
        let ended = close_other_sessions(&mut tx, uid, kept, record.at).await?;
        self.revocations().end_each(&ended, record.at);
        tx.commit().await?;
        Ok(true)
    }

    /// Takes all second factors of a person away for somebody else, that of their provider too, and ends
    /// every session of theirs and whatever was issued for it. `false`: they have none, and nothing was
    /// written.
    pub async fn reset_second_factor(
        &self,
        uid: &Uid,
        links: AddedLinks,
        record: &AuditRecord,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let bound = forget_provider_factor(&mut tx, uid).await?;
        if !has_factor(&mut tx, uid).await? && !bound {
            return Ok(false);
        }
        if links == AddedLinks::End {
            end_added_links((&mut tx, self.revocations()), uid, record.at).await?;
        }
        forget_totp(&mut tx, uid).await?;
        forget_codes(&mut tx, uid).await?;
        for sql in ["DELETE FROM passkeys WHERE uid = $1", "DELETE FROM ceremonies WHERE uid = $1"]
        {
            sql::query(sql).bind(uid.as_str()).execute(&mut tx).await?;
        }
        let sql = "DELETE FROM second_factor_offers WHERE uid = $1";
        sql::query(sql).bind(uid.as_str()).execute(&mut tx).await?;
        append(&mut tx, record).await?;
        let ended = close_sessions(&mut tx, uid, record.at).await?;
        self.revocations().end(uid, record.at, &ended);
        tx.commit().await?;
        Ok(true)
    }
}

/// Spends what a factor is proved by. `false`: it was spent before, or never was.
pub(crate) async fn spend(tx: &mut Tx, uid: &Uid, used: &FactorUse) -> Result<bool, LedgerError> {
    let query = match used {
        FactorUse::Step(step) => {
            let sql = "UPDATE second_factors SET last_step = $2 WHERE uid = $1 AND last_step < $2";
            sql::query(sql).bind(uid.as_str()).bind(*step)
        }
        FactorUse::Recovery(digest) => {
            let sql = "DELETE FROM recovery_codes WHERE uid = $1 AND digest = $2";
            sql::query(sql).bind(uid.as_str()).bind(hex(digest))
        }
        FactorUse::Passkey(used) => return spend_passkey(tx, uid, used).await,
    };
    Ok(query.execute(&mut *tx).await?.rows_affected() == 1)
}

/// Whether a person has a second factor, as this transaction sees it.
pub(crate) async fn has_factor(tx: &mut Tx, uid: &Uid) -> Result<bool, LedgerError> {
    let sql = "SELECT uid FROM second_factors WHERE uid = $1
               UNION SELECT uid FROM passkeys WHERE uid = $1";
    Ok(sql::query(sql).bind(uid.as_str()).fetch_optional(&mut *tx).await?.is_some())
}

/// Takes it back that a person's second factor is their provider's. `false`: it was not.
pub(crate) async fn forget_provider_factor(tx: &mut Tx, uid: &Uid) -> Result<bool, LedgerError> {
    let sql = "UPDATE persons SET provider_factor_at = NULL
               WHERE uid = $1 AND provider_factor_at IS NOT NULL";
    Ok(sql::query(sql).bind(uid.as_str()).execute(&mut *tx).await?.rows_affected() == 1)
}

/// Deletes the seed of one-time codes. `false`: there was none.
async fn forget_totp(tx: &mut Tx, uid: &Uid) -> Result<bool, LedgerError> {
    let sql = "DELETE FROM second_factors WHERE uid = $1";
    Ok(sql::query(sql).bind(uid.as_str()).execute(&mut *tx).await?.rows_affected() == 1)
}

pub(crate) async fn forget_codes(tx: &mut Tx, uid: &Uid) -> Result<(), LedgerError> {
    let sql = "DELETE FROM recovery_codes WHERE uid = $1";
    sql::query(sql).bind(uid.as_str()).execute(&mut *tx).await?;
    Ok(())
}

pub(crate) async fn insert_codes(
    tx: &mut Tx,
    uid: &Uid,
    codes: &[SecretDigest],
) -> Result<(), LedgerError> {
    for code in codes {
        let sql = "INSERT INTO recovery_codes (digest, uid) VALUES ($1, $2)";
        let query = sql::query(sql).bind(hex(code)).bind(uid.as_str());
        query.execute(&mut *tx).await?;
    }
    Ok(())
}
