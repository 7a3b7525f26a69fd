//! Taking room for what is on its way, and telling what came of it.

use jiff::Timestamp;

use super::{QuotaAmount, QuotaCounterRow, amount, number, read_counter};
use crate::open::millis;
use crate::sql::{self, Tx};
use crate::{Ledger, LedgerError};

/// Room to be taken.
#[derive(Debug, Clone, Copy)]
pub struct QuotaReserve<'a> {
    /// What the reservation is called. One that there is grows, and is never counted twice.
    pub id: &'a str,
    /// Of which counters.
    pub counters: &'a [String],
    /// How much: all of it, or of one part.
    pub more: QuotaAmount,
    /// In which rounds of the counters was known what `more` leaves out, since it is replaced. A counter in
    /// another round by now may lack that already: all of it is taken there. `None`: nothing is left out.
    pub rounds: Option<&'a [(String, i64)]>,
    /// Bytes that will be there when it is done: more than are taken, where something is replaced.
    pub whole: u64,
    /// The number of the part, where it is for one.
    pub part: Option<u16>,
    /// When it ends by itself.
    pub expires: Timestamp,
}

impl QuotaReserve<'_> {
    /// The round in which this is known of a counter that is in round `now`.
    fn round_of(&self, counter: &str, now: i64) -> i64 {
        let Some(rounds) = self.rounds else { return now };
        let known = rounds.iter().find(|(id, _)| id == counter);
        // A counter that came to be since was in no round.
        known.map_or(NO_ROUND, |(_, round)| *round)
    }
}

/// Of a counter that was not there.
const NO_ROUND: i64 = -1;

/// The counter that had no room. Nothing was taken of any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaFull {
    /// The counter, as it was.
    pub counter: QuotaCounterRow,
    /// How much more was asked for.
    pub asked: QuotaAmount,
}

/// What came of a write for which room was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaStored {
    /// What is there now.
    pub stored: QuotaAmount,
    /// What was there before, and whose room no other write gives back.
    pub replaced: QuotaAmount,
    /// Whether more may have been replaced than is known.
    pub certain: bool,
    /// When.
    pub at: Timestamp,
}

/// A reservation with one counter.
struct Held {
    counter: String,
    amount: QuotaAmount,
    announced: u64,
    round: i64,
}

impl Ledger {
    /// Takes room of all these counters, or of none and says which had none.
    pub async fn reserve_quota(
        &self,
        reserve: QuotaReserve<'_>,
    ) -> Result<Option<QuotaFull>, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let parts = match reserve.part {
            Some(part) => Some(take_part(&mut tx, (reserve.id, part), reserve.more.bytes).await?),
            None => None,
        };
        let known = held(&mut tx, reserve.id).await?;
        for id in reserve.counters {
            let sql = "SELECT * FROM quota_counters WHERE id = $1";
            let row = sql::query(sql).bind(id).fetch_optional(&mut tx).await?;
            let Some(row) = row else { continue };
            let counter = read_counter(&row)?;
            let mine = known.iter().find(|held| held.counter == *id);
            let before = mine.map(|held| held.amount).unwrap_or_default();
            let announced = match parts {
                Some(_) => mine.map_or(0, |held| held.announced),
                None => reserve.whole,
            };
            let round = reserve.round_of(id, counter.round);
            let taken = match parts {
                Some(parts) => parts.max(announced),
                None if round == counter.round => reserve.more.bytes,
                None => reserve.more.bytes.max(reserve.whole),
            };
            let bytes = taken.max(before.bytes);
            let more = if round == counter.round { reserve.more.objects } else { 1 };
            let wanted = QuotaAmount { bytes, objects: before.objects.max(more) };
            let asked = wanted.less(before);
            if !counter.has_room_for(asked) {
                return Ok(Some(QuotaFull { counter, asked }));
            }
            grow(&mut tx, id, asked).await?;
            let now = Held { counter: id.clone(), amount: wanted, announced, round };
            keep(&mut tx, reserve.id, &now, reserve.expires).await?;
        }
        tx.commit().await?;
        Ok(None)
    }

    /// Says how large a part is that came, or that there is none of this number after all, and gives back
    /// what it does not need.
    pub async fn set_quota_part(
        &self,
        (id, part): (&str, u16),
        bytes: Option<u64>,
    ) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        let known = held(&mut tx, id).await?;
        if known.is_empty() {
            return Ok(());
        }
        if let Some(bytes) = bytes {
            put_part(&mut tx, (id, part), bytes).await?;
        } else {
            let sql = "DELETE FROM quota_parts WHERE reservation = $1 AND part = $2";
            let gone = sql::query(sql).bind(id).bind(i64::from(part));
            gone.execute(&mut tx).await?;
        }
        let parts = sum_of_parts(&mut tx, id).await?;
        for held in known {
            let bytes = parts.max(held.announced);
            let back = QuotaAmount { bytes: held.amount.bytes.saturating_sub(bytes), objects: 0 };
            shrink(&mut tx, &held.counter, back).await?;
            let sql = "UPDATE quota_reservations SET bytes = bytes - $3
                       WHERE id = $1 AND counter_id = $2";
            let less = sql::query(sql).bind(id).bind(&held.counter).bind(number(back.bytes));
            less.execute(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The size of a part for which room is taken.
    pub async fn quota_part(&self, id: &str, part: u16) -> Result<Option<u64>, LedgerError> {
        let sql = "SELECT bytes FROM quota_parts WHERE reservation = $1 AND part = $2";
        let row = sql::query(sql).bind(id).bind(i64::from(part)).fetch_optional(self.reader());
        let Some(row) = row.await? else { return Ok(None) };
        let bytes: i64 = row.try_get("bytes")?;
        Ok(Some(u64::try_from(bytes).map_err(|_| LedgerError::Corrupt { column: "bytes" })?))
    }

    /// The counters of which a reservation has room.
    pub async fn quota_reserved_of(&self, id: &str) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT counter_id FROM quota_reservations WHERE id = $1 ORDER BY counter_id";
        let rows = sql::query(sql).bind(id).fetch_all(self.reader()).await?;
        rows.iter().map(|row| Ok(row.try_get("counter_id")?)).collect()
    }

    /// Calls a reservation by another name from now on. One that has that name already stays.
    pub async fn rename_quota_reservation(&self, id: &str, to: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE quota_reservations SET id = $2 WHERE id = $1";
        sql::query(sql).bind(id).bind(to).execute(self.writer()).await?;
        Ok(())
    }

    /// Puts off the end of a reservation: what it is for goes on.
    pub async fn renew_quota(&self, id: &str, expires: Timestamp) -> Result<(), LedgerError> {
        let sql = "UPDATE quota_reservations SET expires_at = $2 WHERE id = $1";
        sql::query(sql).bind(id).bind(millis(expires)).execute(self.writer()).await?;
        Ok(())
    }

    /// Makes of what was reserved what is there. `false`: nothing was reserved by this name.
    pub async fn settle_quota(&self, id: &str, came: QuotaStored) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let known = held(&mut tx, id).await?;
        if known.is_empty() {
            return Ok(false);
        }
        for held in &known {
            shrink(&mut tx, &held.counter, held.amount).await?;
            use_up(&mut tx, (&held.counter, held.round), came).await?;
        }
        drop_reservation(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Tells that something is not there any more of which `round` was known before: its room is free.
    pub async fn free_quota(
        &self,
        counters: &[(String, i64)],
        came: QuotaStored,
    ) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        for (counter, round) in counters {
            use_up(&mut tx, (counter, *round), came).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Gives back what was reserved: nothing came of it.
    pub async fn release_quota(&self, id: &str) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        for held in held(&mut tx, id).await? {
            shrink(&mut tx, &held.counter, held.amount).await?;
        }
        drop_reservation(&mut tx, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends the reservations that are over by `now`. Whether anything came of them is not known: they count
    /// as used until the next count, which is due at once. Says how many there were.
    pub async fn sweep_quota_reservations(&self, now: Timestamp) -> Result<u64, LedgerError> {
        let sql = "SELECT DISTINCT id FROM quota_reservations WHERE expires_at <= $1 ORDER BY id";
        let none = sql::query(sql).bind(millis(now)).fetch_all(self.reader()).await?.is_empty();
        if none {
            return Ok(0);
        }
        let mut tx = self.writer().begin().await?;
        let rows = sql::query(sql).bind(millis(now)).fetch_all(&mut tx).await?;
        let mut swept = 0;
        for row in &rows {
            let id: String = row.try_get("id")?;
            for held in held(&mut tx, &id).await? {
                shrink(&mut tx, &held.counter, held.amount).await?;
                let replaced = QuotaAmount::default();
                let came = QuotaStored { stored: held.amount, replaced, certain: false, at: now };
                use_up(&mut tx, (&held.counter, held.round), came).await?;
            }
            drop_reservation(&mut tx, &id).await?;
            swept += 1;
        }
        // Of quotas that were taken off while something was under way.
        let sql = "DELETE FROM quota_parts
                   WHERE reservation NOT IN (SELECT id FROM quota_reservations)";
        sql::query(sql).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(swept)
    }
}

/// Of what is on its way in place of something else, takes the room of all of it: what it replaces may be gone
/// already from what was counted.
pub(super) async fn take_whole(tx: &mut Tx, counter: &str) -> Result<(), LedgerError> {
    let sql =
        "SELECT CAST(COALESCE(SUM(CASE WHEN announced > bytes THEN announced - bytes ELSE 0 END),
                                    0) AS BIGINT) AS more_bytes,
                      CAST(COALESCE(SUM(CASE WHEN objects = 0 THEN 1 ELSE 0 END), 0) AS BIGINT)
                          AS more_objects
               FROM quota_reservations WHERE counter_id = $1";
    let row = sql::query(sql).bind(counter).fetch_one(&mut *tx).await?;
    let more = amount(&row, ("more_bytes", "more_objects"))?;
    if more == QuotaAmount::default() {
        return Ok(());
    }
    grow(tx, counter, more).await?;
    let sql = "UPDATE quota_reservations
               SET bytes = CASE WHEN announced > bytes THEN announced ELSE bytes END,
                   objects = CASE WHEN objects = 0 THEN 1 ELSE objects END
               WHERE counter_id = $1";
    sql::query(sql).bind(counter).execute(tx).await?;
    Ok(())
}

/// Adds what came to a counter and takes off what went, where that is as it was known.
async fn use_up(
    tx: &mut Tx,
    (id, round): (&str, i64),
    came: QuotaStored,
) -> Result<(), LedgerError> {
    let sql = "SELECT * FROM quota_counters WHERE id = $1";
    let Some(row) = sql::query(sql).bind(id).fetch_optional(&mut *tx).await? else {
        return Ok(());
    };
    let counter = read_counter(&row)?;
    // What was counted since may lack what was replaced already.
    let known = counter.round == round;
    let replaced = if known { came.replaced } else { QuotaAmount::default() };
    let used = counter.used.plus(came.stored).less(replaced);
    let counting: i64 = row.try_get("counting")?;
    let added = amount(&row, ("added_bytes", "added_objects"))?;
    let added = if counting == 0 { added } else { added.plus(came.stored) };
    let stale = counter.stale_at.map(millis);
    // A count that goes on may have passed it or not.
    let uncertain = !known || !came.certain || counting != 0;
    let stale = stale.or_else(|| uncertain.then(|| millis(came.at)));
    let sql = "UPDATE quota_counters SET used_bytes = $2, used_objects = $3, added_bytes = $4,
                      added_objects = $5, stale_at = $6 WHERE id = $1";
    sql::query(sql)
        .bind(id)
        .bind(number(used.bytes))
        .bind(number(used.objects))
        .bind(number(added.bytes))
        .bind(number(added.objects))
        .bind(stale)
        .execute(tx)
        .await?;
    Ok(())
}

async fn held(tx: &mut Tx, id: &str) -> Result<Vec<Held>, LedgerError> {
    let sql = "SELECT * FROM quota_reservations WHERE id = $1 ORDER BY counter_id";
    let rows = sql::query(sql).bind(id).fetch_all(tx).await?;
    let read = |row: &sql::Row| {
        let announced: i64 = row.try_get("announced")?;
        Ok(Held {
            counter: row.try_get("counter_id")?,
            amount: amount(row, ("bytes", "objects"))?,
            announced: u64::try_from(announced)
                .map_err(|_| LedgerError::Corrupt { column: "announced" })?,
            round: row.try_get("round")?,
        })
    };
    rows.iter().map(read).collect()
}

async fn keep(tx: &mut Tx, id: &str, held: &Held, expires: Timestamp) -> Result<(), LedgerError> {
    let sql = "INSERT INTO quota_reservations
                   (id, counter_id, bytes, objects, announced, round, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (id, counter_id) DO UPDATE SET bytes = excluded.bytes,
                   objects = excluded.objects, announced = excluded.announced,
                   expires_at = excluded.expires_at";
    sql::query(sql)
        .bind(id)
        .bind(&held.counter)
        .bind(number(held.amount.bytes))
        .bind(number(held.amount.objects))
        .bind(number(held.announced))
        .bind(held.round)
        .bind(millis(expires))
        .execute(tx)
        .await?;
    Ok(())
}

async fn drop_reservation(tx: &mut Tx, id: &str) -> Result<(), LedgerError> {
    let parts = sql::query("DELETE FROM quota_parts WHERE reservation = $1").bind(id);
    parts.execute(&mut *tx).await?;
    sql::query("DELETE FROM quota_reservations WHERE id = $1").bind(id).execute(tx).await?;
    Ok(())
}

async fn grow(tx: &mut Tx, counter: &str, more: QuotaAmount) -> Result<(), LedgerError> {
    let sql = "UPDATE quota_counters SET reserved_bytes = reserved_bytes + $2,
                      reserved_objects = reserved_objects + $3 WHERE id = $1";
    let query = sql::query(sql).bind(counter).bind(number(more.bytes)).bind(number(more.objects));
    query.execute(tx).await?;
    Ok(())
}

async fn shrink(tx: &mut Tx, counter: &str, less: QuotaAmount) -> Result<(), LedgerError> {
    let sql = "UPDATE quota_counters SET reserved_bytes = reserved_bytes - $2,
                      reserved_objects = reserved_objects - $3 WHERE id = $1";
    let query = sql::query(sql).bind(counter).bind(number(less.bytes)).bind(number(less.objects));
    query.execute(tx).await?;
    Ok(())
}

/// Notes a part: as large as it is, or as it was where that is more, until it has come. The sum of all parts
/// comes back.
async fn take_part(tx: &mut Tx, (id, part): (&str, u16), bytes: u64) -> Result<u64, LedgerError> {
    let sql = "SELECT bytes FROM quota_parts WHERE reservation = $1 AND part = $2";
    let row = sql::query(sql).bind(id).bind(i64::from(part)).fetch_optional(&mut *tx).await?;
    let before: i64 = row.map_or(Ok(0), |row| row.try_get("bytes"))?;
    put_part(tx, (id, part), bytes.max(u64::try_from(before).unwrap_or_default())).await?;
    sum_of_parts(tx, id).await
}

async fn put_part(tx: &mut Tx, (id, part): (&str, u16), bytes: u64) -> Result<(), LedgerError> {
    let sql = "INSERT INTO quota_parts (reservation, part, bytes) VALUES ($1, $2, $3)
               ON CONFLICT (reservation, part) DO UPDATE SET bytes = excluded.bytes";
    sql::query(sql).bind(id).bind(i64::from(part)).bind(number(bytes)).execute(tx).await?;
    Ok(())
}

async fn sum_of_parts(tx: &mut Tx, id: &str) -> Result<u64, LedgerError> {
    let sql = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS all_bytes
               FROM quota_parts WHERE reservation = $1";
    let all: i64 = sql::query(sql).bind(id).fetch_one(tx).await?.try_get("all_bytes")?;
    u64::try_from(all).map_err(|_| LedgerError::Corrupt { column: "bytes" })
}
