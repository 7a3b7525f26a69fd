//! One pass over a bucket.
//!
//! Source: S3 User Guide, "Understanding object expiration", "Lifecycle configuration elements"
//! and "How S3 calculates how long an object has been noncurrent".

use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use wh_names::{BucketName, KeyPrefix, ObjectKey};

use super::rules::{Expiration, Lifecycle, Rule, Tag};
use crate::{
    DeleteCause, DeleteObject, GovernanceBypass, HeadObject, ListUploads, ListVersions,
    ListedVersion, ObjectAddress, ObjectMeta, ObjectStore, Stamp, StoreError, Tags, UploadId,
    UploadMeta, VersionEntry, VersionId, WriteCondition,
};

/// How many entries are looked at before something is done.
const PAGE: usize = 1000;

/// How many removals run at a time; they share commits.
const AT_ONCE: usize = 32;

const DAY_MILLIS: i64 = 86_400_000;

/// Who the feed says did it.
const BY: &str = "lifecycle";

/// Whether a pass acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It only tells what it would do.
    DryRun,
    /// It does it.
    Perform,
}

/// One thing that the rules demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The id of the rule, or its place, counted from 1.
    pub rule: String,
    /// The key.
    pub key: ObjectKey,
    /// What is to be done.
    pub doing: Doing,
    /// The tags that the rule asks for: what lost them meanwhile is left alone.
    pub tagged: Vec<Tag>,
}

/// What a rule demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// The newest version expires: it is hidden by a delete marker, or gone where the bucket was
    /// never versioned.
    Expire {
        /// The change that made it.
        sequence: u64,
    },
    /// A noncurrent version is removed for good.
    RemoveNoncurrent {
        /// The version.
        version: VersionId,
        /// The change that made it.
        sequence: u64,
    },
    /// A delete marker with nothing beneath it is removed.
    RemoveMarker {
        /// The marker.
        version: VersionId,
        /// The change that made it.
        sequence: u64,
    },
    /// An unfinished upload is aborted.
    AbortUpload(UploadId),
}

/// What a pass came to. In a dry run: what it would have come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Newest versions that expired.
    pub expired: u64,
    /// Noncurrent versions that were removed.
    pub noncurrent_removed: u64,
    /// Delete markers that were removed.
    pub markers_removed: u64,
    /// Uploads that were aborted.
    pub uploads_aborted: u64,
    /// Versions that object lock keeps.
    pub locked: u64,
    /// What changed while the pass looked, and so was left alone.
    pub changed_meanwhile: u64,
    /// Versions, uploads and listings that failed, such as damaged ones; the others were gone on
    /// with. The log names each.
    pub failed: u64,
    /// How many of them, but for damage, came since something last went well.
    pub in_a_row: u64,
}

/// After so many failures of a pass one after the other, the store itself is what fails; damage is
/// of single versions, however many of them there are.
const FAILURES_MAX: u64 = 1000;

/// Walks over a bucket by its rules. `told` hears of every action, before it is carried out.
pub async fn pass(
    store: &Arc<dyn ObjectStore>,
    (bucket, rules): (&BucketName, &Lifecycle),
    (now, mode): (Timestamp, Mode),
    told: &mut (dyn FnMut(&Action) + Send),
) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let mut walk = Walk { store, bucket, rules, now, key: None };
    let mut after = None;
    loop {
        let prefix = KeyPrefix::everything();
        let list = ListVersions { prefix, delimiter: None, after, max_keys: PAGE };
        let page = match store.list_object_versions(bucket, list).await {
            Ok(page) => page,
            // Nobody can look beyond it; uploads can be seen to all the same.
            Err(error) => {
                report.fail(error, "a listing")?;
                break;
            }
        };
        let mut actions = Vec::new();
        for entry in &page.entries {
            if let VersionEntry::Version(version) = entry {
                actions.extend(walk.visit(version, &mut report).await?);
            }
        }
        after = page.next_after;
        if after.is_none() {
            actions.extend(walk.leave());
        }
        perform(&walk, actions, mode, (told, &mut report)).await?;
        if after.is_none() {
            break;
        }
    }
    match walk.stale_uploads().await {
        Ok(uploads) => perform(&walk, uploads, mode, (told, &mut report)).await?,
        Err(error) => report.fail(error, "the uploads")?,
    }
    Ok(report)
}

/// What is known of the key that the walk is at.
struct AtKey {
    key: ObjectKey,
    /// When the version that was met last was written: from then on the next one is noncurrent.
    replaced: Timestamp,
    /// How many noncurrent versions were met.
    noncurrent: u32,
    /// The newest version where it is a delete marker and nothing beneath it was met so far.
    lonely: Option<ListedVersion>,
}

struct Walk<'a> {
    store: &'a Arc<dyn ObjectStore>,
    bucket: &'a BucketName,
    rules: &'a Lifecycle,
    now: Timestamp,
    key: Option<AtKey>,
}

impl Walk<'_> {
    /// Takes the next version and tells what the rules demand.
    async fn visit(
        &mut self,
        version: &ListedVersion,
        report: &mut Report,
    ) -> Result<Vec<Action>, StoreError> {
        let mut actions = Vec::new();
        let same = self.key.as_ref().is_some_and(|at| at.key == version.key);
        if !same {
            actions.extend(self.leave());
        }
        let at = self.key.take();
        let (replaced, noncurrent) = at.map_or((None, 0), |at| (Some(at.replaced), at.noncurrent));
        let demanded = match replaced {
            None => self.of_newest(version).await,
            Some(replaced) => self.of_noncurrent(version, replaced, noncurrent).await,
        };
        match demanded {
            Ok(demanded) => actions.extend(demanded),
            Err(error) => report.fail(error, version.key.as_str())?,
        }
        self.key = Some(AtKey {
            key: version.key.clone(),
            replaced: version.modified,
            noncurrent: noncurrent + u32::from(replaced.is_some()),
            lonely: (replaced.is_none() && version.object.is_none()).then(|| version.clone()),
        });
        Ok(actions)
    }

    /// Leaves the key behind, and with it, perhaps, a delete marker that stands alone.
    fn leave(&mut self) -> Option<Action> {
        let marker = self.key.take()?.lonely?;
        let rule = self.each().find(|(_, rule)| {
            let expires = match rule.expiration {
                Some(Expiration::Days(days)) => self.is_due(marker.modified, days),
                Some(Expiration::Date(_)) | None => false,
                Some(Expiration::ExpiredObjectDeleteMarker(removes)) => removes,
            };
            expires && rule.filter.tags.is_empty() && covers(rule, &marker.key)
        });
        let (version, sequence) = (marker.version, marker.sequence);
        let doing = Doing::RemoveMarker { version, sequence };
        rule.map(|(rule, _)| Action { rule, key: marker.key, doing, tagged: Vec::new() })
    }

    /// The rules in force, with their names.
    fn each(&self) -> impl Iterator<Item = (String, &Rule)> {
        let named = |(place, rule): (usize, &Rule)| {
            if rule.id.is_empty() { format!("{place}") } else { rule.id.clone() }
        };
        let rules = (1..).zip(&self.rules.rules).filter(|(_, rule)| rule.is_enabled());
        rules.map(move |(place, rule)| (named((place, rule)), rule))
    }

    async fn of_newest(&self, version: &ListedVersion) -> Result<Option<Action>, StoreError> {
        if version.object.is_none() {
            return Ok(None);
        }
        for (name, rule) in self.each() {
            let due = match rule.expiration {
                Some(Expiration::Days(days)) => self.is_due(version.modified, days),
                Some(Expiration::Date(date)) => self.now >= date,
                Some(Expiration::ExpiredObjectDeleteMarker(_)) | None => false,
            };
            if due && self.fits(rule, version).await? {
                let doing = Doing::Expire { sequence: version.sequence };
                let (key, tagged) = (version.key.clone(), rule.filter.tags.clone());
                return Ok(Some(Action { rule: name, key, doing, tagged }));
            }
        }
        Ok(None)
    }

    async fn of_noncurrent(
        &self,
        version: &ListedVersion,
        replaced: Timestamp,
        newer: u32,
    ) -> Result<Option<Action>, StoreError> {
        for (name, rule) in self.each() {
            let Some(expiration) = rule.noncurrent_version_expiration else { continue };
            let spared = expiration.newer_noncurrent_versions.is_some_and(|spared| newer < spared);
            let due = !spared && self.is_due(replaced, expiration.noncurrent_days);
            if due && self.fits(rule, version).await? {
                let (version, sequence, key) =
                    (version.version, version.sequence, version.key.clone());
                let doing = Doing::RemoveNoncurrent { version, sequence };
                let tagged = rule.filter.tags.clone();
                return Ok(Some(Action { rule: name, key, doing, tagged }));
            }
        }
        Ok(None)
    }

    /// Whether so many days have passed, counted to the next midnight UTC.
    fn is_due(&self, since: Timestamp, days: u32) -> bool {
        let then = since.as_millisecond().saturating_add(i64::from(days) * DAY_MILLIS);
        let midnight = then.div_euclid(DAY_MILLIS).saturating_add(1).saturating_mul(DAY_MILLIS);
        self.now.as_millisecond() >= midnight
    }

    /// Whether a version is what a rule is about. Its tags are asked for only if they matter.
    async fn fits(&self, rule: &Rule, version: &ListedVersion) -> Result<bool, StoreError> {
        if !covers(rule, &version.key) {
            return Ok(false);
        }
        let Some(object) = &version.object else { return Ok(!rule.filter.is_about_content()) };
        if !rule.filter.fits_size(object.size) || rule.filter.tags.is_empty() {
            return Ok(rule.filter.fits_size(object.size));
        }
        let tags = self.tags(version).await?;
        Ok(rule.filter.tags.iter().all(|tag| tags.get(&tag.key) == Some(tag.value.as_str())))
    }

    async fn tags(&self, version: &ListedVersion) -> Result<Tags, StoreError> {
        let address = ObjectAddress { bucket: self.bucket.clone(), key: version.key.clone() };
        let head = HeadObject { version: Some(version.version), ..HeadObject::default() };
        tags_of(self.store.head_object(&address, head).await)
    }

    async fn stale_uploads(&self) -> Result<Vec<Action>, StoreError> {
        let mut actions = Vec::new();
        let mut after = None;
        loop {
            let list =
                ListUploads { prefix: KeyPrefix::everything(), delimiter: None, after, max: PAGE };
            let page = self.store.list_multipart_uploads(self.bucket, list).await?;
            actions.extend(page.uploads.iter().filter_map(|upload| self.of_upload(upload)));
            after = page.next_after;
            if after.is_none() {
                return Ok(actions);
            }
        }
    }

    fn of_upload(&self, upload: &UploadMeta) -> Option<Action> {
        let stale = |(_, rule): &(String, &Rule)| {
            rule.abort_incomplete_multipart_upload.is_some_and(|abort| {
                self.is_due(upload.begun, abort.days_after_initiation) && covers(rule, &upload.key)
            })
        };
        let (rule, _) = self.each().find(stale)?;
        let doing = Doing::AbortUpload(upload.id.clone());
        Some(Action { rule, key: upload.key.clone(), doing, tagged: Vec::new() })
    }

    /// Tells whether an action would be carried out: object lock keeps versions from being removed.
    async fn would(&self, action: &Action) -> Result<(), StoreError> {
        let Doing::RemoveNoncurrent { version, .. } = &action.doing else { return Ok(()) };
        let address = ObjectAddress { bucket: self.bucket.clone(), key: action.key.clone() };
        let head = HeadObject { version: Some(*version), ..HeadObject::default() };
        match self.store.head_object(&address, head).await {
            Ok(meta) => meta.lock.judge_delete(self.now, GovernanceBypass::No),
            // A delete marker is never locked.
            Err(StoreError::DeleteMarker { .. }) => Ok(()),
            Err(StoreError::NoSuchVersion | StoreError::NoSuchKey) => {
                Err(StoreError::PreconditionFailed)
            }
            Err(error) => Err(error),
        }
    }

    /// Carries an action out.
    async fn act(&self, action: &Action) -> Result<(), StoreError> {
        let address = ObjectAddress { bucket: self.bucket.clone(), key: action.key.clone() };
        let (version, sequence) = match &action.doing {
            Doing::AbortUpload(id) => {
                return self.store.abort_multipart_upload(&address, id).await;
            }
            Doing::Expire { sequence } => (None, *sequence),
            Doing::RemoveNoncurrent { version, sequence }
            | Doing::RemoveMarker { version, sequence } => (Some(*version), *sequence),
        };
        let tag = |tag: &Tag| (tag.key.clone(), tag.value.clone());
        let delete = DeleteObject {
            version,
            condition: WriteCondition::IfSequence(sequence),
            if_tagged: action.tagged.iter().map(tag).collect(),
            cause: DeleteCause::Lifecycle,
            ..DeleteObject::default()
        };
        let stamp = Stamp::new(self.now, BY);
        self.store.delete_object(&address, delete, &stamp).await.map(drop)
    }
}

/// The tags of a version that was listed. One that is gone meanwhile has none that fits any more.
fn tags_of(found: Result<ObjectMeta, StoreError>) -> Result<Tags, StoreError> {
    match found {
        Ok(meta) => Ok(meta.tags),
        Err(
            StoreError::NoSuchKey
            | StoreError::NoSuchVersion
            | StoreError::Deleted { .. }
            | StoreError::DeleteMarker { .. },
        ) => Ok(Tags::default()),
        Err(error) => Err(error),
    }
}

fn covers(rule: &Rule, key: &ObjectKey) -> bool {
    key.as_str().starts_with(&rule.filter.prefix)
}

fn carry_out<'a>(
    walk: &'a Walk<'_>,
    action: Action,
    mode: Mode,
) -> BoxFuture<'a, (Action, Result<(), StoreError>)> {
    Box::pin(async move {
        let done = match mode {
            Mode::DryRun => walk.would(&action).await,
            Mode::Perform => walk.act(&action).await,
        };
        (action, done)
    })
}

async fn perform(
    walk: &Walk<'_>,
    actions: Vec<Action>,
    mode: Mode,
    (told, report): (&mut (dyn FnMut(&Action) + Send), &mut Report),
) -> Result<(), StoreError> {
    for action in &actions {
        told(action);
    }
    let acts = actions.into_iter().map(|action| carry_out(walk, action, mode));
    let mut acts = stream::iter(acts).buffered(AT_ONCE);
    while let Some((action, done)) = acts.next().await {
        report.count(&action, done)?;
    }
    Ok(())
}

impl Report {
    fn count(&mut self, action: &Action, done: Result<(), StoreError>) -> Result<(), StoreError> {
        let counted = match (done, &action.doing) {
            (Ok(()), Doing::Expire { .. }) => &mut self.expired,
            (Ok(()), Doing::RemoveNoncurrent { .. }) => &mut self.noncurrent_removed,
            (Ok(()), Doing::RemoveMarker { .. }) => &mut self.markers_removed,
            (Ok(()), Doing::AbortUpload(_)) => &mut self.uploads_aborted,
            (Err(StoreError::Locked { .. }), _) => &mut self.locked,
            (
                Err(
                    StoreError::PreconditionFailed
                    | StoreError::NoSuchUpload
                    | StoreError::NoSuchKey
                    | StoreError::NoSuchVersion,
                ),
                _,
            ) => &mut self.changed_meanwhile,
            (Err(error), _) => return self.fail(error, action.key.as_str()),
        };
        *counted += 1;
        self.in_a_row = 0;
        Ok(())
    }

    /// Passes over what failed, unless everything after it would fail, too.
    fn fail(&mut self, error: StoreError, what: &str) -> Result<(), StoreError> {
        let all =
            matches!(error, StoreError::Closed | StoreError::ReadOnly | StoreError::NoSuchBucket);
        let is_damage = matches!(error, StoreError::Corrupt { .. });
        if all || (self.in_a_row >= FAILURES_MAX && !is_damage) {
            return Err(error);
        }
        self.in_a_row += u64::from(!is_damage);
        tracing::error!(%error, what, "the lifecycle passes over what failed");
        self.failed += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Doing, FAILURES_MAX, Report, tags_of};
    use crate::{StoreError, Tags, VersionId};

    fn damaged() -> StoreError {
        StoreError::Corrupt { what: "it".to_owned() }
    }

    #[test]
    fn what_fails_is_counted_and_passed_over_until_nothing_works() {
        let key = wh_names::ObjectKey::parse("k").expect("a key");
        let doing = Doing::RemoveNoncurrent { version: VersionId::Null, sequence: 1 };
        let action = Action { rule: "r".to_owned(), key, doing, tagged: Vec::new() };
        let mut report = Report::default();
        for _ in 0..3 {
            for _ in 0..FAILURES_MAX {
                report.count(&action, Err(StoreError::Busy)).expect("passed over");
                report.count(&action, Err(damaged())).expect("passed over");
            }
            report.count(&action, Ok(())).expect("done");
        }
        assert_eq!((report.failed, report.noncurrent_removed), (6 * FAILURES_MAX, 3));
        for _ in 0..FAILURES_MAX {
            report.count(&action, Err(StoreError::Busy)).expect("passed over");
        }
        report.count(&action, Err(damaged())).expect("damage is of one version");
        assert!(report.count(&action, Err(StoreError::Busy)).is_err(), "too many in a row");
        assert!(Report::default().count(&action, Err(StoreError::ReadOnly)).is_err());
    }

    #[test]
    fn what_is_gone_meanwhile_is_no_failure() {
        let version = VersionId::Null;
        for gone in [
            StoreError::NoSuchKey,
            StoreError::NoSuchVersion,
            StoreError::Deleted { version },
            StoreError::DeleteMarker { version },
        ] {
            let code = gone.code();
            assert_eq!(tags_of(Err(gone)).expect(code), Tags::default());
        }
        assert!(tags_of(Err(damaged())).is_err());
        let key = wh_names::ObjectKey::parse("k").expect("a key");
        let doing = Doing::Expire { sequence: 1 };
        let action = Action { rule: "r".to_owned(), key, doing, tagged: Vec::new() };
        let mut report = Report::default();
        for gone in [StoreError::NoSuchKey, StoreError::NoSuchVersion] {
            report.count(&action, Err(gone)).expect("passed over");
        }
        assert_eq!(report, Report { changed_meanwhile: 2, ..Report::default() });
    }
}
