//! Versions and parts: their records, where their bytes are, their order, and their sums.

use super::Sums;
use super::blobs::Uses;
use super::{FindingKind, Survey};
use crate::StoreError;
use crate::disk::codec::{self, Kept};
use crate::disk::holders::{self, Held, HeldContent, Holder, bytes_of};
use crate::disk::index::sql;
use crate::disk::versions::Place;

/// Reads every version and part, and compares the buckets' usage with them.
pub(super) fn holders(survey: &mut Survey<'_>, uses: &mut Uses) -> Result<(), StoreError> {
    let mut sums = Sums::default();
    let conn = &survey.closed.conn;
    let mut visit = |held: Held| {
        let size = one(survey, &held, uses);
        count(survey, &mut sums, &held.holder, size);
        Ok(())
    };
    holders::each(conn, &mut visit)?;
    for what in sums.differences(&survey.closed.conn)? {
        survey.report.find(FindingKind::Usage, what, None);
    }
    Ok(())
}

/// Looks at one, notes which blobs it uses, and tells how many bytes it has.
fn one(survey: &mut Survey<'_>, held: &Held, uses: &mut Uses) -> u64 {
    let find = |survey: &mut Survey<'_>, kind, what: String| {
        let owner = survey.names.owner(&held.holder);
        survey.report.find(kind, what, Some(owner));
    };
    let content = held.content();
    let extents = held.extents();
    let size = content.as_ref().map_or(0, HeldContent::size);
    match (&held.holder, &content) {
        (_, Err(error)) => find(survey, FindingKind::Record, error.to_string()),
        (Holder::Version(version), Ok(HeldContent::Version(Kept::Marker(_))))
            if version.place == Place::Current =>
        {
            let what = "a delete marker stands among the current versions".to_owned();
            find(survey, FindingKind::Record, what);
        }
        (_, Ok(_)) => {}
    }
    match extents {
        Err(error) => find(survey, FindingKind::Extents, error.to_string()),
        Ok(extents) => {
            let sum: u64 = extents.iter().map(|extent| extent.len).sum();
            if content.is_ok() && sum != size {
                let what = format!("{size} bytes are told and {sum} are there");
                find(survey, FindingKind::Extents, what);
            }
            for extent in &extents {
                uses.note(extent, &held.holder);
            }
        }
    }
    size
}

fn count(survey: &mut Survey<'_>, sums: &mut Sums, holder: &Holder, size: u64) {
    let counts = &mut survey.report.counts;
    let kind = match holder {
        Holder::Version(version) => {
            counts.objects += u64::from(version.place == Place::Current);
            counts.versions += 1;
            FindingKind::Record
        }
        Holder::Part { .. } => {
            counts.parts += 1;
            FindingKind::Upload
        }
    };
    if !sums.add(&survey.names, holder, size) {
        let owner = survey.names.owner(holder);
        survey.report.find(kind, "its bucket or upload is not there".to_owned(), Some(owner));
    }
}

/// Keys with a version that is newer than the current one.
pub(in crate::disk) const NEWER_THAN_CURRENT: &str = "SELECT DISTINCT o.bucket, o.key FROM object o \
    JOIN version v ON v.bucket = o.bucket AND v.key = o.key AND v.seq >= o.seq";

/// The newest versions of keys without a current one.
pub(in crate::disk) const NONE_CURRENT: &str = "SELECT v.bucket, v.key, v.seq, v.record FROM version v \
    WHERE v.seq = (SELECT max(w.seq) FROM version w WHERE w.bucket = v.bucket AND w.key = v.key) \
    AND NOT EXISTS (SELECT 1 FROM object o WHERE o.bucket = v.bucket AND o.key = v.key)";

/// The order of each key's versions.
pub(super) fn order(survey: &mut Survey<'_>) -> Result<(), StoreError> {
    findings(
        survey,
        NEWER_THAN_CURRENT,
        "a version that is not current is newer than the current one",
    )?;
    let nulls = "SELECT o.bucket, o.key FROM object o \
                 JOIN version v ON v.bucket = o.bucket AND v.key = o.key \
                 WHERE o.nul = 1 AND v.nul = 1";
    findings(survey, nulls, "two versions have the id null")?;
    let future = "SELECT bucket, key FROM object \
                  WHERE seq > (SELECT coalesce(max(seq), 0) FROM event) UNION \
                  SELECT bucket, key FROM version \
                  WHERE seq > (SELECT coalesce(max(seq), 0) FROM event)";
    findings(survey, future, "a version is newer than the newest event")?;
    hidden(survey)
}

fn findings(survey: &mut Survey<'_>, text: &str, what: &str) -> Result<(), StoreError> {
    let mut statement = survey.closed.conn.prepare(text).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        let bucket = row.get(0).map_err(sql)?;
        let owner = survey.names.key(bucket, &bytes_of(row, 1).map_err(sql)?);
        survey.report.find(FindingKind::Order, what.to_owned(), Some(owner));
    }
    Ok(())
}

/// Where a key has no current version, its newest one is a delete marker.
fn hidden(survey: &mut Survey<'_>) -> Result<(), StoreError> {
    let mut statement = survey.closed.conn.prepare(NONE_CURRENT).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        let (key, record) = (bytes_of(row, 1).map_err(sql)?, bytes_of(row, 3).map_err(sql)?);
        let sequence = row.get(2).map_err(sql)?;
        if let Ok(Kept::Object(_)) = codec::read_version(&key, sequence, &record) {
            let owner = survey.names.key(row.get(0).map_err(sql)?, &key);
            let what = "no version is current, and the newest is no delete marker".to_owned();
            survey.report.find(FindingKind::Order, what, Some(owner));
        }
    }
    Ok(())
}
