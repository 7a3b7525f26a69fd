//! Blobs: their rows beside those who use them, and their bytes.

use std::collections::{HashMap, HashSet};

use super::{Depth, FindingKind, Survey};
use crate::StoreError;
use crate::disk::closed::Closed;
use crate::disk::extent::{BlobId, Extent};
use crate::disk::harm::Harms;
use crate::disk::holders::{self, Holder};
use crate::disk::sound::{BlobRow, FileRead, rows_after};

/// How many rows are looked at together.
const ROWS: u32 = 1024;

/// How a blob is used.
#[derive(Debug)]
struct Use {
    blob: BlobId,
    inline: bool,
    refs: i64,
    /// The highest byte that is used.
    end: u64,
    /// Whether all who use it mean the same.
    agreed: bool,
    /// Somebody who uses it.
    holder: Holder,
}

/// How all blobs are used, by their rows.
#[derive(Debug, Default)]
pub(super) struct Uses(HashMap<i64, Use>);

impl Uses {
    /// Notes that a holder uses a range of a blob.
    pub(super) fn note(&mut self, extent: &Extent, holder: &Holder) {
        let Extent { row, blob, inline, offset, len } = *extent;
        let end = offset.saturating_add(len);
        let new = || Use { blob, inline, refs: 0, end, agreed: true, holder: holder.clone() };
        let known = self.0.entry(row).or_insert_with(new);
        known.agreed &= known.blob == blob && known.inline == inline;
        known.refs += 1;
        known.end = known.end.max(end);
    }
}

/// Looks at every blob, and at those that are used and are not there.
pub(super) fn rows(survey: &mut Survey<'_>, uses: &mut Uses) -> Result<(), StoreError> {
    let mut after = i64::MIN;
    let mut bad = HashMap::new();
    loop {
        let rows = rows_after(&survey.closed.conn, after, ROWS)?;
        let Some(last) = rows.last() else { break };
        after = last.row;
        for row in rows {
            let use_of_it = uses.0.remove(&row.row);
            survey.report.counts.blobs += 1;
            survey.report.counts.files += u64::from(!row.inline);
            match (one(survey, &row, use_of_it.as_ref()), use_of_it) {
                (Ok(()), _) => {}
                (Err((kind, what)), None) => survey.report.find(kind, what, None),
                (Err((FindingKind::Refs, what)), _) => {
                    survey.report.find(FindingKind::Refs, what, None);
                }
                (Err(wrong), Some(_)) => drop(bad.insert(row.row, wrong)),
            }
        }
    }
    survey.bad_blobs.extend(bad.keys().chain(uses.0.keys()));
    for used in uses.0.values() {
        let owner = survey.names.owner(&used.holder);
        let what = format!("blob {} is used {} times and has no row", used.blob, used.refs);
        survey.report.find(FindingKind::BlobRow, what, Some(owner));
    }
    tell(survey, bad)
}

type Wrong = (FindingKind, String);

fn one(survey: &mut Survey<'_>, row: &BlobRow, used: Option<&Use>) -> Result<(), Wrong> {
    let id = row.id().map_err(|e| (FindingKind::BlobRow, e.to_string()))?;
    if let Some(used) = used
        && (!used.agreed || used.blob != id || used.inline != row.inline)
    {
        return Err((FindingKind::BlobRow, format!("the row of blob {id} is another's")));
    }
    let size = bytes(survey, row)?;
    if let Some(end) = used.map(|used| used.end).filter(|end| *end > size) {
        let what = format!("blob {id} has {size} bytes and is used up to {end}");
        return Err((FindingKind::Extents, what));
    }
    let refs = used.map_or(0, |used| used.refs);
    if refs != row.refs {
        let what = format!("blob {id} is counted as used {} times and is {refs} times", row.refs);
        return Err((FindingKind::Refs, what));
    }
    Ok(())
}

/// Reads what is to be read, and tells how many bytes the blob has.
fn bytes(survey: &mut Survey<'_>, row: &BlobRow) -> Result<u64, Wrong> {
    let conn = &survey.closed.conn;
    let is = |kind| move |error: StoreError| (kind, error.to_string());
    if row.inline {
        let data =
            row.read_inline(conn, &survey.closed.shelf).map_err(is(FindingKind::BlobBytes))?;
        survey.report.counts.bytes += data.len() as u64;
        return Ok(data.len() as u64);
    }
    let opened = FileRead::open(conn, &survey.closed.shelf, row);
    let mut file = opened.map_err(is(FindingKind::BlobFile))?;
    if survey.depth == Depth::Blocks {
        while let Some(data) = file.next().map_err(is(FindingKind::BlobBytes))? {
            survey.report.counts.bytes += data.len() as u64;
        }
    }
    Ok(file.size())
}

/// Tells of blobs that are not as they should be, once for each whom that harms.
fn tell(survey: &mut Survey<'_>, mut bad: HashMap<i64, Wrong>) -> Result<(), StoreError> {
    if bad.is_empty() {
        return Ok(());
    }
    let Closed { conn, shelf, .. } = survey.closed;
    let (mut harms, mut harmful) = (Harms::default(), HashSet::new());
    holders::each(conn, &mut |held| {
        for extent in held.extents().unwrap_or_default() {
            if let Some((kind, what)) = bad.get(&extent.row)
                && harms.of(conn, shelf, &extent).is_some()
            {
                harmful.insert(extent.row);
                let owner = survey.names.owner(&held.holder);
                survey.report.find(*kind, what.clone(), Some(owner));
            }
        }
        Ok(())
    })?;
    bad.retain(|row, _| !harmful.contains(row));
    for (_, what) in bad.into_values() {
        survey.report.find(
            FindingKind::Unused,
            format!("{what}, in a place that nobody uses"),
            None,
        );
    }
    Ok(())
}
