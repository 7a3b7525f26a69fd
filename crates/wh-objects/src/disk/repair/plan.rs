//! What is damaged, and what is to be done about it.

use std::collections::{BTreeSet, HashMap};

use super::{Doomed, Repair, RepairPlan};
use crate::StoreError;
use crate::disk::check::{self, Depth, FindingKind, Survey};
use crate::disk::closed::Closed;
use crate::disk::codec::{self, Kept};
use crate::disk::harm::Harms;
use crate::disk::holders::{self, Held, HeldContent, Holder, bytes_of, shown};
use crate::disk::index::sql;
use crate::disk::versions::Place;

pub(super) fn plan(closed: Closed) -> Repair {
    let survey = check::whole(&closed, Depth::Blocks);
    let mut plan = sort(&survey);
    let (mut holders, mut keys) = (Vec::new(), Vec::new());
    if !plan.left.iter().any(|finding| finding.kind == FindingKind::Index) {
        let mut planning = Planning { survey: &survey, harms: Harms::default() };
        let done = planning.doomed(&mut plan, &mut holders).and_then(|()| order(&survey));
        match done {
            Ok(found) => keys = found,
            Err(error) => plan.left.push(check::Finding {
                kind: FindingKind::Index,
                what: error.to_string(),
                owner: None,
            }),
        }
    }
    if plan.left.iter().any(|finding| finding.kind == FindingKind::Index) {
        let left = std::mem::take(&mut plan.left);
        plan = RepairPlan { left, ..RepairPlan::default() };
        holders.clear();
        keys.clear();
    }
    Repair { closed, plan, holders, keys }
}

/// Sorts what was found by what is done about it.
fn sort(survey: &Survey<'_>) -> RepairPlan {
    let mut plan = RepairPlan::default();
    for finding in &survey.report.findings {
        match finding.kind {
            FindingKind::Index | FindingKind::Bucket => plan.left.push(finding.clone()),
            FindingKind::Order => plan.reordered.extend(finding.owner.clone()),
            FindingKind::Orphan => plan.orphans.push(finding.what.clone()),
            FindingKind::Refs | FindingKind::Usage => plan.recounted.push(finding.what.clone()),
            FindingKind::BlobRow | FindingKind::BlobFile | FindingKind::BlobBytes
                if finding.owner.is_none() =>
            {
                plan.recounted.push(finding.what.clone());
            }
            FindingKind::BlobRow
            | FindingKind::BlobFile
            | FindingKind::BlobBytes
            | FindingKind::Record
            | FindingKind::Extents
            | FindingKind::Unused
            | FindingKind::Upload
            | FindingKind::Event => {}
        }
    }
    plan.trimmed = survey.bad_event;
    plan
}

struct Planning<'a> {
    survey: &'a Survey<'a>,
    harms: Harms,
}

impl Planning<'_> {
    fn doomed(
        &mut self,
        plan: &mut RepairPlan,
        holders: &mut Vec<Holder>,
    ) -> Result<(), StoreError> {
        let uploads = damaged_uploads(self.survey)?;
        let conn = &self.survey.closed.conn;
        holders::each(conn, &mut |held| {
            if let Some(why) = self.why(&held, &uploads) {
                plan.doomed.push(Doomed { owner: self.survey.names.owner(&held.holder), why });
                holders.push(held.holder);
            }
            Ok(())
        })?;
        // An upload without parts has nobody who stands for it; part 0 does.
        for (upload, why) in uploads {
            let holder = Holder::Part { upload, number: 0 };
            plan.doomed.push(Doomed { owner: self.survey.names.owner(&holder), why });
            holders.push(holder);
        }
        Ok(())
    }

    /// What is wrong with a version or part; nothing when it is sound.
    fn why(&mut self, held: &Held, uploads: &HashMap<i64, String>) -> Option<String> {
        let names = &self.survey.names;
        let content = match held.content() {
            Ok(content) => content,
            Err(error) => return Some(error.to_string()),
        };
        match &held.holder {
            Holder::Version(version) => {
                if !names.has_bucket(version.bucket) {
                    return Some("its bucket is not there".to_owned());
                }
                let marker = matches!(content, HeldContent::Version(Kept::Marker(_)));
                if marker && version.place == Place::Current {
                    return Some("a delete marker stands among the current versions".to_owned());
                }
            }
            Holder::Part { upload, .. } => {
                if let Some(why) = uploads.get(upload) {
                    return Some(why.clone());
                }
                if names.bucket_of_upload(*upload).is_none() {
                    return Some("its upload is not there".to_owned());
                }
            }
        }
        let extents = match held.extents() {
            Ok(extents) => extents,
            Err(error) => return Some(error.to_string()),
        };
        let (told, there) = (content.size(), extents.iter().map(|extent| extent.len).sum::<u64>());
        if told != there {
            return Some(format!("{told} bytes are told and {there} are there"));
        }
        let closed = self.survey.closed;
        let used = extents.iter().filter(|extent| self.survey.bad_blobs.contains(&extent.row));
        let mut harms = used.map(|e| self.harms.of(&closed.conn, &closed.shelf, e));
        harms.find_map(|harm| harm)
    }
}

/// Uploads whose own row is damaged.
fn damaged_uploads(survey: &Survey<'_>) -> Result<HashMap<i64, String>, StoreError> {
    let text = "SELECT row, bucket, id, record FROM upload";
    let mut statement = survey.closed.conn.prepare(text).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    let mut damaged = HashMap::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let number: i64 = row.get(0).map_err(sql)?;
        let id = shown(&bytes_of(row, 2).map_err(sql)?);
        let read = codec::read_upload(&id, &bytes_of(row, 3).map_err(sql)?);
        if let Err(error) = read {
            damaged.insert(number, error.to_string());
        } else if !survey.names.has_bucket(row.get(1).map_err(sql)?) {
            damaged.insert(number, "its bucket is not there".to_owned());
        }
    }
    Ok(damaged)
}

/// The keys whose versions are out of order.
fn order(survey: &Survey<'_>) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let mut keys = BTreeSet::new();
    for text in [check::NEWER_THAN_CURRENT, check::NONE_CURRENT] {
        let mut statement = survey.closed.conn.prepare(text).map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            keys.insert((row.get(0).map_err(sql)?, bytes_of(row, 1).map_err(sql)?));
        }
    }
    Ok(keys.into_iter().collect())
}
