//! Counting what is there, while it changes.

use jiff::Timestamp;

use super::reserve::take_whole;
use super::{QuotaAmount, amount, number};
use crate::open::millis;
use crate::sql;
use crate::{Ledger, LedgerError};

impl Ledger {
    /// Begins to count: what is written from now on is added to what will be found, and whatever happens from now
    /// on makes the next count due. `false`: there is no such counter, or another node counts it, which has
    /// until its own `until`. `token` tells this count from others: not 0.
    pub async fn begin_quota_count(
        &self,
        (id, token): (&str, i64),
        (now, until): (Timestamp, Timestamp),
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE quota_counters SET counting = $2, counting_until = $4, added_bytes = 0,
                          added_objects = 0, stale_at = NULL
                   WHERE id = $1 AND (counting = 0 OR counting_until <= $3)";
        let begun = sql::query(sql).bind(id).bind(token).bind(millis(now)).bind(millis(until));
        Ok(begun.execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Puts off the time from which another node may count instead. `false`: another does already, or the places
    /// changed.
    pub async fn renew_quota_count(
        &self,
        (id, token): (&str, i64),
        until: Timestamp,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE quota_counters SET counting_until = $3 WHERE id = $1 AND counting = $2";
        let renewed = sql::query(sql).bind(id).bind(token).bind(millis(until));
        Ok(renewed.execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Gives a count up: whoever is next may begin anew at once, and is to. What was written meanwhile is in the
    /// counter.
    pub async fn give_up_quota_count(
        &self,
        (id, token): (&str, i64),
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let sql = "UPDATE quota_counters SET counting = 0, counting_until = 0, added_bytes = 0,
                          added_objects = 0, stale_at = COALESCE(stale_at, $3)
                   WHERE id = $1 AND counting = $2";
        let given_up = sql::query(sql).bind(id).bind(token).bind(millis(at));
        given_up.execute(self.writer()).await?;
        Ok(())
    }

    /// Says that the next count of every counter is due: something was removed that nobody told of.
    pub async fn distrust_quotas(&self, now: Timestamp) -> Result<(), LedgerError> {
        let sql = "UPDATE quota_counters SET stale_at = $1 WHERE stale_at IS NULL";
        sql::query(sql).bind(millis(now)).execute(self.writer()).await?;
        Ok(())
    }

    /// Ends a count that found so much. What came or went meanwhile may have been found or not: it has made the
    /// next count due, and that stays. `false`: another has begun, or the places changed, meanwhile.
    pub async fn finish_quota_count(
        &self,
        (id, token): (&str, i64),
        found: QuotaAmount,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "SELECT * FROM quota_counters WHERE id = $1 AND counting = $2";
        let row = sql::query(sql).bind(id).bind(token).fetch_optional(&mut tx).await?;
        let Some(row) = row else { return Ok(false) };
        let added = amount(&row, ("added_bytes", "added_objects"))?;
        let used = found.plus(added);
        let sql = "UPDATE quota_counters SET used_bytes = $2, used_objects = $3, counting = 0,
                          added_bytes = 0, added_objects = 0, round = round + 1, counted_at = $4
                   WHERE id = $1";
        sql::query(sql)
            .bind(id)
            .bind(number(used.bytes))
            .bind(number(used.objects))
            .bind(millis(at))
            .execute(&mut tx)
            .await?;
        take_whole(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }
}
