//! Bringing a folder back to what it was at a moment: what is planned, and each object of it.
//!
//! What differs from what was there gets that version as a new one of its own, so that what it is now is not
//! lost. What was made since is left alone, or goes to the trash where that was asked for.
//!
//! Invariant: what is written over, or deleted, is what was seen when the job was planned, or nothing is.

use wh_aws::{AwsError, CopyTo, Source, WriteCondition};
use wh_ledger::{Held, JobItem, JobItemStatus, NewJobItem, PastOrder};
use wh_names::ObjectKey;
use wh_policy::s3::action;

use super::begin::below;
use super::bring::{Attempt, Bringing, changed};
use super::outcome::Ended;
use super::plan::{Plan, Unplanned};
use super::retention::foresee_keeping;
use super::walk::{means, page_of_versions, prefix_of};
use super::{JOB_VERSIONS_MAX, LEASE};
use crate::access::Access;
use crate::past::{KeyThen, Traces};
use crate::versions::is_no_version;
use crate::{EntryPath, FilesError, PathError, Since};

/// Refuses where the store would certainly refuse all of it. No paths mean the whole location.
pub(super) fn foresee_past(
    access: &Access<'_>,
    paths: &[EntryPath],
    past: PastOrder,
) -> Result<(), FilesError> {
    if past.delete_newer {
        foresee_keeping(access)?;
    }
    let whole = access.grant.prefix.as_str();
    let everything = paths.is_empty().then(|| access.everything_below(whole));
    let named = paths.iter().map(|path| below(access, path));
    for target in everything.into_iter().chain(named) {
        let target = target?;
        access.foresee(action::GET_OBJECT_VERSION, &target)?;
        access.foresee(action::PUT_OBJECT, &target)?;
        if past.delete_newer {
            access.foresee(action::DELETE_OBJECT, &target)?;
        }
    }
    if paths.is_empty() {
        access.foresee(action::LIST_BUCKET_VERSIONS, &access.listing_target(whole))?;
    }
    for path in paths {
        let prefix = prefix_of(access, path)?;
        access.foresee(action::LIST_BUCKET_VERSIONS, &access.listing_target(prefix.as_str()))?;
    }
    Ok(())
}

impl Plan<'_> {
    /// What differs from what was there, of a path or of the whole location.
    pub(super) async fn as_it_was(&mut self, path: Option<&EntryPath>) -> Result<(), Unplanned> {
        let Some(past) = self.job.order.past else { return Err(FilesError::Moment.into()) };
        let prefix = match path {
            Some(path) => prefix_of(self.from, path)?,
            None => self.from.grant.prefix.clone(),
        };
        if past.delete_newer {
            self.files.tells_what_was_not_there(self.from, &prefix, past.at).await?;
        }
        let (mut current, mut after): (Option<KeyThen>, _) = (None, None);
        let mut traces = Traces::default();
        loop {
            let page = page_of_versions(self.files, self.from, (&prefix, after)).await?;
            self.walked(page.versions.len()).await?;
            let mut ended = Vec::new();
            for version in page.versions {
                traces.see(&version, past.at);
                ended.extend(KeyThen::go_on(&mut current, version, past.at));
            }
            if page.next.is_none() {
                ended.extend(current.take());
            }
            ended.retain(|one| path.is_none_or(|path| means(path, &prefix, one.key())));
            self.write_down_past(&ended, past).await?;
            if page.next.is_none() {
                break;
            }
            after = page.next;
        }
        if past.delete_newer && traces.unsure() {
            return Err(FilesError::PastUnversioned.into());
        }
        Ok(())
    }

    /// Counts the versions of a page, and ends a walk that has become too long, or that is not wanted any
    /// more.
    async fn walked(&mut self, versions: usize) -> Result<(), Unplanned> {
        let versions = u64::try_from(versions).unwrap_or(u64::MAX);
        self.versions = self.versions.saturating_add(versions);
        if self.versions > JOB_VERSIONS_MAX {
            return Err(Unplanned::TooManyVersions);
        }
        let until = self.files.options.clock.now() + LEASE;
        match self.files.options.ledger.hold_job(self.lease, until).await? {
            Held::GoOn => Ok(()),
            Held::GiveUp => Err(Unplanned::GivenUp),
            Held::Lost => Err(Unplanned::Lost),
        }
    }

    async fn write_down_past(
        &mut self,
        ended: &[KeyThen],
        past: PastOrder,
    ) -> Result<(), Unplanned> {
        self.found |= !ended.is_empty();
        let same = ended.iter().filter(|one| one.since() == Some(Since::Same)).count();
        let same = u64::try_from(same).unwrap_or(u64::MAX);
        if same > 0 && !self.files.options.ledger.note_unchanged(self.lease, same).await? {
            return Err(Unplanned::Lost);
        }
        let items: Vec<NewJobItem> = ended.iter().filter_map(|one| item(one, past)).collect();
        if items.is_empty() { Ok(()) } else { self.write_down(&items).await }
    }
}

/// What is to be done about a key, and what is there now.
fn item(one: &KeyThen, past: PastOrder) -> Option<NewJobItem> {
    let from_key = one.key().to_owned();
    let over = one.is().map(|is| is.etag.clone());
    match one.since()? {
        Since::Changed | Since::Deleted | Since::Added if one.unsure() => {
            let to_key = Some(from_key.clone());
            Some(NewJobItem { from_key, version: None, to_key, size: 0, over })
        }
        Since::Changed | Since::Deleted => {
            let was = one.was()?;
            let to_key = Some(from_key.clone());
            let version = Some(was.version.clone());
            Some(NewJobItem { from_key, version, to_key, size: was.size, over })
        }
        Since::Added if past.delete_newer => {
            let size = one.newest_size();
            Some(NewJobItem { from_key, version: None, to_key: None, size, over })
        }
        Since::Same | Since::Added => None,
    }
}

fn unknown() -> Ended {
    let told = "it was written while no versions were kept: what it was then is not known, and it was \
                left as it is";
    Ended::Failed("past-unknown", told.to_owned())
}

/// Makes an object what it was.
pub(super) struct Returning<'a>(pub(super) Bringing<'a>);

impl Returning<'_> {
    pub(super) async fn make_so(&self, item: &JobItem) -> Ended {
        let made = match (&item.item.version, &item.item.to_key) {
            (Some(version), _) => self.bring_back(item, version).await,
            (None, None) => self.take_away(item).await,
            (None, Some(_)) => Ok(unknown()),
        };
        made.unwrap_or_else(Ended::Error)
    }

    async fn bring_back(&self, item: &JobItem, version: &str) -> Result<Ended, FilesError> {
        let bringing = &self.0;
        let key = ObjectKey::parse(&item.item.from_key).map_err(PathError::Key)?;
        let source = self.source(&key, version).await?;
        // Who takes over what was begun finds what was written.
        if item.status == JobItemStatus::Begun && self.stands(&source, &key).await? {
            return Ok(Ended::Done(None));
        }
        let condition = match &item.item.over {
            Some(etag) => WriteCondition::IfMatch(etag.clone()),
            None => WriteCondition::IfAbsent,
        };
        let session = bringing.to.session().await?;
        let to = CopyTo { bucket: &bringing.to.grant.bucket, key: &key, condition: &condition };
        match bringing.files.copied(&session, &source, to).await {
            Ok(written) => match bringing.compare(&source, (&key, &written)).await? {
                Attempt::Stands(_) => Ok(Ended::Done(None)),
                Attempt::Ended(ended) => Ok(ended),
                Attempt::Next => Ok(changed()),
            },
            // An answer that was lost was asked for again.
            Err(AwsError::PreconditionFailed) if self.stands(&source, &key).await? => {
                Ok(Ended::Done(None))
            }
            Err(AwsError::PreconditionFailed | AwsError::NotFound { .. }) => Ok(changed()),
            Err(error) => Err(bringing.refused(&source, &key, error)),
        }
    }

    async fn source(&self, key: &ObjectKey, version: &str) -> Result<Source, FilesError> {
        let access = self.0.from;
        let target = access.object_target(key);
        access.foresee(action::GET_OBJECT_VERSION, &target)?;
        let session = access.session().await?;
        let place = (&access.grant.bucket, key, Some(version));
        let looked = self.0.files.options.objects.look(&session, place).await;
        looked.map_err(|error| {
            if is_no_version(&error) {
                return FilesError::NotFound;
            }
            access.told(action::GET_OBJECT_VERSION, &target, error)
        })
    }

    async fn stands(&self, source: &Source, key: &ObjectKey) -> Result<bool, FilesError> {
        Ok(self.0.there(key).await?.is_some_and(|there| source.is_as(&there)))
    }

    /// Puts into the trash what was not there, as long as it is what was seen.
    async fn take_away(&self, item: &JobItem) -> Result<Ended, FilesError> {
        let (files, access) = (self.0.files, self.0.from);
        let key = ObjectKey::parse(&item.item.from_key).map_err(PathError::Key)?;
        let target = access.object_target(&key);
        access.foresee(action::DELETE_OBJECT, &target)?;
        let Some(etag) = &item.item.over else { return Ok(changed()) };
        let session = access.session().await?;
        let objects = &files.options.objects;
        let place = (&access.grant.bucket, &key);
        match objects.delete_if(&session, place, etag).await {
            Ok(()) | Err(AwsError::NotFound { .. }) => Ok(Ended::Done(None)),
            Err(AwsError::PreconditionFailed) => {
                let looked = objects.look(&session, (&access.grant.bucket, &key, None)).await;
                let gone = matches!(looked, Err(AwsError::NotFound { .. }));
                Ok(if gone { Ended::Done(None) } else { changed() })
            }
            Err(AwsError::Service { service_code, .. }) if service_code == "NotImplemented" => {
                self.take_away_unconditionally(&key, etag).await
            }
            Err(error) => Err(access.told(action::DELETE_OBJECT, &target, error)),
        }
    }

    /// Where the store knows no conditions of deletions, it is looked at just before.
    async fn take_away_unconditionally(
        &self,
        key: &ObjectKey,
        etag: &str,
    ) -> Result<Ended, FilesError> {
        let (files, access) = (self.0.files, self.0.from);
        let session = access.session().await?;
        let place = (&access.grant.bucket, key, None);
        match files.options.objects.look(&session, place).await {
            Ok(there) if there.etag == etag => {}
            Ok(_another) => return Ok(changed()),
            Err(AwsError::NotFound { .. }) => return Ok(Ended::Done(None)),
            Err(error) => {
                return Err(access.told(action::GET_OBJECT, &access.object_target(key), error));
            }
        }
        let one = std::slice::from_ref(key);
        let all = files.options.objects.delete(&session, &access.grant.bucket, one).await;
        let deleted = all.into_iter().next().map_or(Ok(()), |one| one.outcome);
        let target = access.object_target(key);
        deleted.map_err(|error| access.told(action::DELETE_OBJECT, &target, error))?;
        Ok(Ended::Done(None))
    }
}
