//! One object brought somewhere: copied on a condition, compared, and for a move deleted, as long as it
//! is still the one that was copied.
//!
//! Invariant: an object is deleted only after the store showed the same bytes at its destination.

use jiff::SignedDuration;
use wh_aws::{AwsError, CopyTo, RoleSession, Source, WriteCondition, Written};
use wh_ledger::{JobConflict, JobItem, JobItemStatus, JobKind, JobRow};
use wh_names::ObjectKey;
use wh_policy::s3::action;

use super::names::variant;
use super::outcome::Ended;
use crate::access::{Access, Target};
use crate::{Files, FilesError, PathError};

/// How many names are tried to keep both.
const NAMES_MAX: u32 = 100;

/// How far the store's clock may be behind ours.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// A job that brings objects from somewhere to somewhere.
pub(super) struct Bringing<'a> {
    pub(super) files: &'a Files,
    pub(super) job: &'a JobRow,
    pub(super) from: &'a Access<'a>,
    pub(super) to: &'a Access<'a>,
}

/// What came of an attempt to write.
pub(super) enum Attempt {
    /// It stands at this key.
    Stands(ObjectKey),
    /// It ended otherwise.
    Ended(Ended),
    /// The name is taken: the next one.
    Next,
}

impl Bringing<'_> {
    pub(super) async fn bring(&self, item: &JobItem) -> Ended {
        self.try_to(item).await.unwrap_or_else(Ended::Error)
    }

    async fn try_to(&self, item: &JobItem) -> Result<Ended, FilesError> {
        let from_key = ObjectKey::parse(&item.item.from_key).map_err(PathError::Key)?;
        let planned = item.item.to_key.as_deref().unwrap_or(from_key.as_str());
        let source = match self.source(&from_key, item.item.version.as_deref()).await {
            Err(FilesError::NotFound) => return self.gone(item, planned).await,
            looked => looked?,
        };
        let begun = item.status == JobItemStatus::Begun;
        // A copy beside itself has another name from the first.
        let itself = planned == from_key.as_str()
            && item.item.version.is_none()
            && self.from.grant.bucket == self.to.grant.bucket;
        for n in 1 + u32::from(itself)..=NAMES_MAX {
            let Some(key) = self.name(planned, n).await? else { continue };
            match self.attempt(&source, &key, begun).await? {
                Attempt::Stands(key) => {
                    let elsewhere = (key.as_str() != planned).then(|| key.as_str().to_owned());
                    return self.finish((&from_key, &source), elsewhere).await;
                }
                Attempt::Ended(ended) => return Ok(ended),
                Attempt::Next => {}
            }
        }
        Ok(taken())
    }

    /// The name of the `n`th try, unless another object of the job is to have it: what stands there would be
    /// taken for this one's copy.
    async fn name(&self, planned: &str, n: u32) -> Result<Option<ObjectKey>, FilesError> {
        let key = ObjectKey::parse(&variant(planned, n)).map_err(PathError::Key)?;
        let ledger = &self.files.options.ledger;
        let anothers = n > 1 && ledger.job_brings_to(&self.job.id, (planned, key.as_str())).await?;
        Ok((!anothers).then_some(key))
    }

    /// The object as it is now, or the version that is brought back.
    async fn source(&self, key: &ObjectKey, version: Option<&str>) -> Result<Source, FilesError> {
        let action = match version {
            Some(_) => action::GET_OBJECT_VERSION,
            None => action::GET_OBJECT,
        };
        let target = self.from.object_target(key);
        self.from.foresee(action, &target)?;
        let session = self.from.session().await?;
        if version.is_none() {
            self.from.served(&session, (key, &target)).await?;
        }
        let place = (&self.from.grant.bucket, key, version);
        let looked = self.files.options.objects.look(&session, place).await;
        looked.map_err(|error| self.from.told(action, &target, error))
    }

    /// What stands at a key, as far as the person may know.
    pub(super) async fn there(&self, key: &ObjectKey) -> Result<Option<Source>, FilesError> {
        let session = self.to.session().await?;
        let place = (&self.to.grant.bucket, key, None);
        match self.files.options.objects.look(&session, place).await {
            Ok(there) => Ok(Some(there)),
            Err(AwsError::NotFound { .. } | AwsError::Denied { .. }) => Ok(None),
            Err(error) => Err(self.to.told(action::GET_OBJECT, &self.to.object_target(key), error)),
        }
    }

    /// Whether it can be what this job wrote, before a crash or by an attempt whose answer was lost.
    fn may_be_ours(&self, there: &Source) -> bool {
        there.modified + SKEW >= self.job.created_at
    }

    /// The source is not there. Where it was begun and its destination stands, it was moved already.
    async fn gone(&self, item: &JobItem, planned: &str) -> Result<Ended, FilesError> {
        let moved = self.job.order.kind == JobKind::Move && item.status == JobItemStatus::Begun;
        for n in (1..=NAMES_MAX).take_while(|_| moved) {
            let Some(key) = self.name(planned, n).await? else { continue };
            let Some(there) = self.there(&key).await? else { break };
            if self.may_be_ours(&there) {
                let elsewhere = (n > 1).then(|| key.as_str().to_owned());
                return Ok(Ended::Done(elsewhere));
            }
        }
        Err(FilesError::NotFound)
    }

    async fn attempt(
        &self,
        source: &Source,
        key: &ObjectKey,
        begun: bool,
    ) -> Result<Attempt, FilesError> {
        let replaces = self.job.order.conflict == JobConflict::Replace;
        let there = if begun || replaces { self.there(key).await? } else { None };
        if begun && there.as_ref().is_some_and(|there| self.is_written(source, there)) {
            return Ok(Attempt::Stands(key.clone()));
        }
        let condition = match there.filter(|_| replaces) {
            Some(there) => WriteCondition::IfMatch(there.etag),
            None => WriteCondition::IfAbsent,
        };
        let session = self.to.session().await?;
        match self.write(&session, source, (key, &condition)).await {
            Ok(written) => self.compare(source, (key, &written)).await,
            Err(AwsError::PreconditionFailed) => self.taken(source, key).await,
            Err(AwsError::NotFound { .. }) => Ok(Attempt::Ended(changed())),
            Err(error) => Err(self.refused(source, key, error)),
        }
    }

    fn is_written(&self, source: &Source, there: &Source) -> bool {
        source.is_as(there) && self.may_be_ours(there)
    }

    async fn write(
        &self,
        session: &RoleSession,
        source: &Source,
        (key, condition): (&ObjectKey, &WriteCondition),
    ) -> Result<Written, AwsError> {
        let to = CopyTo { bucket: &self.to.grant.bucket, key, condition };
        self.files.copied(session, source, to).await
    }

    /// The condition did not hold: something is there, or the source is another by now.
    async fn taken(&self, source: &Source, key: &ObjectKey) -> Result<Attempt, FilesError> {
        let Some(there) = self.there(key).await? else {
            // Whoever may only write is not told what is there.
            let target = self.to.object_target(key);
            let looks = self.to.foresee(action::GET_OBJECT, &target).is_ok();
            return Ok(Attempt::Ended(if looks { changed() } else { taken() }));
        };
        // A lost answer was asked for again; and the marker of a folder is nobody's.
        if self.is_written(source, &there) || key.as_str().ends_with('/') {
            return Ok(Attempt::Stands(key.clone()));
        }
        Ok(match self.job.order.conflict {
            JobConflict::Fail => Attempt::Ended(taken()),
            JobConflict::Skip => Attempt::Ended(Ended::Skipped),
            JobConflict::KeepBoth => Attempt::Next,
            JobConflict::Replace => Attempt::Ended(changed()),
        })
    }

    /// Looks at what was written. Whoever may not look goes by what the store said when it copied.
    pub(super) async fn compare(
        &self,
        source: &Source,
        (key, written): (&ObjectKey, &Written),
    ) -> Result<Attempt, FilesError> {
        let told = written.etag == source.etag
            || (source.crc64nvme.is_some() && written.crc64nvme == source.crc64nvme);
        let same = match self.there(key).await? {
            Some(there) => {
                let sums = there.crc64nvme.as_ref().zip(source.crc64nvme.as_ref());
                there.size == source.size
                    && there.etag == written.etag
                    && sums.is_none_or(|(one, other)| one == other)
            }
            None => told,
        };
        if same {
            return Ok(Attempt::Stands(key.clone()));
        }
        let told = "the copy could not be compared with what it was made of; both are there";
        Ok(Attempt::Ended(Ended::Failed("not-compared", told.to_owned())))
    }

    async fn finish(
        &self,
        (key, source): (&ObjectKey, &Source),
        elsewhere: Option<String>,
    ) -> Result<Ended, FilesError> {
        if self.job.order.kind != JobKind::Move {
            return Ok(Ended::Done(elsewhere));
        }
        let session = self.from.session().await?;
        let (objects, bucket) = (&self.files.options.objects, &self.from.grant.bucket);
        let deleted = match objects.delete_if(&session, (bucket, key), &source.etag).await {
            Err(AwsError::Service { service_code, .. }) if service_code == "NotImplemented" => {
                let one = std::slice::from_ref(key);
                let all = objects.delete(&session, bucket, one).await;
                all.into_iter().next().map_or(Ok(()), |one| one.outcome)
            }
            deleted => deleted,
        };
        match deleted {
            Ok(()) | Err(AwsError::NotFound { .. }) => Ok(Ended::Done(elsewhere)),
            Err(AwsError::PreconditionFailed) => Ok(Ended::Failed(
                "file-changed",
                "it was changed while it was moved: what it was is at its destination, and what it \
                 became is where it was"
                    .to_owned(),
            )),
            Err(error) => {
                Err(self.from.told(action::DELETE_OBJECT, &self.from.object_target(key), error))
            }
        }
    }

    /// The store refused a copy: by the right to write there, or by that to read here.
    pub(super) fn refused(&self, source: &Source, key: &ObjectKey, error: AwsError) -> FilesError {
        let written = self.to.object_target(key);
        let copied = Target::other(source.arn(self.to.partition()));
        let may = |action, target| self.to.says(action, target).is_ok_and(|says| says.allowed());
        if may(action::PUT_OBJECT, &written) && !may(action::GET_OBJECT, &copied) {
            return self.to.told(action::GET_OBJECT, &copied, error);
        }
        self.to.told(action::PUT_OBJECT, &written, error)
    }
}

fn taken() -> Ended {
    Ended::Failed("file-exists", "something of this name is already there".to_owned())
}

pub(super) fn changed() -> Ended {
    let told = "it was changed by somebody else in the meantime, and was left as it is";
    Ended::Failed("file-changed", told.to_owned())
}
