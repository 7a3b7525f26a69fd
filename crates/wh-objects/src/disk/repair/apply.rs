//! Doing what was planned: the quarantine first, then one transaction, then the files.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rusqlite::Connection;
use wh_names::{BucketName, ObjectKey};

use super::quarantine::Quarantine;
use super::{Doomed, Repair, RepairError, RepairReport};
use crate::disk::check::Sums;
use crate::disk::codec::{self, Kept};
use crate::disk::events::next_sequence;
use crate::disk::extent::BlobId;
use crate::disk::holders::{self, Held, HeldContent, Holder, VersionKey};
use crate::disk::index::sql;
use crate::disk::rows::run;
use crate::disk::sound::{BlobRow, rows_after};
use crate::disk::versions::{self, Place, signed};
use crate::object::whole_millis;
use crate::{Event, EventKind, Stamp, StoreError};

/// How many rows of blobs are looked at together.
const ROWS: u32 = 1024;

pub(super) fn apply(repair: &Repair, stamp: &Stamp) -> Result<RepairReport, RepairError> {
    let Repair { closed, plan, holders, keys } = repair;
    if plan.is_empty() {
        return Ok(RepairReport::default());
    }
    let mut quarantine = Quarantine::new(closed, stamp.at);
    let doomed = keep(repair, &mut quarantine)?;
    let conn = &closed.conn;
    conn.execute_batch("BEGIN IMMEDIATE").map_err(sql)?;
    for (holder, content) in holders.iter().zip(&doomed) {
        remove(conn, holder)?;
        if let Holder::Version(version) = holder {
            tell(conn, version, content.as_ref(), stamp)?;
        }
    }
    let touched = holders.iter().filter_map(|holder| match holder {
        Holder::Version(version) => Some((version.bucket, version.key.clone())),
        Holder::Part { .. } => None,
    });
    for (bucket, key) in keys.iter().cloned().chain(touched).collect::<BTreeSet<_>>() {
        put_in_order(conn, (bucket, &key))?;
    }
    if let Some(trimmed) = plan.trimmed {
        let text = "DELETE FROM event WHERE seq <= ?1 AND seq < (SELECT max(seq) FROM event)";
        run(conn, text, [signed(trimmed)])?;
    }
    let unclaimed = recount(conn)?;
    for row in &unclaimed {
        quarantine.unclaimed(closed, row)?;
    }
    for row in &unclaimed {
        run(conn, "DELETE FROM blob WHERE row = ?1", [row.row])?;
    }
    quarantine.settle(closed)?;
    conn.execute_batch("COMMIT").map_err(sql)?;
    let files = strangers(repair)?;
    for id in &files {
        quarantine.move_file(&closed.shelf.folder().blob(*id))?;
    }
    quarantine.settle(closed)?;
    let inline = unclaimed.iter().filter(|row| row.inline).count();
    let (moved, unclaimed) = (holders.len() as u64, (inline + files.len()) as u64);
    Ok(RepairReport { quarantine: quarantine.path(), moved, unclaimed })
}

/// Writes the quarantine, and tells what is known of each.
fn keep(
    repair: &Repair,
    quarantine: &mut Quarantine,
) -> Result<Vec<Option<HeldContent>>, RepairError> {
    let mut wanted: HashMap<&Holder, &Doomed> =
        repair.holders.iter().zip(&repair.plan.doomed).collect();
    let (mut contents, mut failed) = (HashMap::new(), Ok(()));
    holders::each(&repair.closed.conn, &mut |held: Held| {
        if let Some(doomed) = wanted.remove(&held.holder)
            && failed.is_ok()
        {
            failed = quarantine.keep(&repair.closed, &held, doomed);
            contents.insert(held.holder.clone(), held.content().ok());
        }
        Ok(())
    })?;
    failed?;
    quarantine.settle(&repair.closed)?;
    Ok(repair.holders.iter().map(|holder| contents.remove(holder).flatten()).collect())
}

fn remove(conn: &Connection, holder: &Holder) -> Result<(), StoreError> {
    match holder {
        Holder::Version(version) => {
            let table = match version.place {
                Place::Current => "object",
                Place::Older => "version",
            };
            let text = format!("DELETE FROM {table} WHERE bucket = ?1 AND key = ?2 AND seq = ?3");
            run(conn, &text, (version.bucket, &version.key, signed(version.sequence))).map(drop)
        }
        Holder::Part { upload, number: 0 } => {
            run(conn, "DELETE FROM part WHERE upload = ?1", [upload])?;
            run(conn, "DELETE FROM upload WHERE row = ?1", [upload]).map(drop)
        }
        Holder::Part { upload, number } => {
            let text = "DELETE FROM part WHERE upload = ?1 AND number = ?2";
            run(conn, text, (upload, number)).map(drop)
        }
    }
}

/// Tells the feed that a version is gone, where its names can be told.
fn tell(
    conn: &Connection,
    version: &VersionKey,
    content: Option<&HeldContent>,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let text = "SELECT name FROM bucket WHERE id = ?1";
    let name = conn.query_row(text, [version.bucket], |row| row.get::<_, String>(0));
    let bucket = name.ok().and_then(|name| BucketName::parse(&name).ok());
    let key = std::str::from_utf8(&version.key).ok().and_then(|key| ObjectKey::parse(key).ok());
    let Some((bucket, key)) = bucket.zip(key) else { return Ok(()) };
    let content = match content {
        Some(HeldContent::Version(Kept::Object(meta))) => Some((meta.size, meta.etag.clone())),
        Some(HeldContent::Version(Kept::Marker(_))) => None,
        Some(HeldContent::Part(_)) | None => Some((0, String::new())),
    };
    let sequence = next_sequence(conn)?;
    let (at, by) = (whole_millis(stamp.at), Arc::clone(&stamp.by));
    let (kind, version) = (EventKind::Delete, version.id);
    let event = Event { sequence, kind, at, by, bucket, key, version, content };
    let text = "INSERT INTO event (seq, record) VALUES (?1, ?2)";
    run(conn, text, (signed(sequence), codec::event(&event))).map(drop)
}

/// The newest version of a key is the current one, unless it is a delete marker.
fn put_in_order(conn: &Connection, at: (i64, &[u8])) -> Result<(), StoreError> {
    let current = versions::current(conn, at.0, at.1)?;
    let older = versions::newest_older(conn, at.0, at.1)?;
    if let Some((current, older)) = current.as_ref().zip(older.as_ref())
        && older.sequence > current.sequence
    {
        versions::demote(conn, at, current)?;
    } else if current.is_some() {
        return Ok(());
    }
    versions::promote(conn, at).map(drop)
}

/// Counts references and usage again, and tells which blobs nobody uses.
fn recount(conn: &Connection) -> Result<Vec<BlobRow>, StoreError> {
    let (mut refs, mut sums) = (HashMap::<i64, i64>::new(), Sums::default());
    let names = holders::Names::load(conn)?;
    holders::each(conn, &mut |held| {
        for extent in held.extents()? {
            *refs.entry(extent.row).or_default() += 1;
        }
        sums.add(&names, &held.holder, held.content()?.size());
        Ok(())
    })?;
    sums.write(conn)?;
    let (mut unclaimed, mut after) = (Vec::new(), i64::MIN);
    loop {
        let rows = rows_after(conn, after, ROWS)?;
        let Some(last) = rows.last() else { return Ok(unclaimed) };
        after = last.row;
        for row in rows {
            match refs.get(&row.row) {
                None => unclaimed.push(row),
                Some(refs) if *refs != row.refs => {
                    run(conn, "UPDATE blob SET refs = ?2 WHERE row = ?1", (row.row, refs))?;
                }
                Some(_) => {}
            }
        }
    }
}

/// The files that the index names no more, or never did.
fn strangers(repair: &Repair) -> Result<Vec<BlobId>, RepairError> {
    let (conn, mut named, mut after) = (&repair.closed.conn, HashSet::new(), i64::MIN);
    loop {
        let rows = rows_after(conn, after, ROWS)?;
        let Some(last) = rows.last() else { break };
        after = last.row;
        named.extend(rows.iter().filter(|row| !row.inline).filter_map(|row| row.id));
    }
    let mut strangers = Vec::new();
    for id in repair.closed.shelf.folder().every_blob() {
        let id = id?;
        if !named.contains(&id) {
            strangers.push(id);
        }
    }
    Ok(strangers)
}
