//! What is counted, and where.

use std::collections::BTreeMap;

use super::{QuotaCounterRow, QuotaLimits, QuotaPlace, QuotaSubject, number, read_counter};
use crate::sql::{self, Tx};
use crate::versions::{self, Kept};
use crate::{Ledger, LedgerError, RowId};

/// A counter as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedCounter {
    /// By which quota.
    pub quota_id: RowId,
    /// Of what.
    pub subject: QuotaSubject,
    /// How much may be there.
    pub limits: QuotaLimits,
    /// Where, in order; none lies in another.
    pub places: Vec<QuotaPlace>,
}

/// All places under a quota, at one moment: by bucket, what keys begin with and whose counter that is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuotaPlaces {
    /// The version of which they are.
    pub version: i64,
    /// By bucket and prefix, the ids of counters.
    pub places: BTreeMap<(String, String), Vec<String>>,
}

impl Ledger {
    /// Every counter with its places, by id.
    pub async fn quota_counters(
        &self,
    ) -> Result<Vec<(QuotaCounterRow, Vec<QuotaPlace>)>, LedgerError> {
        let mut tx = self.reader().begin_reading().await?;
        let all = read_all(&mut tx).await?;
        tx.commit().await?;
        Ok(all)
    }

    /// The counters with these ids that there are, with their places.
    pub async fn quota_counters_named(
        &self,
        ids: &[String],
    ) -> Result<Vec<(QuotaCounterRow, Vec<QuotaPlace>)>, LedgerError> {
        let mut tx = self.reader().begin_reading().await?;
        let mut found = Vec::new();
        for id in ids {
            let sql = "SELECT * FROM quota_counters WHERE id = $1";
            let row = sql::query(sql).bind(id).fetch_optional(&mut tx).await?;
            if let Some(row) = row {
                found.push((read_counter(&row)?, places_of(&mut tx, id).await?));
            }
        }
        tx.commit().await?;
        Ok(found)
    }

    /// How often each of these counters was counted: what is known of an object from now on is known in this
    /// round.
    pub async fn quota_rounds(&self, ids: &[String]) -> Result<Vec<(String, i64)>, LedgerError> {
        let mut rounds = Vec::with_capacity(ids.len());
        for id in ids {
            let sql = "SELECT round FROM quota_counters WHERE id = $1";
            let row = sql::query(sql).bind(id).fetch_optional(self.reader()).await?;
            if let Some(row) = row {
                rounds.push((id.clone(), row.try_get("round")?));
            }
        }
        Ok(rounds)
    }

    /// The ids of the counters that count what is at a key.
    pub async fn quota_counters_over(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT DISTINCT counter_id FROM quota_places
                   WHERE bucket = $1 AND substr($2, 1, length(prefix)) = prefix
                   ORDER BY counter_id";
        let rows = sql::query(sql).bind(bucket).bind(key).fetch_all(self.reader()).await?;
        rows.iter().map(|row| Ok(row.try_get("counter_id")?)).collect()
    }

    /// All places under a quota.
    pub async fn quota_places(&self) -> Result<QuotaPlaces, LedgerError> {
        let mut tx = self.reader().begin_reading().await?;
        let version = versions::version(&mut tx, Kept::Quotas).await?;
        let sql = "SELECT bucket, prefix, counter_id FROM quota_places
                   ORDER BY bucket, prefix, counter_id";
        let mut places: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for row in sql::query(sql).fetch_all(&mut tx).await? {
            let at = (row.try_get("bucket")?, row.try_get("prefix")?);
            places.entry(at).or_default().push(row.try_get("counter_id")?);
        }
        tx.commit().await?;
        Ok(QuotaPlaces { version, places })
    }

    /// Makes the counters what they should be: those that stay keep what they count, and are counted again
    /// where their places changed. `false`: they were so.
    pub async fn set_quota_counters(&self, wanted: &[WantedCounter]) -> Result<bool, LedgerError> {
        let known = self.quota_counters().await?;
        let same = |known: &(QuotaCounterRow, Vec<QuotaPlace>)| {
            let id = &known.0.id;
            wanted.iter().any(|one| one.subject.counter_id() == *id && is_as(known, one))
        };
        if known.len() == wanted.len() && known.iter().all(same) {
            return Ok(false);
        }
        let mut tx = self.writer().begin().await?;
        let mut there: BTreeMap<String, (QuotaCounterRow, Vec<QuotaPlace>)> = read_all(&mut tx)
            .await?
            .into_iter()
            .map(|(row, at)| (row.id.clone(), (row, at)))
            .collect();
        let mut changed = false;
        for counter in wanted {
            let known = there.remove(&counter.subject.counter_id());
            if known.as_ref().is_some_and(|known| is_as(known, counter)) {
                continue;
            }
            // The quota may be gone by now, and its counters with it.
            if !is_there(&mut tx, &counter.quota_id).await? {
                continue;
            }
            changed = true;
            put(&mut tx, counter).await?;
            if known.is_none_or(|(_, places)| places != counter.places) {
                place(&mut tx, counter).await?;
            }
        }
        for id in there.keys() {
            changed = true;
            let gone = sql::query("DELETE FROM quota_counters WHERE id = $1").bind(id);
            gone.execute(&mut tx).await?;
        }
        if !changed {
            return Ok(false);
        }
        versions::raise(&mut tx, Kept::Quotas).await?;
        tx.commit().await?;
        self.quotas_changed();
        Ok(true)
    }
}

fn is_as((row, places): &(QuotaCounterRow, Vec<QuotaPlace>), wanted: &WantedCounter) -> bool {
    row.quota_id == wanted.quota_id && row.limits == wanted.limits && *places == wanted.places
}

async fn read_all(tx: &mut Tx) -> Result<Vec<(QuotaCounterRow, Vec<QuotaPlace>)>, LedgerError> {
    let mut places: BTreeMap<String, Vec<QuotaPlace>> = BTreeMap::new();
    let sql = "SELECT counter_id, bucket, prefix FROM quota_places
               ORDER BY counter_id, bucket, prefix";
    for row in sql::query(sql).fetch_all(&mut *tx).await? {
        let place = QuotaPlace::read(row.try_get("bucket")?, row.try_get("prefix")?)?;
        places.entry(row.try_get("counter_id")?).or_default().push(place);
    }
    let rows = sql::query("SELECT * FROM quota_counters ORDER BY id").fetch_all(tx).await?;
    let counters = rows.iter().map(read_counter);
    counters
        .map(|row| {
            row.map(|row| {
                let at = places.remove(&row.id).unwrap_or_default();
                (row, at)
            })
        })
        .collect()
}

async fn places_of(tx: &mut Tx, id: &str) -> Result<Vec<QuotaPlace>, LedgerError> {
    let sql = "SELECT bucket, prefix FROM quota_places WHERE counter_id = $1
               ORDER BY bucket, prefix";
    let rows = sql::query(sql).bind(id).fetch_all(tx).await?;
    rows.iter()
        .map(|row| QuotaPlace::read(row.try_get("bucket")?, row.try_get("prefix")?))
        .collect()
}

async fn is_there(tx: &mut Tx, quota: &RowId) -> Result<bool, LedgerError> {
    let found = sql::query("SELECT id FROM quotas WHERE id = $1").bind(quota.as_str());
    Ok(found.fetch_optional(tx).await?.is_some())
}

async fn put(tx: &mut Tx, counter: &WantedCounter) -> Result<(), LedgerError> {
    let sql = "INSERT INTO quota_counters (id, quota_id, kind, subject, limit_bytes, limit_objects)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (id) DO UPDATE SET quota_id = excluded.quota_id,
                   limit_bytes = excluded.limit_bytes, limit_objects = excluded.limit_objects";
    sql::query(sql)
        .bind(counter.subject.counter_id())
        .bind(counter.quota_id.as_str())
        .bind(counter.subject.kind())
        .bind(counter.subject.subject())
        .bind(counter.limits.bytes.map(number))
        .bind(counter.limits.objects.map(number))
        .execute(tx)
        .await?;
    Ok(())
}

/// Puts a counter at its places. What it counted was of others, and a count that goes on is none.
async fn place(tx: &mut Tx, counter: &WantedCounter) -> Result<(), LedgerError> {
    let id = counter.subject.counter_id();
    let gone = sql::query("DELETE FROM quota_places WHERE counter_id = $1").bind(&id);
    gone.execute(&mut *tx).await?;
    for place in &counter.places {
        let sql = "INSERT INTO quota_places (counter_id, bucket, prefix) VALUES ($1, $2, $3)";
        let put = sql::query(sql).bind(&id).bind(place.bucket.as_str());
        put.bind(place.prefix.as_str()).execute(&mut *tx).await?;
    }
    let sql = "UPDATE quota_counters SET counted_at = NULL, counting = 0, counting_until = 0 WHERE id = $1";
    sql::query(sql).bind(&id).execute(tx).await?;
    Ok(())
}
