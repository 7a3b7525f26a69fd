//! Listings of versions: the newest ones and the others, merged in one order.

use rusqlite::{Connection, Row};
use wh_names::ObjectKey;

use super::codec::{self, Kept};
use super::index::sql;
use super::objects::damaged_key;
use super::versions;
use crate::listing::{Step, VersionCollector};
use crate::{ListVersions, ListedObject, ListedVersion, StoreError, VersionId, VersionsPage};

/// One page of versions.
pub(super) fn page(
    conn: &Connection,
    bucket: i64,
    list: ListVersions,
) -> Result<VersionsPage, StoreError> {
    let mut collector = VersionCollector::new(list);
    let mut from = Some((collector.start(), u64::MAX));
    if let Some((key, id)) = collector.within() {
        from = begin_within(conn, bucket, (key.as_bytes(), id), collector.start())?;
    }
    let mut latest = Latest::default();
    // What lies before the page decides whether its first version is the newest of its key.
    if let Some((key, sequence)) = from.as_ref().filter(|(_, sequence)| *sequence != u64::MAX)
        && versions::newest(conn, bucket, key)?.is_some_and(|newest| newest.sequence > *sequence)
    {
        latest.seen.clone_from(key);
    }
    while let Some((key, below)) = from {
        let next = walk(conn, (bucket, &key, below), &mut latest, &mut collector)?;
        from = next.map(|key| (key, u64::MAX));
    }
    Ok(collector.finish())
}

/// Where a page begins that begins after a version: at this key, with numbers up to this one.
fn begin_within(
    conn: &Connection,
    bucket: i64,
    (key, id): (&[u8], VersionId),
    start: Vec<u8>,
) -> Result<Option<(Vec<u8>, u64)>, StoreError> {
    if start != key {
        return Ok(Some((start, u64::MAX)));
    }
    let sequence = match id {
        VersionId::Foreign(_) => return Err(StoreError::InvalidVersionId),
        VersionId::Numbered(number) => Some(number),
        // One that is gone leaves no trace of where it stood: rather twice than not at all.
        VersionId::Null => versions::named(conn, bucket, key, id)?.map(|row| row.sequence),
    };
    Ok(Some((start, sequence.map_or(u64::MAX, |sequence| sequence.saturating_sub(1)))))
}

/// Which key was met last: its first version is the newest.
#[derive(Debug, Default)]
struct Latest {
    seen: Vec<u8>,
}

/// Both tables hold a key's versions newest first, so that the two are merged as they are read.
const MERGED: &str = "
SELECT key, seq, nul, record FROM object WHERE bucket = ?1 AND key = ?2 AND seq <= ?3
UNION ALL
SELECT key, seq, nul, record FROM version WHERE bucket = ?1 AND key = ?2 AND seq <= ?3
ORDER BY 1, 2 DESC";

const MERGED_AFTER: &str = "
SELECT key, seq, nul, record FROM object WHERE bucket = ?1 AND key > ?2
UNION ALL
SELECT key, seq, nul, record FROM version WHERE bucket = ?1 AND key > ?2
ORDER BY 1, 2 DESC";

const MERGED_FROM: &str = "
SELECT key, seq, nul, record FROM object WHERE bucket = ?1 AND key >= ?2
UNION ALL
SELECT key, seq, nul, record FROM version WHERE bucket = ?1 AND key >= ?2
ORDER BY 1, 2 DESC";

/// Walks over versions until the collector wants to be elsewhere, and tells where.
fn walk(
    conn: &Connection,
    (bucket, key, below): (i64, &[u8], u64),
    latest: &mut Latest,
    collector: &mut VersionCollector,
) -> Result<Option<Vec<u8>>, StoreError> {
    if below == u64::MAX {
        let mut statement = conn.prepare_cached(MERGED_FROM).map_err(sql)?;
        return visit(statement.query((bucket, key)).map_err(sql)?, latest, collector);
    }
    let mut within = conn.prepare_cached(MERGED).map_err(sql)?;
    let rest = within.query((bucket, key, versions::signed(below))).map_err(sql)?;
    if let Some(next) = visit(rest, latest, collector)? {
        return Ok(Some(next));
    }
    let mut after = conn.prepare_cached(MERGED_AFTER).map_err(sql)?;
    visit(after.query((bucket, key)).map_err(sql)?, latest, collector)
}

fn visit(
    mut found: rusqlite::Rows<'_>,
    latest: &mut Latest,
    collector: &mut VersionCollector,
) -> Result<Option<Vec<u8>>, StoreError> {
    let end = collector.end();
    while let Some(row) = found.next().map_err(sql)? {
        let key = row.get_ref(0).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        if end.as_ref().is_some_and(|end| key >= end.as_slice()) {
            return Ok(None);
        }
        let newest = latest.seen != key;
        if newest {
            latest.seen = key.to_vec();
        }
        let text = std::str::from_utf8(key).map_err(|_| damaged_key(key))?;
        match collector.visit(text, || listed(key, row, newest))? {
            Step::Next => {}
            Step::Stop => return Ok(None),
            Step::SeekTo(next) => return Ok(Some(next)),
        }
    }
    Ok(None)
}

fn listed(key: &[u8], row: &Row<'_>, latest: bool) -> Result<ListedVersion, StoreError> {
    let (sequence, null): (u64, bool) = (row.get(1).map_err(sql)?, row.get(2).map_err(sql)?);
    let record = row.get_ref(3).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
    let (modified, object) = match codec::read_version(key, sequence, record)? {
        Kept::Object(meta) => (meta.modified, Some(ListedObject::of(&meta))),
        Kept::Marker(modified) => (modified, None),
    };
    let name = std::str::from_utf8(key).ok().and_then(|key| ObjectKey::parse(key).ok());
    let version = if null { VersionId::Null } else { VersionId::Numbered(sequence) };
    let key = name.ok_or_else(|| damaged_key(key))?;
    Ok(ListedVersion { key, version, sequence, latest, modified, object })
}

#[cfg(test)]
mod tests {
    use super::{MERGED, MERGED_AFTER, MERGED_FROM};

    #[test]
    fn no_listing_of_versions_is_sorted_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, seal) = (folder.path().join("index-2.db"), wh_pages::Seal::Checksum);
        let index = crate::disk::index::IndexFile { path, seal };
        let conn = index.prepare().expect("an index");
        for text in [MERGED, MERGED_AFTER, MERGED_FROM] {
            let text = format!("EXPLAIN QUERY PLAN {text}");
            let mut statement = conn.prepare(&text).expect("a statement");
            let count = statement.parameter_count();
            for parameter in 1..=count {
                statement.raw_bind_parameter(parameter, 1).expect("bound");
            }
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next().expect("a row") {
                let step: String = row.get(3).expect("a text");
                assert!(!step.contains("TEMP B-TREE"), "{step}");
            }
        }
    }
}
