//! Completing an upload: the store joins its parts, verifies the checksum of the whole, and holds
//! to the condition under which the upload began.

use std::collections::BTreeMap;

use wh_aws::{AwsError, CompleteUpload, PartInfo, RoleSession, WriteCondition};
use wh_ledger::{ActivityKind, UploadCondition, UploadRow, UploadStatus, UploadedObject};
use wh_people::Person;
use wh_policy::s3::action;

use super::begin::Look;
use super::parts::{count, size_of_part};
use super::sign::is_crc64;
use super::{Upload, UploadError};
use crate::Files;
use crate::access::{Access, Target};

/// A file that is stored, verified and durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The file's path in its location.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The store's entity tag, without quotes; `None` to a sender whose answer from the store was lost.
    pub etag: Option<String>,
    /// The CRC64NVME that the store verified, in Base64.
    pub crc: String,
}

impl Files {
    /// Completes an upload of this person's. With the entity tags that the store answered to its parts, all
    /// of them in their order, the store is not asked for them: it holds them against its own, and size and
    /// checksum of the whole against what it joins.
    ///
    /// It may be asked again when its answer was lost: with the same checksum it succeeds as long
    /// as the store shows that the upload's bytes stand at its key, or the row says so.
    pub async fn complete_upload(
        &self,
        person: &Person,
        id: &str,
        crc: &str,
        etags: &[String],
    ) -> Result<Completion, UploadError> {
        if !is_crc64(crc) {
            return Err(UploadError::Checksum);
        }
        let (row, access) = self.own_upload(person, id).await?;
        let work = Completing { files: self, row, access, crc, etags };
        let object = match work.row.status {
            UploadStatus::Transferring => work.complete().await?,
            UploadStatus::Completed => work.again().await?,
            UploadStatus::Begun | UploadStatus::Aborted => return Err(work.not_open()),
        };
        Ok(Completion {
            path: Upload::of(&work.row, &work.access.grant.prefix).path,
            size: work.row.size,
            etag: object.etag,
            crc: object.crc64nvme,
        })
    }
}

/// An upload that is to become an object.
struct Completing<'a> {
    files: &'a Files,
    row: UploadRow,
    access: Access<'a>,
    crc: &'a str,
    etags: &'a [String],
}

impl Completing<'_> {
    async fn complete(&self) -> Result<UploadedObject, UploadError> {
        let Some(upload_id) = self.row.upload_id.clone() else { return Err(self.not_open()) };
        self.access.foresee(action::PUT_OBJECT, &self.target())?;
        let session = self.access.session().await?;
        let before = self.marked().await?;
        let object = match self.join(&session, upload_id.clone()).await {
            Ok(object) => object,
            Err(Failure::Upload(error)) => return Err(self.refused(error).await?),
            Err(Failure::Gone) if before > 0 => self.as_asked(),
            Err(Failure::Condition) if before > 0 && self.is_gone(&session, &upload_id).await => {
                self.as_asked()
            }
            Err(Failure::Gone) => match self.standing(&session).await? {
                Some(object) => object,
                None => return self.lost().await,
            },
            Err(Failure::Condition) => {
                let Some(object) = self.standing(&session).await? else {
                    self.keep_if_sent(&session, &upload_id).await?;
                    return Err(self.what_came_between(&session).await?);
                };
                self.free_parts(&session, &upload_id).await;
                object
            }
        };
        let options = &self.files.options;
        options.ledger.upload_completed(&self.row.id, &object, options.clock.now()).await?;
        self.files.did(&self.access, self.kind(), self.row.key.as_str()).await;
        Ok(object)
    }

    /// What it is to whoever looks at the folder.
    fn kind(&self) -> ActivityKind {
        match self.row.condition {
            UploadCondition::Create => ActivityKind::Added,
            UploadCondition::Replace(_) => ActivityKind::Replaced,
            UploadCondition::Always => ActivityKind::Written,
        }
    }

    /// Notes that the store is about to be asked for what a sender sends, so that its room is not given back from now
    /// on; how many times it was asked before, with nobody knowing what came of it.
    async fn marked(&self) -> Result<u32, UploadError> {
        if !self.access.sends() {
            return Ok(0);
        }
        let options = &self.files.options;
        let before = options.ledger.completing(&self.row.id, options.clock.now()).await?;
        before.ok_or_else(|| self.not_open())
    }

    /// The store said no for certain, or nobody knows.
    async fn refused(&self, error: UploadError) -> Result<UploadError, UploadError> {
        let certain = matches!(
            error,
            UploadError::PartsMissing { .. }
                | UploadError::Part { .. }
                | UploadError::ChecksumMismatch
        );
        if certain && self.access.sends() {
            self.files.options.ledger.not_completing(&self.row.id).await?;
        }
        Ok(error)
    }

    /// Whether the store has no such upload any more.
    async fn is_gone(&self, session: &RoleSession, upload_id: &str) -> bool {
        let (objects, row) = (&self.files.options.objects, &self.row);
        let parts = objects.list_parts(session, &row.bucket, &row.key, upload_id).await;
        matches!(parts, Err(AwsError::NoSuchUpload))
    }

    /// What a sender sent and the store made an object of, when it was asked before: nobody may look at it here, and so
    /// nobody knows its entity tag. The checksum is the one by which the sender asks, to be answered again.
    fn as_asked(&self) -> UploadedObject {
        UploadedObject { etag: None, crc64nvme: self.crc.to_owned() }
    }

    /// The answer that was given when the upload completed, or what the store shows of it.
    async fn again(&self) -> Result<UploadedObject, UploadError> {
        match &self.row.object {
            Some(object) if object.crc64nvme == self.crc => Ok(object.clone()),
            Some(_) => Err(self.not_open()),
            None => {
                let session = self.access.session().await?;
                self.standing(&session).await?.ok_or_else(|| self.not_open())
            }
        }
    }

    /// Lets the store join the parts and verify the whole: first those that the client named, where it
    /// named all of them. What is none of the store's is told by the parts that it has.
    async fn join(
        &self,
        session: &RoleSession,
        upload_id: String,
    ) -> Result<UploadedObject, Failure> {
        if let Some(named) = named(&self.row, self.etags) {
            match self.write(session, &upload_id, named).await {
                Ok(object) => return Ok(object),
                Err(AwsError::ContentDiffers { .. }) => {}
                Err(error) => return Err(self.not_written(error)),
            }
        }
        let (objects, row) = (&self.files.options.objects, &self.row);
        let parts = objects.list_parts(session, &row.bucket, &row.key, &upload_id).await;
        let parts = parts.map_err(|error| self.not_listed(error))?;
        all_there(row, &parts).map_err(Failure::Upload)?;
        self.write(session, &upload_id, parts).await.map_err(|error| self.not_written(error))
    }

    async fn write(
        &self,
        session: &RoleSession,
        upload_id: &str,
        parts: Vec<PartInfo>,
    ) -> Result<UploadedObject, AwsError> {
        let (objects, row) = (&self.files.options.objects, &self.row);
        let upload = CompleteUpload {
            upload_id: upload_id.to_owned(),
            parts,
            crc64nvme: self.crc.to_owned(),
            size: row.size,
            condition: condition(&row.condition),
        };
        let written = objects.complete(session, &row.bucket, &row.key, upload).await?;
        let crc64nvme = written.crc64nvme.unwrap_or_else(|| self.crc.to_owned());
        Ok(UploadedObject { etag: Some(written.etag), crc64nvme })
    }

    fn not_listed(&self, error: AwsError) -> Failure {
        if matches!(error, AwsError::NoSuchUpload) {
            return Failure::Gone;
        }
        self.told(action::LIST_MULTIPART_UPLOAD_PARTS, error)
    }

    fn not_written(&self, error: AwsError) -> Failure {
        match error {
            AwsError::PreconditionFailed => Failure::Condition,
            AwsError::NoSuchUpload => Failure::Gone,
            AwsError::Conflict { .. } => Failure::Upload(UploadError::FileChanged),
            AwsError::NotFound { .. } if self.row.condition != UploadCondition::Create => {
                Failure::Upload(UploadError::FileChanged)
            }
            AwsError::ContentDiffers { .. } => Failure::Upload(UploadError::ChecksumMismatch),
            AwsError::NotFound { .. }
            | AwsError::Denied { .. }
            | AwsError::CredentialsRefused { .. }
            | AwsError::QuotaExceeded { .. }
            | AwsError::Busy { .. }
            | AwsError::Unreachable { .. }
            | AwsError::Malformed { .. }
            | AwsError::Service { .. } => self.told(action::PUT_OBJECT, error),
        }
    }

    /// The object at the key, if it is this upload's to the last bit as far as the store tells.
    async fn standing(&self, session: &RoleSession) -> Result<Option<UploadedObject>, UploadError> {
        Ok(match self.files.look(&self.access, session, &self.row.key).await? {
            Look::Found(object)
                if object.size == self.row.size
                    && object.crc64nvme.as_deref() == Some(self.crc) =>
            {
                Some(UploadedObject { etag: Some(object.etag), crc64nvme: self.crc.to_owned() })
            }
            Look::Found(_) | Look::Absent | Look::Forbidden => None,
        })
    }

    /// The condition did not hold: where no file was to be, there is one now, or the file that was
    /// to be replaced is another.
    async fn what_came_between(&self, session: &RoleSession) -> Result<UploadError, UploadError> {
        if self.row.condition != UploadCondition::Create {
            return Ok(UploadError::FileChanged);
        }
        Ok(match self.files.look(&self.access, session, &self.row.key).await? {
            Look::Found(object) => UploadError::there(*object),
            Look::Absent | Look::Forbidden => UploadError::FileChanged,
        })
    }

    /// The same bytes stand at the key, but somebody else may have put them there: then the store
    /// still holds the parts. What is not freed here falls to the bucket's lifecycle.
    async fn free_parts(&self, session: &RoleSession, upload_id: &str) {
        let (objects, row) = (&self.files.options.objects, &self.row);
        if let Err(error) = objects.abort(session, &row.bucket, &row.key, upload_id).await {
            tracing::warn!(%error, upload = %row.id, "the parts of an upload were not freed");
        }
    }

    /// Something has the name that a sender's file was to have, and the sender may not learn what: the name stays
    /// taken, and the next try gets another.
    async fn keep_if_sent(
        &self,
        session: &RoleSession,
        upload_id: &str,
    ) -> Result<(), UploadError> {
        if !self.access.sends() {
            return Ok(());
        }
        self.free_parts(session, upload_id).await;
        let options = &self.files.options;
        Ok(options.ledger.keep_promise(&self.row.id, options.clock.now()).await?)
    }

    /// The store has forgotten the upload: it expired there, or another tool ended it.
    async fn lost<T>(&self) -> Result<T, UploadError> {
        let (ledger, now) = (&self.files.options.ledger, self.files.options.clock.now());
        if self.access.sends() {
            // It may have become an object, which nobody may look for here.
            ledger.keep_promise(&self.row.id, now).await?;
        } else {
            ledger.upload_aborted(&self.row.id, now).await?;
        }
        Err(UploadError::NotOpen { status: UploadStatus::Aborted.as_str() })
    }

    fn not_open(&self) -> UploadError {
        UploadError::NotOpen { status: self.row.status.as_str() }
    }

    fn target(&self) -> Target {
        self.access.object_target(&self.row.key)
    }

    fn told(&self, action: &str, error: AwsError) -> Failure {
        Failure::Upload(self.access.told(action, &self.target(), error).into())
    }
}

/// Why the store did not make the object.
enum Failure {
    /// The store has no such upload, any more at least: it may have completed.
    Gone,
    /// The condition under which the upload began does not hold: its own object may be there.
    Condition,
    /// Anything else.
    Upload(UploadError),
}

fn condition(condition: &UploadCondition) -> WriteCondition {
    match condition {
        UploadCondition::Always => WriteCondition::Always,
        UploadCondition::Create => WriteCondition::IfAbsent,
        UploadCondition::Replace(etag) => WriteCondition::IfMatch(etag.clone()),
    }
}

/// The parts that a client named by their entity tags, if it named as many as there are.
fn named(row: &UploadRow, etags: &[String]) -> Option<Vec<PartInfo>> {
    let last = count(row.size, row.part_size)?;
    if etags.len() != usize::from(last) {
        return None;
    }
    let part = |(n, etag): (u16, &String)| {
        let size = size_of_part(row.size, row.part_size, n)?;
        let etag = etag.trim_matches('"').to_owned();
        let shaped = !etag.is_empty() && etag.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
        shaped.then_some(PartInfo { n, size, etag, crc64nvme: None })
    };
    (1..=last).zip(etags).map(part).collect()
}

/// Whether the store holds every part, each of the size that it must have.
fn all_there(row: &UploadRow, parts: &[PartInfo]) -> Result<(), UploadError> {
    let last = count(row.size, row.part_size).unwrap_or_default();
    let held: BTreeMap<u16, u64> = parts.iter().map(|part| (part.n, part.size)).collect();
    let is_there = |n: u16| held.get(&n).copied() == size_of_part(row.size, row.part_size, n);
    if let Some(alien) = parts.iter().find(|part| part.n == 0 || part.n > last) {
        return Err(UploadError::Part { number: alien.n, size: alien.size });
    }
    let missing: Vec<u16> = (1..=last).filter(|&n| !is_there(n)).collect();
    match missing.first() {
        Some(&first) => Err(UploadError::PartsMissing { missing: missing.len(), first }),
        None => Ok(()),
    }
}
