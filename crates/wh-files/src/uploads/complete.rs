//! Completing an upload: the store joins its parts, verifies the checksum of the whole, and holds
//! to the condition under which the upload began.

use std::collections::BTreeMap;

use wh_aws::{AwsError, CompleteUpload, PartInfo, RoleSession, WriteCondition, Written};
use wh_ledger::{UploadCondition, UploadRow, UploadStatus};
use wh_people::Person;
use wh_policy::s3::action;

use super::begin::Look;
use super::parts::{count, size_of_part};
use super::sign::is_crc64;
use super::{Upload, UploadError};
use crate::Files;
use crate::access::Access;

/// A file that is stored, verified and durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The file's path in its location.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The store's entity tag, without quotes.
    pub etag: String,
    /// The CRC64NVME that the store verified, in Base64.
    pub crc: String,
}

impl Files {
    /// Completes an upload of this person's. The entity tags of the parts are the store's own.
    pub async fn complete_upload(
        &self,
        person: &Person,
        id: &str,
        crc: &str,
    ) -> Result<Completion, UploadError> {
        if !is_crc64(crc) {
            return Err(UploadError::Checksum);
        }
        let (row, upload_id, access) = self.open_upload(person, id).await?;
        let target = access.object_target(&row.key);
        access.foresee(action::PUT_OBJECT, &target)?;
        let session = access.session().await?;
        let objects = &self.options.objects;
        let parts = objects.list_parts(&session, &row.bucket, &row.key, &upload_id).await;
        let parts = match parts {
            Ok(parts) => parts,
            Err(AwsError::NoSuchUpload) => return self.lost(&row).await,
            Err(error) => {
                return Err(access
                    .told(action::LIST_MULTIPART_UPLOAD_PARTS, &target, error)
                    .into());
            }
        };
        all_there(&row, &parts)?;
        let upload = CompleteUpload {
            upload_id,
            parts,
            crc64nvme: crc.to_owned(),
            size: row.size,
            condition: condition(&row.condition),
        };
        let written = self.write(&row, &access, &session, upload).await?;
        let now = self.options.clock.now();
        self.options.ledger.finish_upload(&row.id, UploadStatus::Completed, now).await?;
        Ok(Completion {
            path: Upload::of(&row, &access.grant.prefix).path,
            size: row.size,
            etag: written.etag,
            crc: written.crc64nvme.unwrap_or_else(|| crc.to_owned()),
        })
    }

    async fn write(
        &self,
        row: &UploadRow,
        access: &Access<'_>,
        session: &RoleSession,
        upload: CompleteUpload,
    ) -> Result<Written, UploadError> {
        match self.options.objects.complete(session, &row.bucket, &row.key, upload).await {
            Ok(written) => Ok(written),
            Err(AwsError::PreconditionFailed) => {
                Err(self.what_came_between(row, access, session).await?)
            }
            Err(AwsError::Conflict { .. }) => Err(UploadError::FileChanged),
            Err(AwsError::NotFound { .. }) if row.condition != UploadCondition::Create => {
                Err(UploadError::FileChanged)
            }
            Err(AwsError::ContentDiffers { .. }) => Err(UploadError::ChecksumMismatch),
            Err(AwsError::NoSuchUpload) => self.lost(row).await,
            Err(error) => {
                Err(access.told(action::PUT_OBJECT, &access.object_target(&row.key), error).into())
            }
        }
    }

    /// The condition did not hold: where no file was to be, there is one now, or the file that was
    /// to be replaced is another.
    async fn what_came_between(
        &self,
        row: &UploadRow,
        access: &Access<'_>,
        session: &RoleSession,
    ) -> Result<UploadError, UploadError> {
        if row.condition != UploadCondition::Create {
            return Ok(UploadError::FileChanged);
        }
        Ok(match self.look(access, session, &row.key).await? {
            Look::Found(object) => {
                UploadError::FileExists { size: object.size, modified: object.modified }
            }
            Look::Absent | Look::Forbidden => UploadError::FileChanged,
        })
    }

    /// The store has forgotten the upload: it expired there, or another tool ended it.
    async fn lost<T>(&self, row: &UploadRow) -> Result<T, UploadError> {
        let now = self.options.clock.now();
        self.options.ledger.finish_upload(&row.id, UploadStatus::Aborted, now).await?;
        Err(UploadError::NotOpen { status: UploadStatus::Aborted.as_str() })
    }
}

fn condition(condition: &UploadCondition) -> WriteCondition {
    match condition {
        UploadCondition::Always => WriteCondition::Always,
        UploadCondition::Create => WriteCondition::IfAbsent,
        UploadCondition::Replace(etag) => WriteCondition::IfMatch(etag.clone()),
    }
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
