//! Rows of what persons marked, and of where they were lately.
//!
//! Invariant: a person has no more of them than they may, however many of their tabs and nodes write at once,
//! and none of where they were once they said that it is not to be kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use wh_names::Uid;

use crate::open::{millis, timestamp};
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError, RowId};

/// What a place is kept as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// The person marked it.
    Favourite,
    /// The person was there.
    Recent,
}

impl PlaceKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Favourite => "favourite",
            Self::Recent => "recent",
        }
    }
}

/// A place: a grant, and a path below its prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    /// The grant.
    pub grant: RowId,
    /// The path below the grant's prefix: empty, a file's, or a folder's, which ends in `/`.
    pub path: String,
    /// When it was marked, or when the person was there last.
    pub at: Timestamp,
}

impl PlaceRow {
    fn is(&self, other: &Self) -> bool {
        self.grant == other.grant && self.path == other.path
    }
}

/// How many places of one kind a person has. Those of grants that do not count for them now are not seen,
/// and counted by themselves.
#[derive(Debug, Clone, Copy)]
pub struct PlaceBounds<'a> {
    /// The grants that count for the person now.
    pub reach: &'a BTreeSet<RowId>,
    /// The most, of each.
    pub max: usize,
}

impl Ledger {
    /// A person's places of one kind, the last first.
    pub async fn places(&self, uid: &Uid, kind: PlaceKind) -> Result<Vec<PlaceRow>, LedgerError> {
        let rows = sql::query(ALL).bind(uid.as_str()).bind(kind.as_str());
        rows.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Whether it is kept where a person was.
    pub async fn keeps_recent(&self, uid: &Uid) -> Result<bool, LedgerError> {
        let sql = "SELECT uid FROM recent_off WHERE uid = $1";
        let off = sql::query(sql).bind(uid.as_str()).fetch_optional(self.reader()).await?;
        Ok(off.is_none())
    }

    /// Marks a place. `false`: the person has as many as they may, and it was not marked.
    pub async fn mark_place(
        &self,
        uid: &Uid,
        place: &PlaceRow,
        bounds: PlaceBounds<'_>,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let known = all(&mut tx, uid, PlaceKind::Favourite).await?;
        if known.iter().any(|other| other.is(place)) {
            return Ok(true);
        }
        let seen = known.iter().filter(|row| bounds.reach.contains(&row.grant)).count();
        if seen >= bounds.max {
            return Ok(false);
        }
        put(&mut tx, uid, PlaceKind::Favourite, place).await?;
        trim(&mut tx, uid, PlaceKind::Favourite, bounds).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Notes where a person was, and forgets what is too long ago; nothing, where they do not want it kept.
    pub async fn note_places(
        &self,
        uid: &Uid,
        places: &[PlaceRow],
        bounds: PlaceBounds<'_>,
    ) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "SELECT uid FROM recent_off WHERE uid = $1";
        if sql::query(sql).bind(uid.as_str()).fetch_optional(&mut tx).await?.is_some() {
            return Ok(());
        }
        for place in places {
            put(&mut tx, uid, PlaceKind::Recent, place).await?;
        }
        trim(&mut tx, uid, PlaceKind::Recent, bounds).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets one place. `false`: there was none.
    pub async fn forget_place(
        &self,
        uid: &Uid,
        kind: PlaceKind,
        (grant, path): (&RowId, &str),
    ) -> Result<bool, LedgerError> {
        let sql = "DELETE FROM places WHERE uid = $1 AND kind = $2 AND grant_id = $3 AND path = $4";
        let gone = sql::query(sql)
            .bind(uid.as_str())
            .bind(kind.as_str())
            .bind(grant.as_str())
            .bind(path)
            .execute(self.writer())
            .await?;
        Ok(gone.rows_affected() > 0)
    }

    /// Forgets where a person was.
    pub async fn forget_recent(&self, uid: &Uid) -> Result<(), LedgerError> {
        let sql = "DELETE FROM places WHERE uid = $1 AND kind = 'recent'";
        sql::query(sql).bind(uid.as_str()).execute(self.writer()).await?;
        Ok(())
    }

    /// Whether it is to be kept from now on where a person is. What was kept goes when it is not.
    pub async fn keep_recent(&self, uid: &Uid, keep: bool) -> Result<(), LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "DELETE FROM recent_off WHERE uid = $1";
        sql::query(sql).bind(uid.as_str()).execute(&mut tx).await?;
        if !keep {
            let sql = "INSERT INTO recent_off (uid) VALUES ($1)";
            sql::query(sql).bind(uid.as_str()).execute(&mut tx).await?;
            let sql = "DELETE FROM places WHERE uid = $1 AND kind = 'recent'";
            sql::query(sql).bind(uid.as_str()).execute(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

const ALL: &str = "SELECT grant_id, path, at FROM places WHERE uid = $1 AND kind = $2
                   ORDER BY at DESC, grant_id, path";

async fn all(tx: &mut Tx, uid: &Uid, kind: PlaceKind) -> Result<Vec<PlaceRow>, LedgerError> {
    let rows = sql::query(ALL).bind(uid.as_str()).bind(kind.as_str());
    rows.fetch_all(tx).await?.iter().map(read).collect()
}

/// A grant that is gone since is no place, and no failure.
async fn put(tx: &mut Tx, uid: &Uid, kind: PlaceKind, row: &PlaceRow) -> Result<(), LedgerError> {
    let sql = "INSERT INTO places (uid, kind, grant_id, path, at)
               SELECT $1, $2, id, $4, $5 FROM grants WHERE id = $3
               ON CONFLICT (uid, kind, grant_id, path) DO UPDATE SET at = excluded.at";
    sql::query(sql)
        .bind(uid.as_str())
        .bind(kind.as_str())
        .bind(row.grant.as_str())
        .bind(&row.path)
        .bind(millis(row.at))
        .execute(&mut *tx)
        .await
        .map_err(|e| LedgerError::of_write("place", e))?;
    Ok(())
}

/// Forgets the oldest of what is seen, and of what is not, beyond the most of each.
async fn trim(
    tx: &mut Tx,
    uid: &Uid,
    kind: PlaceKind,
    bounds: PlaceBounds<'_>,
) -> Result<(), LedgerError> {
    let rows = all(tx, uid, kind).await?;
    let (seen, unseen): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| bounds.reach.contains(&row.grant));
    for row in seen.iter().skip(bounds.max).chain(unseen.iter().skip(bounds.max)) {
        let sql = "DELETE FROM places WHERE uid = $1 AND kind = $2 AND grant_id = $3 AND path = $4";
        sql::query(sql)
            .bind(uid.as_str())
            .bind(kind.as_str())
            .bind(row.grant.as_str())
            .bind(&row.path)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

fn read(row: &Row) -> Result<PlaceRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    Ok(PlaceRow {
        grant: RowId::parse(row.try_get("grant_id")?).map_err(|_| corrupt("grant_id"))?,
        path: row.try_get("path")?,
        at: timestamp("at", row.try_get("at")?)?,
    })
}
