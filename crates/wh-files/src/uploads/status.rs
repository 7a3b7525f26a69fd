//! What an upload looks like to its person, and which parts the store holds of it.

use jiff::Timestamp;
use wh_ledger::{RowId, UploadRow, UploadStatus};
use wh_names::KeyPrefix;
use wh_people::{Person, Scope};
use wh_policy::s3::action;

use super::UploadError;
use super::parts::count;
use crate::Files;
use crate::access::Access;

/// An upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// What it is called.
    pub id: RowId,
    /// The location that it goes to.
    pub location: RowId,
    /// The file's path there.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The size of every part but the last, in bytes.
    pub part_size: u64,
    /// How many parts there are.
    pub part_count: u16,
    /// How far it is.
    pub status: UploadStatus,
    /// When it began.
    pub created: Timestamp,
    /// When the source file was last modified, in milliseconds since 1970.
    pub last_modified_ms: i64,
}

/// A part that the store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// Its number, from 1.
    pub number: u16,
    /// Bytes.
    pub size: u64,
    /// Its CRC64NVME in Base64; empty where the store tells none.
    pub crc: String,
}

impl Upload {
    pub(crate) fn of(row: &UploadRow, prefix: &KeyPrefix) -> Self {
        let key = row.key.as_str();
        Self {
            id: row.id.clone(),
            location: row.grant_id.clone(),
            path: key.strip_prefix(prefix.as_str()).unwrap_or(key).to_owned(),
            size: row.size,
            part_size: row.part_size,
            part_count: count(row.size, row.part_size).unwrap_or_default(),
            status: row.status,
            created: row.created_at,
            last_modified_ms: row.last_modified_ms.unwrap_or_default(),
        }
    }
}

impl Files {
    /// A person's own unfinished uploads, the newest first. One whose grant is gone is not among
    /// them: it can neither go on nor be given up by its person.
    pub async fn unfinished_uploads(&self, person: &Person) -> Result<Vec<Upload>, UploadError> {
        let grants = self.options.people.grants_for(person).await?;
        let rows = self.options.ledger.uploads_unfinished(person.uid()).await?;
        let uploads = rows.iter().filter_map(|row| {
            let grant = grants.iter().find(|grant| grant.id == row.grant_id)?;
            Some(Upload::of(row, &grant.prefix))
        });
        Ok(uploads.collect())
    }

    /// An upload of this person's, with the parts that the store holds.
    pub async fn upload_with_parts(
        &self,
        person: &Person,
        id: &str,
    ) -> Result<(Upload, Vec<StoredPart>), UploadError> {
        let (row, access) = self.own_upload(person, id).await?;
        let upload = Upload::of(&row, &access.grant.prefix);
        let Some(upload_id) = row.upload_id.as_deref().filter(|_| is_open(&row)) else {
            return Ok((upload, Vec::new()));
        };
        let session = access.session().await?;
        let parts = self.options.objects.list_parts(&session, &row.bucket, &row.key, upload_id);
        let parts = parts.await.map_err(|error| {
            access.told(action::LIST_MULTIPART_UPLOAD_PARTS, &access.object_target(&row.key), error)
        })?;
        let parts = parts.into_iter().map(|part| StoredPart {
            number: part.n,
            size: part.size,
            crc: part.crc64nvme.unwrap_or_default(),
        });
        Ok((upload, parts.collect()))
    }

    /// The row of an upload, and the grant that it goes by; another person's is as good as none, and so is another
    /// sender's.
    pub(super) async fn own_upload<'a>(
        &'a self,
        person: &'a Person,
        id: &str,
    ) -> Result<(UploadRow, Access<'a>), UploadError> {
        let id = RowId::parse(id).map_err(|_| UploadError::NoSuchUpload)?;
        let ledger = &self.options.ledger;
        let row = match person.scope().and_then(Scope::sender) {
            Some(scope) => ledger.upload_of_sender(&scope.sender.id, &id).await?,
            None => ledger.upload_of(person.uid(), &id).await?,
        };
        let row = row.ok_or(UploadError::NoSuchUpload)?;
        let access = self.access(person, row.grant_id.as_str()).await?;
        Ok((row, access))
    }

    /// As [`Self::own_upload`], of an upload that can go on; also what the store calls it.
    pub(super) async fn open_upload<'a>(
        &'a self,
        person: &'a Person,
        id: &str,
    ) -> Result<(UploadRow, String, Access<'a>), UploadError> {
        let (row, access) = self.own_upload(person, id).await?;
        match row.upload_id.clone().filter(|_| is_open(&row)) {
            Some(upload_id) => Ok((row, upload_id, access)),
            None => Err(UploadError::NotOpen { status: row.status.as_str() }),
        }
    }
}

pub(super) fn is_open(row: &UploadRow) -> bool {
    match row.status {
        UploadStatus::Transferring => true,
        UploadStatus::Begun | UploadStatus::Completed | UploadStatus::Aborted => false,
    }
}
