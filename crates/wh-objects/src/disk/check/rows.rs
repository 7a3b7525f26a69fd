//! The index's structure, buckets, uploads and events.

use std::ops::ControlFlow;

use wh_names::{BucketName, ObjectKey};

use super::{FindingKind, Survey};
use crate::disk::codec;
use crate::disk::holders::{bytes_of, shown};
use crate::disk::index::{IndexFile, in_words, sql, unopened};
use crate::{StoreError, UploadId};

/// How many of SQLite's own findings are told.
const COMPLAINTS_MAX: usize = 100;

/// Every page of the index and of its log.
pub(super) fn pages(survey: &mut Survey<'_>) -> Result<(), StoreError> {
    let IndexFile { path, seal } = &survey.closed.index;
    let verified = wh_pages::verify(path, seal, |_| ControlFlow::Continue(()));
    for spot in verified.map_err(unopened)?.damaged {
        survey.report.find(FindingKind::Index, in_words(spot), None);
    }
    Ok(())
}

/// What SQLite itself finds.
pub(super) fn structure(survey: &mut Survey<'_>) -> Result<(), StoreError> {
    let text = format!("PRAGMA integrity_check({COMPLAINTS_MAX})");
    let mut statement = survey.closed.conn.prepare(&text).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        let said: String = row.get(0).map_err(sql)?;
        if said != "ok" {
            survey.report.find(FindingKind::Index, said, None);
        }
    }
    Ok(())
}

/// Buckets and their settings.
pub(super) fn buckets(survey: &mut Survey<'_>) -> Result<(), StoreError> {
    let text = "SELECT name, settings FROM bucket";
    let mut statement = survey.closed.conn.prepare(text).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        survey.report.counts.buckets += 1;
        let name = shown(&bytes_of(row, 0).map_err(sql)?);
        if BucketName::parse(&name).is_err() {
            let what = format!("the name of a bucket: `{name}`");
            survey.report.find(FindingKind::Bucket, what, None);
        }
        if let Err(error) = codec::read_settings(&name, &bytes_of(row, 1).map_err(sql)?) {
            survey.report.find(FindingKind::Bucket, error.to_string(), None);
        }
    }
    Ok(())
}

/// Uploads; their parts are looked at with the versions.
pub(super) fn uploads(survey: &mut Survey<'_>) -> Result<(), StoreError> {
    let text = "SELECT bucket, key, id, record FROM upload";
    let mut statement = survey.closed.conn.prepare(text).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        survey.report.counts.uploads += 1;
        let id = shown(&bytes_of(row, 2).map_err(sql)?);
        let record = bytes_of(row, 3).map_err(sql)?;
        let mut find = |what: String| survey.report.find(FindingKind::Upload, what, None);
        if !survey.names.has_bucket(row.get(0).map_err(sql)?) {
            find(format!("upload `{id}` goes to a bucket that is not there"));
        }
        let key = shown(&bytes_of(row, 1).map_err(sql)?);
        if ObjectKey::parse(&key).is_err() || UploadId::parse(&id).is_err() {
            find(format!("the key or id of upload `{id}`"));
        }
        if let Err(error) = codec::read_upload(&id, &record) {
            find(error.to_string());
        }
    }
    Ok(())
}

/// The feed: every event, and none missing.
pub(super) fn events(survey: &mut Survey<'_>) -> Result<(), StoreError> {
    let mut statement =
        survey.closed.conn.prepare("SELECT seq, record FROM event ORDER BY seq").map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    let mut last: Option<u64> = None;
    while let Some(row) = rows.next().map_err(sql)? {
        survey.report.counts.events += 1;
        let sequence: u64 = row.get(0).map_err(sql)?;
        if let Some(last) = last.filter(|last| last + 1 != sequence) {
            let what = format!("the feed has nothing between {last} and {sequence}");
            survey.report.find(FindingKind::Event, what, None);
            survey.bad_event = Some(last);
        }
        last = Some(sequence);
        if let Err(error) = codec::read_event(sequence, &bytes_of(row, 1).map_err(sql)?) {
            survey.report.find(FindingKind::Event, error.to_string(), None);
            survey.bad_event = Some(sequence);
        }
    }
    Ok(())
}
