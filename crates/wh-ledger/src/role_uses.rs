//! Rows of what sessions of roles were allowed and did: by action, place and person, the first and the last
//! time.
//!
//! Invariant: nothing here is read whole; whoever reads goes from page to page.

use jiff::Timestamp;
use wh_names::RoleName;

use crate::open::{millis, timestamp};
use crate::sql::{self, Row};
use crate::{Ledger, LedgerError};

/// How many rows come in one page.
pub const ROLE_USES_PAGE: i64 = 1_000;

/// The setting with the time from which on uses are written down.
const SINCE: &str = "role-uses-since";
/// The setting with the last time at which some could not be.
const LOST: &str = "role-uses-lost";

/// What a role was used for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleUseKey {
    /// The role.
    pub role: RoleName,
    /// The action, such as `s3:GetObject`.
    pub action: String,
    /// The bucket; `*` where it is none in particular.
    pub bucket: String,
    /// Empty: the bucket itself; `/…/`: objects in that folder; `?…/`: its listing.
    pub place: String,
    /// A source identity, which of a person is their uid; `machine/i-…`; `other`.
    pub who: String,
}

/// When, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleUseTimes {
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
    /// How often.
    pub requests: u64,
}

impl RoleUseTimes {
    /// Both together.
    pub fn join(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.requests = self.requests.saturating_add(other.requests);
    }
}

/// An action at a place, by all who asked for it together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePlaceUse {
    /// The action.
    pub action: String,
    /// The bucket.
    pub bucket: String,
    /// The place, as of [`RoleUseKey::place`].
    pub place: String,
    /// How many persons.
    pub persons: u64,
    /// How many machines.
    pub machines: u64,
    /// Whether somebody did of whom neither is known.
    pub others: bool,
    /// When, and how often; from the first time on that is known, be it longer ago than what was asked for.
    pub times: RoleUseTimes,
}

/// Who used a role at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleUserPlace {
    /// As of [`RoleUseKey::who`].
    pub who: String,
    /// The bucket.
    pub bucket: String,
    /// The place.
    pub place: String,
}

/// How many used a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleUsers {
    /// Persons.
    pub persons: u64,
    /// Machines.
    pub machines: u64,
    /// Whether anybody else did.
    pub others: bool,
}

/// From when on uses are written down, and whether some were not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoleUsesKept {
    /// From when on; none where nothing is.
    pub since: Option<Timestamp>,
    /// The last time at which some could not be.
    pub lost: Option<Timestamp>,
}

impl Ledger {
    /// Adds uses to those that are known: all, or none.
    pub async fn note_role_uses(
        &self,
        uses: &[(RoleUseKey, RoleUseTimes)],
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO role_uses
                   (role, action, bucket, place, who, first_at, last_at, requests)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                   ON CONFLICT (role, action, bucket, place, who) DO UPDATE SET
                   last_at = CASE WHEN excluded.last_at > role_uses.last_at
                             THEN excluded.last_at ELSE role_uses.last_at END,
                   requests = role_uses.requests + excluded.requests";
        let mut tx = self.writer().begin().await?;
        for (key, times) in uses {
            sql::query(sql)
                .bind(key.role.as_str())
                .bind(&key.action)
                .bind(&key.bucket)
                .bind(&key.place)
                .bind(&key.who)
                .bind(millis(times.first))
                .bind(millis(times.last))
                .bind(i64::try_from(times.requests).unwrap_or(i64::MAX))
                .execute(&mut tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Says that uses are written down from `now` on, if that was not said before.
    pub async fn begin_role_uses(&self, now: Timestamp) -> Result<(), LedgerError> {
        let sql = "INSERT INTO settings (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO NOTHING";
        let begun = sql::query(sql).bind(SINCE).bind(millis(now).to_string());
        begun.execute(self.writer()).await?;
        Ok(())
    }

    /// Says that uses are not written down any more: what happens is not seen here.
    pub async fn end_role_uses(&self) -> Result<(), LedgerError> {
        let sql = "DELETE FROM settings WHERE name = $1";
        sql::query(sql).bind(SINCE).execute(self.writer()).await?;
        Ok(())
    }

    /// Says that some uses of that time are not written down.
    pub async fn lose_role_uses(&self, at: Timestamp) -> Result<(), LedgerError> {
        self.put_settings(&[(LOST, millis(at).to_string().as_str())]).await
    }

    /// From when on uses are written down.
    pub async fn role_uses_kept(&self) -> Result<RoleUsesKept, LedgerError> {
        let read = |name: &'static str, value: Option<String>| {
            let corrupt = LedgerError::Corrupt { column: name };
            let Some(value) = value else { return Ok(None) };
            timestamp(name, value.parse().map_err(|_| corrupt)?).map(Some)
        };
        Ok(RoleUsesKept {
            since: read(SINCE, self.setting(SINCE).await?)?,
            lost: read(LOST, self.setting(LOST).await?)?,
        })
    }

    /// A page of what a role was used for since `since`, by action, bucket and place, after one of them.
    pub async fn role_place_uses(
        &self,
        (role, since): (&RoleName, Timestamp),
        after: Option<&RolePlaceUse>,
    ) -> Result<Vec<RolePlaceUse>, LedgerError> {
        let sql = "SELECT action, bucket, place,
                   COUNT(CASE WHEN who <> 'other' AND who NOT LIKE 'machine/%' THEN 1 END) AS persons,
                   COUNT(CASE WHEN who LIKE 'machine/%' THEN 1 END) AS machines,
                   COUNT(CASE WHEN who = 'other' THEN 1 END) AS others,
                   MIN(first_at) AS first_at, MAX(last_at) AS last_at,
                   CAST(SUM(requests) AS BIGINT) AS requests
                   FROM role_uses
                   WHERE role = $1 AND last_at >= $2 AND (action, bucket, place) > ($3, $4, $5)
                   GROUP BY action, bucket, place ORDER BY action, bucket, place LIMIT $6";
        let text = |of: fn(&RolePlaceUse) -> &String| after.map(of).cloned().unwrap_or_default();
        let rows = sql::query(sql)
            .bind(role.as_str())
            .bind(millis(since))
            .bind(text(|row| &row.action))
            .bind(text(|row| &row.bucket))
            .bind(text(|row| &row.place))
            .bind(ROLE_USES_PAGE);
        rows.fetch_all(self.reader()).await?.iter().map(read_place).collect()
    }

    /// A page of who used a role where since `since`, after one of them.
    pub async fn role_user_places(
        &self,
        (role, since): (&RoleName, Timestamp),
        after: Option<&RoleUserPlace>,
    ) -> Result<Vec<RoleUserPlace>, LedgerError> {
        let sql = "SELECT DISTINCT who, bucket, place FROM role_uses
                   WHERE role = $1 AND last_at >= $2 AND (who, bucket, place) > ($3, $4, $5)
                   ORDER BY who, bucket, place LIMIT $6";
        let text = |of: fn(&RoleUserPlace) -> &String| after.map(of).cloned().unwrap_or_default();
        let rows = sql::query(sql)
            .bind(role.as_str())
            .bind(millis(since))
            .bind(text(|row| &row.who))
            .bind(text(|row| &row.bucket))
            .bind(text(|row| &row.place))
            .bind(ROLE_USES_PAGE);
        let rows = rows.fetch_all(self.reader()).await?;
        let read = |row: &Row| {
            Ok(RoleUserPlace {
                who: row.try_get("who")?,
                bucket: row.try_get("bucket")?,
                place: row.try_get("place")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// How many used a role since `since`.
    pub async fn role_users(
        &self,
        role: &RoleName,
        since: Timestamp,
    ) -> Result<RoleUsers, LedgerError> {
        let sql = "SELECT
                   COUNT(DISTINCT CASE WHEN who <> 'other' AND who NOT LIKE 'machine/%'
                         THEN who END) AS persons,
                   COUNT(DISTINCT CASE WHEN who LIKE 'machine/%' THEN who END) AS machines,
                   COUNT(CASE WHEN who = 'other' THEN 1 END) AS others
                   FROM role_uses WHERE role = $1 AND last_at >= $2";
        let row = sql::query(sql).bind(role.as_str()).bind(millis(since));
        let row = row.fetch_one(self.reader()).await?;
        Ok(RoleUsers {
            persons: count(&row, "persons")?,
            machines: count(&row, "machines")?,
            others: count(&row, "others")? > 0,
        })
    }

    /// Forgets what was last asked for before `before`.
    pub async fn sweep_role_uses(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let sql = "DELETE FROM role_uses WHERE last_at < $1";
        let gone = sql::query(sql).bind(millis(before)).execute(self.writer()).await?;
        Ok(gone.rows_affected())
    }
}

fn count(row: &Row, column: &'static str) -> Result<u64, LedgerError> {
    let count: i64 = row.try_get(column)?;
    u64::try_from(count).map_err(|_| LedgerError::Corrupt { column })
}

fn read_place(row: &Row) -> Result<RolePlaceUse, LedgerError> {
    Ok(RolePlaceUse {
        action: row.try_get("action")?,
        bucket: row.try_get("bucket")?,
        place: row.try_get("place")?,
        persons: count(row, "persons")?,
        machines: count(row, "machines")?,
        others: count(row, "others")? > 0,
        times: RoleUseTimes {
            first: timestamp("first_at", row.try_get("first_at")?)?,
            last: timestamp("last_at", row.try_get("last_at")?)?,
            requests: count(row, "requests")?,
        },
    })
}
